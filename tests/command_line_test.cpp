#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/lab_run.h"
#include "app/cli/subcommand.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Words with blanks between them; a lone '' is an empty word.
std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> all;
  for (std::string word; stream >> word;) all.push_back(word == "''" ? "" : word);
  return all;
}

// What a command asked a model, the data and the machine for.
struct Asked {
  std::string model;
  DataRequest data;
  std::optional<ComputeOptions> compute;  // of the backend; nothing: no backend was made
  std::optional<ComputeOptions> settled;
  std::optional<ExploreOptions> explore;
  std::optional<TrainingTask> task;
  SplitName split = SplitName::test;
  std::vector<std::int64_t> rows;
  EvaluationSettings settings;
  int samples = 0;
  std::uint64_t seed = 0;
  FewLabels few_labels;
  std::vector<std::pair<SplitName, std::int64_t>> encoded;
  std::vector<float> z;  // decoded
  std::vector<int> labels;
  int points = 0;  // of a geodesic
  bool machine = false;
};

// Notes what it is asked for.
struct NotingModel : FakeModel {
  explicit NotingModel(Asked& noted) : asked(noted) {}
  Asked& asked;

  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override {
    asked.z.insert(asked.z.end(), z.begin(), z.end());
    asked.labels.insert(asked.labels.end(), labels.begin(), labels.end());
    FakeModel::decode(z, labels, pictures);
  }
  Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                         const Progress& progress) const override {
    for (const std::int64_t row : *indices) asked.encoded.emplace_back(split, row);
    return FakeModel::encode(data, split, indices, progress);
  }
  Expected<Reconstructions> reconstruct(const Dataset& data, SplitName split,
                                        const Indices& indices, std::uint64_t seed) const override {
    asked.split = split;
    asked.rows = *indices;
    asked.seed = seed;
    return FakeModel::reconstruct(data, split, indices, seed);
  }
  Expected<Figures> figures(const Dataset&, SplitName split, int samples,
                            const EvaluationSettings& settings, const Progress&) const override {
    asked.split = split;
    asked.samples = samples;
    asked.settings = settings;
    return Figures{};
  }
  Expected<FewLabelAccuracy> classify(const Dataset&, const FewLabels& task,
                                      const Progress&) const override {
    asked.few_labels = task;
    return FewLabelAccuracy{{0.5}};
  }
  Expected<std::vector<float>> geodesic(std::span<const float> from, std::span<const float> to, int,
                                        int points, const Progress&) const override {
    asked.points = points;
    return straight_path(from, to, points);
  }
};

// Its data and models are whatever the line names; "cvae" is one with 4 latent dimensions.
struct NotingBackend : FakeBackend {
  explicit NotingBackend(Asked& noted) : asked(noted) {}
  Asked& asked;

  Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest& request,
                                                     const Progress&) override {
    asked.data = request;
    return fake_data();
  }
  Expected<OpenedModel> open_model(const std::string& path, const SaidOfModel&) override {
    asked.model = path;
    auto model = std::make_shared<NotingModel>(asked);
    const auto named = std::ranges::find(kinds(), path, &KindTraits::name);
    const ModelKind kind = named == kinds().end() ? ModelKind::vae : named->kind;
    model->model_spec = reference_spec(kind, *fake_data(), kind == ModelKind::cvae ? 4 : 3);
    return OpenedModel{model, {}};
  }
  Expected<std::unique_ptr<Trainer>> make_trainer(const TrainingTask& task) override {
    asked.task = task;
    return fail("the test has seen enough");
  }
};

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran run_line(const std::string& line, Asked& asked) {
  const Surroundings surroundings{
      .settled = [&](const ComputeOptions& options) -> Expected<ComputeOptions> {
        asked.settled = options;
        return options;
      },
      .make_backend =
          [&](const ComputeOptions& options) {
            asked.compute = options;
            return std::make_shared<NotingBackend>(asked);
          },
      .machine_info =
          [&] {
            asked.machine = true;
            return MachineInfo{
                .processor = "one", .kernels = {{"portable", 1}}, .gpu = {}, .no_gpu = "no"};
          },
      .explore =
          [&](const ExploreOptions& options, const std::shared_ptr<Backend>&) {
            asked.explore = options;
            return 0;
          }};
  std::ostringstream out, err;
  Console console{out, err};
  const int code = run(words(line), surroundings, console);
  return {code, out.str(), err.str()};
}

