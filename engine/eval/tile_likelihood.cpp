#include "engine/eval/tile_likelihood.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#include "engine/eval/pair_likelihood.h"
#include "engine/kernels/kernels.h"

namespace zscape {
namespace {

constexpr double kStraight = 3e-6;         // of the largest activation: what rounding leaves
constexpr std::int64_t kFewestUnits = 64;  // else it is not worth it
constexpr double kLargestShare = 0.6;      // of what all units would cost

const Kernels& kernels() {
  return *usable_kernels().front();
}

}  // namespace

// ---- Decoded tiles
// -----------------------------------------------------------------------------------------------

at::Tensor DecodedTiles::joint(std::int64_t tile, const at::Tensor& slope) const {
  const at::Tensor minus = normaliser_[tile].unsqueeze(1);
  if (!linear_.defined() || tiles_[static_cast<std::size_t>(tile)].is_whole) {
    return at::addmm(minus, features_[tile].to(at::kDouble), slope.t(), -1);
  }
  const at::Tensor straight = at::mm(linear_[tile].to(at::kDouble), slope.t());  // [q, n]
  const Bent& bent = tiles_[static_cast<std::size_t>(tile)];
  const auto units = static_cast<std::int64_t>(bent.units.size());
  if (units == 0) return at::addmm(minus, basis_, straight, -1);
  const at::Tensor rest =
      at::from_blob(const_cast<float*>(bent.rest.data()), {basis_.size(0), units}, at::kFloat);
  const at::Tensor columns =
      at::from_blob(const_cast<std::int64_t*>(bent.units.data()), {units}, at::kLong);
  const at::Tensor left = at::cat({basis_, rest.to(at::kDouble)}, 1);
  const at::Tensor right = at::cat({straight, slope.index_select(1, columns).t()}, 0);
  return at::addmm(minus, left, right, -1);
}

void DecodedTiles::joint(std::int64_t tile, const double* slope, double* joint) const {
  const auto dot = kernels().dot;
  const std::int64_t nodes = basis_.size(0);
  const double* minus = normaliser_.data_ptr<double>() + tile * nodes;
  if (!linear_.defined() || tiles_[static_cast<std::size_t>(tile)].is_whole) {
    const std::int64_t units = features_.size(2);
    const float* features = features_.data_ptr<float>() + tile * nodes * units;
    for (std::int64_t p = 0; p < nodes; ++p) {
      joint[p] = dot(features + p * units, slope, units) - minus[p];
    }
    return;
  }
  const std::int64_t functions = linear_.size(1), units = linear_.size(2);
  const float* linear = linear_.data_ptr<float>() + tile * functions * units;
  const Bent& bent = tiles_[static_cast<std::size_t>(tile)];
  constexpr std::int64_t kMostFunctions = 4;
  double straight[kMostFunctions] = {};
  for (std::int64_t q = 0; q < functions; ++q) straight[q] = dot(linear + q * units, slope, units);
  thread_local std::vector<double> slopes;  // of what bends
  slopes.clear();
  for (const std::int64_t unit : bent.units) slopes.push_back(slope[unit]);
  const auto count = static_cast<std::int64_t>(slopes.size());
  const double* basis = basis_.data_ptr<double>();
  for (std::int64_t p = 0; p < nodes; ++p) {
    double sum = dot(bent.rest.data() + p * count, slopes.data(), count) - minus[p];
    for (std::int64_t q = 0; q < functions; ++q) sum += basis[p * functions + q] * straight[q];
    joint[p] = sum;
  }
}

std::size_t DecodedTiles::bytes() const {
  std::size_t bytes = normaliser_.nbytes();
  for (const at::Tensor& part : {features_, linear_}) {
    if (part.defined()) bytes += part.nbytes();
  }
  for (const Bent& tile : tiles_) bytes += tile.rest.size() * sizeof(float);
  return bytes;
}

// ---- Decoding
// -----------------------------------------------------------------------------------------------

TileLikelihood::TileLikelihood(const Autoencoder& model, const at::Tensor& nodes)
    : model_(model), is_bernoulli_(model.spec().likelihood == Likelihood::bernoulli) {
  const at::Tensor ones = at::ones({nodes.size(0), 1}, at::kDouble);
  basis_ = std::get<0>(at::linalg_qr(at::cat({ones, nodes.to(at::kDouble)}, 1)))
               .to(at::kFloat)
               .contiguous();
  const ModelSpec& spec = model.spec();
  const bool has_relus =
      spec.activation == Activation::reference || spec.activation == Activation::relu;
  if (spec.network != Network::mlp || !has_relus) return;
  std::vector<int> widths;
  std::vector<at::Tensor> weights, biases;
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (!name.starts_with("decoder.")) continue;
    (name.ends_with("weight") ? weights : biases).push_back(tensor);
  }
  if (weights.size() < 2 || weights.back().size(1) < kFewestUnits) return;
  for (const at::Tensor& weight : weights) widths.push_back(static_cast<int>(weight.size(1)));
  hidden_ = Sequential::dense(widths, kReferenceDecoder);
  for (std::size_t i = 0; i < hidden_.layers.size(); ++i) {
    hidden_.layers[i].weight = weights[i];
    hidden_.layers[i].bias = biases[i];
  }
  weight_ = weights.back().t().contiguous();
  bias_ = biases.back();
}

