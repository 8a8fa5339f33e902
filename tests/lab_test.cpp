// Experiments as files say them, their runs and keys, and results that outlive whoever writes them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/lab/crew.h"
#include "engine/lab/execute.h"
#include "engine/lab/experiment.h"
#include "engine/lab/queue.h"
#include "engine/lab/results.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr auto kFile = R"json({
  "name": "widths",
  "question": "How wide?",
  "text": ["One.", "Two."],
  "data": "fake",
  "plan": {"model": "vae", "epochs": 1, "batch": 100, "lambda": 2},
  "axes": [
    {"name": "latent", "label": "latent dimensions", "values": [1, 2, 4]},
    {"name": "depth", "values": [{"label": "PCA", "set": {"model": "pca"}},
                                 {"label": "1", "set": {"hidden": [20]}}]}
  ],
  "skip": [{"latent": 4, "depth": "PCA"}],
  "seeds": 2,
  "measure": ["test_loss", "elbo", "curve:test_loss"],
  "quick": {"plan": {"lr": 0.01}, "axes": {"latent": [1, 4]}, "seeds": 3},
  "plots": [{"x": "latent", "y": "elbo", "series": "depth", "log_x": true}],
  "claims": [{"says": "More is better.", "source": "Nobody 1900",
              "if": {"for": {"depth": ["PCA", 1]}, "is": {"falls": "test_loss", "along": "latent"}}}],
  "predict": {"ask": "Which?", "kind": "choice", "choices": ["wide", "narrow"],
              "answer": {"wide": {"less": [1, {"of": "elbo", "where": {"latent": 1, "depth": 1}}]},
                         "narrow": {"not": {"less": [1, 2]}}}}
})json";

Experiment experiment(const std::string& text = kFile) {
  auto read = experiment_from(text, "widths.json");
  EXPECT_TRUE(read) << read.error().message;
  return *read;
}

std::string wrong(const ordered_json& file) {
  const auto read = experiment_from(file.dump(), "widths.json");
  return read ? "nothing is wrong" : read.error().message;
}

TEST(Experiment, IsReadFromItsFile) {
  const Experiment read = experiment();
  EXPECT_EQ(read.name, "widths");
  EXPECT_THAT(read.text, ElementsAre("One.", "Two."));
  ASSERT_EQ(read.axes.size(), 2U);
  EXPECT_EQ(read.axes[0].values[2].number, 4);
  EXPECT_EQ(read.axes[1].values[0].label, "PCA");
  EXPECT_EQ(read.axes[1].values[0].number, std::nullopt);
  EXPECT_EQ(read.axes[1].values[1].number, 1);
  EXPECT_THAT(read.columns(), ElementsAre("test_loss", "elbo"));
  EXPECT_THAT(read.curves(), ElementsAre("curve:test_loss"));
  EXPECT_EQ(read.prediction->choices[1].first, "narrow");
  EXPECT_TRUE(read.has_quick);
}

