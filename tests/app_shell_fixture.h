#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "app/files/folders.h"
#include "app/gui/app_shell.h"
#include "panels_fixture.h"

namespace zscape {

namespace fs = std::filesystem;
using Events = std::vector<InputQueue::Queued>;

inline InputQueue::Queued key(int key, int mods = 0) {
  return {KeyChanged{key, 0, true, mods}, 0};
}

inline const AppShell::Options kPerson{.remembers = true, .keeps_session = false, .wake = {}};

// A home of its own for each test.
class AppShellTest : public PanelsTest {
 protected:
  AppShellTest() {
    folder_ = fs::temp_directory_path() / ("zscape-shell-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    setenv("XDG_CONFIG_HOME", (folder_ / "config").c_str(), 1);
    setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  }
  ~AppShellTest() override {
    fs::remove_all(folder_);
    apply_colors({});
  }

  // One frame with this input; what the panels were left of it is returned.
  Events step(AppShell& shell, Events events = {}, StatusRequests status = {}) {
    Events left = events;
    shell.filter(left);
    const Vec2 window{1024, 700};
    const Layout layout = layout_for(window, 1, shell.sizes());
    frame({{0, 0}, window}, [&](const PanelFrame& panel) {
      const ShellFrame now{snapshot_, kModel, scene_, latent_,  selection_,
                           controls_, window, theme_, widgets_, panel.time_s};
      shell.handle(left, false, now);
      shell.draw_borders(layout, now);
      shell.draw(layout, status, now);
    });
    return left;
  }

  ShellFrame shell_frame() {
    return {snapshot_, kModel,      scene_, latent_,  selection_,
            controls_, {1024, 700}, theme_, widgets_, time_s_};
  }

  // In the fixture's small window the curves begin folded up.
  void open_curves(AppShell& shell) {
    step(shell);
    step(shell);
    click_at(shell, widgets_.find("rail_curves")->center());
    step(shell);
    step(shell);
  }

  void click_at(AppShell& shell, Vec2 place) {
    move(place);
    step(shell);
    press(true);
    step(shell);
    press(false);
    step(shell);
  }

  fs::path folder_;
  Pictures pictures_;
  Scene scene_{pictures_};
  LatentPanelState latent_;
  Selection selection_;
  ScenesOnScreen scenes_;
};

inline std::vector<Command> loads_and_opens(const std::vector<Command>& commands) {
  std::vector<Command> result;
  for (const Command& command : commands) {
    if (std::holds_alternative<LoadData>(command) || std::holds_alternative<OpenModel>(command) ||
        std::holds_alternative<ResumeRun>(command)) {
      result.push_back(command);
    }
  }
  return result;
}

}  // namespace zscape
