// Programs that PyTorch exported, against what PyTorch computes (tests/fixtures/make_programs.py).
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "engine/backend/model_file.h"
#include "engine/io/safetensors.h"
#include "engine/model/loss.h"
#include "engine/program/open_program.h"
#include "engine/training/trainers/objective.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

using testing::HasSubstr;

std::string fixture(const std::string& name) {
  return std::string(ZSCAPE_FIXTURES) + "/programs/" + name;
}

Autoencoder opened(const std::string& name, const SaidOfModel& said = {}) {
  auto program = open_program(fixture(name), said);
  EXPECT_TRUE(program.has_value()) << (program ? "" : program.error().message);
  return program.value().model;
}

std::string refusal(const std::string& name) {
  const auto program = open_program(fixture(name), {});
  EXPECT_FALSE(program.has_value()) << name;
  return program ? "" : program.error().message;
}

// What PyTorch computed.
class Expectation {
 public:
  explicit Expectation(const std::string& name)
      : file_(read_safetensors(fixture(name + ".expected.safetensors")).value()) {}

  at::Tensor operator[](const std::string& name) const {
    const TensorEntry* entry = file_.find(name);
    if (entry == nullptr) return {};
    const std::vector<float> values = to_floats(*entry);
    return at::tensor(values).reshape(entry->shape);
  }

  // Inputs as the engine has them: rows of 0 … 1, NHWC. All fixtures have one channel or a row.
  at::Tensor x(const Autoencoder& model) const {
    const PixelRange range = model.spec().program->range;
    return ((*this)["x"] - range.low).flatten(1) / (range.high - range.low);
  }

  at::Tensor label(const Autoencoder& model) const {
    if (!model.spec().reads_label()) return {};
    return at::one_hot((*this)["y"].to(at::kLong), model.spec().classes).to(at::kFloat);
  }

  const TensorFile& file() const { return file_; }

 private:
  TensorFile file_;
};

void expect_close(const at::Tensor& seen, const at::Tensor& expected, const std::string& what,
                  double tolerance = 1e-5) {
  ASSERT_TRUE(expected.defined()) << what;
  ASSERT_EQ(seen.numel(), expected.numel()) << what;
  EXPECT_LE((seen.flatten() - expected.flatten()).abs().max().item<double>(), tolerance) << what;
}

const std::vector<std::string> kNames = {"ae",           "attention", "conv", "cvae",
                                         "cvae_numbers", "grid",      "mlp",  "mlp_dropout"};

// The decoder's outputs as the file gives them.
at::Tensor as_given(const Autoencoder& model, const at::Tensor& outputs) {
  const auto& program = dynamic_cast<const Program&>(*model.spec().program);
  if (program.decoder->ends_in_sigmoid) return at::sigmoid(outputs);
  const PixelRange range = program.range;
  return model.spec().outputs_mean ? outputs * (range.high - range.low) + range.low : outputs;
}

TEST(Program, ComputesWhatPyTorchComputes) {
  const at::NoGradGuard no_grad;
  for (const std::string& name : kNames) {
    SCOPED_TRACE(name);
    const Autoencoder model = opened(name + ".pt2");
    const Expectation expected(name);
    const at::Tensor label = expected.label(model);
    const Posterior posterior = model.encode(expected.x(model), label);
    expect_close(posterior.mean, expected["mean"], "mean");
    if (model.spec().has_prior()) {
      expect_close(posterior.log_variance, expected["log_variance"], "log variance");
    }
    const at::Tensor outputs = model.decode(expected["z"].flatten(1), label);
    expect_close(as_given(model, outputs), expected["out"], "out");
  }
}

TEST(Program, TakesItsGradientsAndStatisticsFromTheBatchLikePyTorch) {
  for (const std::string& name : kNames) {
    SCOPED_TRACE(name);
    const Expectation expected(name);
    if (!expected["loss"].defined()) continue;  // of dropout
    // The fixture scores an autoencoder by logits, too.
    const Autoencoder read =
        opened(name + ".pt2",
               {.likelihood = name == "ae" ? std::optional(Likelihood::bernoulli) : std::nullopt});
    ModelSpec spec = read.spec();
    // Its squares are in the program's own range.
    spec.sigma = 1 / (spec.program->range.high - spec.program->range.low);
    Autoencoder model(spec);
    const auto sources = read.named_tensors(), targets = model.named_tensors();
    for (std::size_t i = 0; i < sources.size(); ++i) {
      at::Tensor(targets[i].second).copy_(sources[i].second);
    }
    for (const auto& [weight, tensor] : model.learned()) at::Tensor(tensor).requires_grad_();
    const at::Tensor x = expected.x(model);
    model.begin_training_step(0, 0);
    const ObjectiveValue value =
        objective(model, {x, x, {}}, expected.label(model),
                  model.spec().has_prior() ? expected["noise"].flatten(1) : at::Tensor(),
                  at::scalar_tensor(1, at::kDouble));
    value.loss.backward();
    int compared = 0;
    for (const auto& [weight, tensor] : model.learned()) {
      const at::Tensor wanted = expected["grad." + weight];
      if (!wanted.defined()) continue;
      const double size = wanted.abs().max().item<double>();
      expect_close(tensor.grad(), wanted, weight, 1e-5 + 2e-5 * size);
      ++compared;
    }
    EXPECT_GT(compared, 2);
    for (const auto& [buffer, tensor] : model.not_learned()) {
      expect_close(tensor, expected["after." + buffer], buffer);
    }
  }
}

