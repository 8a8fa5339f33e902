#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/layout.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/session_seen.h"
#include "app/gui/view/latent/selection.h"
#include "app/gui/view/paths/scene.h"
#include "engine/error.h"
#include "engine/snapshot.h"
#include "engine/training/plan.h"

namespace zscape {

// What the user works on, as written to a file and restored: data, model, view, pins and paths,
// layout.
struct Session {
  RunPlan plan;             // of the next run; the spec is that of the weights
  std::string weights;      // a file of KeepRun or, in older sessions, of SaveModel; absolute
  bool has_run = true;      // of KeepRun, as are those of the other models
  std::time_t kept_at = 0;  // when the weights were written
  std::int64_t step = 0;    // of them
  bool closed = true;       // false: the window still worked on it
  bool running = false;

  // The view; height: latent units seen from top to bottom, 0: fitted to the codes.
  Vec2 center;
  float height = 0;
  AxisChoice axes;
  std::vector<float> through;         // set by hand, else empty
  std::optional<OrbitCamera> camera;  // of three dimensions; its pan in heights of the plot
  SplitName split = SplitName::train;
  std::vector<int> hidden_labels;
  int label = 0;  // the label chooser, cvae only
  Layers layers;
  Marks marks;
  std::array<std::vector<std::int64_t>, 2> selected;  // rows of each SplitName
  SeenOfData seen;

  LayoutSizes sizes;

  // A model beside the first.
  struct Other {
    std::string weights;  // as Session has them; empty: it comes back untrained
    RunPlan plan;
    Marks marks;
  };
  std::vector<Other> others;
  PaneArrangement panes;  // of them all
};

// The state on the screen; the caller sets the weights and plan.data.image_size. The model must
// exist. sequences: null: none are followed.
Session session_of(const Snapshot& snapshot, const ModelView& model, const Scene& scene,
                   const LatentPanelState& latent, const Selection& selection,
                   const LayoutSizes& sizes, const ChosenSequences* sequences = nullptr);

// The ids of the models beside the first, in the order of Session::others.
inline ModelId other_model_id(ModelId first, std::size_t i) {
  return {first.value + 1 + static_cast<std::uint32_t>(i)};
}

// Whether what a person does to a session, and the place of its data, are the same: all but the
// weights, and places that marks have because the model learns.
bool same_marks(const Session& a, const Session& b);

// The commands that load data and model and, once the model is loaded, apply its settings and add
// the models beside it. Nothing trains yet. sets_next: what the next run begins with is set then
// too, since loading_commands() were not posted.
std::vector<Command> loading_commands(const Session& session, ModelId model);
std::vector<Command> restoring_commands(const Session& session, ModelId model,
                                        bool sets_next = false);

// Restores pins, paths, selection, view, colours and filter; omits what does not fit the latent
// size or the data. data: null: none are there.
void restore_view(const Session& session, Scene& scene, LatentPanelState& latent,
                  Selection& selection, const Dataset* data = nullptr);

// Where the data are other ones: pins and paths stay in their places without the inputs that they
// stood for, and none are selected. Whether there was anything of this kind.
bool leave_inputs(Session& session);

// As JSON. Weights in the session's own folder get a relative path.
std::string session_text(const Session& session, const std::string& path);
Expected<Session> read_session(const std::string& path);

}  // namespace zscape
