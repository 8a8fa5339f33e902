#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <future>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "app/gui/app_shell.h"
#include "app/gui/explorer.h"
#include "app/gui/frame_log.h"
#include "app/gui/frame_pacer.h"
#include "app/gui/gl/screen.h"
#include "app/gui/layout.h"
#include "app/gui/pane.h"
#include "app/gui/panel_gaps.h"
#include "app/gui/panels/controls/controls_panel.h"
#include "app/gui/panels/curves/curves_panel.h"
#include "app/gui/panels/frame/notices_panel.h"
#include "app/gui/panels/frame/status_panel.h"
#include "app/gui/panels/inputs/own_image_panel.h"
#include "app/gui/panels/latent/latent_pair.h"
#include "app/gui/panels/latent/time_line_panel.h"
#include "app/gui/script.h"
#include "app/gui/view/latent/comparison.h"
#include "app/gui/window.h"
#include "engine/engine.h"
#include "engine/io/atomic_file.h"
#include "engine/io/png.h"
#include "engine/io/walk_file.h"

namespace zscape {

// Dear ImGui shows some consequences of an input one or two frames later.
inline constexpr int kSettleFrames = 2;

// The explorer: its window, its panels' states and its engine. Lives on the main thread for as long
// as the window is open.
class Explorer {
 public:
  Explorer(std::unique_ptr<Window> window, std::unique_ptr<Renderer> renderer,
           std::optional<Script> script, EventLog log, std::shared_ptr<Backend> backend,
           bool keeps_session);

  void open(const ExplorerOptions& options);
  Expected<void> run();

 private:
  void wait_for_frame();
  FrameNeeds needs(double now_s);
  Expected<void> frame();
  void play_script();
  void draw_panels(const std::vector<InputQueue::Queued>& events, double now_s);
  ShellFrame shell_frame(double now_s) {
    Pane& pane = active();
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
            &first_.scene,
            &first_.latent,
            pair_.active == 1 ? &first_.model_path : nullptr};
  }

  // The panes (explorer_panes.cpp).
  std::vector<Pane*> panes();
  Pane& active() { return pair_.active == 1 && second_ ? *second_ : first_; }
  void activate(ModelId model);
  Expected<void> follow_models();  // a pane for each model of the snapshot
  void compare();
  void close_second(const PanelFrame& frame);
  void choose_moments(double now_s);
  void choose_moment(Pane& pane, double now_s);
  void update_pane(Pane& pane, double now_s);
  void draw_latent(const LatentKeys& keys, const PanelFrame& frame);
  LatentPanelInput input_of(Pane& pane, const LatentKeys& keys);
  void show_hovered_picture();
  void show_pair_in_preview();
  void decode(Pane& pane, double now_s);
  void post_for_both(Command command);

  void grant(ShellRequests requests);
  void load_own_picture(const std::string& path);
  void take_own_picture();
  void draw_time_line(const PanelFrame& frame);
  void capture_time_line(Pane& pane);
  std::string draw_lower_panel(const PanelFrame& frame);
  void render();
  void save_screenshot();
  void tell(const std::string& text, bool is_error);
  void post(Command command);
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
  Layout layout_;

  SnapshotPtr snapshot_;  // now
  Selection selection_;   // of inputs, in both panes
  Pane first_;
  std::unique_ptr<Pane> second_;  // null: one model is open
  LatentPairState pair_;
  CompareMenuState compare_;
  std::future<Expected<GreyPicture>> own_picture_;  // a file on its way
  ControlsPanelState controls_;
  CurvesPanelState curves_;
  NoticesPanelState notices_;

  FrameRecord record_;
  std::optional<std::string> screenshot_;
  bool closing_second_ = false;   // it was asked for
  bool told_screenshot_ = false;  // whether a notice says where it is
  std::optional<std::string> script_error_;
  bool quit_ = false;
  int settle_ = kSettleFrames;
  double wake_s_ = 0;      // a frame is wanted then; 0: no such request
  double shown_rate_ = 0;  // frames a second, as the status line has it

  std::atomic<bool> published_ = true;
  std::unique_ptr<Engine> engine_;  // the last: it ends first, and calls back until then
};

}  // namespace zscape
