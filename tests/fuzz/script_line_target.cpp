#include "app/gui/script_line.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {

FuzzTarget script_line_target() {
  return {.name = "script_line",
          .run = [](FuzzBytes bytes) { return parse_script_action(text_of(bytes)).has_value(); }};
}

}  // namespace zscape
