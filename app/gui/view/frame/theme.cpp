#include "app/gui/view/frame/theme.h"

#include <imgui_freetype.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <initializer_list>

namespace zscape {
namespace {

// Found by CMake; "…-NOTFOUND" where a font package is missing.
constexpr const char* kRegularFont = ZSCAPE_FONT_REGULAR;
constexpr const char* kSemiboldFont = ZSCAPE_FONT_SEMIBOLD;
constexpr const char* kFallbackFont = ZSCAPE_FONT_FALLBACK;

// Pairs of first and last code point.
constexpr ImWchar kTextRanges[] = {
    0x0020, 0x017F,  // Latin
    0x0370, 0x03FF,  // Greek
    0x1D40, 0x1D40,  // ᵀ
    0x2010, 0x203A,  // dashes, quotes, ellipsis, primes, ‹ ›
    0x2070, 0x2094,  // superscripts and subscripts
    0x2190, 0x2199,  // arrows
    0x2202, 0x2265,  // mathematics: ∂ ∈ √ ∞ ≈ ≤ …
    0x2297, 0x2299,  // ⊗ ⊙
    0,
};

bool exists(const char* path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

// Digits of one width, so that changing numbers stand still and columns line up.
void make_digits_tabular([[maybe_unused]] ImFont& font) {
#if IMGUI_VERSION_NUM < 19200  // later ones rasterise glyphs as they come
  float widest = 0;
  for (ImWchar digit = '0'; digit <= '9'; ++digit) {
    widest = std::max(widest, font.GetCharAdvance(digit));
  }
  for (ImFontGlyph& glyph : font.Glyphs) {
    if (glyph.Codepoint < '0' || glyph.Codepoint > '9') continue;
    const float shift = std::floor((widest - glyph.AdvanceX) / 2);
    glyph.X0 += shift;
    glyph.X1 += shift;
    glyph.AdvanceX = widest;
  }
  font.BuildLookupTable();
#endif
}

ImFont* load_font(const char* path, float pixels) {
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  ImFontConfig config;
  config.PixelSnapH = true;
  const bool has_fallback = exists(kFallbackFont);
  const char* first = exists(path) ? path : has_fallback ? kFallbackFont : nullptr;
  if (first == nullptr) {
    config.SizePixels = pixels;
    return atlas.AddFontDefault(&config);
  }
  ImFont* font = atlas.AddFontFromFileTTF(first, pixels, &config, kTextRanges);
  if (has_fallback && first != kFallbackFont) {
    config.MergeMode = true;  // for the signs that the first font lacks
    atlas.AddFontFromFileTTF(kFallbackFont, pixels, &config, kTextRanges);
  }
  return font;
}

void set_style(float scale) {
  ImGuiStyle style;
  style.WindowPadding = {14, 12};
  style.WindowRounding = 8;
  style.WindowBorderSize = 1;
  style.ChildRounding = 6;
  style.PopupRounding = 6;
  style.PopupBorderSize = 1;
  style.FramePadding = {9, 4};
  style.FrameRounding = 5;
  style.FrameBorderSize = 0;
  style.ItemSpacing = {8, 6};
  style.ItemInnerSpacing = {6, 6};
  style.ScrollbarSize = 9;
  style.ScrollbarRounding = 5;
  style.GrabMinSize = 12;
  style.GrabRounding = 5;
  style.DisabledAlpha = 0.42f;
  style.AntiAliasedLinesUseTex = true;

  const auto set = [&style](ImU32 rgba, std::initializer_list<ImGuiCol> all) {
    for (const ImGuiCol which : all) style.Colors[which] = ImGui::ColorConvertU32ToFloat4(rgba);
  };
  set(color::kText, {ImGuiCol_Text});
  set(color::kFaint, {ImGuiCol_TextDisabled});
  set(color::kPanel, {ImGuiCol_WindowBg});
  set(0, {ImGuiCol_ChildBg, ImGuiCol_BorderShadow, ImGuiCol_ScrollbarBg});
  set(color::kOverlay, {ImGuiCol_PopupBg});
  set(color::kLine, {ImGuiCol_Border, ImGuiCol_Separator});
  set(color::kRaised, {ImGuiCol_FrameBg, ImGuiCol_Button});
  set(color::kRaisedHover, {ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive, ImGuiCol_ButtonHovered,
                            ImGuiCol_Header, ImGuiCol_HeaderHovered, ImGuiCol_ScrollbarGrab});
  set(color::kRaisedActive,
      {ImGuiCol_ButtonActive, ImGuiCol_HeaderActive, ImGuiCol_ScrollbarGrabHovered});
  set(color::kAccent, {ImGuiCol_CheckMark, ImGuiCol_SliderGrab, ImGuiCol_SliderGrabActive,
                       ImGuiCol_PlotHistogram, ImGuiCol_NavHighlight});
  set(color::kAxis, {ImGuiCol_ScrollbarGrabActive});
  set(color::kAccentDim, {ImGuiCol_TextSelectedBg});
  set(with_alpha(color::kBackground, 0.6f), {ImGuiCol_ModalWindowDimBg});

  style.ScaleAllSizes(scale);
  ImGui::GetStyle() = style;
}

constexpr float kTitleSize = 16, kBodySize = 16, kSmallSize = 13;

}  // namespace

Theme make_theme(float display_scale, bool software_rendering, const Appearance& appearance) {
  apply_colors(appearance);
  const float scale = display_scale * static_cast<float>(appearance.text_percent) / 100;
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
#if IMGUI_VERSION_NUM < 19200
  atlas.FontBuilderIO = ImGuiFreeType::GetBuilderForFreeType();
  atlas.FontBuilderFlags = ImGuiFreeTypeBuilderFlags_LightHinting;
#endif
  Theme theme;
  theme.scale = scale;
  theme.software_rendering = software_rendering;
  theme.reduced_motion = appearance.reduced_motion;
  theme.body = load_font(kRegularFont, std::round(kBodySize * scale));
  theme.small = load_font(kRegularFont, std::round(kSmallSize * scale));
  theme.title = load_font(kSemiboldFont, std::round(kTitleSize * scale));
#if IMGUI_VERSION_NUM < 19200
  atlas.Build();
#endif
  for (ImFont* font : {theme.body, theme.small, theme.title}) make_digits_tabular(*font);
  ImGui::GetIO().FontDefault = theme.body;
  set_style(scale);
  return theme;
}

ImU32 with_alpha(ImU32 rgba, float alpha) {
  const auto level = static_cast<ImU32>(std::lround(std::clamp(alpha, 0.0f, 1.0f) * 255));
  return (rgba & ~IM_COL32_A_MASK) | (level << IM_COL32_A_SHIFT);
}

Styled::~Styled() {
  ImGui::PopStyleVar(vars_);
  ImGui::PopStyleColor(colors_);
  if (has_font_) ImGui::PopFont();
}

Styled& Styled::font(ImFont* font) {
  if (font != nullptr) ImGui::PushFont(font);
  has_font_ = has_font_ || font != nullptr;
  return *this;
}

Styled& Styled::color(ImGuiCol which, ImU32 rgba) {
  ImGui::PushStyleColor(which, rgba);
  ++colors_;
  return *this;
}

Styled& Styled::var(ImGuiStyleVar which, float value) {
  ImGui::PushStyleVar(which, value);
  ++vars_;
  return *this;
}

Styled& Styled::var(ImGuiStyleVar which, Vec2 value) {
  ImGui::PushStyleVar(which, value);
  ++vars_;
  return *this;
}

void begin_panel(const char* title, const PanelFrame& frame, ImGuiWindowFlags flags) {
  flags |= ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
           ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings |
           ImGuiWindowFlags_NoBringToFrontOnFocus |
           ImGuiWindowFlags_NoFocusOnAppearing;  // that would close Settings, which folded a region
  if (frame.theme.software_rendering) flags |= ImGuiWindowFlags_NoBackground;
  ImGui::SetNextWindowPos(frame.rect.origin);
  ImGui::SetNextWindowSize(frame.rect.size);
  ImGui::Begin(title, nullptr, flags);
  const ImGuiStyle& style = ImGui::GetStyle();
  if (frame.theme.software_rendering && style.WindowBorderSize > 0) {  // without fill, only this
    const ImVec2 low = ImGui::GetWindowPos();
    const ImVec2 high = low + frame.rect.size;
    ImGui::PushClipRect(low, high, false);
    ImGui::GetWindowDrawList()->AddRect(low, high, color::kLine, style.WindowRounding);
    ImGui::PopClipRect();
  }
  const std::string_view shown =
      std::string_view(title).substr(0, std::string_view(title).find("##"));
  if (shown.empty()) return;
  const Styled styled(frame.theme.title);
  ImGui::TextUnformatted(shown.data(), shown.data() + shown.size());
}

void small_text(const Theme& theme, const char* text, ImU32 rgba) {
  Styled styled(theme.small);
  styled.color(ImGuiCol_Text, rgba);
  ImGui::TextUnformatted(text);
}

float width_of(ImFont* font, const char* text) {
  const Styled styled(font);
  return ImGui::CalcTextSize(text).x;
}

void tooltip(const Theme& theme, const char* text) {
  if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return;
  if (*text == '\0') return;
  if (ImGui::IsMouseDown(ImGuiMouseButton_Left)) return;  // it would hide what is being changed
  // Beside a narrow panel, so that the item's neighbours stay visible.
  const ImGuiWindow& panel = *ImGui::GetCurrentWindowRead()->RootWindow;  // a pane is a part of it
  const ImVec2 at = panel.Pos;
  const float width = panel.Size.x, display = ImGui::GetIO().DisplaySize.x;
  if (width < 0.45f * display) {
    const bool right = at.x + width / 2 < display / 2;
    ImGui::SetNextWindowPos(
        {right ? at.x + width + theme.px(6) : at.x - theme.px(6), ImGui::GetItemRectMin().y},
        ImGuiCond_Always, {right ? 0.0f : 1.0f, 0});
  }
  Styled styled(theme.small);
  styled.var(ImGuiStyleVar_WindowPadding, {theme.px(10), theme.px(8)});
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(theme.px(290));
  ImGui::TextUnformatted(text);
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
}

}  // namespace zscape
