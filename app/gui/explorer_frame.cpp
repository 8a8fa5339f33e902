// What the explorer does in one frame: decoding, panels, drawing.
#include <fmt/core.h>
#include <imgui.h>

#include <ctime>

#include "app/gui/explorer_window.h"

namespace zscape {
namespace {

// Of this thread alone: other programs and the other threads do not count.
double processor_time_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

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
  take_own_picture();
  if (const ModelView* model = shown_->find(kModel)) {
    if (shown_->data) scene_.set_model(model->spec, shown_->data);
    // A moment of the past is seen along the axes of now.
    if (const ModelView* now = snapshot_->find(kModel)) {
      // A sample is but on the way to what all codes say once the model rests.
      const CodesPtr& codes = codes_shown(*now, SplitName::train);
      code_axes_.follow(codes, scene_.axis_choice().principal, codes != now->train_codes, now_s);
    }
    scene_.set_code_axes(code_axes_.axes());
    points_.update(*model, shown_->data, latent_.split, scene_.plane(), now_s);
    if (shown_->data) contents_.follow(points_, *model, *shown_->data, latent_.color_by);
  }
  draw_latent_panel(*shown_, kModel,
                    {points_, pictures_, contents_, keys, renderer_->canvas(), &own_image_}, scene_,
                    latent_, panel(layout_.latent));
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
    for (Command& command :
         draw_preview_panel(*shown_, kModel, pictures_, scene_, preview_, panel(layout_.preview))) {
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
  const double began_cpu_s = processor_time_s();
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
  const double drawn_cpu_s = processor_time_s();
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
  record_.cpu_ms = (drawn_cpu_s - began_cpu_s) * 1000;
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

}  // namespace zscape
