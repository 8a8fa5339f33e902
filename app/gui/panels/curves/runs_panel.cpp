#include "app/gui/panels/curves/runs_panel.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/input_list.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kPicture = 60, kText = 196, kInset = 5, kGap = 8;

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  ModelId model;
  std::vector<Command>& commands;
};

std::string megabytes(std::size_t bytes) {
  return format_value(static_cast<double>(bytes) / (1 << 20), 3);
}

const char* text_of(PutAway why) {
  switch (why) {
    case PutAway::reset:
      return tr("before a Reset");
    case PutAway::new_model:
      return tr("before another model");
    case PutAway::new_data:
      return tr("before other data");
    case PutAway::opened_model:
      return tr("before a saved model");
    case PutAway::session:
      return tr("before a session");
    case PutAway::closed:
      return tr("closed");
    case PutAway::earlier_step:
      return tr("before an earlier step");
    case PutAway::another_run:
      break;
  }
  return tr("before another run");
}

// "14:32", and the day where it was another; the same in every language.
std::string time_text(std::time_t time) {
  const std::time_t now = std::time(nullptr);
  const std::tm then = fmt::localtime(time), today = fmt::localtime(now);
  const bool is_today = then.tm_yday == today.tm_yday && then.tm_year == today.tm_year;
  return is_today ? fmt::format("{:%H:%M}", then) : fmt::format("{:%m-%d %H:%M}", then);
}

void draw_thumbnail(ImDrawList& list, const Thumbnail* thumbnail, ImVec2 low, float side,
                    float dot) {
  list.AddRectFilled(low, {low.x + side, low.y + side}, color::kBackground);
  if (!thumbnail) return;
  const float room = side - 4 * dot;
  for (const Thumbnail::Dot& each : thumbnail->dots) {
    const float x = low.x + 2 * dot + room * static_cast<float>(each.x) / 255;
    const float y = low.y + 2 * dot + room * (1 - static_cast<float>(each.y) / 255);
    const ImU32 tint = each.label < 0 ? color::kMuted : class_color(each.label);
    list.AddRectFilled({x - dot / 2, y - dot / 2}, {x + dot / 2, y + dot / 2}, tint);
  }
}

// The model that a comparison opens or takes over, beside the first.
ModelId beside(const Snapshot& snapshot) {
  return snapshot.models.size() < kMostPanes ? free_model_id(snapshot) : snapshot.models.back().id;
}

void go_back(const Draw& draw, ModelId model, const StoredRun& run) {
  // It is looked at as it was; Start trains on.
  for (const ModelView& each : draw.snapshot.models) draw.commands.push_back(Pause{each.id});
  draw.commands.push_back(ReturnTo{model, run.id});
}

