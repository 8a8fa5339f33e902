// Compiled into the program where it is built with a sanitizer. Mesa's driver holds memory in its
// globals and is unloaded at the end; LeakSanitizer, which looks later, would call that memory lost
// and could not even name the library. So no library is unloaded.
#include <dlfcn.h>

extern "C" int dlclose(void* /*library*/) noexcept {
  return 0;
}
