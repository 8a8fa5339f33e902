#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/gui/view/latent_view.h"

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

// The one road of all input, from GLFW's callbacks and from a script alike. Dear ImGui before 1.87
// looks at buttons and keys once a frame, so at most one of their transitions is handed over a
// frame and none is lost, however short. Used on the window's thread only.
class InputQueue {
 public:
  struct Queued {
    InputEvent event;
    double time_s;  // glfwGetTime() when it came
  };

  void push(const InputEvent& event, double time_s);
  bool empty() const { return queue_.empty(); }

  // The events for the next frame: all up to and including the first button or key transition.
  std::vector<Queued> take_frame();

 private:
  std::deque<Queued> queue_;
};

}  // namespace zscape