TEST(Experiment, OneLineSaysWhatIsWrongAndWhere) {
  const auto with = [](const std::string& pointer, const ordered_json& value) {
    ordered_json file = ordered_json::parse(kFile);
    file[ordered_json::json_pointer(pointer)] = value;
    return wrong(file);
  };
  const auto without = [](const char* key) {
    ordered_json file = ordered_json::parse(kFile);
    file.erase(key);
    return wrong(file);
  };
  EXPECT_THAT(without("name"), HasSubstr("widths.json: name: it is missing"));
  EXPECT_THAT(without("measure"), HasSubstr("measure: it is missing"));
  EXPECT_THAT(with("/name", "a b"), HasSubstr("name: 'a b' must consist of"));
  EXPECT_THAT(with("/sedes", 3), HasSubstr("sedes: there is no such key here; there are name"));
  EXPECT_THAT(with("/plan/lamda", 3), HasSubstr("plan.lamda: 'lamda' is no parameter"));
  EXPECT_THAT(with("/plan/lambda", -1), HasSubstr("plan.lambda: -1 is not a number of at least 0"));
  EXPECT_THAT(with("/plan/data", "mnist"),
              HasSubstr("plan.data: the data stand in the key 'data'"));
  EXPECT_THAT(with("/plan/kind", "ae"), HasSubstr("plan.kind: kind is set twice"));
  EXPECT_THAT(with("/seeds", 0), HasSubstr("seeds: 0 is not a whole number from 1"));
  EXPECT_THAT(with("/seeds", 2.5), HasSubstr("seeds: 2.5 is not a whole number"));
  EXPECT_THAT(with("/axes/0/values", ordered_json::array()),
              HasSubstr("axes[0].values: the list is empty"));
  EXPECT_THAT(with("/axes/0/values/1", 1), HasSubstr("axes[0].values[1]: '1' stands there twice"));
  EXPECT_THAT(with("/axes/0/values/1", "x"), HasSubstr("axes[0].values[1]: \"x\" is not a whole"));
  EXPECT_THAT(with("/axes/1/values/1", 3), HasSubstr("axes[1].values[1]: 'depth' is no parameter"));
  EXPECT_THAT(with("/axes/0/name", "seed"), HasSubstr("seeds are no axis"));
  EXPECT_THAT(with("/axes/1/name", "latent"), HasSubstr("there is an axis latent already"));
  EXPECT_THAT(with("/skip/0/latent", 3), HasSubstr("skip[0].latent: '3' is no value of the axis "
                                                   "latent; it has 1, 2, 4"));
  EXPECT_THAT(with("/measure/0", "loss"), HasSubstr("measure[0]: 'loss' is nothing that can be"));
  EXPECT_THAT(with("/measure/1", "test_loss"), HasSubstr("measure[1]: it gives test_loss, which"));
  EXPECT_THAT(with("/measure/2", "curve:elbo"), HasSubstr("measure[2]: 'curve:elbo' is no curve"));
  EXPECT_THAT(with("/measure/0", "kl_per_dimension"), HasSubstr("is a list of numbers"));
  EXPECT_THAT(with("/quick/axes/latent/0", 3), HasSubstr("quick.axes.latent[0]: '3' is no value"));
  EXPECT_THAT(with("/plots/0/y", "mse"), HasSubstr("plots[0].y: 'mse' is not measured; measured "
                                                   "are test_loss, elbo"));
  EXPECT_THAT(with("/plots/0/log_x", 1), HasSubstr("plots[0].log_x: it must be true or false"));
  EXPECT_THAT(with("/claims/0/if/is/falls", "mse"),
              HasSubstr("claims[0].if.is.falls: 'mse' is not"));
  EXPECT_THAT(with("/claims/0/if/is/along", "depth"), HasSubstr("depth is gone through by 'for'"));
  EXPECT_THAT(with("/claims/0/if/is", {{"rises", "elbo"}, {"along", "latent"}, {"whre", 1}}),
              HasSubstr("claims[0].if.is.whre: there is no such key"));
  EXPECT_THAT(with("/claims/0/if", {{"falls", "elbo"}, {"along", "latent"}}),
              HasSubstr("claims[0].if.where: it must also say which depth"));
  EXPECT_THAT(with("/claims/0/if", {{"near", {1, 2}}}),
              HasSubstr("claims[0].if.within: it is miss"));
  EXPECT_THAT(with("/claims/0/if", {{"less", {1, 2, 3}}}),
              HasSubstr("claims[0].if.less: it must be a list of two quantities"));
  EXPECT_THAT(with("/claims/0/if", {{"less", {1, {{"best", "most"}, {"of", "elbo"}}}}}),
              HasSubstr("less[1].best: it must be \"max\" or \"min\""));
  EXPECT_THAT(with("/predict/kind", "guess"), HasSubstr("predict.kind: 'guess' is not choice"));
  EXPECT_THAT(with("/predict/answer/other", {{"less", {1, 2}}}),
              HasSubstr("one predicate for each of the choices"));
  EXPECT_THAT(experiment_from("{\"name\": 1", "x.json").error().message,
              HasSubstr("x.json is no JSON"));
  EXPECT_THAT(experiment_from(std::string(10'000, '['), "x.json").error().message,
              HasSubstr("nests too deeply"));
}

TEST(Experiment, ItsRunsAreAllCombinationsThatAreNotSkippedWithAllSeeds) {
  const auto runs = runs_of(experiment());
  ASSERT_TRUE(runs) << runs.error().message;
  std::vector<std::string> texts;
  for (const LabRun& run : *runs) {
    texts.push_back(fmt::format("{} {} {} {}", place_text(run.axes), run.plan.seed,
                                run.plan.spec.latent, fmt::join(run.plan.spec.hidden, ",")));
  }
  EXPECT_THAT(texts, ElementsAre("latent 1, depth PCA 0 1 ", "latent 1, depth PCA 1 1 ",
                                 "latent 1, depth 1 0 1 20", "latent 1, depth 1 1 1 20",
                                 "latent 2, depth PCA 0 2 ", "latent 2, depth PCA 1 2 ",
                                 "latent 2, depth 1 0 2 20", "latent 2, depth 1 1 2 20",
                                 "latent 4, depth 1 0 4 20", "latent 4, depth 1 1 4 20"));
  // What the base plan says of other kinds is left out.
  EXPECT_EQ(runs->front().plan.spec.kind, ModelKind::pca);
  EXPECT_EQ(runs->back().plan.settings.kl_weight, 2);
  EXPECT_EQ(runs->back().plan.settings.batch_size, 100);
}

TEST(Experiment, AnAxisThatHasNoMeaningAtAPlaceIsRefusedUnlessItIsSkipped) {
  ordered_json file = ordered_json::parse(kFile);
  file["axes"][0] = {{"name", "lambda"}, {"values", {1, 2}}};
  file["skip"] = ordered_json::array();
  file.erase("claims");
  file.erase("predict");
  file.erase("quick");
  file.erase("plots");
  const auto refused = runs_of(experiment(file.dump()));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("axis lambda at lambda 1, depth PCA: lambda "));
  EXPECT_THAT(refused.error().message, HasSubstr("List this combination under 'skip'"));
  file["skip"] = {{{"depth", "PCA"}}};
  EXPECT_EQ(runs_of(experiment(file.dump()))->size(), 4U);
}

TEST(Experiment, OptionsAreWrittenIntoItsFile) {
  const auto quick =
      with_options(experiment(), {.data = "other",
                                  .seeds = {},
                                  .quick = true,
                                  .settings = {{"learning_rate", "0.5"}, {"threads", "1"}}});
  ASSERT_TRUE(quick) << quick.error().message;
  EXPECT_EQ(quick->data, "other");
  EXPECT_EQ(quick->seeds, 3);
  EXPECT_EQ(runs_of(*quick)->size(), 9U);  // 1 and 4 of three, one is skipped
  // The line counts more than the quick version, which names the same parameter otherwise.
  EXPECT_EQ(runs_of(*quick)->back().plan.settings.learning_rate, 0.5);
  const auto again = experiment_from(quick->json, "experiment.json");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->json, quick->json);
  EXPECT_EQ(runs_of(*again)->size(), 9U);
  ordered_json file = ordered_json::parse(kFile);
  file.erase("quick");
  const auto none = with_options(experiment(file.dump()), {.data = {}, .seeds = {}, .quick = true});
  EXPECT_THAT(none.error().message, HasSubstr("it has no quick version"));
}

TEST(Experiment, ASweepIsOneWithAxesFromTheCommandLine) {
  const auto sweep =
      sweep_of({{"epochs", "3"}}, {{"lambda", "0,0.1"}, {"hidden", "40;40,20"}}, 2, "fake");
  ASSERT_TRUE(sweep) << sweep.error().message;
  const auto runs = runs_of(*sweep);
  ASSERT_EQ(runs->size(), 8U);
  EXPECT_EQ(place_text(runs->back().axes), "lambda 0.1, hidden 40,20");
  EXPECT_THAT(runs->back().plan.spec.hidden, ElementsAre(40, 20));
  EXPECT_THAT(sweep_of({}, {{"lamda", "1"}}, 1, "fake").error().message,
              HasSubstr("--vary lamda: it is no parameter"));
  EXPECT_THAT(sweep_of({}, {{"lambda", "1,x"}}, 1, "fake").error().message,
              HasSubstr("\"x\" is not a number"));
}

TEST(Experiment, ThoseThatCameAlongCanBeRunWholeAndQuick) {
  for (const BuiltInExperiment& each : built_in_experiments()) {
    SCOPED_TRACE(std::string(each.name));
    const auto read = experiment_from(each.json, each.name);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->name, each.name);
    EXPECT_TRUE(runs_of(*read)) << runs_of(*read).error().message;
    if (!read->has_quick) continue;
    const auto quick = with_options(*read, {.data = {}, .seeds = {}, .quick = true});
    ASSERT_TRUE(quick) << quick.error().message;
    EXPECT_TRUE(runs_of(*quick));
  }
}

