#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/data_request.h"
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

// Gives up the long work that Snapshot::activity shows, where Activity::can_cancel says so.
struct Cancel {
  ModelId model;
};

using Command = std::variant<Start, Pause, Step, Reset, SetKlWeight, SetKlSchedule, SetLearningRate,
                             SetBatchSize, SetSeed, ReplaceModel, LoadData, SaveModel, OpenModel,
                             Decode, Cancel>;

// The command's name for logs: "start", "set_kl_weight", …
std::string name_of(const Command& command);

}  // namespace zscape
