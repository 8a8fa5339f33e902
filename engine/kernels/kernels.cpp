#include "engine/kernels/kernels.h"

#include <array>

namespace zscape {

#if defined(__x86_64__)
namespace avx512 {
extern const Kernels kernels;
}
namespace avx512bf16 {
extern const Bf16Kernels kernels;
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

const Bf16Kernels* usable_bf16_kernels() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool has = usable_kernels().front() == &avx512::kernels &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512bf16");
  return has ? &avx512bf16::kernels : nullptr;
#else
  return nullptr;
#endif
}

}  // namespace zscape
