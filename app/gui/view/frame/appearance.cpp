#include "app/gui/view/frame/appearance.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "app/gui/view/frame/pane_colors.h"
#include "app/gui/view/frame/theme.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr unsigned kNeutral = 0x8a93a3;  // inputs without a label

// Okabe and Ito's colours (jfly.uni-koeln.de/color), lightened for a dark ground, with a pale blue
// and a sage added; then moved by simulated annealing, held near where they began, until the
// smallest pairwise OKLab distance under protanopia and deuteranopia (Machado et al. 2009) stopped
// rising. The test repeats that measurement.
constexpr std::array<unsigned, 10> kOnDark = {
    0x00ccff,  // sky
    0xf89501,  // orange
    0x008367,  // green
    0xfbe748,  // yellow
    0x5d8efb,  // blue
    0xc34807,  // vermilion
    0xbb69b1,  // mauve
    0xcaf1f4,  // ice
    0x764cbd,  // violet
    0xa8b09a,  // sage
};
// The same hues in the same order for a light ground, where a contrast of 3 : 1 leaves less room:
// annealed likewise, each within 22° of its hue on the dark ground (ice and sage, which have little,
// within 45°), none darker than an OKLab lightness of 0.36, below which hues look alike.
constexpr std::array<unsigned, 10> kOnLight = {
    0x2084cb,  // sky
    0xab4304,  // orange
    0x149f7a,  // green
    0xb48500,  // yellow
    0x3a0da2,  // blue
    0x7a0019,  // vermilion
    0xef21fc,  // mauve
    0x04435c,  // ice
    0x8319d0,  // violet
    0x5b685f,  // sage
};
constexpr std::array<unsigned, 8> kOkabeIto = {0xe69f00, 0x56b4e9, 0x009e73, 0xf0e442,
                                               0x0072b2, 0xd55e00, 0xcc79a7, 0x000000};
// Paul Tol, "Colour Schemes", SRON/EPS/TN/09-002.
constexpr std::array<unsigned, 7> kTolBright = {0x4477aa, 0xee6677, 0x228833, 0xccbb44,
                                                0x66ccee, 0xaa3377, 0xbbbbbb};
constexpr std::array<unsigned, 10> kTolMuted = {0xcc6677, 0x332288, 0xddcc77, 0x117733, 0x88ccee,
                                                0x882255, 0x44aa99, 0x999933, 0xaa4499, 0xdddddd};

struct PaletteName {
  ClassPalette palette;
  std::string_view name;
  std::string_view title;
  bool safe_on_dark, safe_on_light;  // as tests/theme_test.cpp measures it
};
constexpr std::array kNames = {
    PaletteName{ClassPalette::zscape, "zscape", "zscape", true, true},
    PaletteName{ClassPalette::okabe_ito, "okabe-ito", tr("Okabe and Ito"), true, false},
    PaletteName{ClassPalette::tol_bright, "tol-bright", tr("Tol, bright"), true, false},
    PaletteName{ClassPalette::tol_muted, "tol-muted", tr("Tol, muted"), false, false},
};

// What class_color() answers from.
struct ClassColors {
  std::array<ImU32, 10> base{};
  int count = 0;
  bool light = false;
};
ClassColors class_colors;

unsigned mixed(unsigned hex, unsigned with, float part) {
  unsigned result = 0;
  for (const unsigned shift : {16u, 8u, 0u}) {
    const auto a = static_cast<float>((hex >> shift) & 255);
    const auto b = static_cast<float>((with >> shift) & 255);
    result |= static_cast<unsigned>(std::lround(a + (b - a) * part)) << shift;
  }
  return result;
}

float luminance(ImU32 rgba) {  // WCAG 2
  const auto linear = [rgba](int shift) {
    const float value = static_cast<float>((rgba >> shift) & 255) / 255;
    return value <= 0.04045f ? value / 12.92f : std::pow((value + 0.055f) / 1.055f, 2.4f);
  };
  return 0.2126f * linear(IM_COL32_R_SHIFT) + 0.7152f * linear(IM_COL32_G_SHIFT) +
         0.0722f * linear(IM_COL32_B_SHIFT);
}

float contrast(ImU32 a, ImU32 b) {
  const float one = luminance(a), other = luminance(b);
  return (std::max(one, other) + 0.05f) / (std::min(one, other) + 0.05f);
}

// Published palettes are made for white paper or black screens: colours below a contrast of 3 : 1
// move towards black or white until they reach it.
unsigned readable(unsigned hex, bool light) {
  constexpr float kLeast = 3.05f;
  const unsigned away = light ? 0x000000 : 0xffffff;
  for (int percent = 0; percent < 100; percent += 2) {
    const unsigned moved = mixed(hex, away, static_cast<float>(percent) / 100);
    if (contrast(color::rgb(moved), color::kBackground) >= kLeast) return moved;
  }
  return away;
}

