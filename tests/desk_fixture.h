#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/files/folders.h"
#include "app/gui/desk.h"
#include "panels_fixture.h"

namespace zscape {

namespace fs = std::filesystem;
using Events = std::vector<InputQueue::Queued>;

inline InputQueue::Queued key(int key, int mods = 0) {
  return {KeyChanged{key, 0, true, mods}, 0};
}

inline const Desk::Options kPerson{.remembers = true, .keeps_session = false, .wake = {}};

// A home of its own for each test.
class DeskTest : public PanelsTest {
 protected:
  DeskTest() {
    folder_ = fs::temp_directory_path() / ("zscape-desk-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    setenv("XDG_CONFIG_HOME", (folder_ / "config").c_str(), 1);
    setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  }
  ~DeskTest() override {
    fs::remove_all(folder_);
    apply_colors({});
  }

  // One frame with this input; what the panels were left of it is returned.
  Events step(Desk& desk, Events events = {}, StatusWishes status = {}) {
    Events left = events;
    desk.filter(left);
    const Vec2 window{1024, 700};
    const Layout layout = layout_for(window, 1, desk.sizes());
    frame({{0, 0}, window}, [&](const PanelFrame& panel) {
      const DeskFrame now{snapshot_, kModel, scene_, latent_,  selection_,
                          controls_, window, theme_, widgets_, panel.time_s};
      desk.handle(left, false, now);
      desk.draw_borders(layout, now);
      desk.draw(layout, status, now);
    });
    return left;
  }

  void click_at(Desk& desk, Vec2 place) {
    move(place);
    step(desk);
    press(true);
    step(desk);
    press(false);
    step(desk);
  }

  fs::path folder_;
  Pictures pictures_;
  Scene scene_{pictures_};
  LatentPanelState latent_;
  Selection selection_;
};

inline std::vector<Command> loads_and_opens(const std::vector<Command>& commands) {
  std::vector<Command> result;
  for (const Command& command : commands) {
    if (std::holds_alternative<LoadData>(command) || std::holds_alternative<OpenModel>(command)) {
      result.push_back(command);
    }
  }
  return result;
}

}  // namespace zscape