ComparedInputs TileLikelihood::compared(const at::Tensor& x) const {
  const at::Tensor values = x.to(at::kDouble).contiguous();
  if (is_bernoulli_) {
    const at::Tensor centred = values - 0.5;
    if (hidden_.layers.empty()) {
      return {centred.contiguous(), at::zeros({x.size(0)}, at::kDouble)};
    }
    const at::Tensor offset = at::mv(centred, bias_.to(at::kDouble));
    if (x.size(0) > 1) return {at::mm(centred, weight_.t().to(at::kDouble)), offset};
    const at::Tensor slope = at::empty({1, weight_.size(0)}, at::kDouble);
    for (std::int64_t j = 0; j < weight_.size(0); ++j) {
      slope.data_ptr<double>()[j] = kernels().dot(weight_.data_ptr<float>() + j * weight_.size(1),
                                                  centred.data_ptr<double>(), weight_.size(1));
    }
    return {slope, offset};
  }
  const double variance = model_.spec().sigma * model_.spec().sigma;
  return {values.div(variance).contiguous(), values.square().sum(1).div(-2 * variance)};
}

DecodedTiles TileLikelihood::decode(const at::Tensor& z, const at::Tensor& label) const {
  const std::int64_t nodes = basis_.size(0), tiles = z.size(0) / nodes;
  DecodedTiles made;
  made.basis_ = basis_.to(at::kDouble);
  made.normaliser_ = z.square().sum(1).mul_(0.5).add_(0.5 * static_cast<double>(z.size(1)) *
                                                      std::log(2 * std::numbers::pi));
  made.normaliser_ = made.normaliser_.view({tiles, nodes});
  const at::Tensor labels = label.defined() ? label.expand({z.size(0), -1}) : label;
  at::Tensor seen = z.to(at::kFloat);
  if (!hidden_.layers.empty()) {
    if (labels.defined()) seen = at::cat({seen, labels}, 1);
    decode_straight(seen, made);
    return made;
  }
  const at::Tensor outputs = model_.decode(seen, labels);
  made.features_ = (is_bernoulli_ ? outputs : model_.reconstruction(outputs))
                       .contiguous()
                       .view({tiles, nodes, outputs.size(1)});
  for (std::int64_t t = 0; t < tiles; ++t) set_normaliser(t, made.features_[t], made);
  return made;
}

// outputs: of the tile's nodes, [P, d], x̂ for a Gaussian.
void TileLikelihood::set_normaliser(std::int64_t tile, const at::Tensor& outputs,
                                    DecodedTiles& made) const {
  const std::int64_t nodes = basis_.size(0), width = outputs.size(1);
  double* own = made.normaliser_.data_ptr<double>() + tile * nodes;
  const float* values = outputs.data_ptr<float>();
  if (is_bernoulli_) {
    for (std::int64_t p = 0; p < nodes; ++p)
      own[p] += kernels().softplus(values + p * width, width);
    return;
  }
  const ModelSpec& spec = model_.spec();
  const double scale = 1 / (2 * spec.sigma * spec.sigma), constant = gaussian_normaliser(spec);
  for (std::int64_t p = 0; p < nodes; ++p) {
    double square = 0;
    for (std::int64_t i = 0; i < width; ++i) {
      const auto value = static_cast<double>(values[p * width + i]);
      square += value * value;
    }
    own[p] += scale * square + constant;
  }
}

