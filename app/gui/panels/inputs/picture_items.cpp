#include "app/gui/panels/inputs/picture_items.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {

ImVec2 picture_size(const ImageShape& shape, float width, float height) {
  if (is_vector(shape)) {
    return {std::max(std::floor(width), 1.0f),
            std::max(std::floor(std::min(height, 0.6f * width)), 1.0f)};
  }
  const auto own_width = static_cast<float>(std::max(shape.width, 1));
  const auto own_height = static_cast<float>(std::max(shape.height, 1));
  const float scale = std::min(width / own_width, height / own_height);
  const float whole = scale >= 1 ? std::floor(scale) : scale;
  const ImVec2 size{std::max(1.0f, std::round(own_width * whole)),
                    std::max(1.0f, std::round(own_height * whole))};
  return size;
}

void picture_item(const PanelFrame& frame, const Pictures& pictures, const char* name,
                  PictureSlot slot, ImVec2 size) {
  const Vec2 low = ImGui::GetCursorScreenPos();
  ImGui::Dummy(size);
  frame.widgets.note(name);
  draw_picture(*ImGui::GetWindowDrawList(), pictures, slot, low, low + size);
}

bool picture_button(const PanelFrame& frame, const Pictures& pictures, const char* id,
                    PictureSlot slot, ImVec2 size, bool selected) {
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const bool clicked = ImGui::InvisibleButton(id, size);
  const ImVec2 high = low + size;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  draw_picture(list, pictures, slot, low, high);
  if (selected || ImGui::IsItemHovered()) {
    list.AddRect(low, high, selected ? color::kAccent : color::kText, 0, 0,
                 frame.px(selected ? 2.0f : 1.0f));
  }
  return clicked;
}

void flow(float width, float gap) {
  ImGui::SameLine(0, gap);
  if (ImGui::GetContentRegionAvail().x < width) ImGui::NewLine();
}

std::string label_name(const Snapshot& snapshot, int label) {
  const auto index = static_cast<std::size_t>(label);
  const bool known = label >= 0 && snapshot.data && index < snapshot.data->class_names.size();
  return known ? snapshot.data->class_names[index] : fmt::format("{}", label);
}

std::string row_name(const Snapshot& snapshot, const PointRef& input) {
  const char* split = input.split == SplitName::train ? "train" : "test";
  const std::int64_t steps = snapshot.data ? snapshot.data->steps : 0;
  if (steps == 0) return fmt::format("{} {}", split, format_count(input.index));
  return tr("{} {}, step {}", split, format_count(input.index / steps),
            format_count(input.index % steps));
}

std::string input_name(const Snapshot& snapshot, const PointRef& input) {
  std::string name = row_name(snapshot, input);
  const int label = snapshot.data ? snapshot.data->split(input.split).label(input.index) : -1;
  if (label >= 0) name += fmt::format(" ({})", label_name(snapshot, label));
  return name;
}

}  // namespace zscape
