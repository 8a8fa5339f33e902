#include "app/gui/explorer.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "app/gui/desk.h"
#include "app/gui/frame_pacer.h"
#include "app/gui/gl/screen.h"
#include "app/gui/grounds.h"
#include "app/gui/layout.h"
#include "app/gui/panels/controls_panel.h"
#include "app/gui/panels/curves_panel.h"
#include "app/gui/panels/figures_panel.h"
#include "app/gui/panels/latent_panel.h"
#include "app/gui/panels/notices_panel.h"
#include "app/gui/panels/own_image_panel.h"
#include "app/gui/panels/preview_panel.h"
#include "app/gui/panels/status_panel.h"
#include "app/gui/panels/time_line_panel.h"
#include "app/gui/renderer.h"
#include "app/gui/script.h"
#include "app/gui/session_log.h"
#include "app/gui/time_line_capture.h"
#include "app/gui/window.h"
#include "engine/engine.h"
#include "engine/io/atomic_file.h"
#include "engine/io/png.h"
#include "engine/io/walk_file.h"

namespace zscape {
namespace {

constexpr ModelId kModel{0};

// Dear ImGui shows some consequences of an input one or two frames later.
constexpr int kSettleFrames = 2;

// Why frames go on though nothing visible moves: a blinking caret, a held key.
constexpr double kTypingFrame = 0.1;

// The clock of all processes, so that a log's times can be held against another program's.
double monotonic_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

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
  DeskFrame desk_frame(double now_s) {
    return {*snapshot_,      kModel, scene_,   latent_, controls_,
            window_->size(), theme_, widgets_, now_s};
  }
  void grant(DeskWishes wishes);
  void decode(double now_s);
  void choose_moment(double now_s);
  void draw_time_line(const PanelFrame& frame);
  void capture_time_line();
  std::string draw_lower_panel(const PanelFrame& frame);
  void render();
  void save_screenshot();
  void tell(const std::string& text, bool is_error);
  void post(Command command);
  std::int64_t step() const;

  std::unique_ptr<Window> window_;
  std::unique_ptr<Renderer> renderer_;
  std::optional<Script> script_;
  SessionLog log_;
  std::shared_ptr<Backend> backend_;
  FramePacer pacer_;
  Desk desk_;
  Theme theme_;
  float display_scale_ = 0;  // of theme_, with look_
  Look look_;
  WidgetMap widgets_;
  Layout layout_;

  SnapshotPtr snapshot_;  // now
  SnapshotPtr shown_;     // what latent view and preview show: now, or a moment of the time line
  TimeLine time_line_;
  TimeLineCapture capture_;
  Pictures pictures_;
  std::uint64_t sheet_generation_ = 0;
  Scene scene_{pictures_};
  Points points_;
  OwnImage own_image_{pictures_};
  LayerContents contents_{pictures_};
  LatentPanelState latent_;
  PreviewPanelState preview_;
  ControlsPanelState controls_;
  CurvesPanelState curves_;
  FiguresPanelState figures_;
  CodeFiguresCache code_figures_;
  NoticesPanelState notices_;

  FrameRecord record_;
  std::optional<std::string> screenshot_;
  bool told_screenshot_ = false;  // whether a notice says where it is
  std::optional<std::string> script_error_;
  std::string decode_error_;  // told once, until decoding works again
  bool quit_ = false;
  int settle_ = kSettleFrames;
  double wake_s_ = 0;      // a frame is wanted then; 0: no such wish
  double shown_rate_ = 0;  // frames a second, as the status line has it

