#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/cli/explore_options.h"
#include "engine/dataset.h"
#include "engine/model_spec.h"
#include "engine/trainer.h"

namespace zscape {

// What each command was asked for. Every value is in its range; what fits the model only where
// the line alone decides that.

struct TrainOptions {
  std::string data = "synthetic";
  ModelSpec spec;  // shape and classes are still to be taken from the data
  StepSettings settings;
  std::int64_t epochs = 10;  // ≥ 1
  std::int64_t limit = 0;    // training images to use; 0: all
  std::uint64_t seed = 0;
  int threads = 0;  // 0: measured by the backend
  std::string out;  // empty: nothing is saved
  bool json = false;
};

struct EvalOptions {
  std::string model;
  std::string data;
  SplitName split = SplitName::test;
  std::optional<int> importance_samples;  // ≥ 1; nothing: not asked for by the user
  std::uint64_t seed = 0;
  int threads = 0;
  bool json = false;
};

struct DecodeOptions {
  std::string model;
  std::vector<float> z;  // finite
  std::optional<int> label;
  std::string out;
};

struct SampleOptions {
  std::string model;
  std::int64_t count = 64;  // ≥ 1
  std::optional<int> label;
  std::uint64_t seed = 0;
  std::string out;
};

struct SynthesizeOptions {
  std::int64_t count = 70000;         // ≥ 2
  std::optional<std::uint64_t> seed;  // nothing: the embedded data set's own
  std::string out;
};

struct InfoOptions {
  std::string path;
  bool json = false;
};

// Text that was asked for with --help or --version.
struct Help {
  std::string text;
};

using Request = std::variant<Help, ExploreOptions, TrainOptions, EvalOptions, DecodeOptions,
                             SampleOptions, SynthesizeOptions, InfoOptions>;

}  // namespace zscape
