#include "engine/data/load.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// The file's bytes are repeated up to a whole record, so that small inputs are some.
bool read_cifar(FuzzBytes bytes) {
  constexpr std::size_t kRecord = 3073;
  static const FuzzFolder folder;
  std::vector<std::uint8_t> batch(bytes.begin(), bytes.end());
  if (!batch.empty() && batch.front() == 1) {
    while (batch.size() % kRecord != 0) batch.push_back(batch[batch.size() % bytes.size()]);
  }
  folder.put_or_remove("data_batch_1.bin", batch);
  folder.put_or_remove("test_batch.bin", bytes.size() % 2 == 0 ? FuzzBytes(batch) : FuzzBytes());
  folder.put_or_remove("batches.meta.txt", bytes);
  const auto data = load_dataset({folder.path(), {}});
  if (!data) return false;
  demand((*data)->shape == ImageShape{32, 32, 3}, "a record is a picture of 32 by 32 in colour");
  return true;
}

}  // namespace

FuzzTarget cifar_target() {
  return {.name = "cifar", .formats = {"a folder of CIFAR-10's binary files"}, .run = read_cifar};
}

}  // namespace zscape
