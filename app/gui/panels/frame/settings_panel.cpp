#include "app/gui/panels/frame/settings_panel.h"

#include <fmt/format.h>

#include <string>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/widgets.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kPopup = "##settings";
constexpr float kWidth = 352, kLabel = 100;

void label(const Theme& theme, const char* text) {
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted(text);
  ImGui::SameLine(ImGui::GetStyle().WindowPadding.x + theme.px(kLabel), 0);
}

// The first colours of the palette, beside its name.
void draw_swatches(ClassPalette palette, const Appearance& appearance, const PanelFrame& frame) {
  constexpr int kShown = 7;
  const Theme& theme = frame.theme;
  const float dot = theme.px(10), gap = theme.px(4);
  const ImVec2 at = ImGui::GetItemRectMin(), far = ImGui::GetItemRectMax();
  const float start = far.x - static_cast<float>(kShown) * (dot + gap) + gap;
  Appearance other = appearance;
  other.classes = palette;
  apply_colors(other);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  for (int i = 0; i < kShown; ++i) {
    const float x = start + static_cast<float>(i) * (dot + gap);
    list.AddCircleFilled({x + dot / 2, (at.y + far.y) / 2}, dot / 2, class_color(i), 14);
  }
  apply_colors(appearance);
  if (!safe_for_colour_blind(palette, appearance.light)) return;
  draw_tick(list, {start - 2 * dot, (at.y + far.y - dot) / 2}, dot, color::kAccent, theme);
}

void draw_palettes(Appearance& appearance, const PanelFrame& frame) {
  Appearance chosen = appearance;
  for (const ClassPalette palette : kClassPalettes) {
    if (palette != ClassPalette::zscape) label(frame.theme, "");
    const std::string text(title_of(palette));
    const std::string name = fmt::format("palette_{}", name_of(palette));
    if (list_entry(fmt::format("{}##{}", text, name).c_str(), appearance.classes == palette,
                   ImGuiSelectableFlags_DontClosePopups)) {
      chosen.classes = palette;
    }
    frame.widgets.note(name);
    draw_swatches(palette, appearance, frame);
  }
  label(frame.theme, "");
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float side = frame.px(10), line = height_of(frame.theme.small);
  draw_tick(*ImGui::GetWindowDrawList(), {at.x, at.y + (line - side) / 2}, side, color::kAccent,
            frame.theme);
  ImGui::SetCursorScreenPos({at.x + side + frame.px(6), at.y});
  small_text(frame.theme, tr("safe for colour-blind eyes"));
  frame.widgets.note("palettes_safe");
  appearance = chosen;
}

}  // namespace

void open_settings() {
  ImGui::OpenPopup(kPopup);
}

void draw_settings_panel(Appearance& appearance, MemoryChoice& memory, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float width = theme.px(kWidth);
  ImGui::SetNextWindowPos({frame.rect.high().x - theme.px(8), frame.rect.origin.y - theme.px(4)},
                          ImGuiCond_Always, {1, 1});
  ImGui::SetNextWindowSize({width, 0});
  if (!ImGui::BeginPopup(kPopup)) return;
  section(frame, tr("Settings"));
  const float inner = width - 2 * ImGui::GetStyle().WindowPadding.x - theme.px(kLabel);
  const float gap = theme.px(2);

  const float half = (inner - gap) / 2;
  struct Side {
    const char* widget;
    const char* name;
    const char* help;
  };
  const auto two_sides = [&](const char* title, bool& second, const Side& off, const Side& on) {
    label(theme, title);
    for (const bool value : {false, true}) {
      if (value) ImGui::SameLine(0, gap);
      const auto& [widget, name, help] = value ? on : off;
      if (choice(frame, widget, name, half, second == value, help)) second = value;
    }
  };
  two_sides(tr("Theme"), appearance.light,
            {"theme_dark", tr("Dark"), tr("Light text on a dark background")},
            {"theme_light", tr("Light"), tr("Dark text on a light background")});

  label(theme, tr("Text size"));
  const auto count = static_cast<float>(kTextPercents.size());
  const float part = (inner - (count - 1) * gap) / count;
  for (const int percent : kTextPercents) {
    if (percent != kTextPercents.front()) ImGui::SameLine(0, gap);
    if (choice(frame, fmt::format("text_{}", percent), fmt::format("{} %", percent).c_str(), part,
               appearance.text_percent == percent,
               tr("Scales the text and everything around it"))) {
      appearance.text_percent = percent;
    }
  }

  two_sides(tr("Motion"), appearance.reduced_motion,
            {"motion_full", tr("Full"), tr("Points glide to their new places")},
            {"motion_reduced", tr("Reduced"), tr("Points and view jump to their new places")});

  label(theme, tr("Runs, past"));
  const auto offered = static_cast<float>(memory.offered.size());
  const float one = (inner - (offered - 1) * gap) / offered;
  for (const int megabytes : memory.offered) {
    if (megabytes != memory.offered.front()) ImGui::SameLine(0, gap);
    const std::string name =
        megabytes < 1024 ? tr("{} MB", megabytes) : tr("{} GB", megabytes / 1024);
    if (choice(frame, fmt::format("memory_{}", megabytes), name.c_str(), one,
               memory.megabytes == megabytes,
               tr("The memory for runs that another took the place of (see Runs) and, a half of "
                  "it, for the moments of the time line. Where it is short, the oldest go."))) {
      memory.megabytes = megabytes;
    }
  }

  label(theme, tr("Classes"));
  draw_palettes(appearance, frame);
  ImGui::EndPopup();
}

}  // namespace zscape
