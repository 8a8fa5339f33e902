#include "engine/kernels/kernels.h"

#include <array>

namespace zscape {

#if defined(__x86_64__)
namespace avx512 {
extern const Kernels kernels;
}
namespace avx2 {
extern const Kernels kernels;
}
#endif
namespace portable {
extern const Kernels kernels;
}

std::span<const Kernels* const> usable_kernels() {
#if defined(__x86_64__)
  static const std::array all = {&avx512::kernels, &avx2::kernels, &portable::kernels};
  static const std::size_t unusable = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return 0;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
    return 2;
  }();
  return std::span(all).subspan(unusable);
#else
  static const std::array all = {&portable::kernels};
  return all;
#endif
}

}  // namespace zscape
