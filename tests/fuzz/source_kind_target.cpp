#include "app/files/source_kind.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {

FuzzTarget source_kind_target() {
  return {.name = "source_kind", .run = [](FuzzBytes bytes) {
            static const FuzzFolder folder;
            return source_kind(folder.put("file", bytes)).has_value();
          }};
}

}  // namespace zscape
