#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/lab/lab_chart_view.h"
#include "app/gui/panels/lab/lab_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

using Kind = LabPrediction::Kind;

constexpr float kDrawHeight = 220;

void change(const LabDraw& draw, LabGuess guess, bool keeps) {
  draw.requests.guess = std::move(guess);
  draw.requests.keeps_guess = keeps;
}

// One of the answers: a circle and words that wrap.
void draw_answer(const LabDraw& draw, std::size_t number, const std::string& text, bool usable) {
  const Theme& theme = draw.theme();
  const LabGuess& guess = draw.page().guess;
  const float mark = draw.px(26), pad = draw.px(4);
  const float width = reading_width(draw);
  const auto lines = lines_of(theme.body, text, width - mark, 6);
  const float row = height_of(theme.body) + draw.px(2);
  const Vec2 low = ImGui::GetCursorScreenPos();
  const Vec2 size{width,
                  row * static_cast<float>(std::max<std::size_t>(lines.size(), 1)) + 2 * pad};
  const std::string name = fmt::format("lab_answer_{}", number);
  const bool chosen = guess.choice == number;
  if (ImGui::InvisibleButton(name.c_str(), size) && usable && !chosen) {
    LabGuess next = guess;
    next.choice = number;
    change(draw, std::move(next), true);
  }
  draw.frame.widgets.note(name);
  const bool hovered = ImGui::IsItemHovered() && usable;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) list.AddRectFilled(low, low + size, color::kRaised, draw.px(4));
  const ImVec2 middle{low.x + draw.px(10), std::round(low.y + pad + row / 2)};
  list.AddCircle(middle, draw.px(6), chosen ? color::kAccent : color::kFaint, 20, draw.px(1.5f));
  if (chosen) list.AddCircleFilled(middle, draw.px(3.5f), color::kAccent, 16);
  float y = low.y + pad;
  for (const std::string& line : lines) {
    list.AddText({low.x + mark, std::round(y)}, chosen || usable ? color::kText : color::kMuted,
                 line.c_str());
    y += row;
  }
}

// Empty axes on which the curve is drawn with the mouse.
void draw_pen(const LabDraw& draw) {
  const Theme& theme = draw.theme();
  const LabPage& page = draw.page();
  const LabPrediction& prediction = *page.experiment().prediction;
  if (prediction.plot >= page.charts.size()) return;
  LabChart axes = page.charts[prediction.plot];
  axes.series.clear();  // what was measured stays covered
  axes.log_y = false;
  axes.y = {0, 1};
  const Rect room{ImGui::GetCursorScreenPos(), {reading_width(draw), draw.px(kDrawHeight)}};
  const PlotArea area = area_of(axes, room, theme);
  draw_chart_axes(axes, area, false, theme);
  {
    const Styled styled(theme.small);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const auto at_left = [&](const char* text, float y) {
      const float wide = ImGui::CalcTextSize(text).x;
      list.AddText({area.rect.origin.x - wide - theme.px(6), std::round(y)}, color::kMuted, text);
    };
    at_left(tr("high"), area.rect.origin.y);
    at_left(tr("low"), area.rect.high().y - height_of(theme.small));
  }
  LabGuess guess = page.guess;
  const auto drawn = curve_on(guess, axes, nullptr);
  if (drawn.empty() && !draw.state.pen) {
    const Styled styled(theme.small);
    draw_centred(theme, area.rect,
                 tr("Draw your curve here with the mouse; only its shape counts"));
  }
  ImGui::SetCursorScreenPos(area.rect.origin);
  ImGui::InvisibleButton("lab_pen", area.rect.size);
  draw.frame.widgets.note("lab_pen");
  if (ImGui::IsItemHovered()) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  const bool is_down = ImGui::IsItemActive();
  if (is_down) {
    const Vec2 at = drag_pointer();
    const GuessPlace here{std::clamp<double>((at.x - area.rect.origin.x) / area.rect.size.x, 0, 1),
                          std::clamp<double>((area.rect.high().y - at.y) / area.rect.size.y, 0, 1)};
    draw_stroke(guess, draw.state.pen.value_or(here), here);
    draw.state.pen = here;
    change(draw, guess, false);
  } else if (draw.state.pen) {
    draw.state.pen.reset();
    change(draw, guess, true);
  }
  draw_guess(curve_on(guess, axes, nullptr), axes, area, theme);
  ImGui::SetCursorScreenPos({room.origin.x, room.high().y});
  ImGui::Dummy({0, 0});
}

