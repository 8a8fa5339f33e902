#include <fmt/core.h>
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/metadata_matches.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kSearch = 150, kColumn = 120, kValues = 120, kEnd = 58, kGap = 8;  // at 100 %
constexpr std::size_t kMostListed = 500;  // texts of a column

const Split& split_of(const LatentDraw& draw) {
  return draw.snapshot.data->split(draw.state.split);
}

// The number of the marked input among those that are found; none: it is not one of them.
std::optional<std::size_t> found_number(const LatentDraw& draw) {
  const std::optional<PointRef>& marked = draw.state.marked;
  const auto point = marked ? draw.input.points.find(*marked) : std::nullopt;
  const auto found = draw.input.contents.metadata.found_points();
  if (!point) return std::nullopt;
  const auto at = std::ranges::lower_bound(found, *point);
  if (at == found.end() || *at != *point) return std::nullopt;
  return static_cast<std::size_t>(at - found.begin());
}

void step_through(const LatentDraw& draw) {
  const auto found = draw.input.contents.metadata.found_points();
  if (found.empty()) return;
  const auto number = found_number(draw);
  const std::size_t next = number ? (*number + 1) % found.size() : 0;
  fly_to(draw.state, draw.input.points.ref(found[next]));
}

std::string found_text(const LatentDraw& draw) {
  const MetadataMatches& matches = draw.input.contents.metadata;
  const std::int64_t all = matches.found_inputs();
  const auto in_plot = static_cast<std::int64_t>(matches.found_points().size());
  if (const auto number = found_number(draw)) {
    return tr("{} of {} found", format_count(static_cast<std::int64_t>(*number) + 1),
              format_count(in_plot));
  }
  if (in_plot < all)
    return tr("{} found, {} in the plot", format_count(all), format_count(in_plot));
  return tr("{} found", format_count(all));
}

void draw_search(const LatentDraw& draw) {
  // A frame after Enter, when the letters that came with it have been searched too.
  if (std::exchange(draw.state.metadata_steps, false)) step_through(draw);
  std::string& search = draw.state.metadata.search;
  ImGui::SetNextItemWidth(draw.px(kSearch));
  const bool entered = ImGui::InputTextWithHint(
      "##metadata_search", tr("find in the columns"), &search,
      ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  const bool given_up =
      ImGui::IsItemDeactivated() && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape));
  draw.frame.widgets.note("metadata_search");
  const bool types = ImGui::IsItemActive();  // nothing covers what is found
  tooltip(draw.theme(),
          types ? ""
                : tr("Find inputs by a text in their columns or file names, or by a number. The "
                     "points of "
                     "the others are dimmed; Enter flies to one after the other, Esc clears it."));
  if (given_up) search.clear();
  if (entered) {
    draw.state.metadata_steps = true;
    ImGui::SetKeyboardFocusHere(-1);  // Enter once more goes on
  }
  if (search.empty()) return;
  ImGui::SameLine(0, draw.px(kGap));
  small_text(draw.theme(), found_text(draw).c_str());
  draw.frame.widgets.note("metadata_found");
}

void draw_columns(const LatentDraw& draw) {
  const Split& split = split_of(draw);
  MetadataFilter& filter = draw.state.metadata.filter;
  const std::string name = filter.column < 0
                               ? std::string(tr("show all"))
                               : split.metadata[static_cast<std::size_t>(filter.column)].name;
  const float width = draw.px(kColumn);
  flow(width, draw.px(2 * kGap));
  ImGui::SetNextWindowSizeConstraints({0, 0}, {draw.px(400), draw.px(420)});
  if (!begin_choices(draw.frame, "metadata_column", beginning_that_fits(name, width - draw.px(30)),
                     width, tr("Show only inputs with some values of a column"))) {
    return;
  }
  const auto entry = [&](int column, const std::string& text) {
    const bool clicked =
        list_entry(fmt::format("{}##{}", text, column).c_str(), column == filter.column);
    draw.frame.widgets.note(fmt::format("metadata_column_{}", column));
    if (!clicked) return;
    filter = {};
    filter.column = column;
    draw.state.metadata_low = draw.state.metadata_high = {};
  };
  entry(-1, tr("show all"));
  for (std::size_t i = 0; i < split.metadata.size(); ++i) {
    entry(static_cast<int>(i), split.metadata[i].name);
  }
  ImGui::EndCombo();
}

