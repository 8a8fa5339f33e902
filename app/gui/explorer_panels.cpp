#include <imgui.h>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "app/gui/explorer_impl.h"
#include "app/gui/panels/frame/status_panel.h"
#include "app/gui/panels/inputs/own_image_panel.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/time_line_panel.h"
#include "app/gui/splitters.h"
#include "engine/text.h"

namespace zscape {

void Explorer::draw_time_line(const PanelFrame& frame) {
  Pane& shown = panes_.active();
  const TimeLineRequests requests =
      draw_time_line_panel(shown.time_line, shown.time_line_panel, *snapshot_,
                           snapshot_->find(shown.model), shown.capture.busy(), frame);
  if (requests.train_on_from) post(ReturnToStep{shown.model, *requests.train_on_from});
  if (requests.fork) {
    post(*requests.fork);
    shown.time_line.return_to_now();  // both futures are seen
  }
  if (requests.export_gif) {
    shown.capture.begin(shown.time_line.moments(), time_stamped("zscape-time-line", "gif"));
  }
  for (const auto& pane : panes_) {
    const auto result = pane->capture.take_result();
    if (!result) continue;
    if (*result) settle_notices(notices_, "gif");
    tell(*result ? tr("saved {}", **result) : result->error().message, !*result, "gif");
    if (*result) log("gif", {{"file", **result}});
  }
}

void Explorer::draw_panels(const std::vector<InputQueue::Queued>& events, double now_s) {
  const auto panel = [&](Rect rect) { return PanelFrame{theme_, widgets_, rect, now_s}; };
  const ShellFrame shell = shell_frame(now_s);
  LatentKeys keys = shell_.handle(events, ImGui::GetIO().WantTextInput, shell);
  if (keys.undo && run_undo_.by_key(panes_.scenes(), panes_.active().scene, notices_)) {
    keys.undo = false;
  }
  widgets_.clear();
  shell_.draw_borders(layout_, shell);
  if (theme_.software_rendering) draw_gaps(layout_, window_->size());
  panes_.choose_moments(snapshot_, now_s);
  take_own_picture();
  for (const auto& pane : panes_) {
    const bool lost_marks = pane->follow(*snapshot_, now_s, pacer_.motion_s(now_s));
    if (lost_marks && !run_undo_.has_just_kept(pane->model)) {
      tell(
          tr("Pins and paths were removed: they belonged to another latent space or to other data"),
          false);
    }
  }
  run_undo_.restore(*snapshot_, panes_.scenes());
  Pane& before = panes_.active();
  const std::optional<Marks> marks =
      keys.undo || keys.redo ? std::optional(before.scene.marks().marks()) : std::nullopt;
  panes_.draw_latent(keys, !layout_.shows(Region::right), panel(layout_.latent));
  if (marks) {
    tell(text_of_marks(keys.undo, *marks, before.scene.marks().marks(),
                       !snapshot_->stored->runs.empty()),
         false, "undo");
  }
  switch_controls(before);
  for (const auto& pane : panes_) pane->fill(selection_, theme_, now_s);
  panes_.active().show_hovered_picture();
  for (const auto& pane : panes_) {
    const std::string error = pane->decode(*engine_, now_s);
    if (!error.empty()) tell(error, true);
  }
  lower_.follow(panes_);
  take_lab(lab_.follow(place_ == Place::lab, now_s));
  if (const ShownFigures* news = lower_.take_news()) log_.figures(*news, now_s, step());
  bool lists_inputs = false;
  for (const PanelRow& row : kPanels) {
    if (!row.is_in(place_) || !layout_.shows(row.region)) continue;
    draw_panel(row.panel, panel(layout_.of(row.region)));
    lists_inputs = lists_inputs || row.panel == Panel::curves;
  }
  for (const auto& pane : panes_) {
    if (!lists_inputs) {
      pane->inputs.hide(pane->latent);
      hide_samples(*pane);
    }
    if (const auto missed = std::exchange(pane->latent.missed, std::nullopt)) {
      tell(tr("{} is not among the points in the plot", input_name(*pane->shown, *missed)), false);
    }
  }
  Pane& first = panes_.first();
  draw_own_image_panel(*first.shown, first.model, first.own_image, first.scene, first.pictures,
                       panel(layout_.shows(Region::right) ? layout_.right : layout_.latent));
  shown_rate_ = pacer_.per_second(now_s);
  const StatusRequests status =
      draw_status_panel(*snapshot_, panes_.active().model,
                        {shown_rate_, lower_.warning(), shell_.shows_hint(), place_ == Place::lab},
                        panel(layout_.status));
  const std::optional<double> wanted =
      draw_notices_panel(*snapshot_, notices_, panel(layout_.latent));
  for (Command& command : run_undo_.undo(std::exchange(notices_.undo, {}))) {
    post(std::move(command));
  }
  wake_s_ = wanted ? now_s + *wanted : 0;
  shell_.draw(layout_, status, shell);
  if (const double due_s = shell_.due_s(); due_s > 0 && (wake_s_ == 0 || due_s < wake_s_)) {
    wake_s_ = due_s;
  }
  if (const double due_s = controls_.forecast.due_s;
      due_s > 0 && (wake_s_ == 0 || due_s < wake_s_)) {
    wake_s_ = due_s;
  }
  if (const double due_s = lab_.due_s(); due_s > 0 && (wake_s_ == 0 || due_s < wake_s_)) {
    wake_s_ = due_s;
  }
  // One more frame, so that the status line can show that the window sleeps.
  if (shown_rate_ > 0 && (wake_s_ == 0 || wake_s_ > now_s + 1)) wake_s_ = now_s + 1;
  for (Command& command : std::exchange(panes_.menu().commands, {})) post(std::move(command));
  if (std::exchange(panes_.menu().asks_file, false)) shell_.open_beside();
  close_pane();
  if (const auto chosen = std::exchange(controls_.chosen_model, {})) {
    if (Pane* pane = panes_.find(*chosen)) activate(*pane);
  }
}

void Explorer::draw_panel(Panel panel, const PanelFrame& frame) {
  Pane& pane = panes_.active();
  switch (panel) {
    case Panel::preview:
      panes_.show_in_preview(*snapshot_);
      for (Command& command : draw_preview_panel(*pane.shown, pane.model, pane.pictures, pane.scene,
                                                 pane.preview, frame)) {
        post(std::move(command));
      }
      break;
    case Panel::controls:
      controls_.forecast.active_units.reset();
      if (lower_.figures()) {
        controls_.forecast.active_units = lower_.figures()->figures.codes.active_units;
      }
      for (Command& command : draw_controls_panel(*snapshot_, pane.model, controls_, frame)) {
        if (auto* save = std::get_if<SaveModel>(&command)) {
          shell_.save_model(std::move(*save));
        } else {
          post_for_all(std::move(command));
        }
      }
      if (controls_.forecast.is_news) {
        const ShownForecast& shown = *controls_.forecast.shown;
        log("forecast", {{"lambda", shown.kl_weight},
                         {"live_dimensions", shown.live},
                         {"latent", std::int64_t{shown.latent}},
                         {"active_units", std::int64_t{shown.active_units.value_or(-1)}}});
      }
      break;
    case Panel::curves:
      for (const Command& command : lower_.draw(*snapshot_, panes_, controls_.forecast, frame)) {
        // Requests for the next picture, many a second, are not logged.
        if (std::holds_alternative<Reconstruct>(command) ||
            std::holds_alternative<FindNeighbours>(command) ||
            std::holds_alternative<Decode>(command) ||
            std::holds_alternative<MeasureJacobian>(command)) {
          engine_->post(command);
        } else {
          post(command);
        }
      }
      break;
    case Panel::time_line:
      draw_time_line(frame);
      break;
    case Panel::lab:
      take_lab(lab_.draw(*snapshot_, frame));
      break;
  }
}

}  // namespace zscape
