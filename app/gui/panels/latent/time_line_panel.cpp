#include "app/gui/panels/latent/time_line_panel.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

std::string facts(const TimeLine& time_line, bool brief) {
  const Moment* moment = time_line.shown();
  if (moment == nullptr) {
    return time_line.moments().empty() ? "" : tr("now");
  }
  const std::string step = format_count(moment->position.step);
  const std::string weight = format_setting(moment->kl_weight);
  if (brief) return tr("step {}", step);
  if (!std::isfinite(moment->training.loss)) return tr("step {}   λ {}", step, weight);
  return tr("step {}   λ {}   loss {}", step, weight, format_value(moment->training.loss));
}

}  // namespace

TimeLineRequests draw_time_line_panel(TimeLine& time_line, bool exporting,
                                      const PanelFrame& frame) {
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
  const float facts_width = tight ? 0 : theme.px(brief ? 84.0F : 250.0F);
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
    ImGui::AlignTextToFramePadding();
    small_text(theme, facts(time_line, brief).c_str(),
               time_line.shown() != nullptr ? color::kAccent : color::kMuted);
    frame.widgets.note("time_line_facts");
  }
  ImGui::End();
  return requests;
}

}  // namespace zscape
