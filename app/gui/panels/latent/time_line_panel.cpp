#include "app/gui/panels/latent/time_line_panel.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kFork = 48;  // of its button, at 100 %

// The step stands over the plot.
std::string facts(const Moment& moment) {
  const std::string weight = format_setting(moment.kl_weight);
  if (!std::isfinite(moment.training.loss)) return tr("λ {}", weight);
  return tr("λ {}   loss {}", weight, format_value(moment.training.loss));
}

void draw_text(const PanelFrame& frame, const std::string& text, ImU32 tint) {
  ImGui::AlignTextToFramePadding();
  small_text(frame.theme, text.c_str(), tint);
  frame.widgets.note("time_line_facts");
}

// The ways from this moment into the present.
void draw_past(const Moment& moment, const Snapshot& snapshot, const ModelView& model, bool brief,
               ForkMenuState& fork, TimeLineRequests& requests, const PanelFrame& frame) {
  const std::int64_t step = moment.position.step;
  const std::vector<std::int64_t>& whole = *model.whole_steps;
  const auto after = std::ranges::upper_bound(whole, step);
  const std::string why_not =
      after == whole.begin() ? tr("No state from before this step is kept whole.") : "";
  const std::int64_t again = why_not.empty() ? step - *std::prev(after) : 0;
  if (button(frame, "time_line_train_on", brief ? tr("Train on") : tr("Train on from here"),
             frame.theme.px(brief ? 84.0F : 132.0F),
             tr("Makes step {} the present, with λ, learning rate and batch size of then. What the "
                "model "
                "learned since is put away first; Undo brings it back. {} steps are taken once "
                "more in "
                "the background, to the same bits.",
                format_count(step), format_count(again)),
             why_not)) {
    requests.train_on_from = step;
  }
  ImGui::SameLine();
  requests.fork =
      draw_fork_menu(snapshot, model, moment, fork, frame.theme.px(kFork), why_not, frame);
  if (brief) {
    frame.widgets.note("time_line_facts");
    return;
  }
  ImGui::SameLine();
  draw_text(frame, facts(moment), color::kAccent);
}

}  // namespace

TimeLineRequests draw_time_line_panel(TimeLine& time_line, TimeLinePanelState& state,
                                      const Snapshot& snapshot, const ModelView* model,
                                      bool exporting, const PanelFrame& frame) {
  TimeLineRequests requests;
  const Theme& theme = frame.theme;
  begin_panel("##time_line", frame, kNoScroll);
  const bool has_past = time_line.moments().size() > 1;
  const std::string why_not = exporting ? tr("A GIF of the time line is being made.")
                              : !has_past
                                  ? tr("There is no past yet. Let the model train a little.")
                                  : "";
  const float gap = ImGui::GetStyle().ItemSpacing.x;
  const bool brief = frame.rect.size.x < theme.px(620);
  const bool tight = frame.rect.size.x < theme.px(330);  // large text in a small window
  const float facts_width = tight ? 0 : theme.px(brief ? 84.0F + kFork : 250.0F + kFork) + gap;
  const float replay_width = theme.px(tight ? 46.0F : 64.0F);
  const float button_width = theme.px(tight ? 36.0F : 52.0F);
  if (button(frame, "time_line_play", time_line.playing() ? tr("Stop") : tr("Replay"), replay_width,
             tr("Replay the scatter, the preview, pins and paths from the moment shown, or from "
                "the beginning. Training goes on meanwhile."),
             why_not)) {
    time_line.playing() ? time_line.stop() : time_line.play(frame.time_s);
  }
  ImGui::SameLine();
  const float rest = 2 * button_width + facts_width + 3 * gap;
  const float width = std::max(ImGui::GetContentRegionAvail().x - rest, theme.px(60));
  if (const auto position =
          slider(frame, "time_line", has_past ? time_line.position() : 1, width,
                 tr("{} moments of this run; recent ones lie closest together. The right end is "
                    "the present. Commands always act on the present.",
                    format_count(static_cast<std::int64_t>(time_line.moments().size()))),
                 why_not)) {
    time_line.show(*position);
  }
  ImGui::SameLine();
  if (button(
          frame, "time_line_now", tr("Now"), button_width, tr("Return to the present model"),
          time_line.shown() == nullptr && why_not.empty() ? tr("This is the present.") : why_not)) {
    time_line.return_to_now();
  }
  ImGui::SameLine();
  if (button(frame, "time_line_gif", "GIF", button_width,
             tr("Write the latent view at up to 60 moments of this run to an animated GIF in the "
                "current folder"),
             why_not)) {
    requests.export_gif = true;
  }
  if (!tight) {
    ImGui::SameLine();
    const Moment* moment = time_line.shown();
    if (!moment || !model) {
      draw_text(frame, has_past ? tr("now") : "", color::kMuted);
    } else {
      draw_past(*moment, snapshot, *model, brief, state.fork, requests, frame);
    }
  }
  ImGui::End();
  return requests;
}

}  // namespace zscape
