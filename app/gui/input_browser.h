#pragma once

#include <vector>

#include "app/gui/event_log.h"
#include "app/gui/panels/inputs/input_list.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/inputs/gap_ledger.h"
#include "app/gui/view/inputs/input_in_hand.h"
#include "app/gui/view/inputs/input_pictures.h"
#include "app/gui/view/inputs/neighbour_search.h"
#include "app/gui/view/inputs/worst_inputs.h"
#include "app/gui/view/latent/selection.h"
#include "engine/snapshot.h"

namespace zscape {

// The explorer's single inputs: the selected and the worst ones, and the panels that list them.
// Lives on the window's thread.
class InputBrowser {
 public:
  InputBrowser(Pictures& pictures, Selection& selection)
      : pictures_(pictures), input_pictures_(pictures), selection_(selection) {}

  // Before the panels: follows the data and continues the selection's mean. Other data clear what
  // the latent view shows of single inputs.
  void begin_frame(const std::shared_ptr<const Dataset>& data, LatentPanelState& latent);

  // After the latent panel, before decoding: which reconstructions are to be seen.
  void ask_for_reconstructions(Scene& scene, const Points& points, const LatentPanelState& latent,
                               const Dataset* data) const;

  // Once a frame while the lower panel is drawn. Returns what to post.
  std::optional<FindNeighbours> ask_for_neighbours(const Snapshot& snapshot, ModelId model,
                                                   const InputInHand& hand, bool is_seen,
                                                   double now_s);

  // What gaps to ask for, once a frame. colours: the points show them.
  std::optional<MeasureGaps> ask_for_gaps(const ModelView& view, SplitName split, bool colours,
                                          double now_s) {
    return gaps_.update(view, data_, {lists_gaps_, lists_gaps_ || colours, split}, now_s);
  }

  // Draws the tab Selection, Worst, Gaps or Neighbours and applies its requests to the latent view.
  // selected_points: selected inputs in the plot. Returns what to post.
  std::vector<Command> draw(const Snapshot& snapshot, ModelId model, const Scene& scene,
                            LatentPanelState& latent, std::size_t selected_points, LowerTab& tab,
                            const PanelFrame& frame);
  // In frames where none of these tabs is drawn.
  void hide(LatentPanelState& latent);

  // The lists of the worst need them.
  bool wants_errors() const { return lists_worst_ || lists_gaps_; }
  // Something goes on in the next frame.
  bool stale() const { return selection_.adding_up(); }

  // The events selection {count, train, test}, worst {split, inputs, mse}, gaps {split, measured,
  // inputs, amortisation, approximation}, gap_point {inputs, log_likelihood, elbo, amortisation,
  // approximation}, whose step is that of the curve's newest point, and neighbours {split, index,
  // inputs, input_distances, codes, code_distances} when they change.
  void log(EventLog& log, double time_s, std::int64_t step);

 private:
  Pictures& pictures_;
  InputPictures input_pictures_;
  Selection& selection_;
  WorstInputs worst_;
  GapLedger gaps_;
  GapsPanelState gaps_panel_;
  NeighbourSearch neighbours_;
  NeighboursPtr found_;  // of the tab on the screen, to be logged
  std::shared_ptr<const Dataset> data_;
  SelectionPanelState panel_;
  PictureSlot mean_ = kNoPicture;
  ImageShape mean_shape_;
  std::uint64_t mean_revision_ = 0;
  std::vector<PointRef> seen_;  // of the list on the screen
  bool lists_worst_ = false;
  bool lists_gaps_ = false;
  bool hovered_ = false;
  std::uint64_t logged_selection_ = 0;
  std::uint64_t logged_worst_ = 0;
  std::uint64_t logged_gaps_ = 0;
  std::optional<GapPoint> gap_point_, logged_gap_point_;  // the newest of the curve on the screen
  NeighboursPtr logged_neighbours_;
};

}  // namespace zscape
