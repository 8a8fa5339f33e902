#include "engine/eval/rows.h"

#include <ATen/ATen.h>

#include "engine/random.h"

namespace zscape {

RowDraws evaluation_draws(std::uint64_t seed, SplitName split, std::span<const std::int64_t> rows) {
  constexpr std::uint64_t kTestRows = std::uint64_t{1} << 41;
  const std::uint64_t first = kRowCounter + (split == SplitName::test ? kTestRows : 0);
  RowDraws draws{seed, Stream::evaluation, {}};
  draws.counters.reserve(rows.size());
  for (const std::int64_t row : rows) {
    draws.counters.push_back(first + static_cast<std::uint64_t>(row));
  }
  return draws;
}

Batch read_rows(const ModelSpec& spec, const Dataset& data, SplitName split,
                std::span<const std::int64_t> rows, std::uint64_t seed) {
  Batch batch = gather(spec, data.split(split), rows);
  if (spec.binarise != Binarise::none) {
    batch.x = binarised(spec, batch.x, evaluation_draws(seed, split, rows));
  }
  return batch;
}

std::vector<std::int64_t> drawn_rows(std::int64_t count, std::int64_t wanted, std::uint64_t seed,
                                     std::uint64_t counter) {
  auto rows = permutation(count, seed, Stream::evaluation, counter);
  rows.resize(static_cast<std::size_t>(std::min(count, wanted)));
  std::ranges::sort(rows);
  return rows;
}

void append(std::vector<float>& values, const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  const float* data = flat.data_ptr<float>();
  values.insert(values.end(), data, data + flat.numel());
}

void put(std::vector<float>& values, std::size_t row, const at::Tensor& tensor) {
  const at::Tensor flat = tensor.cpu().contiguous();
  const auto columns = flat.numel() / flat.size(0);
  std::copy_n(flat.data_ptr<float>(), flat.numel(),
              values.begin() + static_cast<std::int64_t>(row) * columns);
}

at::Tensor as_tensor(std::span<const float> values, std::int64_t columns) {
  const auto rows = static_cast<std::int64_t>(values.size()) / columns;
  return at::from_blob(const_cast<float*>(values.data()), {rows, columns});
}

}  // namespace zscape