Asked asked_by(const std::string& line) {
  Asked asked;
  const Ran ran = run_line(line, asked);
  EXPECT_EQ(ran.code, 0) << line << ": " << ran.err;
  return asked;
}

ExploreOptions explored(const std::string& line) {
  const Asked asked = asked_by(line);
  EXPECT_TRUE(asked.explore) << line;
  return asked.explore.value_or(ExploreOptions{});
}

// What `zscape train` hands to the trainer; the run ends there.
Asked trained(const std::string& line) {
  Asked asked;
  EXPECT_EQ(run_line(line, asked).code, 1) << line;
  EXPECT_TRUE(asked.task) << line;
  return asked;
}

struct WrongLine {
  std::string line;
  std::string says;
};

// One line that says what is wrong, before any backend is made.
void expect_wrong_usage(const std::vector<WrongLine>& lines) {
  for (const auto& [line, says] : lines) {
    Asked asked;
    const Ran ran = run_line(line, asked);
    EXPECT_EQ(ran.code, 2) << line;
    EXPECT_THAT(ran.err, HasSubstr(says)) << line;
    EXPECT_EQ(ran.err.find('\n'), ran.err.size() - 1) << line;
    EXPECT_EQ(ran.out, "") << line;
    EXPECT_FALSE(asked.compute || asked.settled || asked.explore || asked.machine) << line;
  }
}

TEST(CommandLine, RefusesNumbersThatDoNotFit) {
  expect_wrong_usage({
      {"train --epochs 0", "--epochs: '0' is not a whole number of at least 1"},
      {"train --epochs 1.5", "--epochs"},
      {"train --epochs many", "--epochs"},
      {"train --batch 0", "--batch"},
      {"train --latent 0", "--latent"},
      {"train --latent 99999999999999999999", "--latent"},
      {"train --hidden 400,", "--hidden"},
      {"train --hidden 400,0", "--hidden"},
      {"train --lr 0", "--lr: '0' is not a number above 0"},
      {"train --lr nan", "--lr"},
      {"train --lr inf", "--lr"},
      {"train --lr 0,5", "--lr: '0,5' has a comma where numbers have a point; write 0.5"},
      {"train --lr 0,5,1", "--lr: '0,5,1' is not a number above 0"},
      {"train --lambda -1", "--lambda: '-1' is not a number of at least 0"},
      {"train --lambda nan", "--lambda"},
      {"train --seed -1", "--seed"},
      {"train --limit 0", "--limit"},
      {"train --threads 0", "--threads"},
      {"decode m --z 1,nan --out a.png", "--z: '1,nan' is not a list of finite numbers"},
      {"decode m --z 1;2 --out a.png", "--z"},
      {"decode m --z '' --out a.png", "--z"},
      {"sample m --count 0 --out a.png", "--count"},
      {"sample m --count 100001 --out a.png", "--count"},
      {"eval m --data d --importance-samples 0", "--importance-samples"},
      {"reconstruct m --data d --count 0 --out a.png", "--count"},
      {"reconstruct m --data d --from -1 --out a.png", "--from"},
      {"manifold m --grid 0 --out a.png", "--grid: '0' is not a whole number from 1 to 300"},
      {"manifold m --grid 301 --out a.png", "--grid"},
      {"interpolate m --data d --from test:1 --to test:2 --steps 1 --out a.png", "--steps"},
      {"classify m --data d --mode frozen --labels 0", "--labels"},
      {"classify m --data d --mode frozen --draws 0", "--draws"},
      {"synthesize --count 1 --out d", "--count"},
      {"explore --size 10x10", "--size"},
      {"explore --size 1600", "--size"},
  });
}

