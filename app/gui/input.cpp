#include "app/gui/input.h"

#include <imgui.h>

#include <algorithm>
#include <cfloat>
#include <utility>

namespace zscape {

void InputQueue::push(const InputEvent& event, double time_s) {
  const auto* moved = std::get_if<PointerMoved>(&event);
  if (!moved || is_on_a_screen(moved->position)) queue_.push_back({event, time_s});
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

void DoubleClicks::pressed(int button, double time_s) {
  constexpr double kLongestS = 0.3;
  if (button < 0 || button >= static_cast<int>(pressed_s_.size())) return;
  const double before_s = std::exchange(pressed_s_[static_cast<std::size_t>(button)], time_s);
  const bool second = before_s >= 0 && time_s - before_s < kLongestS;
  ImGui::GetIO().MouseDoubleClickTime = second ? FLT_MAX : 0;
}

}  // namespace zscape
