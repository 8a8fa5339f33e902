#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace zscape {

// Which colours classes have.
enum class ClassPalette {
  zscape,      // ten, made for this ground
  okabe_ito,   // eight (Okabe and Ito 2008)
  tol_bright,  // seven (Tol 2021, "bright")
  tol_muted,   // ten (Tol 2021, "muted")
};
inline constexpr std::array kClassPalettes = {ClassPalette::zscape, ClassPalette::okabe_ito,
                                              ClassPalette::tol_bright, ClassPalette::tol_muted};

inline constexpr std::array kTextPercents = {100, 115, 130, 150};

// The user's choices for the look of the window; the same for all sessions.
struct Appearance {
  bool light = false;
  int text_percent = 100;  // one of kTextPercents; measures grow with the text
  bool reduced_motion = false;
  ClassPalette classes = ClassPalette::zscape;

  bool operator==(const Appearance&) const = default;
};

std::string_view name_of(ClassPalette palette);   // "okabe-ito", for files
std::string_view title_of(ClassPalette palette);  // "Okabe and Ito", for people
int colors_in(ClassPalette palette);              // before they repeat
// Whether people who are blind to red or green tell its colours apart, as they are drawn on this
// theme's ground. Published palettes lose it where they are darkened for white.
bool safe_for_colour_blind(ClassPalette palette, bool light);
std::optional<ClassPalette> palette_named(std::string_view name);

// Sets the colours of theme.h and of class_color(). On the window's thread, between frames.
void apply_colors(const Appearance& appearance);

}  // namespace zscape