  std::atomic<bool> published_ = true;
  std::unique_ptr<Engine> engine_;  // the last: it ends first, and calls back until then
};

Explorer::Explorer(std::unique_ptr<Window> window, std::unique_ptr<Renderer> renderer,
                   std::optional<Script> script, EventLog log, std::shared_ptr<Backend> backend,
                   bool keeps_session)
    : window_(std::move(window)),
      renderer_(std::move(renderer)),
      script_(std::move(script)),
      log_(std::move(log)),
      backend_(std::move(backend)),
      pacer_(window_->software()),
      desk_({.remembers = !script_, .keeps_session = !script_ && keeps_session, .wake = [this] {
               published_ = true;
               Window::wake();
             }}) {
  display_scale_ = window_->scale();
  look_ = desk_.look();
  theme_ = make_theme(display_scale_, window_->software(), look_);
  points_.set_gliding(!look_.reduced_motion);
  pictures_.texture = renderer_->picture_texture();
  backend_->enter_thread(ThreadRole::helper);
  EngineOptions options;
  options.publish_hz = window_->software() ? 8 : 30;
  options.nice = window_->software() ? 5 : 0;
  options.write_pictures = write_walk;
  options.on_publish = [this] {
    published_ = true;
    Window::wake();
  };
  options.write_file = write_file_atomically;
  engine_ = std::make_unique<Engine>(backend_, std::move(options));
  snapshot_ = engine_->snapshot();
  shown_ = snapshot_;
}

void Explorer::open(const ExplorerOptions& options) {
  log_.events().write("start", Window::time_s(), 0,
                      {{"renderer", window_->renderer()},
                       {"software", window_->software()},
                       {"monotonic", monotonic_s()},
                       {"scale", double{window_->scale()}}});
  ModelSpec spec;
  spec.latent = options.latent;
  spec = with_kind(spec, options.kind);
  post(SetSeed{kModel, options.seed});
  post(ReplaceModel{kModel, spec});
  const bool resumes = options.resume_session && !script_;
  if ((resumes || !options.session_path.empty()) &&
      desk_.begin(options.session_path, desk_frame(Window::time_s()))) {
    return;
  }
  post(LoadData{kModel, options.data.source, options.data.image_size});
  if (!options.model_path.empty()) {
    controls_.path = options.model_path;
    post(OpenModel{kModel, options.model_path});
  } else {
    post(Start{kModel});
  }
}

Expected<void> Explorer::run() {
  while (!quit_) {
    wait_for_frame();
    if (window_->close_requested()) {
      window_->refuse_close();
      desk_.request_close(desk_frame(Window::time_s()));
    }
    if (Expected<void> drawn = frame(); !drawn) return drawn;
  }
  log_.events().write("quit", Window::time_s(), step(), {{"frames", record_.number}});
  if (script_error_) return fail(*script_error_);
  return {};
}

FrameNeeds Explorer::needs(double now_s) {
  const ModelView* model = snapshot_->find(kModel);
  FrameNeeds needs;
  needs.now = settle_ > 0 || !window_->input().empty() || capture_.moment();
  needs.animating = published_ || points_.moving() || latent_.view_moving || scene_.stale() ||
                    contents_.manifold.stale() || contents_.refining || snapshot_->activity ||
                    time_line_.playing() || capture_.busy() ||
                    (script_ && !script_->done()) || (model && model->state == RunState::running);
  needs.wake_s = wake_s_;
  if (const auto wake_s = scene_.wake_s();
      wake_s && (needs.wake_s == 0 || *wake_s < needs.wake_s)) {
    needs.wake_s = *wake_s;
  }
  if (ImGui::GetIO().WantTextInput) needs.wake_s = now_s + kTypingFrame;
  return needs;
}

// Sleeps as long as nothing is to be drawn: paused and untouched, for ever.
void Explorer::wait_for_frame() {
  window_->handle_events(0);
  while (!window_->close_requested()) {
    if (window_->take_damage()) settle_ = std::max(settle_, 1);
    const double now_s = Window::time_s();
    const double wait_s = pacer_.wait_s(needs(now_s), now_s);
    if (wait_s <= 0) return;
    window_->handle_events(wait_s);
  }
}

std::int64_t Explorer::step() const {
  const ModelView* model = snapshot_->find(kModel);
  return model ? model->position.step : 0;
}

void Explorer::post(Command command) {
  log_.events().write_command(command, Window::time_s(), step());
  desk_.note(command);
  engine_->post(std::move(command));
}

void Explorer::tell(const std::string& text, bool is_error) {
  add_notice(notices_, text, is_error, Window::time_s());
  if (is_error) log_.events().write("error", Window::time_s(), step(), {{"text", text}});
}

void Explorer::play_script() {
  if (!script_ || script_->done()) return;
  ScriptActions actions = script_->advance(
      {*snapshot_, kModel, latent_.view, widgets_, window_->input(), Window::time_s()});
  for (Command& command : actions.commands) post(std::move(command));
  if (actions.screenshot) screenshot_ = std::move(actions.screenshot);
  if (actions.quit) quit_ = true;
  if (actions.error) {
    // A tour that cannot go on has failed; it does not leave a window behind that nobody looks at.
    script_error_ = actions.error;
    quit_ = true;
  }
}

void Explorer::grant(DeskWishes wishes) {
  for (Command& command : wishes.commands) post(std::move(command));
  for (const auto& [text, is_error] : wishes.notices) tell(text, is_error);
  if (wishes.screenshot) {
    screenshot_ = std::move(wishes.screenshot);
    told_screenshot_ = true;
  }
  if (wishes.quit) quit_ = true;
}

// Where a decoder fails, the window goes on with the last pictures.
void Explorer::decode(double now_s) {
  record_.drawn = {};
  record_.manifold = {};
  const ModelView* model = shown_->find(kModel);
  if (!model || !model->weights) return;
  try {
    record_.drawn = scene_.update_pictures(*model->weights, model->decoded, now_s);
    if (record_.drawn.request) {
      record_.drawn.request->model = kModel;
      record_.drawn.request->weights = model->weights;
      engine_->post(*record_.drawn.request);
    }
    // A moment of the past has no encoder; the picture's code stays that of now.
    if (own_image_.open && !time_line_.shown()) {
      own_image_.update(*model->weights, points_, shown_->data, scene_.label());
    }
    record_.manifold =
        contents_.manifold.update(*model->weights, scene_, model->decoded_grid, now_s);
    if (record_.manifold.request) {
      record_.manifold.request->model = kModel;
      record_.manifold.request->weights = model->weights;
      engine_->post(*record_.manifold.request);
    }
    if (!time_line_.shown()) {
      if (const auto request = contents_.coloring.request(*model, now_s)) engine_->post(*request);
      if (auto search = scene_.update_geodesics(*model->weights, model->geodesic, now_s)) {
        search->model = kModel;
        engine_->post(std::move(*search));
      }
    }
    decode_error_.clear();
  } catch (const std::exception& error) {
    if (decode_error_ != error.what()) {
      decode_error_ = error.what();
      tell(fmt::format("the preview cannot be decoded: {}", decode_error_), true);
    }
  }
}

// Decides what latent view and preview show in this frame.
void Explorer::choose_moment(double now_s) {
  if (const ModelView* model = snapshot_->find(kModel)) {
    time_line_.update(model->history, model->position.step, now_s);
  }
  if (const MomentPtr moment = capture_.moment()) {
    time_line_.show(moment);
    points_.clear();  // they jump there: the picture is of this moment alone
  }
  const Moment* moment = time_line_.shown();
  curves_.marked_step.reset();
  if (moment) curves_.marked_step = static_cast<double>(moment->position.step);
  shown_ = moment ? snapshot_at(*snapshot_, kModel, *moment) : snapshot_;
}

void Explorer::draw_time_line(const PanelFrame& frame) {
  const TimeLineWishes wishes = draw_time_line_panel(time_line_, capture_.busy(), frame);
  if (wishes.export_gif) {
    capture_.begin(time_line_.moments(), time_stamped("zscape-time-line", "gif"));
  }
  if (const auto result = capture_.take_result()) {
    tell(*result ? fmt::format("saved {}", **result) : result->error().message, !*result);
    if (*result) log_.events().write("gif", Window::time_s(), step(), {{"file", **result}});
  }
}

void Explorer::draw_panels(const std::vector<InputQueue::Queued>& events, double now_s) {
  const auto panel = [&](Rect rect) { return PanelFrame{theme_, widgets_, rect, now_s}; };
  const DeskFrame desk = desk_frame(now_s);
  const LatentKeys keys = desk_.handle(events, ImGui::GetIO().WantTextInput, desk);
  widgets_.clear();
  desk_.draw_borders(layout_, desk);
  if (theme_.software_rendering) draw_gaps(layout_, window_->size());
  choose_moment(now_s);
  if (const ModelView* model = shown_->find(kModel)) {
    if (shown_->data) scene_.set_model(model->spec, shown_->data);
    points_.update(*model, shown_->data, latent_.split, scene_.axes(), now_s);
    if (shown_->data) contents_.follow(points_, *model, *shown_->data, latent_.color_by);
  }
  draw_latent_panel(*shown_, kModel,
                    {points_, pictures_, contents_, keys, renderer_->canvas(), &own_image_},
                    scene_, latent_, panel(layout_.latent));
  contents_.fill(latent_.layers, points_, latent_.hidden, scene_,
                 {latent_.view, theme_.scale, now_s, theme_.software_rendering});
  scene_.advance(now_s);
  if (preview_.peek && !latent_.pointer_inside &&
      preview_.peek->z.size() == static_cast<std::size_t>(scene_.latent())) {
    scene_.point_at(preview_.peek->z, preview_.peek->label);
  }
  decode(now_s);
  std::string warning;
  if (!layout_.panels_hidden) {
    for (Command& command : draw_preview_panel(*shown_, kModel, pictures_, scene_, preview_,
                                               panel(layout_.preview))) {
      post(std::move(command));
    }
    for (Command& command :
         draw_controls_panel(*snapshot_, kModel, controls_, panel(layout_.controls))) {
      post(std::move(command));
    }
    warning = draw_lower_panel(panel(layout_.curves));
    draw_time_line(panel(layout_.time_line));
  }
  draw_own_image_panel(*shown_, kModel, own_image_, scene_, pictures_,
                       panel(layout_.panels_hidden ? layout_.latent : layout_.preview));
  shown_rate_ = pacer_.per_second(now_s);
  const StatusWishes status =
      draw_status_panel(*snapshot_, kModel, {shown_rate_, warning}, panel(layout_.status));
  const std::optional<double> wanted =
      draw_notices_panel(*snapshot_, notices_, panel(layout_.latent));
  wake_s_ = wanted ? now_s + *wanted : 0;
  desk_.draw(layout_, status, desk);
  // The status line shall say that the window sleeps, once it does.
  if (shown_rate_ > 0 && (wake_s_ == 0 || wake_s_ > now_s + 1)) wake_s_ = now_s + 1;
}

// Curves or figures. Returns what is wrong with the codes, for the status line.
std::string Explorer::draw_lower_panel(const PanelFrame& frame) {
  const ModelView* model = snapshot_->find(kModel);
  const CodeFigures* figures = model ? code_figures_.update(*model) : nullptr;
  const auto warning = figures ? code_warning(*figures, *model) : std::nullopt;
  const bool serious = warning && warning->serious;
  curves_.remark = serious;
  const auto commands =
      curves_.tab == LowerTab::curves
          ? draw_curves_panel(*snapshot_, kModel, curves_, frame)
          : draw_figures_panel(*snapshot_, kModel, {figures, scene_.shown_input(), pictures_},
                               figures_, curves_.tab, frame);
  for (const Command& command : commands) {
    // A question for the next picture, many a second, is no news to a log.
    if (std::holds_alternative<Reconstruct>(command)) {
      engine_->post(command);
    } else {
      post(command);
    }
  }
  return serious ? warning->text : std::string();
}

void Explorer::render() {
  const float ratio = window_->pixel_ratio();
  // Panels drawn before the sheet grew know the old places: one more frame puts that right.
  if (pictures_.generation() != sheet_generation_) settle_ = std::max(settle_, 1);
  sheet_generation_ = pictures_.generation();
  renderer_->upload(pictures_);
  record_.points_redrawn =
      renderer_->draw_plot(points_, contents_, pictures_, latent_, theme_.scale, ratio);
  renderer_->clear(window_->framebuffer(), theme_);
  window_->draw_imgui();
}

void Explorer::save_screenshot() {
  const std::string path = *std::exchange(screenshot_, std::nullopt);
  const Vec2 size = window_->framebuffer();
  const auto width = static_cast<int>(size.x);
  const auto height = static_cast<int>(size.y);
  const auto written = write_png(path, width, height, 3, gl::read_window(0, 0, width, height));
  if (!written) {
    tell(written.error().message, true);
    return;
  }
  log_.events().write("screenshot", Window::time_s(), step(), {{"file", path}});
  if (std::exchange(told_screenshot_, false)) tell(fmt::format("saved {}", path), false);
}

// The plot as it stands in the window, once it and all its pictures are of the moment.
void Explorer::capture_time_line() {
  const MomentPtr moment = capture_.moment();
  if (!moment || time_line_.shown() != moment.get() || scene_.stale()) return;
  const float ratio = window_->pixel_ratio();
  const auto pixels = [ratio](float length) { return static_cast<int>(length * ratio); };
  const LatentView& plot = latent_.view;
  const int width = pixels(plot.size.x), height = pixels(plot.size.y);
  const int below = static_cast<int>(window_->framebuffer().y) - pixels(plot.origin.y) - height;
  capture_.take({width, height, 3, gl::read_window(pixels(plot.origin.x), below, width, height)});
  if (!capture_.moment()) time_line_.return_to_now();
}

Expected<void> Explorer::frame() {
  const double now_s = Window::time_s();
  pacer_.began(now_s);
  published_ = false;
  const std::uint64_t told = notices_.last_number;
  snapshot_ = engine_->snapshot();
  if (window_->scale() != display_scale_ || desk_.look() != look_) {
    display_scale_ = window_->scale();
    look_ = desk_.look();
    theme_ = make_theme(display_scale_, window_->software(), look_);
    window_->renew_fonts();
    points_.set_gliding(!look_.reduced_motion);
    settle_ = kSettleFrames;
  }
  play_script();
  std::vector<InputQueue::Queued> events = window_->input().take_frame();
  settle_ = events.empty() ? std::max(settle_ - 1, 0) : kSettleFrames;

  desk_.filter(events);
  layout_ = layout_for(window_->size(), theme_.scale, desk_.sizes());
  window_->begin_frame(Desk::for_fields(events, ImGui::GetIO().WantTextInput));
  draw_panels(events, now_s);
  ImGui::Render();
  render();
  grant(desk_.take_wishes());
  if (screenshot_) save_screenshot();
  capture_time_line();
  const double drawn_s = Window::time_s();
  window_->swap();
  const double shown_s = Window::time_s();
  if (const std::string error = gl::take_error(); !error.empty()) {
    return fail(
        fmt::format("OpenGL ({}) reports {}; another graphics driver may help, or "
                    "LIBGL_ALWAYS_SOFTWARE=1",
                    window_->renderer(), error));
  }

  ++record_.number;
  record_.time_s = shown_s;
  record_.step = step();
  record_.cpu_ms = (drawn_s - now_s) * 1000;
  record_.whole_ms = (shown_s - now_s) * 1000;
  record_.input_to_shown_ms.reset();
  for (const auto& [event, time] : events) {
    if (!std::holds_alternative<PointerMoved>(event)) continue;
    record_.input_to_shown_ms = (shown_s - time) * 1000;
    break;
  }
  log_.frame(record_, scene_, latent_, points_, contents_, widgets_);
  for (const Notice& notice : snapshot_->notices) {
    if (notice.number <= told) continue;
    log_.events().write(notice.is_error ? "error" : "notice", shown_s, record_.step,
                        {{"text", notice.text}});
  }
  return {};
}

Expected<void> explore(const ExplorerOptions& options, std::shared_ptr<Backend> backend) {
  std::optional<Script> script;
  if (!options.script.empty()) {
    Expected<Script> loaded = Script::load(options.script);
    if (!loaded) return tl::unexpected(loaded.error());
    script = std::move(*loaded);
  }
  EventLog log;
  if (!options.log.empty()) {
    Expected<EventLog> opened = EventLog::open(options.log);
    if (!opened) return tl::unexpected(opened.error());
    log = std::move(*opened);
  }
  auto window = Window::open("zscape", options.width, options.height);
  if (!window) return tl::unexpected(window.error());
  auto renderer = Renderer::make();
  if (!renderer) return tl::unexpected(renderer.error());
  Explorer explorer(std::move(*window), std::move(*renderer), std::move(script), std::move(log),
                    std::move(backend), options.keep_session);
  explorer.open(options);
  return explorer.run();
}

}  // namespace

int run_explorer(const ExplorerOptions& options, std::shared_ptr<Backend> backend) {
  const Expected<void> explored = explore(options, std::move(backend));
  if (explored) return 0;
  fmt::print(stderr, "zscape: {}\n", explored.error().message);
  return 1;
}

}  // namespace zscape
