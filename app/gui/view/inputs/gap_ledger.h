#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/latent/metadata_matches.h"
#include "app/gui/view/latent/points.h"
#include "engine/input_gaps.h"
#include "engine/snapshot.h"

namespace zscape {

// The gaps between log p(x) and the ELBO that the window shows: asks for them and finds the inputs
// that the encoder serves worst. While the model trains, it asks for few inputs, and seldom, so
// that this takes a tenth of the time of one core; in a pause for ever more. Lives on the window's
// thread.
class GapLedger {
 public:
  static constexpr std::size_t kMost = 50;                 // of the list
  static constexpr std::int64_t kMostInputs = 2000;        // in a pause
  static constexpr std::int64_t kFirst = kGapCurveInputs;  // while training

  // What is on the screen.
  struct Wanted {
    bool curve = false;       // of test inputs
    bool each_input = false;  // of the split on show: the list, or the points' colours
    SplitName split = SplitName::train;
  };
  // Once a frame. Returns what to post, one at a time.
  std::optional<MeasureGaps> update(const ModelView& view,
                                    const std::shared_ptr<const Dataset>& data,
                                    const Wanted& wanted, double now_s);

  struct Entry {
    PointRef input;
    float amortisation = 0, approximation = 0, log_likelihood = 0;  // nats
  };
  // Finds the worst again after a change: those with the largest amortisation gap. gaps: null: none
  // yet.
  void list(const InputGapsPtr& gaps, const Dataset& data, const HiddenLabels& hidden,
            const MetadataFilter& filter = {});
  std::span<const Entry> entries() const { return entries_; }  // the worst first
  std::size_t measured() const { return measured_; }           // out of so many
  std::uint64_t revision() const { return revision_; }         // of the list

 private:
  // What was asked about a split.
  struct Asked {
    InputGapsPtr answer;  // the last that came
    double answered_s = 0;
    std::int64_t inputs = 0;  // that are awaited; 0: nothing is
    double asked_s = 0;
    std::uint64_t revision = 0;   // of the weights then
    std::uint64_t grown_for = 0;  // the weights for which more were asked in a pause …
    std::int64_t grown_to = 0;    // … and how many, once each: a person may have cancelled it
  };
  std::int64_t wanted_inputs(Asked& asked, const ModelView& view, const Split& split,
                             SplitName name, double now_s) const;

  std::shared_ptr<const Dataset> data_;
  std::uint64_t serial_ = 0;    // of the model
  std::array<Asked, 2> asked_;  // by the split
  InputGapsPtr gaps_;           // of the list
  HiddenLabels hidden_;
  MetadataFilter filter_;
  std::vector<Entry> entries_;
  std::size_t measured_ = 0;
  std::uint64_t revision_ = 0;
};

}  // namespace zscape