TEST(CommandLine, RefusesWordsThatMeanNothing) {
  expect_wrong_usage({
      {"train --model gan", "--model: 'gan' is not ae|dae|mae|vae|cvae|pca"},
      {"train --likelihood poisson", "--likelihood"},
      {"train --device tpu", "--device"},
      {"eval m --data d --split dev", "--split: 'dev' is not test|train"},
      {"interpolate m --data d --from test:1 --to test:2 --mode curved --out a.png",
       "--mode: 'curved' is not linear|spherical|geodesic"},
      {"classify m --data d --mode warm", "--mode: 'warm' is not frozen|finetune|scratch"},
      {"fetch cifar", "cifar"},
      {"trian", "trian is no command"},
      {"--no-such-option", "--no-such-option"},
      {"train --lamda 1", "--lamda"},
      {"train surplus", "surplus"},
  });
}

TEST(CommandLine, RefusesAFormThatIsNotTheOptions) {
  expect_wrong_usage({
      {"eval m --data d --noise mask", "--noise: 'mask' is not gaussian:S with"},
      {"eval m --data d --noise mask:1.5", "--noise"},
      {"eval m --data d --noise gaussian:-1", "--noise"},
      {"eval m --data d --noise gaussian:nan", "--noise"},
      {"eval m --data d --noise salt:0.1", "--noise"},
      {"eval m --data d --image-size 28", "--image-size: '28' is not a size HEIGHTxWIDTH"},
      {"eval m --data d --image-size 0x28", "--image-size"},
      {"eval m --data d --image-size 28x28x3", "--image-size"},
      {"eval m --data d --image-size 5000x2", "--image-size"},
      {"manifold m --dims 0,0 --out a.png", "--dims: '0,0' is not two different whole numbers"},
      {"manifold m --dims 0 --out a.png", "--dims"},
      {"manifold m --dims 0,1,2 --out a.png", "--dims"},
      {"manifold m --dims 0,-1 --out a.png", "--dims"},
      {"interpolate m --data d --from 12 --to test:1 --out a.png",
       "--from: '12' is not test:INDEX or train:INDEX"},
      {"interpolate m --data d --from dev:1 --to test:1 --out a.png", "--from"},
      {"interpolate m --data d --from test:1 --to test:-1 --out a.png", "--to"},
      {"interpolate m --data d --from test:1 --to test:x --out a.png", "--to"},
      {"encode m --data d --out a.txt", "--out: a.txt does not end in .csv, .npy"},
      {"encode m --data d --out csv", "--out"},
      {"interpolate m --data d --from test:1 --to test:2 --out a.mp4",
       "--out: a.mp4 does not end in .png, .gif"},
      {"fetch mnist --from file:///etc", "--from: 'file:///etc' is not the http:// or https://"},
      {"fetch mnist --from ftp://127.0.0.1/", "--from"},
  });
}

TEST(CommandLine, RefusesALineThatLacksSomethingOrContradictsItself) {
  expect_wrong_usage({
      {"decode m --out a.png", "--z"},
      {"decode m --z 1,2", "--out"},
      {"sample --out a.png", "MODEL"},
      {"eval m", "--data"},
      {"encode m --out a.csv", "--data"},
      {"encode m --data d", "--out"},
      {"reconstruct m --out a.png", "--data"},
      {"manifold m", "--out"},
      {"interpolate m --data d --from test:1 --out a.png", "--to"},
      {"interpolate m --data d --to test:1 --out a.png", "--from"},
      {"classify m --data d", "--mode"},
      {"classify m --mode frozen", "--data"},
      {"synthesize", "--out"},
      {"fetch", "NAME"},
      {"info --image-size 8x8", "--image-size"},
      {"train --kernels neon", "--kernels: 'neon' is not auto|avx512|avx2|portable|library"},
      {"train --precision fp16", "--precision: 'fp16' is not fp32|tf32|bf16"},
      {"train --out", "--out"},
      {"train --out --json", "--out"},
      {"train --epochs 1 --epochs 2", "--epochs"},
      {"explore synthetic --data synthetic", "--data"},
      {"eval m --data d --noise mask:0.1 --importance-samples 8", "--importance-samples"},
  });
}

