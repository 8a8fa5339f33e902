#include "app/gui/window.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <backends/imgui_impl_opengl3.h>
#include <imgui.h>
#include <stdlib.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <variant>

#include "app/gui/gl/screen.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kSmallestWidth = 1024;
constexpr int kSmallestHeight = 700;

std::string last_glfw_error() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text ? text : tr("no reason was given");
}

Vec2 size_by(void (*ask)(GLFWwindow*, int*, int*), GLFWwindow* handle) {
  int width = 0, height = 0;
  ask(handle, &width, &height);
  return {static_cast<float>(width), static_cast<float>(height)};
}

Window& window_of(GLFWwindow* handle) {
  return *static_cast<Window*>(glfwGetWindowUserPointer(handle));
}

// The modifiers that are down after this key. On X11 GLFW gives those before it.
int modifiers_after(const KeyChanged& key) {
  const auto own = [&] {
    switch (key.key) {
      case GLFW_KEY_LEFT_CONTROL:
      case GLFW_KEY_RIGHT_CONTROL:
        return GLFW_MOD_CONTROL;
      case GLFW_KEY_LEFT_SHIFT:
      case GLFW_KEY_RIGHT_SHIFT:
        return GLFW_MOD_SHIFT;
      case GLFW_KEY_LEFT_ALT:
      case GLFW_KEY_RIGHT_ALT:
        return GLFW_MOD_ALT;
      case GLFW_KEY_LEFT_SUPER:
      case GLFW_KEY_RIGHT_SUPER:
        return GLFW_MOD_SUPER;
      default:
        return 0;
    }
  }();
  return key.down ? key.mods | own : key.mods & ~own;
}

}  // namespace

Expected<std::unique_ptr<Window>> Window::open(const std::string& title, int width, int height) {
  // Software OpenGL shall not take every core; read when the context is made.
  setenv("LP_NUM_THREADS", "2", /*overwrite=*/0);
#ifdef GLFW_PLATFORM  // 3.4
  // It tries Wayland first; where none runs, Wayland's library complains on standard error.
  if (getenv("WAYLAND_DISPLAY") == nullptr && glfwPlatformSupported(GLFW_PLATFORM_X11)) {
    glfwInitHint(GLFW_PLATFORM, GLFW_PLATFORM_X11);
  }
#endif
  if (glfwInit() != GLFW_TRUE) {
#ifndef GLFW_PLATFORM
    const char* const display = getenv("DISPLAY");
    if (getenv("WAYLAND_DISPLAY") != nullptr && (display == nullptr || *display == '\0')) {
      return fail(
          tr("no window can be opened ({}): this is Wayland without X, and this GLFW ({}) opens "
             "windows by X; install Xwayland (on Debian: xwayland) or a GLFW of 3.4 or newer",
             last_glfw_error(), glfwGetVersionString()));
    }
#endif
    return fail(tr(
        "no window can be opened ({}); run zscape where there is a display, or use its commands, "
        "which need no display (zscape --help)",
        last_glfw_error()));
  }
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);
  glfwWindowHint(GLFW_SCALE_TO_MONITOR, GLFW_TRUE);
  glfwWindowHint(GLFW_DEPTH_BITS, 0);
  glfwWindowHint(GLFW_STENCIL_BITS, 0);
  glfwWindowHint(GLFW_SAMPLES, 0);
  if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) {
    // No larger than the screen: without a window manager its edges could not be reached.
    int left = 0, top = 0, across = 0, down = 0;
    float scale = 1, unused = 1;
    glfwGetMonitorWorkarea(monitor, &left, &top, &across, &down);
    glfwGetMonitorContentScale(monitor, &scale, &unused);
    if (across > 0 && down > 0 && scale > 0) {
      width = std::min(width, static_cast<int>(static_cast<float>(across) / scale));
      height = std::min(height, static_cast<int>(static_cast<float>(down) / scale));
    }
  }
  GLFWwindow* handle = glfwCreateWindow(width, height, title.c_str(), nullptr, nullptr);
  if (handle == nullptr) {
    const std::string reason = last_glfw_error();
    glfwTerminate();
    return fail(
        tr("no window with OpenGL 3.3 can be opened ({}); install a graphics "
           "driver (on Debian: libgl1-mesa-dri)",
           reason));
  }
  std::unique_ptr<Window> window(new Window(handle));
  glfwMakeContextCurrent(handle);
  window->renderer_ = gl::renderer_name();
  window->software_ = gl::is_software_renderer(window->renderer_);
  glfwSwapInterval(window->software_ ? 0 : 1);
  const float scale = window->scale();
  glfwSetWindowSizeLimits(handle, static_cast<int>(kSmallestWidth * scale),
                          static_cast<int>(kSmallestHeight * scale), GLFW_DONT_CARE,
                          GLFW_DONT_CARE);
  window->install_callbacks();

  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  window->has_imgui_ = true;
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
#if IMGUI_VERSION_NUM >= 18700
  io.ConfigInputTrickleEventQueue = false;  // the queue here does that
