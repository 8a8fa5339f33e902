#include "engine/io/safetensors.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool are_equal(const TensorFile& a, const TensorFile& b) {
  return a.metadata == b.metadata &&
         std::ranges::equal(a.tensors, b.tensors, [](const TensorEntry& x, const TensorEntry& y) {
           return x.name == y.name && x.type == y.type && x.shape == y.shape && x.data == y.data;
         });
}

bool read_tensors(FuzzBytes bytes) {
  const auto file = parse_safetensors(std::as_bytes(bytes), "file");
  if (!file) return false;
  for (const TensorEntry& tensor : file->tensors) (void)to_floats(tensor);
  const auto again = parse_safetensors(safetensors_bytes(*file), "again");
  demand(again && are_equal(*again, *file), "a file that was read can be written");
  return true;
}

}  // namespace

FuzzTarget safetensors_target() {
  return {.name = "safetensors", .run = read_tensors};
}

}  // namespace zscape
