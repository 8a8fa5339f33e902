#include "app/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

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

Outcome<Request> parse(const std::string& line) {
  return parse_command_line(words(line));
}

template <class Options>
Options parsed(const std::string& line) {
  const auto request = parse(line);
  EXPECT_TRUE(request) << line << ": " << request.error().message;
  if (!request || !std::holds_alternative<Options>(*request)) {
    ADD_FAILURE() << line << " asks for something else";
    return {};
  }
  return std::get<Options>(*request);
}

struct WrongLine {
  std::string line;
  std::string says;
};

void expect_wrong_usage(const std::vector<WrongLine>& lines) {
  for (const auto& [line, says] : lines) {
    const auto request = parse(line);
    ASSERT_FALSE(request) << line;
    EXPECT_EQ(request.error().code, ExitCode::wrong_usage) << line;
    EXPECT_THAT(request.error().message, HasSubstr(says)) << line;
    EXPECT_EQ(request.error().message.find('\n'), std::string::npos) << line;
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
      {"train --lr 0,5", "--lr"},
      {"train --lambda -1", "--lambda: '-1' is not a number of at least 0"},
      {"train --lambda nan", "--lambda"},
      {"train --seed -1", "--seed"},
      {"train --limit 0", "--limit"},
      {"train --threads 0", "--threads"},
      {"decode m --z 1,nan --out a.png", "--z: '1,nan' is not a list of finite numbers"},
      {"decode m --z 1;2 --out a.png", "--z"},
      {"decode m --z '' --out a.png", "--z"},
      {"decode m --z 1,2 --label -1 --out a.png", "--label"},
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
      {"encode m --data d --out a.txt", "--out: a.txt ends neither in .csv nor in .npy"},
      {"encode m --data d --out csv", "--out"},
      {"interpolate m --data d --from test:1 --to test:2 --out a.mp4",
       "--out: a.mp4 ends neither in .png nor in .gif"},
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

TEST(CommandLine, NamesWhatEachCommandWasAskedFor) {
  const auto eval = parsed<EvalOptions>(
      "eval m --data d --image-size 12x34 --split train --noise gaussian:0.3 --seed 7 --json");
  EXPECT_EQ(eval.model, "m");
  EXPECT_EQ(eval.data.source, "d");
  EXPECT_EQ(eval.data.image_size, (ImageSize{12, 34}));  // height by width
  EXPECT_EQ(eval.split, SplitName::train);
  EXPECT_EQ(eval.noise, (Noise{Noise::Kind::gaussian, 0.3}));
  EXPECT_EQ(eval.seed, 7U);
  EXPECT_TRUE(eval.json);

  const auto reconstruct =
      parsed<ReconstructOptions>("reconstruct m --data d --from 5 --count 3 --seed 2 --out a.png");
  EXPECT_EQ(reconstruct.first, 5);
  EXPECT_EQ(reconstruct.count, 3);
  EXPECT_EQ(reconstruct.seed, 2U);
  EXPECT_EQ(reconstruct.split, SplitName::test);

  const auto manifold = parsed<ManifoldOptions>("manifold m --dims 3,1 --label 2 --out a.png");
  EXPECT_EQ(manifold.grid, 20);
  EXPECT_THAT(*manifold.dims, ElementsAre(3, 1));
  EXPECT_EQ(manifold.label, 2);
  EXPECT_EQ(manifold.data.source, "");

  const auto interpolate = parsed<InterpolateOptions>(
      "interpolate m --data d --from train:12 --to test:0 --mode geodesic --out a.gif");
  EXPECT_EQ(interpolate.from.split, SplitName::train);
  EXPECT_EQ(interpolate.from.index, 12);
  EXPECT_EQ(interpolate.to.split, SplitName::test);
  EXPECT_EQ(interpolate.steps, 12);
  EXPECT_EQ(interpolate.mode, PathMode::geodesic);

  const auto classify =
      parsed<ClassifyOptions>("classify m --data d --labels 1000 --mode finetune --draws 3");
  EXPECT_EQ(classify.task.labels, 1000);
  EXPECT_EQ(classify.task.mode, FewLabels::Mode::finetune);
  EXPECT_EQ(classify.task.draws, 3);

  const auto fetch = parsed<FetchOptions>("fetch kmnist --from http://127.0.0.1:8000/k");
  EXPECT_EQ(fetch.name, "kmnist");
  EXPECT_EQ(fetch.mirror, "http://127.0.0.1:8000/k");
  EXPECT_EQ(parsed<InfoOptions>("info d --image-size 8x9").source.image_size, (ImageSize{8, 9}));
  EXPECT_EQ(parsed<InfoOptions>("info").source.source, "");  // the machine

  const auto train = parsed<TrainOptions>("train --kernels avx2 --precision bf16");
  EXPECT_EQ(train.plan.compute.kernels, "avx2");
  EXPECT_EQ(train.plan.compute.precision, Precision::bf16);
  EXPECT_EQ(parsed<TrainOptions>("train --kernels auto").plan.compute.kernels, "");
  EXPECT_EQ(parsed<ExploreOptions>("explore --kernels portable").kernels, "portable");
}

TEST(CommandLine, ReadsNumbersInOneNotation) {
  EXPECT_EQ(parsed<TrainOptions>("train --epochs 010").plan.epochs, 10);  // no octal
  EXPECT_EQ(parsed<TrainOptions>("train --lr 1e-3").plan.settings.learning_rate, 1e-3);
  EXPECT_THAT(parsed<DecodeOptions>("decode m --z -1.5,.25,1e0 --out a").z,
              ElementsAre(-1.5F, 0.25F, 1));
}

TEST(CommandLine, OpensTheExplorerWithoutACommand) {
  EXPECT_EQ(parsed<ExploreOptions>("").data.source, "synthetic");
  const auto explore = parsed<ExploreOptions>("mnist --model pca --latent 8 --size 800x600");
  EXPECT_EQ(explore.data.source, "mnist");
  EXPECT_EQ(explore.kind, ModelKind::pca);
  EXPECT_EQ(explore.latent, 8);
  EXPECT_EQ(explore.width, 800);
  EXPECT_EQ(explore.height, 600);
  EXPECT_EQ(parsed<ExploreOptions>("--data kmnist").data.source, "kmnist");
  EXPECT_EQ(parsed<ExploreOptions>("--data d --image-size 8x9").data.image_size, (ImageSize{8, 9}));
}

TEST(CommandLine, TellsASessionByItsContentAndKeepsOnlyThePlainStart) {
  EXPECT_TRUE(parsed<ExploreOptions>("").is_plain);
  EXPECT_TRUE(parsed<ExploreOptions>("--threads 2").is_plain);
  EXPECT_TRUE(parsed<ExploreOptions>("--new").is_new);
  EXPECT_FALSE(parsed<ExploreOptions>("--data kmnist").is_plain);
  EXPECT_FALSE(parsed<ExploreOptions>("--latent 3").is_plain);

  const std::string path = testing::TempDir() + "mine";
  std::ofstream(path) << "  {\n\"zscape_session\": 1, broken";
  const auto explore = parsed<ExploreOptions>(path);
  EXPECT_EQ(explore.session_path, path);
  EXPECT_TRUE(explore.model_path.empty());
  EXPECT_FALSE(explore.is_plain);
  EXPECT_FALSE(parse(path + " --data mnist"));
  EXPECT_FALSE(parse("explore " + path + " --latent 3"));
  std::ofstream(path) << "{\"name\": 1}";
  EXPECT_FALSE(parse("explore " + path));
  const std::string picture = testing::TempDir() + "seven.png";
  std::ofstream(picture) << "x";
  EXPECT_THAT(parse("explore " + picture).error().message, HasSubstr("picture"));
}

TEST(CommandLine, HelpIsNoRequestToDoAnything) {
  for (const std::string command :
       {"explore", "train", "eval", "encode", "decode", "sample", "reconstruct", "manifold",
        "interpolate", "classify", "synthesize", "fetch", "info"}) {
    EXPECT_THAT(parsed<Help>("--help").text, HasSubstr("\n  " + command + " "));
    EXPECT_THAT(parsed<Help>(command + " --help").text, HasSubstr("--help"));
  }
  EXPECT_THAT(parsed<Help>("--version").text, testing::StartsWith("zscape "));
}

}  // namespace
}  // namespace zscape
