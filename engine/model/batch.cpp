#include "engine/model/batch.h"

#include <torch/torch.h>

#include <array>
#include <vector>

namespace zscape {
namespace {

// [0, 255] → [0, 1]
const std::array<float, 256> kPixelValue = [] {
  std::array<float, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 255.0F;
  return values;
}();

}  // namespace

Batch gather(const ModelSpec& spec, const Split& split, std::span<const std::int64_t> indices) {
  const auto count = static_cast<std::int64_t>(indices.size());
  const auto size = static_cast<std::size_t>(spec.inputs());
  Batch batch;
  batch.x = at::empty({count, spec.inputs()});
  float* out = batch.x.data_ptr<float>();
  for (const std::int64_t index : indices) {
    const std::uint8_t* row = split.pixels.data() + static_cast<std::size_t>(index) * size;
    for (std::size_t i = 0; i < size; ++i) *out++ = kPixelValue[row[i]];
  }
  if (spec.reads_label()) {
    std::vector<int> labels;
    labels.reserve(indices.size());
    for (const std::int64_t index : indices) labels.push_back(split.label(index));
    batch.label = one_hot(labels, spec.classes);
  }
  return batch;
}

at::Tensor one_hot(std::span<const int> labels, int classes) {
  const auto count = static_cast<std::int64_t>(labels.size());
  at::Tensor result = at::zeros({count, classes});
  float* row = result.data_ptr<float>();
  for (const int label : labels) {
    TORCH_CHECK(label >= 0 && label < classes, "label ", label, " is not in 0 … ", classes - 1);
    row[label] = 1;
    row += classes;
  }
  return result;
}

at::Tensor normal_noise(std::int64_t rows, std::int64_t columns, std::uint64_t seed, Stream stream,
                        std::uint64_t counter) {
  at::Tensor noise = at::empty({rows, columns});
  Random random(seed, stream, counter);
  random.fill_normal({noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())});
  return noise;
}

}  // namespace zscape
