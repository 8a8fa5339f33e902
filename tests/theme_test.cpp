// What is seen and read: numbers for people, colours that stay apart, contrast.

#include "app/gui/view/frame/theme.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "app/gui/gl/cloud.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/frame/pane_colors.h"

namespace zscape {
namespace {

TEST(Format, WritesNumbersForPeople) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(12345), "12,345");
  EXPECT_EQ(format_count(-1234567), "-1,234,567");
  EXPECT_EQ(format_value(103.46), "103.5");
  EXPECT_EQ(format_value(0.01234), "0.01234");
  EXPECT_EQ(format_value(1.2e-4, 2), "1.2e-4");
  EXPECT_EQ(format_value(2.5e7, 2), "2.5e7");
  EXPECT_EQ(format_value(std::nan("")), "–");
  EXPECT_EQ(format_setting(0.001), "0.001");
  EXPECT_EQ(format_setting(1e-5), "1e-5");
  EXPECT_EQ(format_setting(20), "20");
  EXPECT_EQ(format_setting(1234567), "1234567");
  EXPECT_EQ(format_setting(23.456), "23.5");
  EXPECT_EQ(format_rate(12345), "12,300");
  EXPECT_EQ(format_rate(0), "–");
}

TEST(Format, ShortensTheMiddleOfLongWordsOnly) {
  EXPECT_EQ(shorten_words("no such file", 7), "no such file");
  EXPECT_EQ(shorten_words("/a/long/path.txt: gone", 7), "/a…txt: gone");
  EXPECT_EQ(shorten_words("äöüäöüäöü", 7), "äö…üäöü");
  EXPECT_EQ(shorten_words("", 7), "");
}

TEST(Format, ReadsTypedNumbersWhole) {
  double value = 7;
  EXPECT_TRUE(parse_number(" 2.5 ", value));
  EXPECT_EQ(value, 2.5);
  for (const char* bad : {"", "2,5,", "2x", "nan", "1e999", "2.5,1", "1,2.5"}) {
    EXPECT_FALSE(parse_number(bad, value)) << bad;
    EXPECT_EQ(value, 2.5);
  }
}

TEST(Format, ReadsADecimalComma) {
  for (const auto& [text, number] : {std::pair{"0,5", 0.5},
                                     {" -2,25 ", -2.25},
                                     {"1,5e-3", 1.5e-3},
                                     {"0,125", 0.125},
                                     {"1,0000", 1.0}}) {
    double value = 7;
    EXPECT_TRUE(parse_number(text, value)) << text;
    EXPECT_EQ(value, number);
  }
  double value = 7;
  for (const char* either : {"10,000", "1,000", "-1,500"}) {  // thousands, or not
    EXPECT_FALSE(parse_number(either, value)) << either;
  }
}

TEST(Format, ShowsAValueWithItsError) {
  EXPECT_EQ(format_with_error(-96.8123, 0.2146), "-96.81 ± 0.21");
  EXPECT_EQ(format_with_error(5.379, std::nullopt), "5.379");
}

using Linear = std::array<double, 3>;

