#pragma once

#include <atomic>
#include <ctime>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/gui/app_shell.h"
#include "app/gui/event_log.h"
#include "app/gui/explorer.h"
#include "app/gui/frame_log.h"
#include "app/gui/frame_pacer.h"
#include "app/gui/lab.h"
#include "app/gui/layout.h"
#include "app/gui/lower_panel.h"
#include "app/gui/panels/controls/controls_panel.h"
#include "app/gui/panels/frame/notices_panel.h"
#include "app/gui/panes.h"
#include "app/gui/picture_loader.h"
#include "app/gui/run_undo.h"
#include "app/gui/script.h"
#include "app/gui/termination.h"
#include "app/gui/view/frame/places.h"
#include "app/gui/watched_model.h"
#include "app/gui/window.h"
#include "engine/engine.h"

namespace zscape {

// The explorer: its window, its panels' states and its engine. Lives on the main thread for as long
// as the window is open.
//   explorer.cpp         opening, the loop, commands
//   explorer_panels.cpp  what a frame draws
class Explorer {
 public:
  Explorer(std::unique_ptr<Window> window, std::unique_ptr<Renderer> renderer,
           std::optional<Script> script, EventLog log, std::shared_ptr<Backend> backend,
           const TerminationWatch& termination);

  Expected<void> open(const ExplorerOptions& options);
  Expected<void> run();

 private:
  void wake() {  // from any thread
    published_ = true;
    Window::wake();
  }
  void wait_for_frame();
  FrameNeeds needs(double now_s);
  Expected<void> frame();
  void play_script();
  void draw_panels(const std::vector<InputQueue::Queued>& events, double now_s);
  ShellFrame shell_frame(double now_s) {
    Pane& pane = panes_.active();
    return {*snapshot_,
            pane.model,
            pane.scene,
            pane.latent,
            selection_,
            controls_,
            window_->size(),
            theme_,
            widgets_,
            now_s,
            &panes_.first().scene,
            &panes_.first().latent,
            &pane == &panes_.first() ? nullptr : &panes_.first().model_path,
            panes_.scenes(),
            panes_.arrangement(),
            &panes_.sequences()};
  }

  Expected<void> follow_models();  // a pane for each model of the snapshot
  void follow_store();
  void follow_watched();
  void activate(Pane& pane);
  void switch_controls(Pane& before);
  void compare();
  void close_pane();
  void post_for_all(Command command);

  void carry_out(ShellRequests requests);
  void take_own_picture();
  void draw_time_line(const PanelFrame& frame);
  void show_lab(const std::string& path);
  void take_lab(Lab::Requests requests);
  void draw_panel(Panel panel, const PanelFrame& frame);
  void render();
  void save_screenshot();
  void tell(const std::string& text, bool is_error, const char* about = "") {
    tell(WindowNotice{text, is_error, about});
  }
  void tell(const WindowNotice& notice);
  void log(std::string_view event, std::initializer_list<EventLog::Field> fields) {
    log_.events().write(event, Window::time_s(), step(), fields);
  }
  bool post(Command command);  // false: a person is asked first
  void post_unasked(Command command);
  std::int64_t step() const;

  std::unique_ptr<Window> window_;
  std::optional<Script> script_;
  FrameLog log_;
  std::shared_ptr<Backend> backend_;
  FramePacer pacer_;
  AppShell shell_;
  Theme theme_;
  float display_scale_ = 0;  // of theme_, with appearance_
  Appearance appearance_;
  WidgetMap widgets_;
  Place place_ = Place::explore;  // in this frame
  Layout layout_;

  SnapshotPtr snapshot_;  // now
  Selection selection_;   // of inputs, in all panes
  Panes panes_;
  RunUndo run_undo_{std::time(nullptr)};
  WatchedModel watched_;
  PictureLoader own_picture_;
  ControlsPanelState controls_;
  LowerPanel lower_;
  NoticesPanelState notices_;

  FrameRecord record_;
  std::optional<std::string> screenshot_;
  std::optional<ModelId> closing_;  // the engine was asked to close it
  bool told_screenshot_ = false;    // whether a notice says where it is
  std::optional<std::string> script_error_;
  bool quit_ = false;
  const TerminationWatch& termination_;
  // Dear ImGui shows some consequences of an input one or two frames later.
  static constexpr int kSettleFrames = 2;
  int settle_ = kSettleFrames;
  double wake_s_ = 0;      // a frame is wanted then; 0: no such request
  double shown_rate_ = 0;  // frames a second, as the status line has it

  std::atomic<bool> published_ = true;
  Lab lab_;
  std::unique_ptr<Engine> engine_;  // the last: it ends first, and calls back until then
};

}  // namespace zscape
