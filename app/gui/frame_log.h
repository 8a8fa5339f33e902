#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/event_log.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/curves/code_figures.h"
#include "app/gui/view/frame/widget_map.h"
#include "app/gui/view/latent/evidence_view.h"
#include "app/gui/view/paths/scene.h"
#include "engine/snapshot.h"

namespace zscape {

// What one frame showed and how long that took.
struct FrameRecord {
  std::int64_t number = 0;
  int pane = 0;                             // that drawn, manifold and the line are about
  double time_s = 0;                        // when it was shown
  std::int64_t step = 0;                    // of the weights shown
  std::optional<double> input_to_shown_ms;  // the oldest pointer move that it handled
  double cpu_ms = 0;                        // of the window's thread, swap left out
  double whole_ms = 0;                      // swap included
  bool points_redrawn = false;
  Scene::Drawn drawn;
  Manifold::Drawn manifold;
};

// Logs events when they happen: hover, picture, pin, pin_changed, pin_removed, path, path_changed,
// path_removed, scene_cleared, sequences, layout, layers, metadata, axes, orbit, manifold, widget,
// frames, figures, evaluation, certificate, evidence, and of the layers that say why: forces,
// round_trips, plane_field, kl_split, path_lengths. Lines about another pane than the first name
// it: "pane":1. Window's thread.
class FrameLog {
 public:
  explicit FrameLog(EventLog log) : log_(std::move(log)) {}
  EventLog& events() { return log_; }

  // After a frame was shown.
  void frame(const FrameRecord& record, Scene& scene, const LatentPanelState& latent,
             const Points& points, const LayerContents& contents, const WidgetMap& widgets);
  // The sequences that are followed, and the step on show, when they change.
  void sequences(const FrameRecord& record, const ChosenSequences& chosen,
                 const SequenceCodes& codes, const Scene& scene);
  // An evaluation of this model, once.
  void evaluation(const FrameRecord& record, const ModelView& model);
  // What the evidence lens has seen, once it is on the screen.
  void evidence(const FrameRecord& record, const EvidenceView& view);
  // How well log p(x) is known, each time that it has grown.
  void certificate(const FrameRecord& record, const ModelView& model);
  void figures(const ShownFigures& shown, double time_s, std::int64_t step);

 private:
  void scene_events(const FrameRecord& record, Scene& scene);
  void layout(const FrameRecord& record, const LatentView& view, const WidgetMap& widgets);
  void picture(const FrameRecord& record, const Scene& scene, const LatentPanelState& latent,
               const Points& points);
  void axes(const FrameRecord& record, const Scene& scene);
  void layers(const FrameRecord& record, const LatentPanelState& latent,
              const LayerContents& contents);
  void metadata(const FrameRecord& record, const LatentPanelState& latent,
                const MetadataMatches& matches);
  void why(const FrameRecord& record, const WhyLayers& layers);
  void frames(const FrameRecord& record);

  EventLog log_;
  // What the last lines about a pane say.
  struct Told {
    std::vector<float> z;              // hover
    std::optional<LatentView> view;    // layout
    AxisChoice axes;                   // axes
    CodeAxesPtr code_axes;             // likewise
    std::size_t points = 0;            // points
    std::string layers;                // layers
    std::string sequences;             // sequences
    std::string metadata;              // metadata
    std::array<double, 3> manifold{};  // cells, fresh ones, their size
    std::shared_ptr<const Evaluation> evaluation;
    std::uint64_t evidence = 0;  // Evidence::request
    CertificatePtr certificate;
    std::shared_ptr<const Forces> forces;
    PlaneFieldPtr field, trips;
    std::int64_t split_inputs = 0;  // of kl_split
    double split_kl = 0;            // likewise
    const PathLengths* lengths = nullptr;
  };
  std::map<int, Told> told_;  // by pane
  std::map<std::string, WidgetMap::Place, std::less<>> widgets_;
  double second_began_s_ = 0;  // of the frames counted below
  std::int64_t counted_ = 0;
  std::vector<double> cpu_ms_;  // of each
  std::vector<double> whole_ms_;
  std::vector<double> redrawn_;  // 1 where the points were drawn anew, else 0
};

}  // namespace zscape