void draw_texts(const LatentDraw& draw, const MetadataColumn& column) {
  HiddenLabels& hidden = draw.state.metadata.filter.hidden;
  const std::size_t missing = missing_entry(column);
  const std::size_t all = missing + 1;
  std::size_t off = 0;
  for (std::size_t i = 0; i < all; ++i) off += hidden[i] ? 1 : 0;
  const float width = draw.px(kValues);
  flow(width, draw.px(kGap));
  const std::string shown =
      off == 0 ? std::string(tr("all values")) : tr("{} of {} values", all - off, all);
  ImGui::SetNextWindowSizeConstraints({0, 0}, {draw.px(400), draw.px(420)});
  if (!begin_choices(draw.frame, "metadata_values", shown, width,
                     tr("Choose the values whose inputs are shown"))) {
    return;
  }
  const auto name_of = [&](std::size_t i) {
    return i == missing ? std::string(tr("no value")) : (*column.texts)[i];
  };
  for (std::size_t i = 0; i < all; ++i) {
    if (i >= kMostListed && i != missing) continue;
    ImGui::PushID(static_cast<int>(i));
    const float tick = ImGui::GetTextLineHeight();
    const ImVec2 low = ImGui::GetCursorScreenPos();
    ImGui::Dummy({tick, tick});
    if (!hidden[i]) draw_tick(*ImGui::GetWindowDrawList(), low, tick, color::kAccent, draw.theme());
    ImGui::SameLine(0, draw.px(4));
    const bool clicked =
        list_entry(name_of(i).c_str(), false, ImGuiSelectableFlags_DontClosePopups);
    draw.frame.widgets.note(fmt::format("metadata_value_{}", i));
    tooltip(draw.theme(), tr("Click to show these inputs alone, or all again. Ctrl-click to hide "
                             "or show them."));
    ImGui::PopID();
    if (!clicked) continue;
    if (ImGui::GetIO().KeyCtrl) {
      hidden.flip(i);
      continue;
    }
    HiddenLabels others;
    for (std::size_t other = 0; other < all; ++other) others.set(other, other != i);
    hidden = hidden == others ? HiddenLabels() : others;
  }
  if (missing > kMostListed) {
    small_text(draw.theme(), tr("… {} more: colour by this column to find them",
                                format_count(static_cast<std::int64_t>(missing - kMostListed)))
                                 .c_str());
  }
  ImGui::EndCombo();
}

void draw_numbers(const LatentDraw& draw, const MetadataColumn& column) {
  MetadataFilter& filter = draw.state.metadata.filter;
  double least = MetadataFilter::kNoEnd, greatest = -MetadataFilter::kNoEnd;
  for (const double number : column.numbers) {
    least = std::fmin(least, number);
    greatest = std::fmax(greatest, number);
  }
  const std::string ends = tr("This column has numbers from {} to {}.", format_value(least, 6),
                              format_value(greatest, 6));
  const float width = draw.px(kEnd);
  const auto field = [&](const char* name, FieldEdit& edit, double& end, double shown,
                         const char* help) {
    const std::string said = fmt::format("{} {}", help, ends);
    if (const auto typed =
            number_field(draw.frame, name, edit, std::isinf(end) ? shown : end,
                         -MetadataFilter::kNoEnd, MetadataFilter::kNoEnd, width, said)) {
      end = *typed;
    }
  };
  flow(2 * width + draw.px(24), draw.px(kGap));
  field("metadata_low", draw.state.metadata_low, filter.low, least,
        tr("The least number that is shown."));
  ImGui::SameLine(0, draw.px(4));
  small_text(draw.theme(), "…");
  ImGui::SameLine(0, draw.px(4));
  field("metadata_high", draw.state.metadata_high, filter.high, greatest,
        tr("The greatest number that is shown."));
}

}  // namespace

void draw_metadata_row(const LatentDraw& draw) {
  const Split& split = split_of(draw);
  if (split.metadata.empty()) return;
  Styled styled(draw.theme().small);
  styled.var(ImGuiStyleVar_FramePadding, {draw.px(7), draw.px(2)});
  draw_search(draw);
  draw_columns(draw);
  const int chosen = draw.state.metadata.filter.column;
  if (chosen < 0) return;
  const MetadataColumn& column = split.metadata[static_cast<std::size_t>(chosen)];
  if (column.is_text()) {
    draw_texts(draw, column);
  } else {
    draw_numbers(draw, column);
  }
  const std::string shown =
      tr("{} of {} shown", format_count(draw.input.contents.metadata.shown_inputs()),
         format_count(split.count));
  flow(width_of(draw.theme().small, shown.c_str()), draw.px(kGap));
  small_text(draw.theme(), shown.c_str());
  draw.frame.widgets.note("metadata_shown");
}

}  // namespace zscape
