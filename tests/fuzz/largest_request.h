#pragma once

#include <cstddef>

namespace zscape {

// The most bytes that this process has asked operator new for at once; 0 under a sanitizer, which
// brings an operator of its own.
std::size_t largest_request();

}  // namespace zscape
