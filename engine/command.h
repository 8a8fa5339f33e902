#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/decoder.h"
#include "engine/hold_out.h"
#include "engine/kl_schedule.h"
#include "engine/model_spec.h"
#include "engine/path.h"

namespace zscape {

// Names one open model. The first is ModelId{0} and always there; AddModel opens a second.
struct ModelId {
  std::uint32_t value = 0;
  auto operator<=>(const ModelId&) const = default;
};

// Everything that the window may ask of the engine. Plain values, so that a session can be
// recorded and replayed. Commands take effect in the order posted, between two steps; of several
// waiting Set… commands of one type for one model (SetParameter: and one key) the newest wins.
// kName stands for the command in logs.
struct Start {
  static constexpr auto kName = "start";
  ModelId model;
};  // train until Pause; waits for data
struct Pause {
  static constexpr auto kName = "pause";
  ModelId model;
};
struct Step {
  static constexpr auto kName = "step";
  ModelId model;
};  // one step, then paused
struct Reset {
  static constexpr auto kName = "reset";
  ModelId model;
};  // new weights from the seed, step 0
struct SetKlWeight {
  static constexpr auto kName = "set_kl_weight";
  ModelId model;
  double kl_weight;
};  // λ ≥ 0, from the next step on; ends a schedule
struct SetKlSchedule {
  static constexpr auto kName = "set_kl_schedule";
  ModelId model;
  KlSchedule schedule;
};  // λ from the next step on: the present final λ times the schedule's factor of the step
struct SetHoldOut {
  static constexpr auto kName = "set_hold_out";
  ModelId model;
  HoldOut hold_out;
};  // used by the next Reset or ReplaceModel
struct SetParameter {
  static constexpr auto kName = "set_parameter";
  ModelId model;
  std::string key;   // as engine/training/parameters.h has them
  std::string text;  // the value
};
struct ReplaceModel {
  static constexpr auto kName = "replace_model";
  ModelId model;
  ModelSpec spec;
};  // shape and classes are taken from the data
struct LoadData {
  static constexpr auto kName = "load_data";
  ModelId model;
  std::string source;
  std::optional<ImageSize> image_size = {};
};  // as DataRequest has them; for all models
struct SaveModel {
  static constexpr auto kName = "save_model";
  ModelId model;
  std::string path;
};
struct OpenModel {
  static constexpr auto kName = "open_model";
  ModelId model;
  std::string path;
};

// Pictures for a window whose decoder is too slow for a frame; ModelView::decoded, or of the grid
// decoded_grid, is the answer. Of several waiting requests for the same the newest is done.
struct Decode {
  static constexpr auto kName = "decode";
  ModelId model;
  std::vector<float> z;          // [n, k]
  std::vector<int> labels;       // [n] for cvae, else empty
  bool grid = false;             // for the manifold under the points
  DecoderPtr decoder = nullptr;  // of this model at some moment; null: the newest
};

// The reconstruction error of each input whose code is on show: the whole split where it is
// encoded, else the sample. ModelView::errors is the answer. Of several requests the newest is
// done.
struct MeasureErrors {
  static constexpr auto kName = "measure_errors";
  ModelId model;
  SplitName split = SplitName::train;
};

// The shortest way through some codes (engine/walk.h); ModelView::geodesic is the answer. A new
// request ends the search for the former one; one without stops only does that.
struct FindGeodesic {
  static constexpr auto kName = "find_geodesic";
  ModelId model;
  std::vector<float> stops;  // [n ≥ 2, k]
  int label = 0;             // of cvae, else ignored
  int frames = 2;            // ≥ 2
};

// Writes the pictures along a path as the present weights draw them: a strip where the file's name
// ends in .png, an animation where it ends in .gif.
struct ExportPath {
  static constexpr auto kName = "export_path";
  ModelId model;
  std::vector<float> stops;  // [n ≥ 2, k]
  PathMode mode = PathMode::linear;
  int label = 0;
  int frames = 2;
  std::string path;
};

// Gives up the long work that Snapshot::activity showed under this id, where can_cancel says so;
// nothing where it is done already.
struct Cancel {
  static constexpr auto kName = "cancel";
  ModelId model;
  std::uint64_t activity = 0;  // Activity::id
};

// One input, what the encoder is to read of it and what it makes of that; ModelView::reconstructed
// is the answer. Of several waiting requests the newest is done.
struct Reconstruct {
  static constexpr auto kName = "reconstruct";
  ModelId model;
  SplitName split = SplitName::train;
  std::int64_t index = 0;
  double amount = 0;       // of the noise (dae) or of the hidden patches (mae)
  std::uint64_t seed = 0;  // of their draw

  bool operator==(const Reconstruct&) const = default;
};

struct ExportCurves {
  static constexpr auto kName = "export_curves";
  ModelId model;
  std::string path;
};  // the run's curves as CSV (curves_csv.h)

// Some inputs with their codes and reconstruction errors by the present weights, as CSV
// (inputs_csv.h).
struct ExportInputs {
  static constexpr auto kName = "export_inputs";
  ModelId model;
  std::vector<std::int64_t> train;  // rows of the training split, rising …
  std::vector<std::int64_t> test;   // … and of the test split
  std::string path;
};

// Opens a second model beside ModelId{0}, to be compared with it: on the same data, with the same
// seed, rows, batch size and learning rate, hence the same batches. It begins at step 0 and runs
// where the first runs. kl_weight: none: the first's λ with its schedule.
struct AddModel {
  static constexpr auto kName = "add_model";
  ModelId model;   // a new one; two may be open
  ModelSpec spec;  // shape and classes are taken from the data
  std::optional<double> kl_weight = {};
};

// Closes it with all that it has learned. ModelId{0} stays.
struct RemoveModel {
  static constexpr auto kName = "remove_model";
  ModelId model;
};

using Command = std::variant<Start, Pause, Step, Reset, SetKlWeight, SetKlSchedule, SetParameter,
                             ReplaceModel, LoadData, SaveModel, OpenModel, Decode, MeasureErrors,
                             FindGeodesic, ExportPath, Cancel, SetHoldOut, Reconstruct,
                             ExportCurves, ExportInputs, AddModel, RemoveModel>;

// The command's name for logs: "start", "set_kl_weight", …
std::string name_of(const Command& command);

}  // namespace zscape
