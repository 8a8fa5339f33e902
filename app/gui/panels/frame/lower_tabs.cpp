#include "app/gui/panels/frame/lower_tabs.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "app/gui/view/latent/given_codes.h"

namespace zscape {

namespace {

bool has_neighbours(const Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.models, [](const ModelView& view) {
    return view.neighbours || shows_given_codes(view);
  });
}

bool has_certificate(const Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.models, [](const ModelView& view) {
    return view.certificate || view.is_certifying;
  });
}

bool has_rates(const Snapshot& snapshot) {
  return !snapshot.spectra.empty() ||
         std::ranges::any_of(snapshot.models, [](const ModelView& view) {
           return view.spec.has_prior() && !view.curves.marks.empty();
         });
}

// Once they were asked for, or an input is in hand.
bool has_samples(const Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.models, [](const ModelView& view) {
    return view.decoded_samples || view.jacobian || (view.neighbours && view.decoder());
  });
}

bool has_gaps(const Snapshot& snapshot) {
  return std::ranges::any_of(snapshot.models, [](const ModelView& view) {
    return view.train_gaps || view.test_gaps || !view.curves.gaps.empty();
  });
}

}  // namespace

void draw_lower_tabs(const Snapshot& snapshot, LowerTab& tab, bool figures_warn,
                     const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const Styled styled(theme.title);
  LowerTab chosen = tab;
  // Rate comes last: the others keep their places when it appears.
  auto entries = kLowerTabs;
  std::ranges::stable_partition(
      entries, [](const LowerTabEntry& entry) { return entry.tab != LowerTab::rate; });
  for (const LowerTabEntry& entry : entries) {
    if (entry.tab == LowerTab::runs && snapshot.stored->runs.empty()) continue;
    if (entry.tab == LowerTab::neighbours && tab != entry.tab && !has_neighbours(snapshot))
      continue;
    if (entry.tab == LowerTab::certificate && tab != entry.tab && !has_certificate(snapshot))
      continue;
    if (entry.tab == LowerTab::rate && tab != entry.tab && !has_rates(snapshot)) continue;
    if (entry.tab == LowerTab::samples && tab != entry.tab && !has_samples(snapshot)) continue;
    if (entry.tab == LowerTab::gaps && tab != entry.tab && !has_gaps(snapshot)) continue;
    if (&entry != entries.data()) ImGui::SameLine(0, theme.px(18));
    const ImVec2 at = ImGui::GetCursorScreenPos(), size = ImGui::CalcTextSize(entry.name);
    if (ImGui::InvisibleButton(entry.widget, size)) chosen = entry.tab;
    frame.widgets.note(entry.widget);
    const bool here = entry.tab == tab, hovered = ImGui::IsItemHovered();
    list.AddText(at, here || hovered ? color::kText : color::kMuted, entry.name);
    if (here) {
      const float y = std::round(at.y + size.y + theme.px(2));
      list.AddLine({at.x, y}, {at.x + size.x, y}, color::kAccent, theme.px(2));
    }
    if (figures_warn && entry.tab == LowerTab::figures) {
      list.AddCircleFilled({at.x + size.x + theme.px(6), at.y + theme.px(5)}, theme.px(3),
                           color::kError, 12);
    }
    tooltip(theme, entry.help);
  }
  const bool is_gone = chosen == LowerTab::runs && snapshot.stored->runs.empty();
  tab = is_gone ? LowerTab::curves : chosen;
}

Rect below_tabs(const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const ImVec2 padding = ImGui::GetStyle().WindowPadding;
  const Vec2 low{frame.rect.origin.x + padding.x,
                 frame.rect.origin.y + padding.y + height_of(theme.title) + theme.px(12)};
  const float bottom = frame.rect.high().y - padding.y + theme.px(4);
  return {low, {frame.rect.size.x - 2 * padding.x, bottom - low.y}};
}

std::optional<std::string> draw_csv_export(const CsvExport& csv, CsvExportState& state,
                                           float& right, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const std::string what = csv.what, name = "export_" + what, popup = name + "_popup";
  const float end = right;
  right -= switch_width(theme, "CSV");
  ImGui::SetCursorScreenPos({right, ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y});
  if (small_switch(frame, name, "CSV", false, csv.help, csv.why_not)) {
    ImGui::OpenPopup(popup.c_str());
  }
  ImGui::SetNextWindowPos({end, frame.rect.origin.y - theme.px(2)}, ImGuiCond_Always, {1, 1});
  if (!ImGui::BeginPopup(popup.c_str())) return std::nullopt;
  small_text(theme, csv.prompt);
  if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
  if (const auto path = path_field(frame, what + "_path", state.path_edit, state.path,
                                   theme.px(260), tr("A file name, such as {}", state.path))) {
    state.path = *path;
  }
  const std::string typed = state.path_edit.editing ? state.path_edit.text : state.path;
  ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
  std::error_code ignored;
  const bool replaces = !typed.empty() && std::filesystem::exists(typed, ignored);
  // Enter presses the accented button: nothing is replaced by it.
  const bool writes = button(
      frame, "write_" + what, replaces ? tr("Replace") : tr("Write"), theme.px(64),
      replaces ? tr("The file's present contents will be lost.") : tr("Enter does the same."),
      typed.empty() ? tr("Type a file name first.") : csv.why_not,
      replaces ? Emphasis::normal : Emphasis::accent);
  small_text(theme, replaces ? tr("This file exists and will be replaced.") : " ");
  if (writes) {
    state.path = typed;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
  return writes ? std::optional(typed) : std::nullopt;
}

}  // namespace zscape
