#include "engine/program/open_program.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_program(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const auto opened = open_program(folder.put("model.pt2", bytes), {});
  if (!opened) {
    demand(!opened.error().message.empty(), "a program is refused with a sentence");
    return false;
  }
  const ModelSpec& spec = opened->model.spec();
  demand(validate(spec).has_value(), "a program that opens has a valid spec");
  return true;
}

}  // namespace

FuzzTarget program_target() {
  return {.name = "program", .formats = {}, .run = read_program};
}

}  // namespace zscape
