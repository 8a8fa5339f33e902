#include "app/gui/explorer.h"

#include <fmt/core.h>
#include <imgui.h>

#include "app/files/source_kind.h"
#include "app/gui/explorer_window.h"

namespace zscape {
namespace {

// Why frames go on though nothing visible moves: a blinking caret, a held key.
constexpr double kTypingFrame = 0.1;

// The longer side that a picture of one's own is read at, several times that of the data.
constexpr int kOwnPictureSide = 280;

// The clock of all processes, so that a log's times can be held against another program's.
double monotonic_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Explorer::Explorer(std::unique_ptr<Window> window, std::unique_ptr<Renderer> renderer,
                   std::optional<Script> script, EventLog log, std::shared_ptr<Backend> backend,
                   bool keeps_session)
    : window_(std::move(window)),
      script_(std::move(script)),
      log_(std::move(log)),
      backend_(std::move(backend)),
      pacer_(window_->software()),
      shell_({.remembers = !script_,
              .keeps_session = !script_ && keeps_session,
              .wake =
                  [this] {
                    published_ = true;
                    Window::wake();
                  }}),
      first_(kFirstModel, std::move(renderer), selection_) {
  display_scale_ = window_->scale();
  appearance_ = shell_.appearance();
  theme_ = make_theme(display_scale_, window_->software(), appearance_);
  first_.points.set_gliding(!appearance_.reduced_motion);
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
  first_.shown = snapshot_;
}

void Explorer::open(const ExplorerOptions& options) {
  log_.events().write("start", Window::time_s(), 0,
                      {{"renderer", window_->renderer()},
                       {"software", window_->software()},
                       {"monotonic", monotonic_s()},
                       {"scale", double{window_->scale()}}});
  controls_.data_help = data_help();
  ModelSpec spec;
  spec.latent = options.latent;
  spec = with_kind(spec, options.kind);
  post(SetParameter{kFirstModel, "seed", std::to_string(options.seed)});
  post(ReplaceModel{kFirstModel, spec});
  const bool resumes = options.resume_session && !script_;
  if ((resumes || !options.session_path.empty()) &&
      shell_.begin(options.session_path, shell_frame(Window::time_s()))) {
    return;
  }
  post(LoadData{kFirstModel, options.data.source, options.data.image_size});
  if (!options.model_path.empty()) {
    if (!shell_.is_ready_made(options.model_path)) controls_.path = options.model_path;
    post(OpenModel{kFirstModel, options.model_path});
  } else {
    post(Start{kFirstModel});
  }
}

Expected<void> Explorer::run() {
  while (!quit_) {
    wait_for_frame();
    if (window_->close_requested()) {
      window_->refuse_close();
      shell_.request_close(shell_frame(Window::time_s()));
    }
    if (Expected<void> drawn = frame(); !drawn) return drawn;
  }
  log_.events().write("quit", Window::time_s(), step(), {{"frames", record_.number}});
  if (script_error_) return fail(*script_error_);
  return {};
}

FrameNeeds Explorer::needs(double now_s) {
  FrameNeeds needs;
  needs.input = !window_->input().empty();
  needs.now = settle_ > 0;
  needs.animating =
      published_ || snapshot_->activity || own_picture_.valid() || (script_ && !script_->done());
  needs.wake_s = wake_s_;
  needs.hidden = window_->minimised();
  for (const Pane* pane : panes()) {
    const ModelView* model = snapshot_->find(pane->model);
    needs.now = needs.now || pane->capture.moment();
    needs.animating = needs.animating || pane->points.moving() || pane->latent.view_moving ||
                      pane->scene.stale() || pane->contents.manifold.stale() ||
                      pane->contents.refining || pane->code_axes.busy() || pane->inputs.stale() ||
                      pane->time_line.playing() || pane->capture.busy() ||
                      (model && model->state == RunState::running);
    if (const auto wake_s = pane->scene.wake_s();
        model && model->weights && wake_s && (needs.wake_s == 0 || *wake_s < needs.wake_s)) {
      needs.wake_s = *wake_s;
    }
  }
  if (ImGui::GetIO().WantTextInput) needs.wake_s = now_s + kTypingFrame;
  return needs;
}

// Sleeps as long as nothing is to be drawn: paused and untouched, for ever.
void Explorer::wait_for_frame() {
  window_->handle_events(0);
  while (!window_->close_requested()) {
    if (window_->take_damage()) settle_ = std::max(settle_, 1);
    engine_->set_watched(!window_->minimised());
    const double now_s = Window::time_s();
    const double wait_s = pacer_.wait_s(needs(now_s), now_s);
    if (wait_s <= 0) return;
    window_->handle_events(wait_s);
  }
}

std::int64_t Explorer::step() const {
  const ModelView* model = snapshot_->find(kFirstModel);
  return model ? model->position.step : 0;
}

void Explorer::post(Command command) {
  log_.events().write_command(command, Window::time_s(), step());
  shell_.note(command);
  engine_->post(std::move(command));
}

void Explorer::tell(const std::string& text, bool is_error) {
  add_notice(notices_, text, is_error, Window::time_s());
  if (is_error) log_.events().write("error", Window::time_s(), step(), {{"text", text}});
}

void Explorer::play_script() {
  if (!script_ || script_->done()) return;
  ScriptActions actions = script_->advance({*snapshot_, active().model, active().latent.view,
                                            widgets_, window_->input(), Window::time_s()});
  for (Command& command : actions.commands) post(std::move(command));
  if (actions.screenshot) screenshot_ = std::move(actions.screenshot);
  if (actions.quit) quit_ = true;
  if (actions.error) {
    // A tour that cannot go on has failed; it does not leave a window behind that nobody looks at.
    script_error_ = actions.error;
    quit_ = true;
  }
}

void Explorer::grant(ShellRequests requests) {
  for (Command& command : requests.commands) post(std::move(command));
  for (const auto& [text, is_error] : requests.notices) tell(text, is_error);
  if (requests.screenshot) {
    screenshot_ = std::move(requests.screenshot);
    told_screenshot_ = true;
  }
  if (requests.picture) load_own_picture(*requests.picture);
  if (requests.compare) compare();
  if (requests.quit) quit_ = true;
}

// Without waiting for it: the picture comes in some frame to come.
void Explorer::load_own_picture(const std::string& path) {
  if (own_picture_.valid()) return;  // one at a time
  own_picture_ = std::async(std::launch::async, [backend = backend_, path] {
    return backend->load_picture(path, kOwnPictureSide);
  });
}

void Explorer::take_own_picture() {
  if (!own_picture_.valid() ||
      own_picture_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    return;
  }
  const Expected<GreyPicture> loaded = own_picture_.get();
  if (!loaded) {
    tell(loaded.error().message, true);
    return;
  }
  GreyImage image{loaded->width, loaded->height, {}};
  for (const std::uint8_t value : loaded->pixels) {
    image.values.push_back(static_cast<float>(value) / 255.0F);
  }
  make_ink_light(image);
  first_.own_image.take(std::move(image));
  settle_ = kSettleFrames;
}

namespace {

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