#endif
  ImGui_ImplGlfw_InitForOpenGL(handle, /*install_callbacks=*/false);
  ImGui_ImplOpenGL3_Init("#version 330 core");
  return window;
}

Window::~Window() {
  if (has_imgui_) {
    ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplGlfw_Shutdown();
    ImGui::DestroyContext();
  }
  glfwDestroyWindow(window_);
  glfwTerminate();
}

void Window::install_callbacks() {
  glfwSetWindowUserPointer(window_, this);
  glfwSetCursorPosCallback(window_, [](GLFWwindow* handle, double x, double y) {
    const Vec2 position{static_cast<float>(x), static_cast<float>(y)};
    window_of(handle).input_.push(PointerMoved{position}, time_s());
  });
  glfwSetCursorEnterCallback(window_, [](GLFWwindow* handle, int entered) {
    if (entered == GLFW_FALSE) window_of(handle).input_.push(PointerLeft{}, time_s());
  });
  glfwSetMouseButtonCallback(window_, [](GLFWwindow* handle, int button, int action, int) {
    window_of(handle).input_.push(ButtonChanged{button, action == GLFW_PRESS}, time_s());
  });
  glfwSetScrollCallback(window_, [](GLFWwindow* handle, double x, double y) {
    const Vec2 offset{static_cast<float>(x), static_cast<float>(y)};
    window_of(handle).input_.push(WheelTurned{offset}, time_s());
  });
  glfwSetKeyCallback(window_, [](GLFWwindow* handle, int key, int scancode, int action, int mods) {
    if (action == GLFW_REPEAT) return;  // Dear ImGui repeats keys itself
    const KeyChanged change{key, scancode, action == GLFW_PRESS, mods};
    window_of(handle).input_.push(change, time_s());
  });
  glfwSetCharCallback(window_, [](GLFWwindow* handle, unsigned codepoint) {
    window_of(handle).input_.push(CharTyped{codepoint}, time_s());
  });
  glfwSetDropCallback(window_, [](GLFWwindow* handle, int count, const char** paths) {
    window_of(handle).input_.push(FilesDropped{{paths, paths + count}}, time_s());
  });
  const auto damage = [](GLFWwindow* handle) { window_of(handle).damaged_ = true; };
  glfwSetWindowRefreshCallback(window_, damage);
  glfwSetFramebufferSizeCallback(
      window_, [](GLFWwindow* handle, int, int) { window_of(handle).damaged_ = true; });
  glfwSetWindowContentScaleCallback(
      window_, [](GLFWwindow* handle, float, float) { window_of(handle).damaged_ = true; });
}

Vec2 Window::size() const {
  return size_by(glfwGetWindowSize, window_);
}

Vec2 Window::framebuffer() const {
  return size_by(glfwGetFramebufferSize, window_);
}

float Window::pixel_ratio() const {
  const float width = size().x;
  return width > 0 ? framebuffer().x / width : 1;
}

float Window::scale() const {
  float x = 1, y = 1;
  glfwGetWindowContentScale(window_, &x, &y);
  const float scale = x / pixel_ratio();
  return scale >= 0.5f && scale <= 8 ? scale : 1;
}

void Window::handle_events(double wait_s) {
  if (wait_s <= 0) {
    glfwPollEvents();
  } else if (std::isinf(wait_s)) {
    glfwWaitEvents();
  } else {
    glfwWaitEventsTimeout(wait_s);
  }
}

bool Window::close_requested() const {
  return glfwWindowShouldClose(window_) == GLFW_TRUE;
}

bool Window::minimised() const {
  return glfwGetWindowAttrib(window_, GLFW_ICONIFIED) == GLFW_TRUE;
}

