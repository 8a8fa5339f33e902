#include "app/gui/panels/inputs/input_list.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

namespace zscape {

CellTable::CellTable(const char* name, const Rect& rect, std::size_t count, ImVec2 cell, float gap,
                     const PanelFrame& frame)
    : count_(count), step_(cell.x + gap, cell.y + gap) {
  ImGui::SetCursorScreenPos(rect.origin);
  ImGui::PushStyleVar(ImGuiStyleVar_ScrollbarSize, frame.px(9));
  ImGui::BeginChild(name, rect.size, false, ImGuiWindowFlags_NoBackground);
  frame.widgets.note(name, {rect.origin, rect.size});
  const float width = rect.size.x - frame.px(11);
  columns_ = static_cast<std::size_t>(std::max(std::floor((width + gap) / step_.x), 1.0f));
  const std::size_t rows = (count + columns_ - 1) / columns_;
  const float scroll = ImGui::GetScrollY();
  origin_ = {std::floor(rect.origin.x), std::floor(rect.origin.y - scroll)};
  const auto row_at = [&](float y) {
    return std::min(static_cast<std::size_t>(std::max(y / step_.y, 0.0f)), rows);
  };
  first_ = std::min(row_at(scroll) * columns_, count);
  last_ = std::min((row_at(scroll + rect.size.y) + 1) * columns_, count);
}

ImVec2 CellTable::place(std::size_t number) const {
  const auto column = static_cast<float>(number % columns_);
  const auto row = static_cast<float>(number / columns_);
  return {origin_.x + column * step_.x, origin_.y + row * step_.y};
}

void CellTable::end() {
  // The scrolled content is as high as all rows.
  const std::size_t rows = (count_ + columns_ - 1) / columns_;
  ImGui::SetCursorPos({0, 0});
  ImGui::Dummy({1, std::max(static_cast<float>(rows) * step_.y - 1, 1.0f)});
  ImGui::EndChild();
  ImGui::PopStyleVar();
}

}  // namespace zscape
