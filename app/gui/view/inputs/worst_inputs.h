#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "app/gui/view/latent/metadata_matches.h"
#include "app/gui/view/latent/points.h"
#include "engine/input_errors.h"

namespace zscape {

// The inputs with the largest reconstruction terms, of those that the legend and the filter of
// metadata show. Lives on the window's thread.
class WorstInputs {
 public:
  static constexpr std::size_t kMost = 50;

  struct Entry {
    PointRef input;
    float error = 0;  // see WorstInputs::in_nats()
  };

  // Finds them again after a change. errors: null: none measured yet.
  void update(const InputErrorsPtr& errors, const Dataset& data, const HiddenLabels& hidden,
              const MetadataFilter& filter = {});

  std::span<const Entry> entries() const { return entries_; }  // the worst first
  // Whether errors are the model's own term in nats; else mean squared errors.
  bool in_nats() const { return errors_ && !errors_->term.empty(); }
  std::size_t measured() const { return measured_; }  // out of so many
  std::uint64_t revision() const { return revision_; }

 private:
  InputErrorsPtr errors_;
  HiddenLabels hidden_;
  MetadataFilter filter_;
  std::vector<Entry> entries_;
  std::size_t measured_ = 0;
  std::uint64_t revision_ = 0;
};

}  // namespace zscape
