#pragma once

#include <memory>
#include <vector>

#include "app/gui/pane.h"
#include "app/gui/panels/latent/latent_panes.h"
#include "app/gui/run_undo.h"

namespace zscape {

// The open models side by side, a pane each, sharing a cursor. Keys, controls, curves and figures
// belong to the active pane. The first always exists. Lives on the window's thread.
class Panes {
 public:
  Panes(std::unique_ptr<Renderer> renderer, Selection& selection);

  auto begin() const { return panes_.begin(); }  // of std::unique_ptr<Pane>
  auto end() const { return panes_.end(); }
  std::size_t size() const { return panes_.size(); }
  Pane& operator[](std::size_t i) const { return *panes_[i]; }
  Pane& first() const { return *panes_.front(); }
  Pane& last() const { return *panes_.back(); }
  Pane& active() const { return *panes_[state_.active]; }
  std::size_t number(const Pane& pane) const;  // 0: the first
  Pane* find(ModelId model) const;             // null: none
  ScenesOnScreen scenes() const;
  void activate(const Pane& pane) { state_.active = number(pane); }

  std::vector<Pane*> from_left() const;  // as they stand on the screen

  // Another pane at the right, with the choices of the first.
  void add(const ModelView& model, std::unique_ptr<Renderer> renderer, const SnapshotPtr& shown);
  void remove(const Pane& pane);  // not the first

  // Which a person closes, by its cross, the list or the key, once; null: none.
  Pane* take_closed();

  // Chooses the displayed moments. If one pane has all codes and another only a sample, all show
  // the sample: the same inputs in each.
  void choose_moments(const SnapshotPtr& now, double now_s);

  // Draws the latent views; a click in one makes it the active pane.
  // pictures_at_cursor: the preview is folded up.
  void draw_latent(const LatentKeys& keys, bool pictures_at_cursor, const PanelFrame& frame);

  ChosenSequences& sequences() { return sequences_; }
  CompareMenuState& menu() { return compare_; }
  PaneArrangement arrangement() const { return {state_.order, compare_.axes}; }
  void arrange(PaneArrangement arrangement);

  // Whose figures stand side by side, from the left; empty if there is one pane.
  std::vector<ComparedModel> compared() const;

  // Hands the active pane's preview the pictures of all.
  void show_in_preview(const Snapshot& now);

 private:
  PreviewDifference difference_of(Pane& left, Pane& right);

  void follow_sequences(const LatentKeys& keys);

  Selection& selection_;
  ChosenSequences sequences_;       // in all panes
  std::optional<PointRef> marked_;  // the input clicked in a list, whose sequence is chosen
  std::vector<std::unique_ptr<Pane>> panes_;  // the first model's at first; never empty
  LatentPanesState state_;
  CompareMenuState compare_;
};

}  // namespace zscape