TEST(CommandLine, SaysOfAParameterThatDoesNotApplyWhyInOneSentence) {
  expect_wrong_usage({
      {"train --model ae --lambda 1",
       "zscape: --lambda: Only vae and cvae have a prior, so there is no KL term to weigh in this "
       "model.\n"},
      {"train --patience 3", "zscape: --patience: Patience watches the validation loss"},
  });
}

TEST(CommandLine, AsksForWhatTheLineSays) {
  const std::string out = testing::TempDir() + "command_line";
  const Asked eval = asked_by(
      "eval m --data d --image-size 12x34 --split train --noise gaussian:0.3 --seed 7 --json");
  EXPECT_EQ(eval.model, "m");
  EXPECT_EQ(eval.data.source, "d");
  EXPECT_EQ(eval.data.image_size, (ImageSize{12, 34}));  // height by width
  EXPECT_EQ(eval.split, SplitName::train);
  EXPECT_EQ(eval.settings.noise, (Noise{Noise::Kind::gaussian, 0.3}));
  EXPECT_EQ(eval.settings.seed, 7U);
  EXPECT_EQ(eval.samples, 64);
  EXPECT_EQ(eval.compute->threads, 0);  // measured
  EXPECT_EQ(eval.compute->device, Device::cpu);
  EXPECT_FALSE(asked_by("eval m --data d").settings.noise);
  EXPECT_EQ(asked_by("eval m --data d --importance-samples 8 --threads 3").samples, 8);

  const Asked reconstruct =
      asked_by("reconstruct dae --data d --from 5 --count 3 --seed 2 --out " + out + ".png");
  EXPECT_THAT(reconstruct.rows, ElementsAre(5, 6, 7));
  EXPECT_EQ(reconstruct.seed, 2U);
  EXPECT_EQ(reconstruct.split, SplitName::test);
  EXPECT_EQ(reconstruct.compute->threads, 1);

  const Asked manifold = asked_by("manifold cvae --dims 3,1 --label 2 --out " + out + ".png");
  ASSERT_EQ(manifold.z.size(), 400U * 4);  // 20 a side
  EXPECT_NE(manifold.z[3], 0);
  EXPECT_NE(manifold.z[1], 0);
  EXPECT_EQ(manifold.z[0], 0);
  EXPECT_EQ(manifold.labels[0], 2);

  const Asked interpolate = asked_by(
      "interpolate m --data d --from train:12 --to test:0 --mode geodesic --out " + out + ".gif");
  EXPECT_THAT(interpolate.encoded,
              ElementsAre(std::pair{SplitName::train, 12}, std::pair{SplitName::test, 0}));
  EXPECT_EQ(interpolate.points, 12);

  const Asked classify =
      asked_by("classify m --data d --labels 1000 --mode finetune --draws 3 --seed 4");
  EXPECT_EQ(classify.few_labels.labels, 1000);
  EXPECT_EQ(classify.few_labels.mode, FewLabels::Mode::finetune);
  EXPECT_EQ(classify.few_labels.draws, 3);
  EXPECT_EQ(classify.few_labels.seed, 4U);

  const Asked info = asked_by("info synthetic --image-size 8x9");
  EXPECT_EQ(info.data.source, "synthetic");
  EXPECT_EQ(info.data.image_size, (ImageSize{8, 9}));
  EXPECT_TRUE(asked_by("info").machine);

  const Asked train = trained("train --kernels avx2 --precision bf16");
  EXPECT_EQ(train.settled->kernels, "avx2");
  EXPECT_EQ(train.settled->precision, Precision::bf16);
  EXPECT_EQ(trained("train --kernels auto").settled->kernels, "");
  EXPECT_EQ(asked_by("explore --kernels portable").compute->kernels, "portable");
}

