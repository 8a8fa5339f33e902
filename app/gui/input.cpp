#include "app/gui/input.h"

namespace zscape {

void InputQueue::push(const InputEvent& event, double time_s) {
  queue_.push_back({event, time_s});
}

std::vector<InputQueue::Queued> InputQueue::take_frame() {
  std::vector<Queued> taken;
  while (!queue_.empty()) {
    taken.push_back(queue_.front());
    queue_.pop_front();
    const InputEvent& event = taken.back().event;
    if (std::holds_alternative<ButtonChanged>(event) || std::holds_alternative<KeyChanged>(event)) {
      break;
    }
  }
  return taken;
}

}  // namespace zscape
