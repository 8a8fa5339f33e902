#pragma once

#include <array>
#include <cmath>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// What a mouse, a keyboard and a file manager can do. GLFW's numbers for buttons and keys.
struct PointerMoved {
  Vec2 position;
};  // window coordinates
struct PointerLeft {};
struct ButtonChanged {
  int button;
  bool down;
};
struct WheelTurned {
  Vec2 offset;
};
struct KeyChanged {
  int key;
  int scancode;
  bool down;
  int mods;
};
struct CharTyped {
  unsigned codepoint;
};
struct FilesDropped {
  std::vector<std::string> paths;
};  // on the window
using InputEvent = std::variant<PointerMoved, PointerLeft, ButtonChanged, WheelTurned, KeyChanged,
                                CharTyped, FilesDropped>;

// Whether a pointer can be there, in or beside a window: pixels.
inline bool is_on_a_screen(Vec2 place) {
  constexpr float kFarthest = 1e5f;
  return std::abs(place.x) <= kFarthest && std::abs(place.y) <= kFarthest;  // false for NaN
}

// The queue for all input, from GLFW and scripts alike. Dear ImGui samples buttons and keys once a
// frame, so a frame ends with a button's change or a key's press and none is lost. A release waits
// until a frame has seen the pointer's last move: a drag ends there. Typed characters all fit into
// one frame, so that typing keeps up with a slow window. Used on the window's thread only.
class InputQueue {
 public:
  struct Queued {
    InputEvent event;
    double time_s;  // glfwGetTime() when it came
  };

  // Drops a move to where no screen is.
  void push(const InputEvent& event, double time_s);
  bool empty() const { return queue_.empty(); }

  std::vector<Queued> take_frame();  // the events for the next frame

 private:
  std::deque<Queued> queue_;
};

// Tells Dear ImGui which press is the second of a double click by the time of the presses; it would
// use the time of the frames and miss double clicks when frames are slow.
class DoubleClicks {
 public:
  void pressed(int button, double time_s);  // before the frame that this press ends

 private:
  std::array<double, 3> pressed_s_{-1, -1, -1};
};

}  // namespace zscape