TEST(CommandLine, ReadsSequencesInEveryCommandThatReadsData) {
  const std::string out = testing::TempDir() + "sequences";
  for (const std::string& line :
       {std::string("eval m --data d"), std::string("classify m --data d --mode frozen"),
        "reconstruct m --data d --out " + out + ".csv", std::string("info synthetic")}) {
    EXPECT_TRUE(asked_by(line + " --sequence").data.sequence) << line;
    EXPECT_FALSE(asked_by(line).data.sequence) << line;
  }
  EXPECT_TRUE(trained("train --data d --sequence").data.sequence);
  EXPECT_TRUE(explored("--data d --sequence").data.sequence);
}

TEST(CommandLine, ReadsNumbersInOneNotation) {
  EXPECT_EQ(trained("train --latent 010").task->spec.latent, 10);  // no octal
  EXPECT_EQ(asked_by("eval m --data d --noise mask:1e-3").settings.noise,
            (Noise{Noise::Kind::mask, 1e-3}));
  EXPECT_THAT(asked_by("decode m --z -1.5,.25,1e0 --out " + testing::TempDir() + "a.png").z,
              ElementsAre(-1.5F, 0.25F, 1));
}

TEST(CommandLine, OpensTheExplorerWithoutACommand) {
  EXPECT_EQ(explored("").data.source, "synthetic");
  const auto explore = explored("mnist --model pca --latent 8 --size 800x600");
  EXPECT_EQ(explore.data.source, "mnist");
  EXPECT_EQ(explore.kind, ModelKind::pca);
  EXPECT_EQ(explore.latent, 8);
  EXPECT_EQ(explore.width, 800);
  EXPECT_EQ(explore.height, 600);
  EXPECT_EQ(explored("--data kmnist").data.source, "kmnist");
  EXPECT_EQ(explored("--data d --image-size 8x9").data.image_size, (ImageSize{8, 9}));
}

TEST(CommandLine, TellsASessionByItsContentAndKeepsOnlyThePlainStart) {
  EXPECT_TRUE(explored("").is_plain);
  EXPECT_TRUE(explored("--threads 2").is_plain);
  EXPECT_TRUE(explored("--new").is_new);
  EXPECT_FALSE(explored("--data kmnist").is_plain);
  EXPECT_FALSE(explored("--latent 3").is_plain);

  Asked asked;
  const std::string path = testing::TempDir() + "mine";
  std::ofstream(path) << "  {\n\"zscape_session\": 1, broken";
  const auto explore = explored(path);
  EXPECT_EQ(explore.session_path, path);
  EXPECT_TRUE(explore.model_path.empty());
  EXPECT_FALSE(explore.is_plain);
  EXPECT_EQ(explore.session_data, "");
  const auto moved = explored(path + " --data " + testing::TempDir());
  EXPECT_EQ(moved.session_path, path);
  EXPECT_EQ(moved.session_data, testing::TempDir());
  EXPECT_EQ(run_line(path + " --data " + path + ".gone", asked).code, 1);
  expect_wrong_usage({{path + " --image-size 8x8", "leave out --image-size"},
                      {"explore " + path + " --latent 3", "leave out --latent"}});
  std::ofstream(path) << "{\"name\": 1}";
  EXPECT_EQ(run_line("explore " + path, asked).code, 1);
  const std::string picture = testing::TempDir() + "seven.png";
  std::ofstream(picture) << "x";
  EXPECT_THAT(run_line("explore " + picture, asked).err, HasSubstr("picture"));
  EXPECT_FALSE(asked.explore);
}

