#include "app/gui/view/latent/color_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "app/gui/view/frame/theme.h"

namespace zscape {

ImU32 map_color(float position) {
  // viridis at 0.3, 0.4, … 1.
  constexpr std::array<unsigned, 8> kAnchors = {0x355f8d, 0x2a788e, 0x21918c, 0x22a884,
                                                0x44bf70, 0x7ad151, 0xbddf26, 0xfde725};
  const float place = std::clamp(position, 0.0f, 1.0f) * static_cast<float>(kAnchors.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), kAnchors.size() - 2);
  const float part = place - static_cast<float>(below);
  unsigned hex = 0;
  for (const unsigned shift : {16u, 8u, 0u}) {
    const auto low = static_cast<float>((kAnchors[below] >> shift) & 255);
    const auto high = static_cast<float>((kAnchors[below + 1] >> shift) & 255);
    hex |= static_cast<unsigned>(std::lround(low + (high - low) * part)) << shift;
  }
  return color::rgb(hex);
}

}  // namespace zscape
