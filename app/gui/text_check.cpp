#include "app/gui/text_check.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <utility>

namespace zscape {
namespace {

constexpr float kCut = 1.6f;      // pixels outside that are seen as missing
constexpr float kOverlap = 0.3f;  // of the smaller letter's area

struct Letter {
  Rect place;
  Rect clip;
};

bool intersect(const Rect& a, const Rect& b) {
  return a.origin.x < b.high().x && b.origin.x < a.high().x && a.origin.y < b.high().y &&
         b.origin.y < a.high().y;
}

// Dear ImGui draws a letter as two triangles of the font's texture over one rectangle.
std::vector<Letter> letters_of(const ImDrawList& list) {
  std::vector<Letter> letters;
  const auto font = ImGui::GetIO().Fonts->TexID;
  const auto seen = [](const ImDrawVert& vertex) { return vertex.col >> IM_COL32_A_SHIFT != 0; };
  for (const ImDrawCmd& command :
       std::span(list.CmdBuffer.Data, std::size_t(list.CmdBuffer.Size))) {
    if (command.UserCallback != nullptr || command.GetTexID() != font) continue;
    const ImVec4& box = command.ClipRect;
    const Rect clip{{box.x, box.y}, {box.z - box.x, box.w - box.y}};
    for (unsigned at = 0; at + 6 <= command.ElemCount;) {
      const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset + at;
      const auto first = index[0];
      const bool is_quad = index[1] == first + 1 && index[2] == first + 2 && index[3] == first &&
                           index[4] == first + 2 && index[5] == first + 3;
      if (!is_quad) {
        at += 3;
        continue;
      }
      at += 6;
      const ImDrawVert* corner = list.VtxBuffer.Data + command.VtxOffset + first;
      const bool is_plain = corner[0].uv.x == corner[2].uv.x || corner[0].uv.y == corner[2].uv.y;
      if (is_plain || !seen(corner[0])) continue;
      const auto [left, right] = std::minmax({corner[0].pos.x, corner[2].pos.x});
      const auto [top, bottom] = std::minmax({corner[0].pos.y, corner[2].pos.y});
      letters.push_back({{{left, top}, {right - left, bottom - top}}, clip});
    }
  }
  return letters;
}

bool is_cut(const Letter& letter, bool scrolls) {
  const Rect &place = letter.place, &clip = letter.clip;
  if (!intersect(place, clip)) return false;  // scrolled away as a whole
  const bool across =
      clip.origin.x - place.origin.x > kCut || place.high().x - clip.high().x > kCut;
  const bool upright =
      clip.origin.y - place.origin.y > kCut || place.high().y - clip.high().y > kCut;
  return across || (upright && !scrolls);
}

float overlap(const Rect& a, const Rect& b) {
  const float width = std::min(a.high().x, b.high().x) - std::max(a.origin.x, b.origin.x);
  const float height = std::min(a.high().y, b.high().y) - std::max(a.origin.y, b.origin.y);
  if (width <= 0 || height <= 0) return 0;
  const float smaller = std::min(a.size.x * a.size.y, b.size.x * b.size.y);
  return smaller > 0 ? width * height / smaller : 0;
}

}  // namespace

std::vector<TextFault> text_faults(const Rect& except) {
  std::vector<TextFault> faults;
  for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows) {
    if (!window->Active || window->Hidden) continue;
    const bool scrolls = window->ScrollMax.y > 0;
    const std::vector<Letter> letters = letters_of(*window->DrawList);
    // By cells, since there are thousands.
    constexpr float kCell = 32;
    std::map<std::pair<int, int>, std::vector<const Letter*>> cells;
    for (const Letter& letter : letters) {
      if (is_cut(letter, scrolls)) {
        faults.push_back({TextFault::Kind::cut, window->Name, letter.place});
      }
      if (!intersect(letter.place, letter.clip) || intersect(letter.place, except)) continue;
      const Vec2 middle = letter.place.center();
      const int x = static_cast<int>(std::floor(middle.x / kCell));
      const int y = static_cast<int>(std::floor(middle.y / kCell));
      const bool is_covered = [&] {
        for (int column = x - 1; column <= x + 1; ++column) {
          for (int row = y - 1; row <= y + 1; ++row) {
            const auto found = cells.find({column, row});
            if (found == cells.end()) continue;
            for (const Letter* other : found->second) {
              if (overlap(letter.place, other->place) > kOverlap) return true;
            }
          }
        }
        return false;
      }();
      if (is_covered) faults.push_back({TextFault::Kind::covered, window->Name, letter.place});
      cells[{x, y}].push_back(&letter);
    }
  }
  return faults;
}

std::string unreadable_text(const LatentView& plot) {
  std::string text;
  for (const TextFault& fault : text_faults(plot.rect())) {
    text += fmt::format("{}{} in {} at {:.0f} {:.0f}", text.empty() ? "" : "; ",
                        fault.kind == TextFault::Kind::cut ? "cut" : "covered", fault.window,
                        fault.place.origin.x, fault.place.origin.y);
  }
  return text;
}

}  // namespace zscape