void Window::refuse_close() {
  glfwSetWindowShouldClose(window_, GLFW_FALSE);
}

double Window::time_s() {
  return glfwGetTime();
}

void Window::wake() {
  glfwPostEmptyEvent();
}

void Window::apply(const InputEvent& event) {
  if (const auto* moved = std::get_if<PointerMoved>(&event)) {
    pointer_ = moved->position;
    pointer_inside_ = true;
  } else if (std::holds_alternative<PointerLeft>(event)) {
    pointer_inside_ = false;
  } else if (const auto* button = std::get_if<ButtonChanged>(&event)) {
    if (button->button >= 0 && button->button < 3) buttons_[button->button] = button->down;
  }
}

// Called after ImGui_ImplGlfw_NewFrame(), so that a script's input wins over GLFW's.
void Window::feed_imgui(const std::vector<InputQueue::Queued>& events) {
  ImGuiIO& io = ImGui::GetIO();
  const auto held = [this] { return buttons_[0] || buttons_[1] || buttons_[2]; };
  const bool was_held = held();
  for (const auto& [event, time] : events) {
    apply(event);
    if (const auto* wheel = std::get_if<WheelTurned>(&event)) {
#if IMGUI_VERSION_NUM >= 18700
      io.AddMouseWheelEvent(wheel->offset.x, wheel->offset.y);
#else
      io.MouseWheelH += wheel->offset.x;
      io.MouseWheel += wheel->offset.y;
#endif
    } else if (const auto* button = std::get_if<ButtonChanged>(&event); button && button->down) {
      double_clicks_.pressed(button->button, time);
    } else if (const auto* key = std::get_if<KeyChanged>(&event)) {
      const int mods = modifiers_after(*key);
#if IMGUI_VERSION_NUM >= 18700
      ImGui_ImplGlfw_KeyCallback(window_, key->key, key->scancode,
                                 key->down ? GLFW_PRESS : GLFW_RELEASE, mods);
#else
      if (key->key >= 0 && key->key < IM_ARRAYSIZE(io.KeysDown)) io.KeysDown[key->key] = key->down;
#endif
#if IMGUI_VERSION_NUM >= 18900
      // It asks GLFW which modifiers are down now; a quick hand has let go of them by then.
      io.AddKeyEvent(ImGuiMod_Ctrl, (mods & GLFW_MOD_CONTROL) != 0);
      io.AddKeyEvent(ImGuiMod_Shift, (mods & GLFW_MOD_SHIFT) != 0);
      io.AddKeyEvent(ImGuiMod_Alt, (mods & GLFW_MOD_ALT) != 0);
      io.AddKeyEvent(ImGuiMod_Super, (mods & GLFW_MOD_SUPER) != 0);
#elif IMGUI_VERSION_NUM < 18700
      io.KeyCtrl = (mods & GLFW_MOD_CONTROL) != 0;
      io.KeyShift = (mods & GLFW_MOD_SHIFT) != 0;
      io.KeyAlt = (mods & GLFW_MOD_ALT) != 0;
      io.KeySuper = (mods & GLFW_MOD_SUPER) != 0;
#endif
    } else if (const auto* typed = std::get_if<CharTyped>(&event)) {
      io.AddInputCharacter(typed->codepoint);
    }
  }
  // A drag goes on outside the window, and ends there.
  const bool known = pointer_inside_ || was_held || held();
  const Vec2 position = known ? pointer_ : Vec2{-FLT_MAX, -FLT_MAX};
#if IMGUI_VERSION_NUM >= 18700
  io.AddMousePosEvent(position.x, position.y);
  for (int button = 0; button < 3; ++button) io.AddMouseButtonEvent(button, buttons_[button]);
#else
  io.MousePos = position;
  for (int button = 0; button < 3; ++button) io.MouseDown[button] = buttons_[button];
#endif
}

void Window::begin_frame(const std::vector<InputQueue::Queued>& events) {
  ImGui_ImplOpenGL3_NewFrame();
  ImGui_ImplGlfw_NewFrame();
  feed_imgui(events);
  ImGui::NewFrame();
}

void Window::renew_fonts() {
#if IMGUI_VERSION_NUM < 19200  // later versions renew it by themselves
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
#endif
}

void Window::draw_imgui() {
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
}

void Window::swap() {
  glfwSwapBuffers(window_);
}

}  // namespace zscape