std::string npy_of_floats(const std::string& name, int rows, int columns) {
  const std::string path = testing::TempDir() + name;
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(rows) + ", " + std::to_string(columns) + "), }";
  header.resize(117, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << std::string("\x93NUMPY\x01\x00", 8) << static_cast<char>(header.size()) << '\0' << header
       << std::string(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) * 4, '\0');
  return path;
}

TEST(CommandLine, TellsCodesFromData) {
  const std::string codes = npy_of_floats("codes.npy", 4, 3);
  const std::string other = npy_of_floats("other.npy", 4, 5);
  const auto with_images = explored(codes + " --images " + other + " --labels " + codes);
  EXPECT_EQ(with_images.codes_path, codes);
  EXPECT_EQ(with_images.data.source, other);
  EXPECT_EQ(with_images.data.labels_file, codes);
  EXPECT_TRUE(with_images.model_path.empty());
  EXPECT_FALSE(with_images.is_plain);
  const auto alone = explored("--codes " + codes);
  EXPECT_EQ(alone.codes_path, codes);
  EXPECT_EQ(alone.data.source, codes);
  const auto of_known_data = explored("--codes " + codes + " --data mnist");
  EXPECT_EQ(of_known_data.codes_path, codes);
  EXPECT_EQ(of_known_data.data.source, "mnist");
  EXPECT_EQ(explored(codes).codes_path, "");  // data to learn from
  expect_wrong_usage({
      {"explore --images " + other, "name the codes too"},
      {"explore --codes " + codes + " --latent 3", "leave out one"},
      {"explore --codes " + codes + " --images " + other + " --data mnist", "both data"},
      {"explore mnist --labels " + codes, "are of inputs in a file"},
  });
  Asked asked;
  EXPECT_THAT(run_line("explore --codes mnist", asked).err, HasSubstr("no file of codes"));
}

TEST(CommandLine, HelpIsNoRequestToDoAnything) {
  Asked asked;
  for (const CommandRow& command : commands()) {
    const std::string name = command.name;
    const bool is_listed = *command.help != 0;  // others are for programs
    const auto line = HasSubstr("\n  " + name + " ");
    EXPECT_EQ(testing::Value(run_line("--help", asked).out, line), is_listed) << name;
    EXPECT_THAT(run_line(name + " --help", asked).out, HasSubstr("--help"));
  }
  EXPECT_EQ(commands().size(), 19U);
  EXPECT_THAT(run_line("--version", asked).out, testing::StartsWith("zscape "));
  EXPECT_FALSE(asked.compute || asked.settled || asked.explore || asked.machine);
}

TEST(CommandLine, ALabRunsAsMuchAtOnceAsCoresRunsAndMemoryAllow) {
  constexpr std::uint64_t kGigabyte = std::uint64_t{1} << 30U;
  EXPECT_EQ(default_jobs(8, 1, 100, 64 * kGigabyte, 0), 8);
  EXPECT_EQ(default_jobs(8, 3, 100, 64 * kGigabyte, 0), 2);
  EXPECT_EQ(default_jobs(2, 4, 100, 64 * kGigabyte, 0), 1);
  EXPECT_EQ(default_jobs(8, 1, 3, 64 * kGigabyte, 0), 3);
  EXPECT_EQ(default_jobs(8, 1, 0, 64 * kGigabyte, 0), 1);
  EXPECT_EQ(default_jobs(8, 1, 100, 0, kGigabyte), 8);  // memory is not known
  EXPECT_EQ(default_jobs(8, 1, 100, 10 * kGigabyte, 2 * kGigabyte), 2);
  EXPECT_EQ(default_jobs(8, 1, 100, kGigabyte, 2 * kGigabyte), 1);
}

}  // namespace
}  // namespace zscape
