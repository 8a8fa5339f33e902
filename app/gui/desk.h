#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/keys.h"
#include "app/gui/layout.h"
#include "app/gui/panels/controls_panel.h"
#include "app/gui/panels/latent_panel.h"
#include "app/gui/panels/status_panel.h"
#include "app/gui/settings_file.h"
#include "app/gui/splitters.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// What the desk asks of the window after a frame.
struct DeskWishes {
  std::vector<Command> commands;
  std::vector<std::pair<std::string, bool>> notices;  // text, whether it is an error
  std::optional<std::string> screenshot;              // file
  bool quit = false;
};

// What the desk sees of the window in a frame.
struct DeskFrame {
  const Snapshot& snapshot;
  ModelId model;
  Scene& scene;
  LatentPanelState& latent;
  ControlsPanelState& controls;
  Vec2 window;  // its size
  const Theme& theme;
  WidgetMap& widgets;
  double time_s;
};

// What a window owes its person beside panels: keys, help, settings, borders that can be dragged.
// Lives on the window's thread.
class Desk {
 public:
  // remembers: reads and writes the person's settings; a scripted window does neither.
  explicit Desk(bool remembers);

  const Look& look() const { return settings_.look; }
  const LayoutSizes& sizes() const { return sizes_; }

  // Takes out of a frame's input what is not for the panels. Before the Dear ImGui frame begins.
  void filter(std::vector<InputQueue::Queued>& events, bool typing);

  // Carries out keys; the latent view's are returned. Within the frame, before the panels.
  LatentKeys handle(const std::vector<InputQueue::Queued>& events, bool typing,
                    const DeskFrame& frame);

  void draw_borders(const Layout& layout, const DeskFrame& frame);

  // Popups and overlays; after the panels.
  void draw(const Layout& layout, const StatusWishes& status, const DeskFrame& frame);

  DeskWishes take_wishes() { return std::exchange(wishes_, {}); }

 private:
  void perform(KeyAction action, const DeskFrame& frame);
  void remember();
  void tell(std::string text, bool is_error = false) {
    wishes_.notices.emplace_back(std::move(text), is_error);
  }

  bool remembers_;
  Settings settings_;
  Settings written_;  // as the file has them
  LayoutSizes sizes_;
  Splitters splitters_;
  bool help_open_ = false;
  DeskWishes wishes_;
};

}  // namespace zscape
