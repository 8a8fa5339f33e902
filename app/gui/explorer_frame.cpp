// What the explorer does in one frame: decoding, panels, drawing.
#include <fmt/core.h>
#include <imgui.h>

#include <ctime>

#include "app/gui/explorer_window.h"
#include "app/gui/panels/inputs/picture_items.h"

namespace zscape {
namespace {

// Of this thread alone: other programs and the other threads do not count.
double processor_time_s() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

void Explorer::draw_time_line(const PanelFrame& frame) {
  Pane& shown = active();
  const TimeLineRequests requests =
      draw_time_line_panel(shown.time_line, shown.capture.busy(), frame);
  if (requests.export_gif) {
    shown.capture.begin(shown.time_line.moments(), time_stamped("zscape-time-line", "gif"));
  }
  for (Pane* pane : panes()) {
    const auto result = pane->capture.take_result();
    if (!result) continue;
    tell(*result ? fmt::format("saved {}", **result) : result->error().message, !*result);
    if (*result) log_.events().write("gif", Window::time_s(), step(), {{"file", **result}});
  }
}

void Explorer::draw_panels(const std::vector<InputQueue::Queued>& events, double now_s) {
  const auto panel = [&](Rect rect) { return PanelFrame{theme_, widgets_, rect, now_s}; };
  const ShellFrame shell = shell_frame(now_s);
  const LatentKeys keys = shell_.handle(events, ImGui::GetIO().WantTextInput, shell);
  widgets_.clear();
  shell_.draw_borders(layout_, shell);
  if (theme_.software_rendering) draw_gaps(layout_, window_->size());
  choose_moments(now_s);
  take_own_picture();
  for (Pane* pane : panes()) update_pane(*pane, now_s);
  draw_latent(keys, panel(layout_.latent));
  for (Pane* pane : panes()) {
    pane->contents.fill(
        pane->latent.layers, pane->points, pane->latent.hidden, pane->scene,
        {pane->latent.view, theme_.scale, now_s, theme_.software_rendering, &selection_});
    pane->inputs.ask_for_reconstructions(pane->scene, pane->points, pane->latent,
                                         pane->shown->data.get());
    pane->scene.advance(now_s);
  }
  show_hovered_picture();
  for (Pane* pane : panes()) decode(*pane, now_s);
  std::string warning;
  if (!layout_.panels_hidden) {
    Pane& pane = active();
    show_pair_in_preview();
    for (Command& command : draw_preview_panel(*pane.shown, pane.model, pane.pictures, pane.scene,
                                               pane.preview, panel(layout_.preview))) {
      post(std::move(command));
    }
    for (Command& command :
         draw_controls_panel(*snapshot_, pane.model, controls_, panel(layout_.controls))) {
      if (auto* save = std::get_if<SaveModel>(&command)) {
        shell_.save_model(std::move(*save));
      } else {
        post_for_both(std::move(command));
      }
    }
    warning = draw_lower_panel(panel(layout_.curves));
    draw_time_line(panel(layout_.time_line));
  } else {
    for (Pane* pane : panes()) pane->inputs.rest(pane->latent);
  }
  for (Pane* pane : panes()) {
    if (const auto missed = std::exchange(pane->latent.missed, std::nullopt)) {
      tell(fmt::format("{} is not among the points on show", input_name(*pane->shown, *missed)),
           false);
    }
  }
  draw_own_image_panel(*first_.shown, kFirstModel, first_.own_image, first_.scene, first_.pictures,
                       panel(layout_.panels_hidden ? layout_.latent : layout_.preview));
  shown_rate_ = pacer_.per_second(now_s);
  const StatusRequests status =
      draw_status_panel(*snapshot_, active().model, {shown_rate_, warning}, panel(layout_.status));
  const std::optional<double> wanted =
      draw_notices_panel(*snapshot_, notices_, panel(layout_.latent));
  wake_s_ = wanted ? now_s + *wanted : 0;
  shell_.draw(layout_, status, shell);
  // The status line shall say that the window sleeps, once it does.
  if (shown_rate_ > 0 && (wake_s_ == 0 || wake_s_ > now_s + 1)) wake_s_ = now_s + 1;
  for (Command& command : std::exchange(compare_.commands, {})) post(std::move(command));
  close_second(panel({{0, 0}, window_->size()}));
  if (const auto chosen = std::exchange(controls_.chosen_model, {})) activate(*chosen);
}

// Curves or figures. Returns what is wrong with the codes, for the status line.
std::string Explorer::draw_lower_panel(const PanelFrame& frame) {
  Pane& pane = active();
  const ModelView* model = snapshot_->find(pane.model);
  const Figures* figures = model ? pane.figures_cache.update(*model) : nullptr;
  const auto warning = figures ? code_warning(figures->codes, *model) : std::nullopt;
  const bool serious = warning && warning->serious;
  curves_.remark = serious;
  const bool lists = curves_.tab == LowerTab::selection || curves_.tab == LowerTab::worst;
  for (Pane* other : panes()) {
    if (!lists || other != &pane) other->inputs.rest(other->latent);
  }
  const auto commands =
      lists ? pane.inputs.draw(*snapshot_, pane.model, pane.scene, pane.latent,
                               pane.contents.labels.selected().size(), curves_.tab, frame)
      : curves_.tab == LowerTab::curves
          ? draw_curves_panel(*snapshot_, pane.model, curves_, frame)
          : draw_figures_panel(*snapshot_, pane.model,
                               {figures, pane.scene.shown_input(), pane.pictures}, pane.figures,
                               curves_.tab, frame);
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
  record_.points_redrawn = false;
  for (Pane* pane : panes()) {
    // Panels drawn before the sheet grew know the old places: one more frame puts that right.
    if (pane->pictures.generation() != pane->sheet_generation) settle_ = std::max(settle_, 1);
    pane->sheet_generation = pane->pictures.generation();
    pane->renderer->upload(pane->pictures);
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
void Explorer::capture_time_line(Pane& pane) {
  const MomentPtr moment = pane.capture.moment();
  if (!moment || pane.time_line.shown() != moment.get() || pane.scene.stale()) return;
  const float ratio = window_->pixel_ratio();
  const auto pixels = [ratio](float length) { return static_cast<int>(length * ratio); };
  const LatentView& plot = pane.latent.view;
  const int width = pixels(plot.size.x), height = pixels(plot.size.y);
  const int below = static_cast<int>(window_->framebuffer().y) - pixels(plot.origin.y) - height;
  pane.capture.take(
      {width, height, 3, gl::read_window(pixels(plot.origin.x), below, width, height)});
  if (!pane.capture.moment()) pane.time_line.return_to_now();
}

Expected<void> Explorer::frame() {
  const double now_s = Window::time_s();
  const double began_cpu_s = processor_time_s();
  pacer_.began(now_s, !window_->input().empty());
  published_ = false;
  const std::uint64_t told = notices_.last_number;
  snapshot_ = engine_->snapshot();
  if (Expected<void> followed = follow_models(); !followed) return followed;
  if (window_->scale() != display_scale_ || shell_.appearance() != appearance_) {
    display_scale_ = window_->scale();
    appearance_ = shell_.appearance();
    theme_ = make_theme(display_scale_, window_->software(), appearance_);
    window_->renew_fonts();
    for (Pane* pane : panes()) pane->points.set_gliding(!appearance_.reduced_motion);
    settle_ = kSettleFrames;
  }
  play_script();
  std::vector<InputQueue::Queued> events = window_->input().take_frame();
  settle_ = events.empty() ? std::max(settle_ - 1, 0) : kSettleFrames;

  shell_.filter(events);
  layout_ = layout_for(window_->size(), theme_.scale, shell_.sizes());
  window_->begin_frame(AppShell::for_fields(events, ImGui::GetIO().WantTextInput));
  draw_panels(events, now_s);
  ImGui::Render();
  render();
  grant(shell_.take_requests());
  if (screenshot_) save_screenshot();
  for (Pane* pane : panes()) capture_time_line(*pane);
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
  active().inputs.log(log_.events(), shown_s, record_.step);
  for (Pane* pane : panes()) {
    record_.pane = static_cast<int>(pane->model.value);
    record_.drawn = pane->drawn;
    record_.manifold = pane->manifold;
    log_.frame(record_, pane->scene, pane->latent, pane->points, pane->contents, widgets_);
  }
  for (const Notice& notice : snapshot_->notices) {
    if (notice.number <= told) continue;
    log_.events().write(notice.is_error ? "error" : "notice", shown_s, record_.step,
                        {{"text", notice.text}});
  }
  return {};
}

}  // namespace zscape
