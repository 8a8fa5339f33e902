#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/input.h"
#include "engine/error.h"

struct GLFWwindow;

namespace zscape {

// The window with its OpenGL and Dear ImGui contexts. All input, from GLFW or a script, passes
// through its queue and reaches Dear ImGui only from there. One at a time, on the main thread.
class Window {
 public:
  // width, height: at 100 %. Fails where there is no display or no OpenGL 3.3.
  static Expected<std::unique_ptr<Window>> open(const std::string& title, int width, int height);
  ~Window();
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  InputQueue& input() { return input_; }
  Vec2 size() const;          // window coordinates, as Dear ImGui and the pointer have them
  Vec2 framebuffer() const;   // pixels
  float pixel_ratio() const;  // framebuffer / size
  float scale() const;        // of text and measures, in window coordinates
  bool software() const { return software_; }
  bool minimised() const;
  const std::string& renderer() const { return renderer_; }

  // Handles what has come; waits for it up to so many seconds (infinity: as long as it takes).
  void handle_events(double wait_s);
  bool close_requested() const;
  void refuse_close();  // for now: it may be requested again
  bool take_damage() { return std::exchange(damaged_, false); }  // resized or uncovered: draw again

  static double time_s();  // since the program started
  static void wake();      // ends a wait; from any thread

  // Begins a Dear ImGui frame with these events.
  void begin_frame(const std::vector<InputQueue::Queued>& events);

  // Makes the font texture anew after the fonts changed.
  void renew_fonts();

  // Draws what Dear ImGui has, over what is in the window.
  void draw_imgui();
  void swap();

 private:
  explicit Window(GLFWwindow* window) : window_(window) {}
  void install_callbacks();
  void apply(const InputEvent& event);
  void feed_imgui(const std::vector<InputQueue::Queued>& events);

  GLFWwindow* window_;
  InputQueue input_;
  std::string renderer_;
  bool software_ = false;
  bool damaged_ = true;
  bool has_imgui_ = false;

  // What Dear ImGui is told, as of the events handed over so far.
  Vec2 pointer_;
  bool pointer_inside_ = false;
  bool buttons_[3] = {};
  DoubleClicks double_clicks_;
};

}  // namespace zscape
