#pragma once

#include <imgui.h>

#include "app/gui/view/frame/appearance.h"
#include "app/gui/view/frame/widget_map.h"
#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// The colours of the window: those of the dark theme until apply_colors() (appearance.h) sets
// others. In both themes text and curves keep WCAG AA contrast (4.5 : 1) on every ground;
// tests/theme_test.cpp checks it.
namespace color {
constexpr ImU32 rgb(unsigned hex, unsigned alpha = 255) {
  return IM_COL32((hex >> 16) & 255, (hex >> 8) & 255, hex & 255, alpha);
}
// Constants to all who draw.
// NOLINTBEGIN(readability-identifier-naming)
inline ImU32 kBackground = rgb(0x121418);  // behind everything; clear to this
inline ImU32 kPanel = rgb(0x191c22);       // a panel
inline ImU32 kRaised = rgb(0x272b34);      // inputs and buttons
inline ImU32 kRaisedHover = rgb(0x323743);
inline ImU32 kRaisedActive = rgb(0x3d4451);
inline ImU32 kOverlay = rgb(0x22262e);  // tooltips and menus
inline ImU32 kLine = rgb(0x2e333d);     // hairlines, grid lines
inline ImU32 kAxis = rgb(0x4a5160);     // axes, outlines
inline ImU32 kText = rgb(0xe7e9ee);
inline ImU32 kMuted = rgb(0xa3abb9);   // labels, ticks
inline ImU32 kFaint = rgb(0x6c7484);   // greyed: not usable now
inline ImU32 kAccent = rgb(0x5fd3bc);  // the one accent
inline ImU32 kAccentHover = rgb(0x7ae3ce);
inline ImU32 kAccentActive = rgb(0x4cbfa8);
inline ImU32 kAccentDim = rgb(0x2c5f58);  // the accent as a ground for kText
inline ImU32 kOnAccent = rgb(0x0d1f1c);   // text on the accent
inline ImU32 kSecond = rgb(0xd9a25f);     // a curve beside the accent's
inline ImU32 kFormer = rgb(0x5d6675);     // what is over: the run before
inline ImU32 kError = rgb(0xff8f83);
// NOLINTEND(readability-identifier-naming)
}  // namespace color

// Fonts and measures, made once a display scale; read by all panels.
struct Theme {
  ImFont* body = nullptr;           // 16 px, digits of equal width
  ImFont* small = nullptr;          // 13 px
  ImFont* title = nullptr;          // 16 px, semibold
  float scale = 1;                  // of the display; 2 on a HiDPI one
  bool software_rendering = false;  // panels leave out their background fills
  bool reduced_motion = false;      // things jump to their new place

  float px(float pixels) const { return pixels * scale; }  // a length of the 100 % design
};

// The height that a font was loaded at, in pixels.
inline float height_of(const ImFont* font) {
#if IMGUI_VERSION_NUM >= 19200
  return font->LegacySize;
#else
  return font->FontSize;
#endif
}

// Loads the fonts into the current Dear ImGui context and sets its style. Call before the first
// frame, and again (with a new font texture) when the display's scale or the appearance changes.
// Theme::scale is the display's scale times the text's.
Theme make_theme(float display_scale, bool software_rendering, const Appearance& appearance = {});

// The colour of a class on kBackground, from the palette of apply_colors(); more classes repeat its
// colours darker and lighter, and after kClassColors all begins again. Negative (no label): a
// neutral grey.
inline constexpr int kClassColors = 120;
ImU32 class_color(int label);

// The same colour with an alpha in [0, 1].
ImU32 with_alpha(ImU32 color, float alpha);

// What every panel is handed for one frame.
struct PanelFrame {
  const Theme& theme;
  WidgetMap& widgets;  // where tests and scripts find what was drawn
  Rect rect;           // the panel's place
  double time_s = 0;   // rising

  float px(float pixels) const { return theme.px(pixels); }
};

// What the functions of one panel hand each other in a frame begins with this.
struct PanelDraw {
  const PanelFrame& frame;

  const Theme& theme() const { return frame.theme; }
  float px(float pixels) const { return frame.theme.px(pixels); }
};

// A font, colours and measures that hold for what is drawn while it lives.
class Styled {
 public:
  explicit Styled(ImFont* with = nullptr) { font(with); }
  ~Styled();
  Styled(const Styled&) = delete;
  Styled& operator=(const Styled&) = delete;

  Styled& font(ImFont* font);  // null: the present one
  Styled& color(ImGuiCol which, ImU32 rgba);
  Styled& var(ImGuiStyleVar which, float value);
  Styled& var(ImGuiStyleVar which, Vec2 value);

 private:
  bool has_font_ = false;
  int colors_ = 0;
  int vars_ = 0;
};

// A panel at a fixed place: background, hairline border and a title row (none for an empty title).
// The content follows below; call ImGui::End() always. The title also names the window, so titles
// must differ; text after ## is hidden.
void begin_panel(const char* title, const PanelFrame& frame, ImGuiWindowFlags flags = 0);

// Text in the small, muted style.
void small_text(const Theme& theme, const char* text, ImU32 color = color::kMuted);

// The width of a text in this font.
float width_of(ImFont* font, const char* text);

// A tooltip for the last item, wrapped to a readable width; shown for greyed items too.
void tooltip(const Theme& theme, const char* text);

}  // namespace zscape
