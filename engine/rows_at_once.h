#pragma once

#include <cstddef>

namespace zscape {

// Inputs that are measured together. The noise of z is drawn for so many at a time, so whoever
// divides a measurement divides it at multiples.
inline constexpr std::size_t kRowsAtOnce = 500;

}  // namespace zscape
