#include "engine/backend/model_file.h"
#include "targets.h"
#include "tensors.h"

namespace zscape {
namespace {

bool read_model(FuzzBytes bytes) {
  const auto file = from_tensor_file(tensor_file(bytes, "zscape"), "file");
  if (!file) return false;
  const auto again = from_tensor_file(to_tensor_file(file->model, file->record), "again");
  demand(again && describe(again->model.spec()) == describe(file->model.spec()),
         "a model that was read can be written");
  return true;
}

}  // namespace

FuzzTarget model_target() {
  return {.name = "model", .run = read_model};
}

}  // namespace zscape
