#include "engine/training/trainers/device_inputs.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/input_mapping.h"

namespace zscape {
namespace {

template <class Values>
at::Tensor copy_of(const Values& values, at::ScalarType type, at::Device device) {
  const auto count = static_cast<std::int64_t>(values.size());
  return at::from_blob(const_cast<typename Values::value_type*>(values.data()), {count},
                       at::dtype(type))
      .to(device, type, /*non_blocking=*/false, /*copy=*/true);
}

// All inputs of a split in its order, [n, d]; mapped ones piece by piece.
template <class Value>
at::Tensor inputs_of(const Split& split, const InputBlock<Value>& block, std::int64_t inputs,
                     at::ScalarType type, at::Device device) {
  if (!split.is_mapped()) return copy_of(block, type, device).view({split.count, inputs});
  constexpr std::int64_t kBytesAtOnce = std::int64_t{64} << 20;
  const auto width = static_cast<std::size_t>(inputs);
  const std::int64_t at_once =
      std::max<std::int64_t>(1, kBytesAtOnce / (inputs * static_cast<std::int64_t>(sizeof(Value))));
  const at::Tensor all = at::empty({split.count, inputs}, at::dtype(type).device(device));
  for (std::int64_t first = 0; first < split.count; first += at_once) {
    std::vector<std::int64_t> rows(
        static_cast<std::size_t>(std::min(at_once, split.count - first)));
    std::iota(rows.begin(), rows.end(), first);
    read_along(split, width, rows);
    const at::Tensor piece = at::empty({static_cast<std::int64_t>(rows.size()), inputs}, type);
    auto* to = piece.data_ptr<Value>();
    for (const std::int64_t row : rows) {
      to = std::copy_n(block.begin() + split.first(row, width), width, to);
    }
    all.narrow(0, first, piece.size(0)).copy_(piece);
  }
  check_inputs(split);
  return all;
}

// Random columns below `columns`, different within a row: [rows, count].
at::Tensor chosen(std::int64_t rows, std::int64_t columns, std::int64_t count,
                  const at::Generator& generator, at::Device device) {
  const at::Tensor keys = at::rand({rows, columns}, generator, at::device(device));
  return std::get<1>(at::topk(keys, count, 1, /*largest=*/true, /*sorted=*/false));
}

}  // namespace

DeviceInputs::DeviceInputs(const ModelSpec& spec, const Split& split, at::Device device)
    : spec_(spec) {
  const std::int64_t inputs = spec.inputs();
  values_ = split.values.empty() ? inputs_of(split, split.pixels, inputs, at::kByte, device)
                                 : inputs_of(split, split.values, inputs, at::kFloat, device);
  if (spec.reads_label()) {
    labels_ = copy_of(split.labels, at::kInt, device).to(at::kLong);
    one_hot_ = at::eye(spec.classes, at::device(device));
  }
  if (spec.scaling) {
    mean_ = copy_of(centres(*spec.scaling, split), at::kFloat, device);
    deviation_ = copy_of(divisors(*spec.scaling), at::kFloat, device);
  }
  if (spec.hides_patches()) {
    const int across = spec.shape.width / spec.patch;
    std::vector<std::int64_t> patches;
    for (int row = 0; row < spec.shape.height; ++row) {
      for (int column = 0; column < spec.shape.width; ++column) {
        const std::int64_t patch = row / spec.patch * across + column / spec.patch;
        patches.insert(patches.end(), static_cast<std::size_t>(spec.shape.channels), patch);
      }
    }
    patches_ = copy_of(patches, at::kLong, device);
  }
}

Batch DeviceInputs::gather(const at::Tensor& rows) const {
  Batch batch;
  batch.x = values_.index_select(0, rows);
  if (values_.scalar_type() == at::kByte) batch.x = batch.x.to(at::kFloat).div_(255);
  if (spec_.scaling) batch.x = (batch.x - mean_).div_(deviation_);
  if (spec_.reads_label()) {
    batch.label = one_hot_.index_select(0, labels_.index_select(0, rows));
  }
  return batch;
}

at::Tensor DeviceInputs::corrupted(const at::Tensor& x, const at::Generator& generator) const {
  const Noise& noise = spec_.noise;
  if (noise.kind == Noise::Kind::gaussian) {
    return at::empty_like(x).normal_(0, noise.amount, generator).add_(x);
  }
  const std::int64_t zeros = std::lround(noise.amount * static_cast<double>(x.size(1)));
  return x.scatter(1, chosen(x.size(0), x.size(1), zeros, generator, x.device()), 0);
}

at::Tensor DeviceInputs::hidden_pixels(std::int64_t rows, const at::Generator& generator) const {
  const std::int64_t patches = patch_count(spec_);
  const at::Tensor hidden =
      chosen(rows, patches, hidden_patch_count(spec_), generator, patches_.device());
  return at::zeros({rows, patches}, at::device(patches_.device()))
      .scatter_(1, hidden, 1)
      .index_select(1, patches_);
}

Presented DeviceInputs::present(const at::Tensor& x, const at::Generator& generator) const {
  Presented presented;
  presented.target = x;
  if (spec_.binarise == Binarise::threshold) presented.target = x.gt(0.5).to(at::kFloat);
  if (spec_.binarise == Binarise::dynamic) {
    presented.target = at::rand(x.sizes(), generator, x.options()).lt(x).to(at::kFloat);
  }
  presented.seen = presented.target;
  switch (spec_.traits().corruption) {
    case Corruption::none:
      break;
    case Corruption::noise:
      presented.seen = corrupted(presented.target, generator);
      break;
    case Corruption::patches:
      presented.hidden = hidden_pixels(x.size(0), generator);
      presented.seen = presented.target * (1 - presented.hidden);
      break;
  }
  return presented;
}

}  // namespace zscape
