#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/checkpoint.h"

namespace zscape {

// More would shorten the way to a step little, and a session writes a file for each.
inline constexpr std::size_t kMostStates = 24;

// The states of one run that are kept whole within a memory budget, about evenly spread over its
// steps: where there are too many, the one goes whose neighbours are nearest to each other. The
// first and the newest always stay. Used on the engine thread; what states() returned never
// changes.
class FullStates {
 public:
  // Drops states of the same and later steps first.
  void add(FullStatePtr state);
  void drop_after(std::int64_t step);
  void set_most_bytes(std::size_t most_bytes);
  void restore(std::shared_ptr<const FullStateList> states);  // not null

  std::shared_ptr<const FullStateList> states() const { return states_; }  // never null

 private:
  void take(FullStateList states);

  std::size_t most_bytes_ = std::size_t{64} << 20;  // until set_most_bytes()
  std::shared_ptr<const FullStateList> states_ = std::make_shared<const FullStateList>();
};

// Of memory; what several share counts once.
std::size_t bytes_of(const FullStateList& states);
std::size_t bytes_of(const TrainerState& state);

// The same, or fewer, kMostStates at most, that take no more; the first and the last always stay.
std::shared_ptr<const FullStateList> thinned(std::shared_ptr<const FullStateList> states,
                                             std::size_t most_bytes);

// The last one of that step or before; null: there is none.
FullStatePtr nearest_before(const FullStateList& states, std::int64_t step);

}  // namespace zscape
