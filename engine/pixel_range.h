#pragma once

namespace zscape {

// Which numbers of the data are black and white: the number x becomes (x − low) / (high − low).
// One map for all pixels and channels. Finite, low < high.
struct PixelRange {
  double low = 0;
  double high = 1;

  bool operator==(const PixelRange&) const = default;
};

}  // namespace zscape
