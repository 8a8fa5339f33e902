#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/hold_out.h"
#include "engine/kl_schedule.h"
#include "engine/model_spec.h"

namespace zscape {

// Names one open model. The first is ModelId{0}.
struct ModelId {
  std::uint32_t value = 0;
  auto operator<=>(const ModelId&) const = default;
};

// Everything that the window may ask of the engine. Plain values, so that a session can be
// recorded and replayed. Commands take effect in the order posted, between two steps; of several
// waiting Set… commands of one type for one model the newest wins.
struct Start {
  ModelId model;
};  // train until Pause; waits for data
struct Pause {
  ModelId model;
};
struct Step {
  ModelId model;
};  // one step, then paused
struct Reset {
  ModelId model;
};  // new weights from the seed, step 0
struct SetKlWeight {
  ModelId model;
  double kl_weight;
};  // λ ≥ 0, from the next step on; ends a schedule
struct SetKlSchedule {
  ModelId model;
  KlSchedule schedule;
};  // λ from the next step on: the present final λ times the schedule's factor of the step
struct SetHoldOut {
  ModelId model;
  HoldOut hold_out;
};  // used by the next Reset or ReplaceModel
struct SetLearningRate {
  ModelId model;
  double learning_rate;
};  // > 0
struct SetBatchSize {
  ModelId model;
  int batch_size;
};  // ≥ 1
struct SetSeed {
  ModelId model;
  std::uint64_t seed;
};  // used by the next Reset or ReplaceModel
struct ReplaceModel {
  ModelId model;
  ModelSpec spec;
};  // shape and classes are taken from the data
struct LoadData {
  ModelId model;
  std::string source;
  std::optional<ImageSize> image_size = {};
};  // as DataRequest has them
struct SaveModel {
  ModelId model;
  std::string path;
};
struct OpenModel {
  ModelId model;
  std::string path;
};

// Pictures for a window whose decoder is too slow for a frame; ModelView::decoded is the answer. Of
// several waiting requests the newest is done.
struct Decode {
  ModelId model;
  std::vector<float> z;     // [n, k]
  std::vector<int> labels;  // [n] for cvae, else empty
};

// One input, what the encoder is to read of it and what it makes of that; ModelView::reconstructed
// is the answer. Of several waiting requests the newest is done.
struct Reconstruct {
  ModelId model;
  SplitName split = SplitName::train;
  std::int64_t index = 0;
  double amount = 0;       // of the noise (dae) or of the hidden patches (mae)
  std::uint64_t seed = 0;  // of their draw

  bool operator==(const Reconstruct&) const = default;
};

struct ExportCurves {
  ModelId model;
  std::string path;
};  // the run's curves as CSV (curves_csv.h)

using Command = std::variant<Start, Pause, Step, Reset, SetKlWeight, SetKlSchedule, SetLearningRate,
                             SetBatchSize, SetSeed, ReplaceModel, LoadData, SaveModel, OpenModel,
                             Decode, SetHoldOut, Reconstruct, ExportCurves>;

// The command's name for logs: "start", "set_kl_weight", …
std::string name_of(const Command& command);

}  // namespace zscape