std::span<const unsigned> colors_of(const Appearance& appearance) {
  switch (appearance.classes) {
    case ClassPalette::zscape:
      break;
    case ClassPalette::okabe_ito:
      return kOkabeIto;
    case ClassPalette::tol_bright:
      return kTolBright;
    case ClassPalette::tol_muted:
      return kTolMuted;
  }
  return appearance.light ? kOnLight : kOnDark;
}

struct NamedColor {
  ImU32& color;
  unsigned dark;
  unsigned light;
};

void set_window_colors(bool light) {
  const NamedColor colors[] = {
      {color::kBackground, 0x121418, 0xf4f5f7},   {color::kPanel, 0x191c22, 0xffffff},
      {color::kRaised, 0x272b34, 0xe9ecf0},       {color::kRaisedHover, 0x323743, 0xdde1e7},
      {color::kRaisedActive, 0x3d4451, 0xced4dc}, {color::kOverlay, 0x22262e, 0xffffff},
      {color::kLine, 0x2e333d, 0xd6dae1},         {color::kAxis, 0x4a5160, 0xa7aebb},
      {color::kText, 0xe7e9ee, 0x1b1f26},         {color::kMuted, 0xa3abb9, 0x525a67},
      {color::kFaint, 0x6c7484, 0x8b93a1},        {color::kAccent, 0x5fd3bc, 0x0a6f5d},
      {color::kAccentHover, 0x7ae3ce, 0x0c8570},  {color::kAccentActive, 0x4cbfa8, 0x085a4b},
      {color::kAccentDim, 0x2c5f58, 0xbfe5dc},    {color::kOnAccent, 0x0d1f1c, 0xffffff},
      {color::kSecond, 0xd9a25f, 0x9a5f14},       {color::kFormer, 0x5d6675, 0x9aa2b0},
      {color::kError, 0xff8f83, 0xb3261e},
  };
  for (const NamedColor& named : colors) named.color = color::rgb(light ? named.light : named.dark);
}

}  // namespace

std::string_view name_of(ClassPalette palette) {
  return kNames[static_cast<std::size_t>(palette)].name;
}

std::string_view title_of(ClassPalette palette) {
  return kNames[static_cast<std::size_t>(palette)].title;
}

std::optional<ClassPalette> palette_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &PaletteName::name);
  if (found == kNames.end()) return std::nullopt;
  return found->palette;
}

bool safe_for_colour_blind(ClassPalette palette, bool light) {
  const PaletteName& row = kNames[static_cast<std::size_t>(palette)];
  return light ? row.safe_on_light : row.safe_on_dark;
}

int colors_in(ClassPalette palette) {
  return static_cast<int>(colors_of({.classes = palette}).size());
}

void apply_colors(const Appearance& appearance) {
  set_window_colors(appearance.light);
  const std::span<const unsigned> colors = colors_of(appearance);
  class_colors.count = static_cast<int>(colors.size());
  class_colors.light = appearance.light;
  for (std::size_t i = 0; i < colors.size(); ++i) {
    class_colors.base[i] = color::rgb(readable(colors[i], appearance.light));
  }
}

ImU32 pane_color(std::size_t model) {
  if (model % kPaneColors == 0) return color::kAccent;
  const bool light = class_colors.light;
  return model % kPaneColors == 1 ? color::rgb(light ? 0x2450c8 : 0x7f9dff)
                                  : color::rgb(light ? 0x6d0d3f : 0xfff0a0);
}

ImU32 class_color(int label) {
  if (class_colors.count == 0) apply_colors({});
  if (label < 0) return color::rgb(kNeutral);
  label %= kClassColors;
  const ImU32 base = class_colors.base[static_cast<std::size_t>(label % class_colors.count)];
  const int round = label / class_colors.count % 3;  // as it is, lighter, darker
  if (round == 0) return base;
  const unsigned hex = ((base >> IM_COL32_R_SHIFT & 255) << 16) |
                       ((base >> IM_COL32_G_SHIFT & 255) << 8) | (base >> IM_COL32_B_SHIFT & 255);
  // Lighter colours are hard to see on a light ground: there both variants are darker if possible.
  if (class_colors.light) {
    const unsigned away = luminance(base) > 0.06f ? 0x000000 : 0xffffff;
    return color::rgb(mixed(hex, away, round == 1 ? 0.3f : 0.5f));
  }
  return color::rgb(round == 1 ? mixed(hex, 0xffffff, 0.45f) : mixed(hex, 0x000000, 0.38f));
}

}  // namespace zscape
