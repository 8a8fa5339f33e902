#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/cli/explore_options.h"
#include "app/cli/train_options.h"
#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/model_spec.h"
#include "engine/path.h"

namespace zscape {

// What each command was asked for. Every value is in its range; what fits the model only where
// the line alone decides that.

struct EvalOptions {
  std::string model;
  DataRequest data;
  SplitName split = SplitName::test;
  std::optional<int> importance_samples;  // ≥ 1; nothing: not asked for by the user
  std::optional<Noise> noise;             // corrupts what the model reads
  std::uint64_t seed = 0;
  int threads = 0;
  bool json = false;
};

struct ClassifyOptions {
  std::string model;
  DataRequest data;
  FewLabels task;
  int threads = 0;
  bool json = false;
};

struct EncodeOptions {
  std::string model;
  DataRequest data;
  SplitName split = SplitName::test;
  int threads = 1;  // ≥ 1: measuring would take longer than the work
  std::string out;  // ends in .csv or .npy
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

struct ReconstructOptions {
  std::string model;
  DataRequest data;
  SplitName split = SplitName::test;
  std::int64_t first = 0;             // row of the split, ≥ 0
  std::optional<std::int64_t> count;  // ≥ 1; nothing: 16, or all that there are
  std::uint64_t seed = 0;             // of the corruption
  std::string out;
};

struct ManifoldOptions {
  std::string model;
  int grid = 20;                           // codes a side, ≥ 1
  std::optional<std::array<int, 2>> dims;  // two different ones; nothing: the first two
  std::optional<int> label;
  DataRequest data;  // its codes give the range; no source: not asked for
  std::string out;
};

// One input of a data set.
struct InputPlace {
  SplitName split = SplitName::test;
  std::int64_t index = 0;  // ≥ 0
};

struct InterpolateOptions {
  std::string model;
  DataRequest data;
  InputPlace from;
  InputPlace to;
  int steps = 12;  // pictures, both ends included; ≥ 2
  PathMode mode = PathMode::linear;
  std::optional<int> label;
  std::string out;  // ends in .png or .gif
};

struct SynthesizeOptions {
  std::int64_t count = 70000;         // ≥ 2
  std::optional<std::uint64_t> seed;  // nothing: the embedded data set's own
  std::string out;
};

struct FetchOptions {
  std::string name;
  std::string mirror;  // URL of the folder with the files; empty: where they are published
};

struct InfoOptions {
  DataRequest source;  // a model, a checkpoint or data; no source: the machine
  bool json = false;
};

// Text that was asked for with --help or --version.
struct Help {
  std::string text;
};

using Request =
    std::variant<Help, ExploreOptions, TrainOptions, EvalOptions, ClassifyOptions, EncodeOptions,
                 DecodeOptions, SampleOptions, ReconstructOptions, ManifoldOptions,
                 InterpolateOptions, SynthesizeOptions, FetchOptions, InfoOptions>;

}  // namespace zscape