// ---- Keys and runs -----------------------------------------------------------------------------

class Lab : public testing::Test {
 protected:
  Lab() {
    folder_ = fs::temp_directory_path() / fmt::format("zscape-lab-test-{}", getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Lab() override { fs::remove_all(folder_); }

  std::vector<LabRun> settled(const Experiment& of) {
    auto runs = *runs_of(of);
    const auto fits = settle(runs, data_);
    EXPECT_TRUE(fits) << fits.error().message;
    return runs;
  }

  LabQueue open() {
    auto queue = LabQueue::open(folder_.string(), experiment_, settled(experiment_));
    EXPECT_TRUE(queue) << queue.error().message;
    return *std::move(queue);
  }

  LabResult carry_out(const LabRun& run) {
    auto result = execute(run, backend_, data_, "");
    EXPECT_TRUE(result) << result.error().message;
    return *result;
  }

  void work_alone(LabQueue& queue, int most = 1000) {
    for (int i = 0; i < most; ++i) {
      const auto run = queue.next();
      if (!run) break;
      ASSERT_TRUE(queue.take(carry_out(*run), 1, "here"));
    }
  }

  std::string text_of(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  std::string results() { return text_of(results_file(folder_.string())); }

  fs::path folder_;
  FakeBackend backend_;
  LabData data_{backend_};
  Experiment experiment_ = experiment();
};

TEST_F(Lab, AKeyDependsOnPlanMeasuresAndDataAlone) {
  const std::vector<LabRun> runs = settled(experiment_);
  std::map<std::string, int> keys;
  for (const LabRun& run : runs) ++keys[run.key];
  EXPECT_EQ(keys.size(), runs.size());
  EXPECT_EQ(settled(experiment_)[3].key, runs[3].key);
  const auto key_with = [&](const std::string& pointer, const ordered_json& value) {
    ordered_json file = ordered_json::parse(kFile);
    file[ordered_json::json_pointer(pointer)] = value;
    return settled(experiment(file.dump()))[3].key;
  };
  EXPECT_EQ(key_with("/question", "Another?"), runs[3].key);
  EXPECT_EQ(key_with("/data", "slow"), runs[3].key);  // another place of the same data
  EXPECT_NE(key_with("/data", "wide"), runs[3].key);
  EXPECT_NE(key_with("/plan/epochs", 2), runs[3].key);
  EXPECT_NE(key_with("/measure/2", "mse"), runs[3].key);
}

TEST_F(Lab, ARunThatCannotFitItsDataIsRefusedBeforeTheLabBegins) {
  ordered_json file = ordered_json::parse(kFile);
  file["plan"]["validation"] = 512;
  auto runs = *runs_of(experiment(file.dump()));
  const auto refused = settle(runs, data_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("latent 1, depth PCA: validation: 512 of 512"));
}

TEST_F(Lab, ARunGoesToAnotherProcessAsALine) {
  for (const LabRun& run : settled(experiment_)) {
    const auto again = run_from(line_of(run));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(line_of(*again), line_of(run));
    EXPECT_EQ(line_of(carry_out(*again)), line_of(carry_out(run)));
  }
  EXPECT_FALSE(run_from("{\"key\": 1}"));
}

TEST_F(Lab, AResultIsALineWithWhatIsMissingAsNull) {
  const LabRun run = settled(experiment_)[2];
  LabResult result = failure_of(run, "");
  result.figures = {{"elbo", 0.1}, {"mse"}};
  result.curves = {{"curve:test_loss", "epoch", {1, 2}, {0.5, NAN}}};
  result.absent = {{"mse", "needs \"light\""}};
  const std::string line = line_of(result);
  EXPECT_THAT(line, HasSubstr("\"axes\":{\"latent\":1,\"depth\":1},\"seed\":0"));
  EXPECT_THAT(line, HasSubstr("\"figures\":{\"elbo\":0.1,\"mse\":null}"));
  const auto again = result_from(line);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(line_of(*again), line);
  EXPECT_EQ(again->figure("mse"), std::nullopt);
  EXPECT_EQ(again->axes, result.axes);
  EXPECT_TRUE(std::isnan(again->curve("curve:test_loss")->y[1]));
  const LabResult failure = failure_of(run, "no \n memory");
  EXPECT_EQ(result_from(line_of(failure))->error, "no \n memory");
}

TEST_F(Lab, MeasuresWhatItIsAskedFor) {
  const LabRun run = settled(experiment_)[2];
  const LabResult result = carry_out(run);
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(*result.figure("elbo"), -6);  // the fake's: minus its steps; 512 inputs by 100
  EXPECT_EQ(result.curve("curve:test_loss")->over, "epoch");
  ASSERT_EQ(result.curve("curve:test_loss")->y.size(), 1U);
  EXPECT_EQ(result.curve("curve:test_loss")->y[0], *result.figure("test_loss"));
}

TEST_F(Lab, ARunThatDivergesOrThrowsIsAResultThatSaysSo) {
  ordered_json file = ordered_json::parse(kFile);
  for (const auto& [rate, says] :
       {std::pair{5.0, "training diverged at step 1"}, std::pair{20.0, "out of memory"}}) {
    file["plan"]["lr"] = rate;
    EXPECT_THAT(carry_out(settled(experiment(file.dump()))[2]).error, HasSubstr(says));
  }
  LabRun other = settled(experiment_)[2];
  other.data_checksum += 1;
  EXPECT_THAT(carry_out(other).error, HasSubstr("holds other data"));
  const auto stopped =
      execute(settled(experiment_)[2], backend_, data_, "", [](double) { return false; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

// ---- The queue ---------------------------------------------------------------------------------

TEST_F(Lab, NothingIsRunTwiceAndEqualLabsGiveEqualFiles) {
  LabQueue whole = open();
  EXPECT_EQ(whole.all(), 10U);
  work_alone(whole);
  ASSERT_TRUE(whole.finish());
  const std::string complete = results();
  EXPECT_EQ(std::ranges::count(complete, '\n'), 10);

  LabQueue none = open();
  EXPECT_EQ(none.kept(), 10U);
  EXPECT_FALSE(none.next());
  EXPECT_TRUE(none.is_done());

  // Taken in another order, over several calls.
  fs::remove(results_file(folder_.string()));
  {
    LabQueue first = open();
    std::vector<LabRun> runs;
    for (int i = 0; i < 4; ++i) runs.push_back(*first.next());
    for (const int i : {2, 0, 3}) ASSERT_TRUE(first.take(carry_out(runs[i]), 1, "here"));
  }
  LabQueue rest = open();
  EXPECT_EQ(rest.kept(), 3U);
  work_alone(rest);
  ASSERT_TRUE(rest.finish());
  EXPECT_EQ(results(), complete);
}

TEST_F(Lab, WhereverTheFileIsTornTheTableEndsIdentical) {
  LabQueue whole = open();
  work_alone(whole);
  ASSERT_TRUE(whole.finish());
  const std::string complete = results();
  for (std::size_t bytes = 0; bytes < complete.size(); bytes += 97) {
    fs::resize_file(results_file(folder_.string()), bytes);
    // A reader beside it sees whole lines only.
    const auto table = read_results(folder_.string());
    ASSERT_TRUE(table);
    EXPECT_EQ(table->results.size(),
              static_cast<std::size_t>(std::count(
                  complete.begin(), complete.begin() + static_cast<std::ptrdiff_t>(bytes), '\n')));
    LabQueue rest = open();
    work_alone(rest);
    ASSERT_TRUE(rest.finish());
    ASSERT_EQ(results(), complete) << bytes;
  }
}

TEST_F(Lab, AFailedRunIsToldAndTriedAgainByTheNextCall) {
  {
    LabQueue queue = open();
    const LabRun first = *queue.next();
    ASSERT_TRUE(queue.take(failure_of(first, "no memory"), 1, "here"));
    EXPECT_EQ(queue.failures().size(), 1U);
    EXPECT_EQ(queue.failures()[0].error, "no memory");
    work_alone(queue);
    EXPECT_EQ(queue.finished(), 9U);  // not tried again by this call
    ASSERT_TRUE(queue.finish());
  }
  auto table = *read_results(folder_.string());
  EXPECT_EQ(table.failed(), 1U);
  EXPECT_EQ(rows_of(table)[0].failed, 1);
  EXPECT_THAT(table_text(table), HasSubstr("1, 1 failed"));
  LabQueue again = open();
  EXPECT_EQ(again.kept(), 9U);
  work_alone(again);
  ASSERT_TRUE(again.finish());
  table = *read_results(folder_.string());
  EXPECT_EQ(table.failed(), 0U);
  EXPECT_EQ(table.finished(), 10U);
  EXPECT_EQ(std::ranges::count(results(), '\n'), 10);
}

TEST_F(Lab, ARunWhoseWorkerIsLostThreeTimesFails) {
  LabQueue queue = open();
  const LabRun run = *queue.next();
  EXPECT_FALSE(queue.lost(run.key, "it was killed"));
  EXPECT_EQ(queue.next()->key, run.key);
  EXPECT_FALSE(queue.lost(run.key, "it was killed"));
  EXPECT_EQ(queue.next()->key, run.key);
  const auto failure = queue.lost(run.key, "it was killed");
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->error, "it was killed");
  ASSERT_TRUE(queue.take(*failure, 0, "here"));
  EXPECT_NE(queue.next()->key, run.key);
}

TEST_F(Lab, MoreSeedsAddRunsAndResultsOfOtherPlansStay) {
  LabQueue queue = open();
  work_alone(queue);
  ASSERT_TRUE(queue.finish());
  const std::string before = results();
  const auto more = *with_options(experiment(), {.data = {}, .seeds = 3});
  auto longer = *LabQueue::open(folder_.string(), more, settled(more));
  EXPECT_EQ(longer.all(), 15U);
  EXPECT_EQ(longer.kept(), 10U);
  work_alone(longer);
  ASSERT_TRUE(longer.finish());
  EXPECT_EQ(read_results(folder_.string())->runs.size(), 15U);
  // The smaller lab again: nothing is lost.
  LabQueue smaller = open();
  EXPECT_TRUE(smaller.is_done());
  ASSERT_TRUE(smaller.finish());
  EXPECT_TRUE(results().starts_with(before));
  EXPECT_EQ(std::ranges::count(results(), '\n'), 15);
  EXPECT_EQ(read_results(folder_.string())->results.size(), 10U);
}

TEST_F(Lab, TheFolderOfAnotherExperimentIsRefused) {
  open();
  ordered_json file = ordered_json::parse(kFile);
  file["name"] = "other";
  const Experiment other = experiment(file.dump());
  const auto refused = LabQueue::open(folder_.string(), other, settled(other));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("holds the results of the experiment widths"));
  const auto none = read_results((folder_ / "nowhere").string());
  EXPECT_THAT(none.error().message,
              HasSubstr("is no folder of results: it has no experiment.json"));
}

TEST_F(Lab, RunsWithEqualKeysAreRunOnceAndStandAtEachPlace) {
  ordered_json file = ordered_json::parse(kFile);
  file["axes"][1]["values"] = {{{"label", "a"}, {"set", {{"hidden", {20}}}}},
                               {{"label", "b"}, {"set", {{"hidden", {20}}}}}};
  for (const char* key : {"skip", "claims", "predict"}) file.erase(key);
  experiment_ = experiment(file.dump());
  LabQueue queue = open();
  EXPECT_EQ(queue.all(), 6U);
  work_alone(queue);
  ASSERT_TRUE(queue.finish());
  const auto table = *read_results(folder_.string());
  EXPECT_EQ(table.runs.size(), 12U);
  const auto rows = rows_of(table);
  ASSERT_EQ(rows.size(), 6U);
  for (const LabRow& row : rows) EXPECT_EQ(row.missing, 0);
  EXPECT_EQ(values_at(table, {{"latent", "1"}, {"depth", "b"}}, "elbo")[0].value, -6);
}

// ---- The crew ----------------------------------------------------------------------------------

// Carries out runs at once; loses the first few.
class FakeCrew : public LabCrew {
 public:
  FakeCrew(int workers, std::function<LabResult(const LabRun&)> work, int losses)
      : workers_(workers), work_(std::move(work)), losses_(losses) {}
  int size() const override { return workers_; }
  bool give(int worker, const LabRun& run) override {
    if (is_gone) return false;
    most_ = std::max(most_, static_cast<int>(waiting_.size()) + 1);
    waiting_.push_back({worker, run});
    return true;
  }
  CrewEvent wait(int) override {
    if (waiting_.empty()) return {};
    // The last one first: results come in any order.
    const auto [worker, run] = waiting_.back();
    waiting_.pop_back();
    if (losses_-- > 0) {
      return {.kind = CrewEvent::Kind::lost, .worker = worker, .why = "it was killed"};
    }
    return {.kind = CrewEvent::Kind::done, .worker = worker, .result = work_(run), .seconds = 2};
  }
  bool is_gone = false;
  int most() const { return most_; }

 private:
  int workers_;
  std::function<LabResult(const LabRun&)> work_;
  int losses_;
  int most_ = 0;
  std::deque<std::pair<int, LabRun>> waiting_;
};

TEST_F(Lab, ACrewOfAnySizeThatLosesWorkersGivesTheSameTable) {
  std::string first;
  for (const int workers : {1, 3, 40}) {
    fs::remove(results_file(folder_.string()));
    LabQueue queue = open();
    FakeCrew crew(
        workers, [&](const LabRun& run) { return carry_out(run); }, 2);
    std::size_t told = 0;
    double last = 0;
    ASSERT_TRUE(work_off(queue, crew, [&](const CrewProgress& progress) {
      if (progress.ended != nullptr) ++told;
      EXPECT_GE(progress.fraction, last);
      last = progress.fraction;
      return true;
    }));
    EXPECT_EQ(told, 10U);
    EXPECT_EQ(last, 1);
    EXPECT_EQ(crew.most(), std::min(workers, 10));
    ASSERT_TRUE(queue.finish());
    if (first.empty()) first = results();
    EXPECT_EQ(results(), first);
  }
}

TEST_F(Lab, ALabEndsWhereItIsToldToOrHasNoWorkers) {
  LabQueue queue = open();
  FakeCrew crew(
      2, [&](const LabRun& run) { return carry_out(run); }, 0);
  const auto stopped =
      work_off(queue, crew, [](const CrewProgress& progress) { return progress.finished < 3; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  EXPECT_EQ(read_results(folder_.string())->results.size(), 3U);
  crew.is_gone = true;
  LabQueue again = open();
  const auto none = work_off(again, crew, [](const CrewProgress&) { return true; });
  EXPECT_THAT(none.error().message, HasSubstr("no worker of the lab is left"));
}

TEST_F(Lab, TimeLeftFollowsFromTheRunsThatEnded) {
  LabQueue queue = open();
  EXPECT_EQ(queue.seconds_left(2), std::nullopt);
  const LabRun first = *queue.next();
  ASSERT_TRUE(queue.take(carry_out(first), 4, "here"));
  EXPECT_DOUBLE_EQ(*queue.seconds_left(1), 36);
  queue.next();  // half done in the mean
  EXPECT_DOUBLE_EQ(*queue.seconds_left(2), 4 * 8.5 / 2);
}

// ---- Tables ------------------------------------------------------------------------------------

TEST_F(Lab, MeansHaveTheStandardErrorOverSeeds) {
  const LabMean mean = mean_of({1, 2, NAN, 6});
  EXPECT_DOUBLE_EQ(mean.mean, 3);
  EXPECT_EQ(mean.seeds, 3);
  EXPECT_DOUBLE_EQ(mean.standard_error, std::sqrt((4 + 1 + 9) / 2.0 / 3));
  EXPECT_TRUE(std::isnan(mean_of({1}).standard_error));
  EXPECT_EQ(mean_of({NAN}).seeds, 0);
}

TEST_F(Lab, CurvesAreMeansAtEachX) {
  const std::vector<LabRun> runs = settled(experiment_);
  std::vector<LabResult> results;
  for (std::size_t i = 0; i < 2; ++i) {
    LabResult result = failure_of(runs[i], "");
    result.curves = {{"curve:test_loss", "epoch", {1, 2}, {1.0 + static_cast<double>(i), 5}}};
    if (i == 1) result.curves[0].x = {1, 3};  // it stopped elsewhere
    results.push_back(result);
  }
  const LabTable table = table_of(experiment_, runs, results);
  const auto points = curve_at(table, runs[0].axes, "curve:test_loss");
  ASSERT_EQ(points.size(), 3U);
  EXPECT_EQ(points[0].y.mean, 1.5);
  EXPECT_EQ(points[0].y.seeds, 2);
  EXPECT_EQ(points[1].y.seeds, 1);
  EXPECT_EQ(rows_of(table)[1].missing, 2);
}

}  // namespace
}  // namespace zscape