// seen: what the decoder reads, [T · P, …].
void TileLikelihood::decode_straight(const at::Tensor& seen, DecodedTiles& made) const {
  const std::int64_t nodes = basis_.size(0), tiles = seen.size(0) / nodes;
  const std::int64_t units = weight_.size(0), width = weight_.size(1), functions = basis_.size(1);
  const at::Tensor active = at::relu(hidden_.forward(seen)).view({tiles, nodes, units});
  // Each unit as a linear function of the place, and what that leaves of it.
  const at::Tensor linear = at::matmul(basis_.t(), active);  // [T, q, h]
  at::Tensor bends;                                          // [T, h]
  if (hidden_.layers.size() == 1) {                          // on both sides of 0 within the tile
    bends = active.amin(1).eq(0).logical_and(active.amax(1).gt(0));
  } else {
    const at::Tensor off = (active - at::matmul(basis_, linear)).abs().amax(1);
    bends = off.gt(active.amax({1, 2}).unsqueeze(1) * kStraight);
  }
  const at::Tensor straight =
      at::mm(linear.view({tiles * functions, units}), weight_).view({tiles, functions, width});
  made.tiles_.resize(static_cast<std::size_t>(tiles));
  at::Tensor predicted;  // of a Gaussian
  if (!is_bernoulli_) predicted = at::empty({tiles, nodes, width});
  std::vector<float> left, right;
  at::Tensor outputs = at::empty({nodes, width});
  bool has_whole = false, has_bent = false;
  for (std::int64_t t = 0; t < tiles; ++t) {
    DecodedTiles::Bent& bent = made.tiles_[static_cast<std::size_t>(t)];
    const bool* bend = bends.data_ptr<bool>() + t * units;
    for (std::int64_t j = 0; j < units; ++j) {
      if (bend[j]) bent.units.push_back(j);
    }
    const auto count = static_cast<std::int64_t>(bent.units.size());
    const std::int64_t inner = functions + count;
    bent.is_whole = static_cast<double>(nodes * inner + functions * units) >
                    kLargestShare * static_cast<double>(nodes * units);
    (bent.is_whole ? has_whole : has_bent) = true;
    if (bent.is_whole) {
      bent.units.clear();
      at::addmm_out(outputs, bias_, active[t], weight_);
    } else {
      // [basis, rest] · [linear · W; W of those that bend].
      left.resize(static_cast<std::size_t>(nodes * inner));
      right.resize(static_cast<std::size_t>(inner * width));
      bent.rest.resize(static_cast<std::size_t>(nodes * count));
      const float* values = active.data_ptr<float>() + t * nodes * units;
      const float* function = linear.data_ptr<float>() + t * functions * units;
      const float* basis = basis_.data_ptr<float>();
      for (std::int64_t p = 0; p < nodes; ++p) {
        std::copy_n(basis + p * functions, functions, left.data() + p * inner);
        float* own = bent.rest.data() + p * count;
        for (std::int64_t i = 0; i < count; ++i) {
          const std::int64_t unit = bent.units[static_cast<std::size_t>(i)];
          own[i] = values[p * units + unit];
          for (std::int64_t q = 0; q < functions; ++q) {
            own[i] -= basis[p * functions + q] * function[q * units + unit];
          }
        }
        std::copy_n(own, count, left.data() + p * inner + functions);
      }
      std::copy_n(straight.data_ptr<float>() + t * functions * width, functions * width,
                  right.data());
      for (std::int64_t i = 0; i < count; ++i) {
        std::copy_n(weight_.data_ptr<float>() + bent.units[static_cast<std::size_t>(i)] * width,
                    width, right.data() + (functions + i) * width);
      }
      at::addmm_out(outputs, bias_, at::from_blob(left.data(), {nodes, inner}, at::kFloat),
                    at::from_blob(right.data(), {inner, width}, at::kFloat));
    }
    if (is_bernoulli_) {
      set_normaliser(t, outputs, made);
    } else {
      at::Tensor own = predicted[t];
      own.copy_(model_.reconstruction(outputs));
      set_normaliser(t, own, made);
    }
  }
  if (!is_bernoulli_) {
    made.features_ = predicted;
    made.tiles_.clear();
    return;
  }
  if (has_whole) made.features_ = active;
  if (has_bent) made.linear_ = linear;
}

}  // namespace zscape
