// The table of a run's parameters, and the JSON of plans that follows from it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

RunPlan read(const std::string& text) {
  const auto plan = plan_from_json(json::parse(text));
  EXPECT_TRUE(plan) << text << ": " << plan.error().message;
  return plan.value_or(RunPlan{});
}

std::string error_of(const std::string& text) {
  const auto plan = plan_from_json(json::parse(text));
  return plan ? "accepted" : plan.error().message;
}

TEST(Parameters, EachRowIsComplete) {
  std::set<std::string> names;
  for (const Parameter& row : parameters()) {
    const std::string key(row.key);
    EXPECT_TRUE(names.insert(key).second) << key;
    EXPECT_TRUE(names.insert(row.flag()).second) << key;
    EXPECT_EQ(find_parameter(key), &row);
    EXPECT_STRNE(row.label, "") << key;
    EXPECT_EQ(std::string(row.help).back(), '.') << key;
    EXPECT_FALSE(row.field.range.empty()) << key;
    EXPECT_EQ(row.belongs != nullptr, *row.elsewhere != 0) << key;
    // What it writes it reads, and a text of nobody's changes nothing. Any text may name data,
    // a column or a file.
    const bool takes_any_text = key == "data" || key == "label_column" || key == "labels_file";
    RunPlan plan;
    const std::string before = row.field.text(plan);
    EXPECT_TRUE(before.empty() || row.field.read(plan, before)) << key;
    EXPECT_EQ(row.field.read(plan, "no such value"), takes_any_text) << key;
    EXPECT_EQ(row.field.text(plan), takes_any_text ? "no such value" : before) << key;
  }
  EXPECT_EQ(find_parameter("no_such_parameter"), nullptr);
}

TEST(Parameters, SayWhereTheyMeanNothing) {
  const RunPlan vae = read(R"({"kind":"vae"})"), ae = read(R"({"kind":"ae"})");
  EXPECT_TRUE(parameter("lambda").applies(vae));
  EXPECT_FALSE(parameter("lambda").applies(ae));
  EXPECT_EQ(parameter("lambda").value(ae), "");
  EXPECT_TRUE(parameter("hidden").applies(ae));
  EXPECT_FALSE(parameter("hidden").applies(read(R"({"kind":"ae","network":"conv"})")));
  EXPECT_FALSE(parameter("patience").applies(vae));
  EXPECT_TRUE(parameter("patience").applies(read(R"({"validation":10})")));
}

TEST(Parameters, RefuseWhatIsOutOfTheirRange) {
  RunPlan plan;
  const auto refused = set(plan, parameter("learning_rate"), "0");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "learning_rate: '0' is not a number above 0");
  EXPECT_EQ(plan.settings.learning_rate, StepSettings().learning_rate);
  EXPECT_TRUE(set(plan, parameter("learning_rate"), "1e-4"));
  EXPECT_EQ(plan.settings.learning_rate, 1e-4);
}

TEST(PlanJson, HoldsWhatAppliesAndIsSet) {
  const json plan = to_json(RunPlan{});
  EXPECT_EQ(plan["kind"], "vae");
  EXPECT_EQ(plan["latent"], 2);
  EXPECT_EQ(plan["hidden"], json({400}));
  EXPECT_EQ(plan["learning_rate"], 1e-3);
  EXPECT_EQ(plan["lambda_schedule"], "constant");
  for (const char* absent :
       {"noise", "patch", "sigma", "limit", "validation", "threads", "sequence"}) {
    EXPECT_FALSE(plan.contains(absent)) << absent;
  }
}

TEST(PlanJson, ReadsBackEveryValueThatItWrites) {
  for (const char* text : {
           R"({"kind":"dae","noise":"gaussian:0.3","hidden":[400,200],"binarise":"dynamic"})",
           R"({"kind":"mae","patch":7,"mask_ratio":0.1,"batch":17,"learning_rate":0.1})",
           R"({"kind":"cvae","lambda":0.3,"lambda_schedule":"warmup:2.5","samples":3})",
           R"({"kind":"vae","network":"conv","likelihood":"gaussian","sigma":"learned"})",
           R"({"kind":"vae","likelihood":"gaussian","sigma":"optimal"})",
           R"({"kind":"vae","likelihood":"gaussian","sigma":0.7071067811865476})",
           R"({"kind":"pca","latent":9,"data":"a folder","image_size":"8x9","limit":100})",
           R"({"kind":"ae","data":"a folder","sequence":"yes","limit":5})",
           R"({"seed":18446744073709551615,"validation":10,"patience":2,"epochs":3})",
           R"({"learning_rate_end":1e-7,"threads":3,"kernels":"avx2","precision":"bf16"})",
       }) {
    const json wished = json::parse(text);
    const json written = to_json(read(text));
    for (const auto& [key, value] : wished.items()) EXPECT_EQ(written.at(key), value) << key;
    EXPECT_EQ(to_json(read(written.dump())), written);
  }
  EXPECT_EQ(read(R"({"seed":18446744073709551615})").seed, 18446744073709551615U);
  EXPECT_TRUE(read(R"({"likelihood":"gaussian"})").chose_likelihood);
}

TEST(PlanJson, NamesWhatCannotBeRead) {
  EXPECT_THAT(error_of(R"({"lr":1})"), HasSubstr("lr is no parameter"));
  EXPECT_THAT(error_of(R"({"batch":0.5})"), HasSubstr("batch: '0.5' is not a whole number"));
  EXPECT_THAT(error_of(R"({"batch":{}})"), HasSubstr("batch"));
  EXPECT_THAT(error_of(R"({"kind":"gan"})"), HasSubstr("'gan' is not ae|dae|mae|vae|cvae|pca"));
  EXPECT_THAT(error_of(R"([["--gone","1"]])"), HasSubstr("--gone"));
}