Linear linear_of(ImU32 rgba) {
  Linear result{};
  for (std::size_t part = 0; part < 3; ++part) {
    const double value = static_cast<double>((rgba >> (8 * part)) & 255) / 255;  // red lowest
    result[part] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  return result;
}

double contrast(ImU32 a, ImU32 b) {  // WCAG 2
  const auto luminance = [](ImU32 rgba) {
    const Linear c = linear_of(rgba);
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
  };
  const double high = std::max(luminance(a), luminance(b)),
               low = std::min(luminance(a), luminance(b));
  return (high + 0.05) / (low + 0.05);
}

// Machado, Oliveira and Fernandes 2009, severity 1.
constexpr std::array<double, 9> kSeesAll = {1, 0, 0, 0, 1, 0, 0, 0, 1};
constexpr std::array<double, 9> kProtanopia = {0.152286, 1.052583,  -0.204868, 0.114503, 0.786281,
                                               0.099216, -0.003882, -0.048116, 1.051998};
constexpr std::array<double, 9> kDeuteranopia = {0.367322, 0.860646,  -0.227968, 0.280085, 0.672501,
                                                 0.047413, -0.011820, 0.042940,  0.968881};

// OKLab (Ottosson 2020), times 100: a difference of 2 is about one that is just seen.
Linear seen_as(ImU32 rgba, const std::array<double, 9>& sight) {
  const Linear c = linear_of(rgba);
  Linear s{};
  for (std::size_t row = 0; row < 3; ++row) {
    s[row] = std::clamp(
        sight[3 * row] * c[0] + sight[3 * row + 1] * c[1] + sight[3 * row + 2] * c[2], 0.0, 1.0);
  }
  const double l = std::cbrt(0.4122214708 * s[0] + 0.5363325363 * s[1] + 0.0514459929 * s[2]);
  const double m = std::cbrt(0.2119034982 * s[0] + 0.6806995451 * s[1] + 0.1073969566 * s[2]);
  const double k = std::cbrt(0.0883024619 * s[0] + 0.2817188376 * s[1] + 0.6299787005 * s[2]);
  return {100 * (0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * k),
          100 * (1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * k),
          100 * (0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * k)};
}

double smallest_difference(const std::array<double, 9>& sight, int classes = 10) {
  double smallest = std::numeric_limits<double>::infinity();
  for (int a = 0; a < classes; ++a) {
    for (int b = 0; b < a; ++b) {
      const Linear p = seen_as(class_color(a), sight), q = seen_as(class_color(b), sight);
      smallest = std::min(smallest, std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
    }
  }
  return smallest;
}

// Both themes with every palette; the colours of the dark one are put back.
class Colours : public ::testing::Test {
 protected:
  ~Colours() override { apply_colors({}); }

  template <class Check>
  static void for_each_look(Check check) {
    for (const bool light : {false, true}) {
      for (const ClassPalette palette : kClassPalettes) {
        SCOPED_TRACE(std::string(light ? "light " : "dark ") + std::string(name_of(palette)));
        apply_colors({.light = light, .classes = palette});
        check();
      }
    }
  }
};

TEST_F(Colours, OfClassesStayApartForColourBlindPeople) {
  EXPECT_GT(smallest_difference(kSeesAll), 14);
  EXPECT_GT(smallest_difference(kProtanopia), 11);
  EXPECT_GT(smallest_difference(kDeuteranopia), 11);
  apply_colors({.light = true});  // on white 3 : 1 leaves less room
  EXPECT_GT(smallest_difference(kSeesAll), 15);
  EXPECT_GT(smallest_difference(kProtanopia), 9.5);
  EXPECT_GT(smallest_difference(kDeuteranopia), 9.5);
}

TEST_F(Colours, OfPalettesThatAreCalledSafeStayApartForColourBlindPeople) {
  for (const bool light : {false, true}) {
    for (const ClassPalette palette : kClassPalettes) {
      apply_colors({.light = light, .classes = palette});
      const int classes = colors_in(palette);
      const double apart = std::min(smallest_difference(kProtanopia, classes),
                                    smallest_difference(kDeuteranopia, classes));
      EXPECT_EQ(apart > 7, safe_for_colour_blind(palette, light))
          << (light ? "light " : "dark ") << name_of(palette) << ": " << apart;
    }
  }
}

// Degrees on the colour circle of OKLab.
double hue_of(ImU32 rgba) {
  const Linear lab = seen_as(rgba, kSeesAll);
  return std::fmod(std::atan2(lab[2], lab[1]) * 180 / std::numbers::pi + 360, 360);
}

TEST_F(Colours, OfClassesHaveTheSameHuesInTheSameOrderInBothThemes) {
  for (const ClassPalette palette : kClassPalettes) {
    std::vector<double> dark, light;
    const int classes = colors_in(palette);
    apply_colors({.classes = palette});
    for (int label = 0; label < classes; ++label) dark.push_back(hue_of(class_color(label)));
    apply_colors({.light = true, .classes = palette});
    for (int label = 0; label < classes; ++label) light.push_back(hue_of(class_color(label)));
    for (std::size_t a = 0; a < dark.size(); ++a) {
      const ImU32 rgba = class_color(static_cast<int>(a));
      const Linear lab = seen_as(rgba, kSeesAll);
      if (std::hypot(lab[1], lab[2]) < 5) continue;  // nearly grey
      EXPECT_LT(std::abs(std::remainder(light[a] - dark[a], 360)), 40) << name_of(palette) << a;
      if (palette != ClassPalette::zscape || a == 7) continue;
      for (std::size_t b = 0; b < a; ++b) {
        if (b == 7) continue;  // ice is nearly grey
        EXPECT_EQ(light[a] < light[b], dark[a] < dark[b]) << a << " " << b;
      }
    }
  }
}

TEST_F(Colours, OfPanesAreReadAndToldApart) {
  for (const bool light : {false, true}) {
    apply_colors({.light = light});
    for (std::size_t a = 0; a < kPaneColors; ++a) {
      EXPECT_GT(contrast(pane_color(a), color::kBackground), 4.5) << light << a;
      EXPECT_GT(contrast(pane_color(a), color::kPanel), 4.5) << light << a;
      for (std::size_t b = 0; b < a; ++b) {
        for (const auto* sight : {&kSeesAll, &kProtanopia, &kDeuteranopia}) {
          const Linear p = seen_as(pane_color(a), *sight), q = seen_as(pane_color(b), *sight);
          EXPECT_GT(std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]), 11) << light << a << b;
        }
      }
    }
  }
}

