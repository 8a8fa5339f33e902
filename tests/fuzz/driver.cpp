// What libFuzzer calls; each program fuzz_NAME is compiled with a target of its own.

#include <cstddef>

#include "targets.h"

namespace zscape {

FuzzTarget ZSCAPE_FUZZ_TARGET();

}  // namespace zscape

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const zscape::FuzzTarget target = zscape::ZSCAPE_FUZZ_TARGET();
  target.run({data, size});
  return 0;
}