// As zscape 0.1 kept them in a checkpoint; tests/fixtures/format1 has a whole one.
TEST(PlanJson, ReadsTheOptionsOfAnOlderCheckpoint) {
  const RunPlan plan = read(
      R"([["--data","data"],["--model","dae"],["--latent","2"],["--epochs","3"],["--batch","8"],)"
      R"(["--lr","0.01"],["--likelihood","mse"],["--binarise","none"],["--seed","7"],)"
      R"(["--threads","1"],["--kernels","portable"],["--precision","fp32"],["--device","cpu"],)"
      R"(["--network","mlp"],["--hidden","5"],["--lr-end","0.0001"],["--noise","gaussian:0.3"],)"
      R"(["--validation","4"],["--patience","9"]])");
  EXPECT_EQ(plan.spec.kind, ModelKind::dae);
  EXPECT_EQ(plan.spec.hidden, std::vector<int>{5});
  EXPECT_EQ(plan.spec.noise, (Noise{Noise::Kind::gaussian, 0.3}));
  EXPECT_EQ(plan.settings.learning_rate, 0.01);
  EXPECT_EQ(plan.last_learning_rate, 0.0001);
  EXPECT_EQ(plan.hold_out, (HoldOut{4, 9}));
  EXPECT_EQ(plan.compute.threads, 1);
  EXPECT_EQ(plan.compute.kernels, "portable");
  EXPECT_EQ(plan.compute.device, Device::cpu);
}

// ---- Whether a model and data fit (check_fit), as commands and the window ask ------------------

Dataset numbers(std::vector<float> values, std::vector<std::string> class_names = {}) {
  Dataset data;
  data.name = "numbers";
  data.shape = {1, 2, 1};
  data.class_names = std::move(class_names);
  data.train.count = static_cast<std::int64_t>(values.size()) / 2;
  if (data.classes() > 0) data.train.labels.resize(values.size() / 2);
  const bool scaled = std::ranges::any_of(values, [](float v) { return v < 0 || v > 1; });
  if (scaled) {
    const double mean =
        std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    data.scaling = std::make_shared<const Scaling>(
        Scaling{std::vector<double>(2, mean), std::vector<float>(2, 1.0F)});
  }
  data.train.values = std::move(values);
  return data;
}

std::string refusal(const Dataset& learned, const Dataset& other, ModelKind kind = ModelKind::ae) {
  const auto fits = check_fit(reference_spec(kind, learned, 2), other);
  return fits ? "" : fits.error().message;
}

TEST(Fit, DataOfAnotherScaleAreRefused) {
  const Dataset unit = numbers({0, 0.5F, 1, 0.25F});
  const Dataset bytes = numbers({0, 100, 255, 30});
  const Dataset large = numbers({0, 100000, 255000, 30});
  EXPECT_EQ(refusal(unit, unit), "");
  EXPECT_EQ(refusal(bytes, bytes), "");
  EXPECT_EQ(refusal(bytes, numbers({0, 300, 100, 2})), "");
  EXPECT_THAT(refusal(unit, bytes), HasSubstr("from 0 to 255; divide them by 255"));
  EXPECT_THAT(refusal(unit, large), HasSubstr("from 0 to 255000; bring them"));
  EXPECT_THAT(refusal(unit, numbers({-1, 0.5F, 1, 0})), HasSubstr("from -1 to 1; bring them"));
  EXPECT_THAT(refusal(bytes, unit), HasSubstr("usual size"));
  EXPECT_THAT(refusal(bytes, large), HasSubstr("from 0 to 255000"));
  EXPECT_THAT(refusal(large, bytes), HasSubstr("from 0 to 255;"));
}

TEST(Fit, ClassesOfOtherNamesAreRefusedByWhatReadsThem) {
  const Dataset pets = numbers({0, 1}, {"cat", "dog"});
  const Dataset others = numbers({0, 1}, {"ant", "cat"});
  const Dataset unnamed = numbers({0, 1}, {"0", "1"});
  EXPECT_THAT(refusal(pets, others, ModelKind::cvae),
              HasSubstr("classes are cat, dog, and those of numbers are ant, cat"));
  EXPECT_THAT(refusal(pets, numbers({0, 1}, {"cat", "dog", "eel"}), ModelKind::cvae),
              HasSubstr("cat, dog, eel"));
  EXPECT_EQ(refusal(pets, numbers({0, 1}, {"cat"}), ModelKind::cvae), "");
  EXPECT_EQ(refusal(pets, unnamed, ModelKind::cvae), "");
  EXPECT_EQ(refusal(unnamed, pets, ModelKind::cvae), "");
  EXPECT_EQ(refusal(pets, others, ModelKind::vae), "");
  EXPECT_THAT(refusal(unnamed, numbers({0, 1}, {"0", "1", "2"}), ModelKind::cvae),
              HasSubstr("knows 2 classes, but numbers has 3"));
}

TEST(Fit, AClassIsNamedByItsNameOrItsNumber) {
  const ModelSpec spec = reference_spec(ModelKind::cvae, numbers({0, 1}, {"cat", "7", "dog"}), 2);
  EXPECT_EQ(class_named(spec, "dog"), 2);
  EXPECT_EQ(class_named(spec, "2"), 2);
  EXPECT_EQ(class_named(spec, "7"), 1);
  for (const char* none : {"cow", "3", "-1", "", "1.0"})
    EXPECT_EQ(class_named(spec, none), std::nullopt);
  EXPECT_EQ(classes_text(spec), "cat, 7, dog");
}

}  // namespace
}  // namespace zscape
