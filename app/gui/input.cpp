#include "app/gui/input.h"

#include <algorithm>
#include <utility>

namespace zscape {

void InputQueue::push(const InputEvent& event, double time_s) {
  queue_.push_back({event, time_s});
}

std::vector<InputQueue::Queued> InputQueue::take_frame() {
  std::vector<Queued> taken;
  std::vector<int> released;
  bool moved = false;
  const auto take = [&] {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  };
  while (!queue_.empty()) {
    const InputEvent& event = queue_.front().event;
    if (const auto* button = std::get_if<ButtonChanged>(&event)) {
      if (button->down || !moved) take();
      break;
    }
    moved = moved || std::holds_alternative<PointerMoved>(event);
    const auto* change = std::get_if<KeyChanged>(&event);
    if (change == nullptr) {
      take();
    } else if (!change->down) {
      released.push_back(change->key);
      take();
    } else if (queue_.size() > 1 && std::holds_alternative<CharTyped>(queue_[1].event)) {
      take();
      take();
    } else {
      if (std::ranges::find(released, change->key) == released.end()) take();
      break;
    }
  }
  return taken;
}

}  // namespace zscape
