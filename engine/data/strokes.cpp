#include "engine/data/strokes.h"

#include <array>
#include <cassert>
#include <cstddef>

namespace zscape {
namespace {

constexpr bool kCorner = true;
constexpr bool kClosed = true;

using Alphabet = std::array<std::vector<Glyph>, 10>;

Alphabet draw_alphabet() {
  Alphabet digits;

  // clang-format off
  digits[0] = {
      // An oval that meets itself.
      {3, {{{{50, 0}, {73, 14}, {82, 50}, {73, 86}, {50, 100}, {27, 86}, {18, 50}, {27, 14}},
          kClosed}}},
      // Begun at the upper right, the ends crossing.
      {2, {{{{64, 7}, {46, 1}, {27, 16}, {18, 50}, {26, 85}, {50, 100}, {74, 84}, {82, 50},
          {73, 17}, {55, 2}, {40, 5}}}}},
  };
  digits[1] = {
      {3, {{{{50, 0}, {50, 50}, {50, 100}}}}},
      // With a flag.
      {2, {{{{32, 22}, {44, 12}, {55, 0, kCorner}, {55, 50}, {55, 100}}}}},
      // With a flag and a foot.
      {1, {{{{30, 22}, {41, 13}, {52, 0, kCorner}, {52, 50}, {52, 99}}}, {{{26, 100},
          {78, 100}}}}},
  };
  digits[2] = {
      {3, {{{{20, 24}, {32, 6}, {53, 0}, {72, 9}, {76, 29}, {64, 53}, {42, 77}, {18, 99, kCorner},
          {50, 99}, {84, 99}}}}},
      // With a loop at the foot.
      {2, {{{{20, 22}, {34, 4}, {55, 0}, {73, 11}, {74, 33}, {58, 61}, {36, 88}, {20, 98},
          {11, 88}, {26, 80}, {46, 88}, {64, 97}, {86, 92}}}}},
  };
  digits[3] = {
      {3, {{{{20, 13}, {34, 2}, {55, 0}, {73, 10}, {73, 29}, {61, 43}, {40, 48, kCorner}, {64, 52},
          {80, 70}, {73, 91}, {48, 101}, {18, 90}}}}},
      // With a flat top.
      {1, {{{{22, 1}, {74, 1, kCorner}, {44, 41, kCorner}, {66, 46}, {80, 66}, {74, 90}, {48, 101},
          {18, 91}}}}},
  };
  digits[4] = {
      // Open at the top.
      {3, {{{{27, 2}, {22, 30}, {16, 56, kCorner}, {50, 57}, {86, 54}}}, {{{70, 8}, {68, 54},
          {64, 100}}}}},
      // Closed: a triangle on a mast.
      {2, {{{{64, 100}, {65, 50}, {66, 0, kCorner}, {12, 66, kCorner}, {50, 67}, {88, 66}}}}},
  };
  digits[5] = {
      // In one go.
      {3, {{{{80, 1}, {30, 2, kCorner}, {25, 42, kCorner}, {47, 37}, {70, 44}, {80, 66}, {70, 91},
          {45, 101}, {18, 92}}}}},
      // The hat set on afterwards, a little apart.
      {1, {{{{34, 8}, {27, 46, kCorner}, {48, 41}, {70, 48}, {79, 68}, {69, 92}, {45, 101},
          {18, 92}}}, {{{37, 4}, {84, 0}}}}},
  };
  digits[6] = {
      // A bent back.
      {3, {{{{68, 0}, {44, 16}, {26, 42}, {19, 70}, {30, 94}, {52, 101}, {74, 91}, {78, 71},
          {62, 57}, {40, 60}, {22, 76}}}}},
      // A straighter back and a larger bowl.
      {2, {{{{58, 0}, {36, 30}, {21, 66}, {27, 92}, {50, 101}, {74, 91}, {80, 70}, {64, 52},
          {42, 55}, {23, 72}}}}},
  };
  digits[7] = {
      {3, {{{{16, 3}, {48, 3}, {82, 1, kCorner}, {60, 44}, {44, 100}}}}},
      // With a bar.
      {1, {{{{16, 3}, {48, 3}, {82, 1, kCorner}, {60, 46}, {44, 100}}}, {{{32, 52}, {78, 49}}}}},
      // With a serif.
      {1, {{{{17, 18}, {19, 2, kCorner}, {50, 3}, {82, 1, kCorner}, {60, 44}, {46, 100}}}}},
  };
  digits[8] = {
      // One line that crosses itself.
      {3, {{{{73, 15}, {50, 0}, {27, 14}, {30, 33}, {51, 48}, {76, 66}, {78, 88}, {50, 101},
          {22, 88}, {25, 65}, {49, 48}, {70, 33}}, kClosed}}},
      // Two rings.
      {1, {{{{50, 0}, {69, 7}, {74, 23}, {68, 39}, {50, 46}, {32, 39}, {26, 23}, {31, 7}},
          kClosed}, {{{50, 46}, {73, 55}, {80, 73}, {73, 92}, {50, 101}, {27, 92}, {20, 73},
          {27, 55}}, kClosed}}},
  };
  digits[9] = {
      // A straight leg.
      {3, {{{{75, 20}, {64, 3}, {44, 0}, {25, 13}, {22, 36}, {37, 51}, {58, 46}, {75, 20, kCorner},
          {74, 60}, {68, 100}}}}},
      // A leg that curls to the left.
      {2, {{{{75, 22}, {64, 4}, {44, 0}, {25, 13}, {22, 36}, {37, 51}, {58, 46}, {75, 22, kCorner},
          {78, 56}, {66, 90}, {42, 101}, {22, 91}}}}},
  };
  // clang-format on
  return digits;
}

}  // namespace

const std::vector<Glyph>& glyphs_of(int digit) {
  assert(digit >= 0 && digit < 10);
  static const Alphabet kAlphabet = draw_alphabet();
  return kAlphabet[static_cast<std::size_t>(digit)];
}

}  // namespace zscape