void draw_run(const Draw& draw, const StoredRun& run, ImVec2 low, ImVec2 cell) {
  const Theme& theme = draw.theme();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float inset = draw.px(kInset), side = draw.px(kPicture);
  const float left = low.x + inset + side + draw.px(10), right = low.x + cell.x - inset;
  const ImVec2 far{low.x + cell.x, low.y + cell.y};
  const bool is_present = std::ranges::any_of(
      draw.snapshot.models, [&](const ModelView& view) { return view.returned_to == run.id; });

  const std::string number = std::to_string(run.id);
  ImGui::SetCursorScreenPos(low);
  ImGui::PushID(number.c_str());
  ImGui::SetItemAllowOverlap();
  const bool clicked = ImGui::InvisibleButton("run", cell);
  ImGui::SetItemAllowOverlap();
  ImGui::PopID();
  draw.frame.widgets.note("run_" + number);
  const bool hovered = ImGui::IsItemHovered();
  list.AddRectFilled(low, far, hovered ? color::kRaisedHover : color::kRaised, draw.px(4));
  if (is_present) list.AddRect(low, far, color::kAccent, draw.px(4), 0, draw.px(1));
  draw_thumbnail(list, run.thumbnail.get(), {low.x + inset, low.y + inset}, side, draw.px(1.5F));

  const auto line = [&](ImFont* font, float y, ImU32 tint, const std::string& text,
                        float reserved = 0) {
    const Styled styled(font);
    list.AddText({left, std::round(low.y + draw.px(y))}, tint,
                 beginning_that_fits(text, right - left - reserved).c_str());
  };
  const std::string loss = format_value(run.training.loss, 4);
  line(theme.body, 3, color::kText, name_with_lambda(run));
  const std::string time = time_text(run.kept_at);
  const float wide = width_of(theme.small, time.c_str());
  line(theme.small, 20, color::kMuted, run.data, wide + draw.px(10));
  list.AddText(theme.small, height_of(theme.small), {right - wide, std::round(low.y + draw.px(20))},
               color::kMuted, time.c_str());
  line(theme.small, 34, color::kMuted,
       tr("step {}, loss {}", format_count(run.position.step), loss));
  if (hovered) {
    const std::string test =
        std::isfinite(run.test_loss) ? format_value(run.test_loss, 4) : std::string("–");
    tooltip(
        theme,
        tr("{} on {}, kept at {} {}\nstep {}, epoch {}\nloss {}, test loss {}\n{} MB\nClick "
           "to go back to it, paused; the present run is kept as well.",
           name_with_lambda(run), run.data, time, text_of(run.why), format_count(run.position.step),
           format_count(run.position.epoch), loss, test, megabytes(run.bytes))
            .c_str());
  }
  ImGui::SetCursorScreenPos({left, std::round(low.y + draw.px(49))});
  if (small_switch(draw.frame, "pin_" + number, tr("Pin"), run.is_pinned,
                   tr("A pinned run stays when room is needed for others."))) {
    draw.commands.push_back(PinRun{draw.model, run.id, !run.is_pinned});
  }
  const bool pin_hovered = ImGui::IsItemHovered();
  ImGui::SameLine(0, draw.px(6));
  if (small_switch(draw.frame, "compare_run_" + number, tr("Compare"), false,
                   tr("Open it beside the present run, both paused"),
                   run.has_present_data ? std::string() : tr("It learned from other data."))) {
    go_back(draw, beside(draw.snapshot), run);
  }
  if (clicked && !pin_hovered && !ImGui::IsItemHovered()) go_back(draw, draw.model, run);
}

}  // namespace

std::vector<Command> draw_runs_panel(const Snapshot& snapshot, ModelId model, LowerTab& tab,
                                     const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::vector<Command> commands;
  const Draw draw{{frame}, snapshot, model, commands};
  begin_panel("##runs", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, false, frame);
  const Rect room = below_tabs(frame);
  const StoredRuns& stored = *snapshot.stored;
  const std::string used = tr("{} of {} MB", megabytes(stored.bytes), megabytes(stored.room_bytes));
  const std::string note =
      stored.dropped == 0   ? used
      : stored.dropped == 1 ? tr("{}; the oldest run went to make room", used)
                            : tr("{}; the {} oldest runs went to make room", used, stored.dropped);
  const float wide = width_of(theme.small, note.c_str());
  const float y = ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y + theme.px(3);
  const float tabs = ImGui::GetItemRectMax().x + theme.px(16);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.PushClipRect({tabs, y}, {room.high().x, y + theme.px(20)}, true);
  list.AddText(theme.small, height_of(theme.small), {std::max(room.high().x - wide, tabs), y},
               color::kMuted, note.c_str());
  list.PopClipRect();

  const float inset = frame.px(kInset);
  const ImVec2 cell{frame.px(kPicture + kText) + 2 * inset, frame.px(kPicture) + 2 * inset};
  CellTable table("runs_list", room, stored.runs.size(), cell, theme.px(kGap), frame);
  for (std::size_t number = table.first(); number < table.last(); ++number) {
    draw_run(draw, stored.runs[stored.runs.size() - 1 - number], table.place(number), cell);
  }
  table.end();
  ImGui::End();
  return commands;
}

}  // namespace zscape