TEST_F(Colours, OfClassesStandOutFromTheGround) {
  for_each_look([] {
    for (int label = -1; label < 7; ++label) {
      EXPECT_GT(contrast(class_color(label), color::kBackground), 2.8) << label;
    }
  });
  apply_colors({});
  for (int label = -1; label < 10; ++label) {
    EXPECT_GT(contrast(class_color(label), color::kBackground), 3) << label;
  }
}

TEST_F(Colours, OfThePointsFarthestAwayStillStandOutFromTheGround) {
  for_each_look([] {
    for (int label = -1; label < 7; ++label) {
      const ImVec4 near = ImGui::ColorConvertU32ToFloat4(class_color(label));
      const ImVec4 ground = ImGui::ColorConvertU32ToFloat4(color::kBackground);
      const auto mixed = [](float a, float b) { return a + gl::kFarFade * (b - a); };
      const ImU32 far = ImGui::ColorConvertFloat4ToU32(
          {mixed(near.x, ground.x), mixed(near.y, ground.y), mixed(near.z, ground.z), 1});
      EXPECT_GT(contrast(far, color::kBackground), 1.7) << label;
    }
  });
}

TEST_F(Colours, OfFurtherClassesDiffer) {
  for_each_look([] {
    for (int a = 0; a < 21; ++a) {
      for (int b = 0; b < a; ++b) EXPECT_NE(class_color(a), class_color(b)) << a << " " << b;
    }
  });
}

TEST_F(Colours, OfAPublishedPaletteKeepWhatCanBeSeen) {
  apply_colors({.classes = ClassPalette::okabe_ito});
  EXPECT_EQ(class_color(0), color::rgb(0xe69f00));
  apply_colors({.light = true, .classes = ClassPalette::tol_bright});
  EXPECT_EQ(class_color(0), color::rgb(0x4477aa));
  EXPECT_NE(class_color(3), color::rgb(0xccbb44));  // yellow on white
}

TEST_F(Colours, OfTextReachTheContrastOfWcagAa) {
  for_each_look([] {
    for (const ImU32 ground :
         {color::kBackground, color::kPanel, color::kRaised, color::kOverlay}) {
      for (const ImU32 text : {color::kText, color::kMuted, color::kAccent, color::kError}) {
        EXPECT_GE(contrast(text, ground), 4.5) << std::hex << text << " on " << ground;
      }
    }
    EXPECT_GE(contrast(color::kSecond, color::kPanel), 4.5);
    EXPECT_GE(contrast(color::kOnAccent, color::kAccent), 4.5);
    EXPECT_GE(contrast(color::kOnAccent, color::kText), 4.5);  // a pin's number
    EXPECT_GE(contrast(color::kText, color::kAccentDim), 4.5);
  });
}

TEST_F(Colours, OfTheLightThemeAreLight) {
  const ImU32 dark = color::kBackground;
  apply_colors({.light = true});
  EXPECT_GT(contrast(color::kBackground, dark), 10);
  apply_colors({});
  EXPECT_EQ(color::kBackground, dark);
}

TEST(Palettes, AreFoundByTheirNames) {
  for (const ClassPalette palette : kClassPalettes) {
    EXPECT_EQ(palette_named(name_of(palette)), palette);
    EXPECT_FALSE(title_of(palette).empty());
  }
  EXPECT_FALSE(palette_named("rainbow"));
}

}  // namespace
}  // namespace zscape