void draw_question(const LabDraw& draw) {
  const LabPrediction& prediction = *draw.page().experiment().prediction;
  const LabGuess& guess = draw.page().guess;
  switch (prediction.kind) {
    case Kind::choice: {
      Styled styled;
      styled.var(ImGuiStyleVar_ItemSpacing, {0, draw.px(1)});
      for (std::size_t i = 0; i < prediction.choices.size(); ++i) {
        draw_answer(draw, i, prediction.choices[i].first, true);
      }
      return;
    }
    case Kind::number:
      // Not a number_field: as long as nothing is typed, it is empty.
      if (const auto typed = text_field(
              draw.frame, "lab_number", draw.state.number,
              guess.number ? format_setting(*guess.number) : std::string(), draw.px(120),
              tr("The number that you expect; Enter takes it"), {}, tr("a number"),
              [](const std::string& text) {
                double value = 0;
                return parse_number(text, value) ? std::string() : std::string(tr("a number"));
              })) {
        LabGuess next = guess;
        double value = 0;
        if (parse_number(*typed, value)) next.number = value;
        change(draw, std::move(next), true);
      }
      return;
    case Kind::curve:
      break;
  }
  draw_pen(draw);
}

// What stands between the person and the figures.
void draw_keeping(const LabDraw& draw) {
  const PanelFrame& frame = draw.frame;
  const LabGuess& guess = draw.page().guess;
  const bool made = is_made(guess, draw.page().experiment().prediction->kind);
  const auto keep = [&](bool skipped) {
    LabGuess next = guess;
    next.kept = true;
    next.skipped = skipped;
    next.late = draw.page().is_measured() && next.late;
    change(draw, std::move(next), true);
  };
  ImGui::Dummy({0, draw.px(2)});
  if (button(frame, "lab_keep", tr("Predict"), draw.px(96),
             tr("Stand by this answer; what is measured is compared with it"),
             made ? "" : tr("Answer the question first."), Emphasis::accent)) {
    keep(false);
  }
  ImGui::SameLine(0, draw.px(8));
  ImGui::AlignTextToFramePadding();
  ImGui::SetCursorPosY(ImGui::GetCursorPosY() + draw.px(3));
  if (link(draw, "lab_skip", tr("Go on without"),
           tr("Those who predict first learn more from what they see; but you may."))) {
    keep(true);
  }
  if (draw.page().guess.curve.empty()) return;
  ImGui::SameLine(0, draw.px(4));
  if (link(draw, "lab_clear", tr("Clear the curve"), tr("Begin the drawing again"))) {
    LabGuess next = guess;
    next.curve.clear();
    change(draw, std::move(next), true);
  }
}

}  // namespace

void draw_prediction(const LabDraw& draw) {
  if (!draw.page().asks()) return;
  const Theme& theme = draw.theme();
  const LabPage& page = draw.page();
  section(draw.frame, tr("Predict"));
  read_text(draw, theme.body, page.experiment().prediction->ask.c_str(), color::kText);
  if (!page.guess.kept) {
    draw_question(draw);
    draw_keeping(draw);
    return;
  }
  const std::string said = page.guess_text.empty()
                               ? std::string(tr("You went on without a prediction."))
                               : page.guess_text;
  read_text(draw, theme.body, said.c_str(), color::kMuted);
  draw.frame.widgets.note("lab_said");
  if (!page.answer.empty()) {
    read_text(draw, theme.body, page.answer.c_str(), color::kAccent);
    draw.frame.widgets.note("lab_answer");
  }
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() - draw.px(7));
  if (link(
          draw, "lab_again", tr("Predict again"),
          tr("The figures are covered until you have; they were there before, and that is said"))) {
    LabGuess next = page.guess;
    next.kept = next.skipped = false;
    next.late = next.late || page.is_measured();
    change(draw, std::move(next), true);
  }
}

}  // namespace zscape
