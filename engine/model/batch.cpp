#include "engine/model/batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "engine/input_mapping.h"

namespace zscape {

RowReader::RowReader(const ModelSpec& spec, const Split& split) : split_(split) {
  if (!spec.scaling) return;
  centres_ = centres(*spec.scaling, split);
  divisors_ = divisors(*spec.scaling);
}

void RowReader::read(std::int64_t index, std::span<float> out) const {
  const std::size_t first = split_.first(index, out.size());
  if (split_.values.empty()) {
    const std::uint8_t* pixels = split_.pixels.data() + first;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(pixels[i]) / 255.0F;
  } else {
    std::copy_n(split_.values.begin() + static_cast<std::ptrdiff_t>(first), out.size(), out.data());
  }
  if (centres_.empty()) return;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = (out[i] - centres_[i]) / divisors_[i];
  }
}

Batch gather(const ModelSpec& spec, const Split& split, std::span<const std::int64_t> indices) {
  const auto count = static_cast<std::int64_t>(indices.size());
  Batch batch;
  batch.x = at::empty({count, spec.inputs()});
  float* out = batch.x.data_ptr<float>();
  const auto size = static_cast<std::size_t>(spec.inputs());
  const RowReader reader(spec, split);
  read_along(split, size, indices);
  for (const std::int64_t index : indices) {
    reader.read(index, {out, size});
    out += size;
  }
  check_inputs(split);
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
