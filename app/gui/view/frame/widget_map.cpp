#include "app/gui/view/frame/widget_map.h"

#include <imgui.h>

namespace zscape {

std::string prefix_of_pane(std::size_t which) {
  if (which < 2) return which == 0 ? "" : "second_";
  return "pane" + std::to_string(which + 1) + "_";
}

void WidgetMap::note(std::string_view name) {
  const ImVec2 low = ImGui::GetItemRectMin();
  const ImVec2 size = ImGui::GetItemRectSize();
  note(name, {low, size});
}

std::optional<WidgetMap::Place> WidgetMap::find(std::string_view name) const {
  const auto found = places_.find(name);
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

}  // namespace zscape
