#include "app/gui/panels/preview/preview_pair.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/latent_overlay.h"

namespace zscape {
namespace {

void draw_one(const PreviewPicture& one, std::size_t which, ImVec2 corner, float width,
              const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  ImGui::PushFont(theme.small);
  const float line = height_of(theme.small) + theme.px(5);
  const ImVec2 size = picture_size(one.pictures->shape(), width, width);
  corner.x = std::floor(corner.x + (width - size.x) / 2);
  list.PushClipRect(corner, {corner.x + width, corner.y + line}, true);
  list.AddText(corner, one.active ? color::kAccent : color::kMuted, one.name.c_str());
  list.PopClipRect();
  ImGui::PopFont();
  const ImVec2 low{std::floor(corner.x), std::floor(corner.y + line)};
  const ImVec2 high{low.x + size.x, low.y + size.y};
  draw_picture(list, *one.pictures, one.slot, low, high);
  list.AddRect({low.x - 1, low.y - 1}, {high.x + 1, high.y + 1},
               one.active ? color::kAccent : color::kLine);
  frame.widgets.note(which == 0 ? "preview_picture" : "second_preview_picture",
                     {{low.x, low.y}, {size.x, size.y}});
}

}  // namespace

void draw_preview_pair(const PreviewPanelState& state, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float room = ImGui::GetContentRegionAvail().x, gap = theme.px(10);
  // At a low window the pictures give way to the marks below.
  const float width =
      std::floor(std::min((room - gap) / 2, std::max(frame.rect.size.y * 0.42f, theme.px(40))));
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  float height = 0;
  for (std::size_t which = 0; which < state.pair.size(); ++which) {
    const PreviewPicture& one = state.pair[which];
    draw_one(one, which, {corner.x + static_cast<float>(which) * (width + gap), corner.y}, width,
             frame);
    height = std::max(height, picture_size(one.pictures->shape(), width, width).y);
  }
  ImGui::Dummy({room, height + height_of(theme.small) + theme.px(7)});
  if (state.link.empty()) return;
  small_text(theme, state.link.c_str());
  frame.widgets.note("link_text");
}

}  // namespace zscape
