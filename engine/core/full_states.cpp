#include "engine/core/full_states.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace zscape {
namespace {

// Whose neighbours are nearest to each other.
std::size_t least_missed(const FullStateList& states) {
  std::size_t least = 1;
  const auto gap = [&](std::size_t i) { return states[i + 1]->step - states[i - 1]->step; };
  for (std::size_t i = 2; i + 1 < states.size(); ++i) {
    if (gap(i) < gap(least)) least = i;
  }
  return least;
}

bool is_too_much(const FullStateList& states, std::size_t most_bytes) {
  return states.size() > kMostStates || bytes_of(states) > most_bytes;
}

}  // namespace

std::size_t bytes_of(const TrainerState& state) {
  std::size_t bytes = 0;
  for (const StateTensor& tensor : state.tensors) bytes += tensor.values.size() * sizeof(float);
  return bytes;
}

std::size_t bytes_of(const FullStateList& states) {
  std::size_t bytes = 0;
  std::set<const void*> counted = {nullptr};
  for (const FullStatePtr& state : states) {
    bytes += sizeof(FullState) + state->run.size();
    for (const auto& tensors : {state->trainer, state->best_state}) {
      if (counted.insert(tensors.get()).second) bytes += bytes_of(*tensors);
    }
    if (counted.insert(state->best.get()).second) bytes += state->best->bytes();
  }
  return bytes;
}

std::shared_ptr<const FullStateList> thinned(std::shared_ptr<const FullStateList> states,
                                             std::size_t most_bytes) {
  if (states->size() <= 2 || !is_too_much(*states, most_bytes)) return states;
  FullStateList kept = *states;
  while (kept.size() > 2 && is_too_much(kept, most_bytes)) {
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(least_missed(kept)));
  }
  return std::make_shared<const FullStateList>(std::move(kept));
}

FullStatePtr nearest_before(const FullStateList& states, std::int64_t step) {
  const auto after = std::ranges::upper_bound(
      states, step, {}, [](const FullStatePtr& state) { return state->step; });
  return after == states.begin() ? nullptr : *std::prev(after);
}

void FullStates::add(FullStatePtr state) {
  FullStateList all = *states_;
  while (!all.empty() && all.back()->step >= state->step) all.pop_back();
  // The first weights need no copy.
  const bool is_drawn = all.empty() && !states_->empty() && !states_->front()->trainer &&
                        states_->front()->step == state->step;
  if (is_drawn) state = states_->front();
  all.push_back(std::move(state));
  take(std::move(all));
}

void FullStates::drop_after(std::int64_t step) {
  FullStateList all = *states_;
  while (!all.empty() && all.back()->step > step) all.pop_back();
  take(std::move(all));
}

void FullStates::set_most_bytes(std::size_t most_bytes) {
  most_bytes_ = most_bytes;
  states_ = thinned(std::move(states_), most_bytes_);
}

void FullStates::restore(std::shared_ptr<const FullStateList> states) {
  states_ = thinned(std::move(states), most_bytes_);
}

void FullStates::take(FullStateList states) {
  states_ = thinned(std::make_shared<const FullStateList>(std::move(states)), most_bytes_);
}

}  // namespace zscape
