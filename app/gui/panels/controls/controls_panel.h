#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/curves/kl_forecast.h"
#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/loss_translation.h"
#include "engine/snapshot.h"

namespace zscape {

// λ on a slider in [0, 1]: 0 at the left end, then 0.01 … 100 in equal ratios.
double kl_weight_at(double position);
double position_of(double kl_weight);

// What was chosen in the menu of the File section.
struct FileRequest {
  enum class Kind { open_file, open_folder, open_path, save_session, begin_afresh };
  Kind kind;
  std::string path;  // open_path only
};

struct FileMenuState {
  struct Entry {
    std::string path;
    std::string text;  // for people

    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> sessions;          // newest first
  std::vector<std::string> recent;      // newest first
  std::set<std::string> gone;           // of them, when the menu was opened
  std::vector<std::string> ready_made;  // models that come with zscape
  std::optional<FileRequest> request;   // the window takes it
};

// What the controls belong to: another run, model or data make another.
struct ControlsSubject {
  ModelId model;
  std::uint64_t serial = 0, returns = 0;
  const void* data = nullptr;
  const void* curves_before = nullptr;  // of the run before the last Reset
  std::uint64_t seed = 0;
  ModelSpec spec;
  bool operator==(const ControlsSubject&) const = default;
};

// A loss of other code under translation.
struct LossDialogState {
  bool opens = false;  // in this frame
  ForeignLoss loss;
  FieldEdit error_weight, kl_weight, inputs, latent, batch;
  std::string inputs_text;  // as typed: "64×64×3"
};

// Edits under way.
struct ControlsPanelState {
  std::optional<ControlsSubject> subject;
  ModelSpec draft;                    // the model that Apply would make
  std::optional<ModelSpec> draft_of;  // the model that the draft was copied from
  std::optional<ModelSpec> applied;   // asked for, until the model is of this kind
  FieldEdit latent, hidden, sigma, noise, mask_ratio, samples;
  FieldEdit kl_weight, learning_rate, batch_size, seed;
  FieldEdit ramp_epochs, cycles, validation, patience;
  KlForecastState forecast;
  LossDialogState translator;
  double wanted_epochs = 5;        // of the next schedule
  int wanted_cycles = 4;           // likewise
  double schedule_ended_s = -1e9;  // when a change of λ ended the schedule
  bool more_training = false;      // the rarer options are shown
  bool more_model = false;
  std::map<std::string_view, FieldEdit> listed;  // by a parameter's key
  FieldEdit data_source, model_path;
  std::string data_help;                   // what can be loaded, for the tooltip
  std::string source;                      // folder, file or name to load
  DataRequest data_options;                // how to read it; its own source is empty
  const void* options_of = nullptr;        // the data whose fit and ground they have
  bool more_data = false;                  // they are shown
  std::string path = "model.safetensors";  // to save to or open
  FileMenuState files;
  std::optional<ModelId> chosen_model;  // the other model was clicked; the caller takes it
};

// Another folder, file or name to load. How the former was read says nothing of it.
void name_source(ControlsPanelState& state, const std::string& source);
DataRequest request_for(const ControlsPanelState& state, std::string source);

// Draws the controls for training, model, data and files; returns what the person asked for.
// Unavailable controls are greyed; their tooltips say why.
std::vector<Command> draw_controls_panel(const Snapshot& snapshot, ModelId model,
                                         ControlsPanelState& state, const PanelFrame& frame);

}  // namespace zscape