TEST(Program, NamesTheTensorsOfItsStateDict) {
  const Autoencoder model = opened("conv.pt2");
  std::set<std::string> names;
  for (const auto& [name, tensor] : model.named_tensors()) names.insert(name);
  for (const char* name :
       {"encoder.0.weight", "encoder.1.inner.1.running_mean",
        "encoder.1.inner.1.num_batches_tracked", "decoder.2.inner.4.running_var"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

TEST(Program, IsEvaluatedWithItsRunningStatisticsAndWithoutDropout) {
  const at::NoGradGuard no_grad;
  Autoencoder model = opened("mlp_dropout.pt2");
  const at::Tensor x = Expectation("mlp_dropout").x(model);
  const at::Tensor evaluated = model.encode(x, {}).mean;
  EXPECT_TRUE(at::equal(model.encode(x, {}).mean, evaluated));
  model.begin_training_step(1, 0);
  const at::Tensor first = model.encode(x, {}).mean;
  EXPECT_FALSE(at::equal(first, evaluated));
  EXPECT_FALSE(at::equal(model.encode(x, {}).mean, first));  // other noise in the same step
  model.begin_training_step(1, 0);
  EXPECT_TRUE(at::equal(model.encode(x, {}).mean, first));  // a step can be repeated
  model.begin_training_step(1, 1);
  EXPECT_FALSE(at::equal(model.encode(x, {}).mean, first));
}

TEST(Program, DrawsFreshWeightsAsPyTorchDoes) {
  Autoencoder model(opened("conv.pt2").spec());
  model.initialise(3);
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (name.ends_with("inner.1.weight") || name.ends_with("running_var")) {
      EXPECT_TRUE(at::equal(tensor, at::ones_like(tensor))) << name;
    } else if (name.ends_with("inner.1.bias") || name.ends_with("running_mean") ||
               name.ends_with("tracked")) {
      EXPECT_TRUE(at::equal(tensor, at::zeros_like(tensor))) << name;
    } else if (name == "encoder.0.weight") {
      EXPECT_LE(tensor.abs().max().item<double>(), 1.0 / 3);  // fan-in 9
      EXPECT_GT(tensor.abs().max().item<double>(), 0.2);
    }
  }
  Autoencoder again(model.spec());
  again.initialise(3);
  EXPECT_TRUE(at::equal(again.named_tensors()[0].second, model.named_tensors()[0].second));
}

TEST(Program, ComesBackFromAModelFileWithItsGraph) {
  for (const std::string& name : kNames) {
    SCOPED_TRACE(name);
    const Autoencoder model = opened(name + ".pt2");
    const std::vector<std::byte> bytes = safetensors_bytes(to_tensor_file(model, {}));
    const auto parsed = parse_safetensors(bytes, name);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    const auto file = from_tensor_file(*parsed, name);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(describe(file->model.spec()), describe(model.spec()));
    const Expectation expected(name);
    const at::Tensor x = expected.x(model), label = expected.label(model);
    EXPECT_TRUE(at::equal(file->model.encode(x, label).mean, model.encode(x, label).mean));
    const at::Tensor z = expected["z"].flatten(1);
    EXPECT_TRUE(at::equal(file->model.decode(z, label), model.decode(z, label)));
  }
}

TEST(Program, TrainsAndGoesOnFromItsStateToTheSameBits) {
  const auto data = patterns();
  for (const std::string name : {"mlp_dropout", "conv", "ae"}) {
    SCOPED_TRACE(name);
    const auto start = backend()->open_model(fixture(name + ".pt2")).value().model;
    const ModelSpec spec = fitted(start->spec(), *data);
    const TrainingTask task{.spec = spec, .data = data, .rows = nullptr, .seed = 1, .start = start};
    const auto trainer = backend()->make_trainer(task).value();
    const double first = trainer->step({}).reconstruction;
    double last = first;
    for (int step = 0; step < 200; ++step)
      last = trainer->step({.learning_rate = 3e-3}).reconstruction;
    EXPECT_LT(last, 0.9 * first);
    const auto state = trainer->state();
    trainer->step({});
    const auto unbroken = weights_of(*trainer->freeze());

    const auto other =
        backend()
            ->make_trainer(
                {.spec = spec, .data = data, .rows = nullptr, .seed = 1, .start = nullptr})
            .value();
    EXPECT_NE(weights_of(*other->freeze()), weights_of(*start));  // fresh
    ASSERT_TRUE(other->restore(*state).has_value());
    other->step({});
    EXPECT_EQ(weights_of(*other->freeze()), unbroken);
  }
}

TEST(Program, KeepsItsStatisticsWhereALossIsNotFinite) {
  const auto data = patterns();
  const auto start = backend()->open_model(fixture("mlp.pt2")).value().model;
  const auto trainer = backend()
                           ->make_trainer({.spec = fitted(start->spec(), *data),
                                           .data = data,
                                           .rows = nullptr,
                                           .seed = 0,
                                           .start = start})
                           .value();
  const auto before = weights_of(*trainer->freeze());
  EXPECT_FALSE(
      std::isfinite(trainer->step({.kl_weight = std::numeric_limits<double>::infinity()}).loss));
  EXPECT_EQ(weights_of(*trainer->freeze()), before);
}

TEST(Program, OfOneHalfDoesWhatItCan) {
  const auto data = patterns();
  const auto decoder = backend()->open_model(fixture("mlp.decoder.pt2")).value();
  EXPECT_FALSE(decoder.model->spec().has_encoder());
  EXPECT_THAT(decoder.assumed, HasSubstr("a decoder alone"));
  std::vector<float> pictures(2 * 64);
  decoder.model->decode(std::vector<float>{0, 0, 1, 1}, {}, pictures);
  EXPECT_NE(pictures[0], pictures[64]);
  EXPECT_THAT(decoder.model->encode(*data, SplitName::test, nullptr).error().message,
              HasSubstr("no encoder"));
  EXPECT_THAT(backend()
                  ->make_trainer({.spec = fitted(decoder.model->spec(), *data),
                                  .data = data,
                                  .rows = nullptr,
                                  .seed = 0,
                                  .start = nullptr})
                  .error()
                  .message,
              HasSubstr("no encoder"));
  const auto encoder = backend()->open_model(fixture("mlp.encoder.pt2")).value();
  EXPECT_TRUE(encoder.model->encode(*data, SplitName::test, nullptr).has_value());
  const auto both =
      backend()
          ->open_model(fixture("mlp.encoder.pt2"), {.decoder_file = fixture("mlp.decoder.pt2")})
          .value();
  EXPECT_TRUE(both.model->spec().has_encoder() && both.model->spec().has_decoder());
}

TEST(Program, OfAnotherKindIsRefusedInALine) {
  EXPECT_THAT(refusal("torchscript.pt"), HasSubstr("torch.export.save("));
  EXPECT_THAT(refusal("aotinductor.pt2"), HasSubstr("torch.export.save("));
  EXPECT_THAT(refusal("use_pickle.pt2"), HasSubstr("pickle"));
  EXPECT_THAT(refusal("static_batch.pt2"), HasSubstr("dynamic_shapes="));
}

std::vector<char> bytes_of(const std::string& name) {
  std::ifstream file(fixture(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The operators that a graph would call, by LibTorch's own names.
std::set<std::string> operators_of(const ForeignProgram& program) {
  std::set<std::string> names;
  const auto& graphs = dynamic_cast<const Program&>(program);
  for (const auto& graph : {graphs.encoder, graphs.decoder}) {
    if (!graph) continue;
    for (const ProgramNode& node : graph->nodes) {
      if (node.handle) names.insert(node.handle->schema().name());
    }
  }
  return names;
}

// A graph's text with one word for another, its length kept so that the zip still fits.
void swap_word(std::vector<char>& bytes, std::string_view from, std::string_view to) {
  std::string text(bytes.begin(), bytes.end());
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  ASSERT_EQ(from.size(), to.size());
  std::copy(to.begin(), to.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

class MutatedProgram : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Expected<OpenedProgram> open(const std::vector<char>& bytes) const {
    const std::string path = (folder_ / "model.pt2").string();
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return open_program(path, {});
  }

 private:
  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / "zscape_programs";
};

TEST(Operators, OutsideTheListAreUnknown) {
  for (const char* name : {"aten::as_strided", "aten::set_", "aten::from_file", "aten::load",
                           "aten::resize_", "prim::Print", "aten::conv", "aten::linearx"}) {
    EXPECT_EQ(allowed_operator(name), nullptr) << name;
  }
  for (const AllowedOperator& allowed : allowed_operators()) {
    EXPECT_EQ(allowed_operator(allowed.name), &allowed);
  }
  EXPECT_EQ(allowed_operator("aten::linear")->name, "aten::linear");
}

// An archive's checksum would refuse a change before the graph is read; this writes it anew.
std::uint32_t crc_of(std::span<const char> bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

// The place and size of the encoder's graph in a packed file, and where its checksums stand.
struct GraphPlace {
  std::size_t begin = 0, size = 0;
  std::vector<std::size_t> checksums;
};

std::uint32_t number_at(const std::vector<char>& bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 4; i-- > 0;)
    number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

std::vector<GraphPlace> graphs_in(const std::vector<char>& bytes) {
  const std::string_view text(bytes.data(), bytes.size());
  const std::string name = "archive/models/model.json";
  std::vector<GraphPlace> places;
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    constexpr std::size_t kLocal = 30, kCentral = 46;
    if (at >= kLocal && text.substr(at - kLocal, 4) == "PK\x03\x04") {
      const std::size_t extra = number_at(bytes, at - 2) & 0xFFFFU;
      places.push_back({at + name.size() + extra, number_at(bytes, at - 12), {at - kLocal + 14}});
    } else if (at >= kCentral && text.substr(at - kCentral, 4) == "PK\x01\x02" && !places.empty()) {
      places.back().checksums.push_back(at - kCentral + 16);
      if (places.back().size == 0 || places.back().size == 0xFFFFFFFF) {
        places.back().size = number_at(bytes, at - kCentral + 24);
      }
    }
  }
  return places;
}

void sign(std::vector<char>& bytes, const GraphPlace& place) {
  const std::uint32_t crc = crc_of(std::span(bytes).subspan(place.begin, place.size));
  for (const std::size_t at : place.checksums) {
    for (unsigned i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(crc >> 8U * i);
  }
}

TEST_F(MutatedProgram, NamesTheOperatorThatIsNotInTheList) {
  std::vector<char> bytes = bytes_of("mlp.encoder.pt2");
  swap_word(bytes, "torch.ops.aten.linear.default", "torch.ops.aten.linaer.default");
  const auto places = graphs_in(bytes);
  ASSERT_EQ(places.size(), 1U);
  sign(bytes, places[0]);
  const auto program = open(bytes);
  ASSERT_FALSE(program.has_value());
  EXPECT_THAT(program.error().message, HasSubstr("torch.ops.aten.linaer.default"));
}

TEST_F(MutatedProgram, NeverCrashesAndCallsNothingOutsideTheList) {
  Random random(11, Stream::evaluation, 0);
  const std::vector<std::vector<char>> whole = {bytes_of("mlp.encoder.pt2"), bytes_of("conv.pt2"),
                                                bytes_of("attention.pt2"),
                                                bytes_of("cvae_numbers.pt2")};
  int taken = 0;
  for (int i = 0; i < 1000; ++i) {
    std::vector<char> bytes = whole[static_cast<std::size_t>(i) % whole.size()];
    const auto places = graphs_in(bytes);
    ASSERT_FALSE(places.empty());
    const auto& place = places[random.below(static_cast<std::uint32_t>(places.size()))];
    if (i % 5 == 4) {
      // Anywhere in the file, or the file cut short.
      if (i % 2 == 0) bytes.resize(random.below(static_cast<std::uint32_t>(bytes.size())));
      for (int k = 0; k < 3 && !bytes.empty(); ++k) {
        bytes[random.below(static_cast<std::uint32_t>(bytes.size()))] =
            static_cast<char>(random.bits());
      }
    } else {
      // In the graph: a digit for a digit, a letter for a letter, so that it mostly stays JSON.
      const std::uint32_t changes = 1 + random.below(3);
      for (std::uint32_t k = 0; k < changes; ++k) {
        char& letter = bytes[place.begin + random.below(static_cast<std::uint32_t>(place.size))];
        if (letter >= '0' && letter <= '9') letter = static_cast<char>('0' + random.below(10));
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>('a' + random.below(26));
      }
      sign(bytes, place);
    }
    const auto program = open(bytes);
    if (program) {
      ++taken;
      for (const std::string& name : operators_of(*program->model.spec().program)) {
        EXPECT_NE(allowed_operator(name), nullptr) << name;
      }
    } else {
      EXPECT_FALSE(program.error().message.empty());
      EXPECT_EQ(program.error().message.find('\n'), std::string::npos) << program.error().message;
    }
  }
  EXPECT_GT(taken, 100);  // names of nodes, for example
}

}  // namespace
}  // namespace zscape
