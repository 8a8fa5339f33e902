#include "app/gui/explorer.h"

#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <utility>

#include "app/files/folders.h"
#include "app/files/source_kind.h"
#include "app/gui/explorer_impl.h"
#include "app/gui/gl/screen.h"
#include "app/gui/text_check.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/inputs/data_notes.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/io/atomic_file.h"
#include "engine/io/gif.h"
#include "engine/io/png.h"
#include "engine/text.h"

namespace zscape {
namespace {

// The frame interval while text is typed: a blinking caret, a held key.
constexpr double kTypingFrame = 0.1;

// A clock shared by all processes, so that a log's times can be compared with another program's.
double monotonic_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of this thread only.
double processor_time_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

Explorer::Explorer(std::unique_ptr<Window> window, std::unique_ptr<Renderer> renderer,
                   std::optional<Script> script, EventLog log, std::shared_ptr<Backend> backend,
                   const TerminationWatch& termination)
    : window_(std::move(window)),
      script_(std::move(script)),
      log_(std::move(log)),
      backend_(std::move(backend)),
      pacer_(window_->software()),
      shell_({.remembers = !script_, .keeps_session = !script_, .wake = [this] { wake(); }}),
      panes_(std::move(renderer), selection_),
      termination_(termination),
      lab_({script_ ? std::string() : state_folder().string(), backend_, [this] { wake(); }}) {
  display_scale_ = window_->scale();
  appearance_ = shell_.appearance();
  theme_ = make_theme(display_scale_, window_->software(), appearance_);
  panes_.first().points.set_gliding(!appearance_.reduced_motion);
  backend_->enter_thread(ThreadRole::helper);
  EngineOptions options;
  options.publish_hz = window_->software() ? 8 : 30;
  options.nice = window_->software() ? 5 : 0;
  options.write_pictures = write_walk;
  options.on_publish = [this] { wake(); };
  // It writes curves and inputs.
  options.write_file = [](const std::string& path, std::span<const std::byte> bytes) {
    return check_ending(path, ".csv").and_then([&] { return write_file_atomically(path, bytes); });
  };
  engine_ = std::make_unique<Engine>(backend_, std::move(options));
  snapshot_ = engine_->snapshot();
  panes_.first().shown = snapshot_;
}

Expected<void> Explorer::open(const ExplorerOptions& options) {
  log_.events().write("start", Window::time_s(), 0,
                      {{"renderer", window_->renderer()},
                       {"software", window_->software()},
                       {"monotonic", monotonic_s()},
                       {"scale", double{window_->scale()}}});
  if (!options.lab_path.empty()) show_lab(options.lab_path);
  controls_.data_help = data_help();
  controls_.data_options = options.data;
  controls_.data_options.source.clear();
  ModelSpec spec;
  spec.latent = options.latent;
  post(SetParameter{kFirstModel, "seed", std::to_string(options.seed)});
  post(ReplaceModel{kFirstModel, with_kind(spec, options.kind)});
  const bool resumes = options.resume_session && !script_;
  if ((resumes || !options.session_path.empty()) &&
      shell_.begin(options.session_path, shell_frame(Window::time_s()), options.session_data)) {
    return {};
  }
  // Codes first: no model begins with the data then.
  if (!options.codes_path.empty()) post(OpenModel{kFirstModel, options.codes_path, options.said});
  post(LoadData{kFirstModel, options.data});
  if (!options.model_path.empty()) {
    if (!shell_.is_ready_made(options.model_path)) controls_.path = options.model_path;
    post(OpenModel{kFirstModel, options.model_path, options.said});
  } else if (options.watched.empty() && options.codes_path.empty()) {
    post(Start{kFirstModel});
  }
  if (options.watched.empty()) return {};
  return watched_.begin(options.watched, options.said, [this] { wake(); });
}

void Explorer::follow_watched() {
  const WatchedModel::News news = watched_.follow(*snapshot_);
  if (news.shown) log("watched", {{"file", *news.shown}});
  if (news.refused) tell(*news.refused, false, "watched");
  if (!news.open) return;
  post(*news.open);
}

Expected<void> Explorer::run() {
  while (!quit_) {
    wait_for_frame();
    if (termination_.requested()) {
      shell_.close_unasked(shell_frame(Window::time_s()));
    } else if (window_->close_requested()) {
      window_->refuse_close();
      shell_.request_close(shell_frame(Window::time_s()));
    }
    if (Expected<void> drawn = frame(); !drawn) return drawn;
  }
  log("quit", {{"frames", record_.number}});
  if (script_error_) return fail(*script_error_);
  return {};
}

FrameNeeds Explorer::needs(double now_s) {
  FrameNeeds needs;
  needs.input = !window_->input().empty();
  needs.now = settle_ > 0;
  needs.animating =
      published_ || snapshot_->activity || own_picture_.busy() || (script_ && !script_->done());
  needs.wake_s = wake_s_;
  needs.hidden = window_->minimised();
  for (const auto& pane : panes_) pane->add_needs(needs, *snapshot_);
  if (ImGui::GetIO().WantTextInput) needs.wake_s = now_s + kTypingFrame;
  return needs;
}

// Sleeps until something must be drawn.
void Explorer::wait_for_frame() {
  window_->handle_events(0);
  bool rests = false;
  while (!window_->close_requested() && !termination_.requested()) {
    if (window_->take_damage()) settle_ = std::max(settle_, 1);
    engine_->set_watched(!window_->minimised());
    const double now_s = Window::time_s();
    const double wait_s = pacer_.wait_s(needs(now_s), now_s);
    if (wait_s <= 0) return;
    // All that was done so far is on the screen; nothing will change by itself.
    if (std::isinf(wait_s) && !std::exchange(rests, true)) log("rest", {});
    window_->handle_events(wait_s);
  }
}

std::int64_t Explorer::step() const {
  const ModelView* model = snapshot_->find(kFirstModel);
  return model ? model->position.step : 0;
}

bool Explorer::post(Command command) {
  if (shell_.holds_back(command, *snapshot_)) return false;
  post_unasked(std::move(command));
  return true;
}

void Explorer::post_unasked(Command command) {
  const double now_s = Window::time_s();
  for (Command& first : shell_.note(command, shell_frame(now_s))) {
    log_.events().write_command(first, now_s, step());
    engine_->post(std::move(first));
  }
  log_.events().write_command(command, now_s, step());
  engine_->post(std::move(command));
}

void Explorer::tell(const WindowNotice& notice) {
  add_notice(notices_, notice, Window::time_s());
  log(notice.is_error ? "error" : "notice", {{"text", notice.text}});
}

void Explorer::play_script() {
  if (!script_ || script_->done()) return;
  ScriptActions actions =
      script_->advance({*snapshot_, panes_.active().model, panes_.active().latent.view, widgets_,
                        window_->input(), Window::time_s()});
  for (Command& command : actions.commands) post(std::move(command));
  if (actions.screenshot) screenshot_ = std::move(actions.screenshot);
  if (actions.quit) quit_ = true;
  if (actions.error) {
    // A failed script ends the program instead of leaving a window open.
    script_error_ = actions.error;
    quit_ = true;
  }
}

void Explorer::carry_out(ShellRequests requests) {
  for (Command& command : requests.commands) post(std::move(command));
  for (Command& command : requests.granted) post_unasked(std::move(command));
  for (const std::string& about : requests.settled) settle_notices(notices_, about);
  for (const WindowNotice& notice : requests.notices) tell(notice);
  if (requests.screenshot) {
    screenshot_ = std::move(requests.screenshot);
    told_screenshot_ = true;
  }
  if (requests.picture) own_picture_.begin(backend_, *requests.picture, snapshot_->data);
  if (requests.panes) panes_.arrange(*std::move(requests.panes));
  if (requests.compare) compare();
  if (requests.samples) lower_.show_samples();
  if (requests.results) show_lab(*requests.results);
  if (requests.quit) quit_ = true;
}

void Explorer::take_own_picture() {
  auto loaded = own_picture_.take();
  if (!loaded) return;
  if (!*loaded) return tell(loaded->error().message, true, "picture");
  settle_notices(notices_, "picture");
  panes_.first().own_image.take(std::move(**loaded));
  settle_ = kSettleFrames;
}

void Explorer::show_lab(const std::string& path) {
  shell_.go_to(Place::lab);
  lab_.open(path);
  log("lab_opened", {{"path", path}});
  settle_ = kSettleFrames;
}

void Explorer::take_lab(Lab::Requests requests) {
  for (const std::string& about : requests.settled) settle_notices(notices_, about);
  for (const WindowNotice& notice : requests.notices) tell(notice);
  for (Command& command : requests.commands) post(std::move(command));
  for (const Lab::Event& event : requests.events)
    log(event.name, {{"text", event.text}, {"number", event.number}});
  if (requests.open_results) shell_.open_results();
}

void Explorer::follow_store() {
  for (const StoredRun& run :
       run_undo_.follow(*snapshot_, panes_.scenes(), notices_, Window::time_s())) {
    log("put_away", {{"run", static_cast<std::int64_t>(run.id)},
                     {"model", static_cast<std::int64_t>(run.model.value)},
                     {"of_step", run.position.step},
                     {"text", text_of_put_away({run})}});
  }
}

// Adds and removes panes to match the engine's models.
Expected<void> Explorer::follow_models() {
  const auto log_change = [this](const ModelView* opened) {
    settle_ = kSettleFrames;
    const ModelView* first = snapshot_->find(kFirstModel);
    log("compare",
        {{"open", opened != nullptr},
         {"kind", opened ? std::string(name_of(opened->spec.kind)) : std::string()},
         {"lambda", opened ? opened->settings.kl_weight : 0.0},
         {"link", opened ? text_of(link_between(first->spec, opened->spec)) : std::string()}});
  };
  for (std::size_t i = panes_.size(); i-- > 1;) {
    const Pane& pane = panes_[i];
    const ModelView* model = snapshot_->find(pane.model);
    if (model && model->serial == pane.serial) continue;
    if (closing_ == pane.model) closing_.reset();
    if (&pane == &panes_.active()) activate(panes_.first());
    panes_.remove(pane);
    log_change(nullptr);
  }
  for (const ModelView& model : snapshot_->models) {
    if (panes_.find(model.id)) continue;
    Expected<std::unique_ptr<Renderer>> renderer = Renderer::make();
    if (!renderer) return tl::unexpected(renderer.error());
    panes_.add(model, std::move(*renderer), snapshot_);
    panes_.last().model_path = fmt::format("model-{}.safetensors", model.id.value + 1);
    panes_.last().points.set_gliding(!appearance_.reduced_motion);
    log_change(&model);
  }
  return {};
}

void Explorer::activate(Pane& pane) {
  Pane& before = panes_.active();
  panes_.activate(pane);
  switch_controls(before);
}

// Discards edits of the other model; each model keeps its file name.
void Explorer::switch_controls(Pane& before) {
  Pane& now = panes_.active();
  if (&before == &now) return;
  before.model_path = std::exchange(controls_.path, now.model_path);
  ControlsPanelState fresh;
  fresh.path = controls_.path;
  fresh.source = controls_.source;
  fresh.data_options = controls_.data_options;
  fresh.options_of = controls_.options_of;
  fresh.more_data = controls_.more_data;
  fresh.data_help = controls_.data_help;
  fresh.files = std::move(controls_.files);
  fresh.more_training = controls_.more_training;
  fresh.more_model = controls_.more_model;
  controls_ = std::move(fresh);
  settle_ = kSettleFrames;
}

// The key opens the list of models to compare with or, if there are several, closes the last.
void Explorer::compare() {
  CompareMenuState& menu = panes_.menu();
  (snapshot_->models.size() < 2 ? menu.opens : menu.closes) = true;
  settle_ = kSettleFrames;
}

void Explorer::close_pane() {
  const Pane* closed = panes_.take_closed();
  if (!closed || closing_) return;
  if (post(RemoveModel{closed->model})) closing_ = closed->model;
}

// All models train, pause and step together.
void Explorer::post_for_all(Command command) {
  for (const ModelView& model : snapshot_->models) {
    if (model.id == panes_.active().model) continue;
    if (std::holds_alternative<Start>(command) && can_start(model.state)) post(Start{model.id});
    if (std::holds_alternative<Pause>(command) && can_pause(model.state)) post(Pause{model.id});
    if (std::holds_alternative<Step>(command) && can_step(model.state)) post(Step{model.id});
  }
  post(std::move(command));
}

void Explorer::render() {
  const float ratio = window_->pixel_ratio();
  record_.points_redrawn = false;
  for (const auto& pane : panes_) {
    // Panels drawn before the sheet grew used the old places: draw one more frame.
    if (pane->pictures.generation() != pane->sheet_generation) settle_ = std::max(settle_, 1);
    pane->sheet_generation = pane->pictures.generation();
    pane->renderer->upload(pane->pictures);
    pane->renderer->upload(pane->samples.jacobian);
    record_.points_redrawn |=
        pane->renderer->draw_plot(pane->points, pane->contents, pane->pictures, pane->latent,
                                  theme_.scale, ratio, window_->framebuffer().y);
  }
  Renderer::clear(theme_);
  window_->draw_imgui();
}

void Explorer::save_screenshot() {
  const std::string path = *std::exchange(screenshot_, std::nullopt);
  const Vec2 size = window_->framebuffer();
  const auto width = int(size.x), height = int(size.y);
  const auto written = write_png(path, width, height, 3, gl::read_window(0, 0, width, height));
  if (!written) return tell(written.error().message, true, "screenshot");
  settle_notices(notices_, "screenshot");
  log("screenshot", {{"file", path}, {"unreadable", unreadable_text(panes_.active().latent.view)}});
  if (std::exchange(told_screenshot_, false)) tell(tr("saved {}", path), false);
}

Expected<void> Explorer::frame() {
  const double now_s = Window::time_s();
  const double began_cpu_s = processor_time_s();
  pacer_.began(now_s, !window_->input().empty());
  published_ = false;
  const std::uint64_t told = notices_.last_number;
  snapshot_ = engine_->snapshot();
  follow_store();
  follow_watched();
  if (Expected<void> followed = follow_models(); !followed) return followed;
  if (window_->scale() != display_scale_ || shell_.appearance() != appearance_) {
    display_scale_ = window_->scale();
    appearance_ = shell_.appearance();
    theme_ = make_theme(display_scale_, window_->software(), appearance_);
    window_->renew_fonts();
    for (const auto& pane : panes_) pane->points.set_gliding(!appearance_.reduced_motion);
    settle_ = kSettleFrames;
  }
  play_script();
  std::vector<InputQueue::Queued> events = window_->input().take_frame();
  settle_ = events.empty() ? std::max(settle_ - 1, 0) : kSettleFrames;
  shell_.filter(events);
  place_ = shell_.place();
  layout_ = layout_for(window_->size(), theme_.scale, shell_.sizes(), regions_of(place_));
  const bool takes_tab =
      ImGui::GetIO().WantTextInput || ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup);
  window_->begin_frame(AppShell::for_fields(events, takes_tab));
  draw_panels(events, now_s);
  ImGui::Render();
  render();
  carry_out(shell_.take_requests());
  if (screenshot_) save_screenshot();
  for (const auto& pane : panes_) {
    pane->capture_plot(window_->pixel_ratio(), window_->framebuffer().y);
  }
  const double drawn_cpu_s = processor_time_s();
  window_->swap();
  const double shown_s = Window::time_s();
  if (const std::string error = gl::take_error(); !error.empty()) {
    return fail(
        tr("OpenGL ({}) reports {}; try another graphics driver or set LIBGL_ALWAYS_SOFTWARE=1",
           window_->renderer(), error));
  }
  ++record_.number;
  record_.time_s = shown_s;
  record_.step = step();
  record_.cpu_ms = (drawn_cpu_s - began_cpu_s) * 1000;
  record_.whole_ms = (shown_s - now_s) * 1000;
  record_.input_to_shown_ms.reset();
  const auto moved = std::ranges::find_if(events, [](const InputQueue::Queued& queued) {
    return std::holds_alternative<PointerMoved>(queued.event);
  });
  if (moved != events.end()) record_.input_to_shown_ms = (shown_s - moved->time_s) * 1000;
  panes_.active().inputs.log(log_.events(), shown_s, record_.step);
  lower_.log(log_.events(), panes_, shown_s, record_.step);
  for (const auto& pane : panes_) {
    record_.pane = static_cast<int>(panes_.number(*pane));
    record_.drawn = pane->drawn;
    record_.manifold = pane->manifold;
    if (const ModelView* model = snapshot_->find(pane->model)) {
      log_.evaluation(record_, *model);
      log_.certificate(record_, *model);
    }
    log_.frame(record_, pane->scene, pane->latent, pane->points, pane->contents, widgets_);
    log_.evidence(record_, pane->evidence);
    log_.sequences(record_, pane->sequences, pane->sequence_codes, pane->scene);
  }
  for (const Notice& notice : snapshot_->notices) {
    if (notice.number <= told) continue;
    log_.events().write(notice.is_error ? "error" : "notice", shown_s, record_.step,
                        {{"text", with_controls_named(notice.text)}});
  }
  return {};
}

namespace {

Expected<void> explore(const ExplorerOptions& options, std::shared_ptr<Backend> backend) {
  const auto session = read_session(options.session_path);  // nothing else takes its place
  if (!options.session_path.empty() && !session) return tl::unexpected(session.error());
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
  const TerminationWatch termination(Window::wake);  // opening the window takes a while
  auto window = Window::open("zscape", options.width, options.height);
  if (!window) return tl::unexpected(window.error());
  auto renderer = Renderer::make();
  if (!renderer) return tl::unexpected(renderer.error());
  Explorer explorer(std::move(*window), std::move(*renderer), std::move(script), std::move(log),
                    std::move(backend), termination);
  if (Expected<void> opened = explorer.open(options); !opened) return opened;
  return explorer.run();
}

}  // namespace

int run_explorer(const ExplorerOptions& options, std::shared_ptr<Backend> backend) {
  const Expected<void> explored = explore(options, std::move(backend));
  if (!explored) fmt::print(stderr, "zscape: {}\n", explored.error().message);
  return explored ? 0 : 1;
}

}  // namespace zscape
