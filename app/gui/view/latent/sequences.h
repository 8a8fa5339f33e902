#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/latent/points.h"
#include "app/gui/view/paths/playback.h"
#include "engine/dataset.h"
#include "engine/snapshot.h"

namespace zscape {

// A sequence of a split, counted from 0: its steps are inputs that lie side by side.
struct SequenceRef {
  SplitName split = SplitName::train;
  std::int64_t number = 0;
  bool operator==(const SequenceRef&) const = default;
};

// The sequence of an input and its step there; steps: of a sequence (Dataset::steps), at least 1.
SequenceRef sequence_of(PointRef input, std::int64_t steps);

// The sequences that a person follows through latent space, and the step that is on show: the same
// in all panes. Lives on the window's thread.
class ChosenSequences {
 public:
  static constexpr std::size_t kMost = 12;  // a further one takes the place of the first

  // Once a frame. Other data: nothing is chosen. Goes on where the steps are played.
  void follow(const std::shared_ptr<const Dataset>& data, double now_s);

  // Whether the data are sequences.
  bool available() const { return steps() > 0; }
  std::int64_t steps() const { return data_ ? data_->steps : 0; }
  std::int64_t count(SplitName split) const;  // of all sequences

  void choose(PointRef input);  // its sequence alone, at its step
  void choose(SequenceRef sequence);
  void toggle(PointRef input);  // its sequence beside the others, or no longer
  void clear();

  std::span<const SequenceRef> chosen() const { return chosen_; }
  bool empty() const { return chosen_.empty(); }
  const SequenceRef* active() const;  // the one chosen last; null: none
  // The input of the active sequence at the step; null: none.
  std::optional<PointRef> shown() const;

  std::int64_t step() const;  // from 0
  void move_to(std::int64_t step);
  void play();
  void pause() { playback_.pause(); }
  const Playback& playback() const { return playback_; }
  void set_loops(bool loops) { playback_.set_loops(loops); }
  double position() const { return playback_.position(); }  // of the step's slider, in [0, 1]
  void move_along(double position);

  // A step that was asked for by a key or is played is shown although the pointer rests in the
  // plot, until it moves.
  bool beats_pointer() const { return beats_pointer_; }
  void pointer_moved() { beats_pointer_ = false; }

 private:
  std::shared_ptr<const Dataset> data_;
  std::vector<SequenceRef> chosen_;  // the active one last
  Playback playback_;
  bool beats_pointer_ = false;
};

// The codes of the chosen sequences in one pane, by the weights on show: from the plot where all
// inputs are encoded, else asked of the engine. Lives on the window's thread.
class SequenceCodes {
 public:
  // Once a frame. split: that on show. Returns what to ask of the engine for; the caller sets the
  // model.
  std::optional<Encode> update(const ChosenSequences& chosen, const ModelView& model,
                               SplitName split, double now_s);

  // μ of all steps of a sequence, [steps, k]; empty: not known.
  std::span<const float> means(SequenceRef sequence) const;
  std::span<const float> mean(SequenceRef sequence, std::int64_t step) const;  // [k], or empty
  int latent() const { return codes_ ? codes_->latent : 0; }
  // Of the weights behind them; null: none are known.
  const Codes* codes() const { return codes_.get(); }

 private:
  CodesPtr codes_;  // rising rows, which hold all steps of the sequences that are known
  std::int64_t steps_ = 0;
  std::vector<std::int64_t> asked_;  // rows; empty: nothing awaited
  CodesPtr answer_then_;             // the newest when it was asked
  double asked_s_ = 0;
};

}  // namespace zscape
