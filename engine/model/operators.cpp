#include "engine/model/operators.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace zscape {
namespace {

using c10::IValue;

constexpr std::int64_t kMostNumbers = std::int64_t{1} << 25;  // of one value in a trial

at::Tensor tensor_or_none(const IValue& value) {
  return value.isTensor() ? value.toTensor() : at::Tensor();
}

// An array of noise in the shape and on the device of a tensor.
template <class Fill>
at::Tensor noise_like(const at::Tensor& tensor, at::IntArrayRef sizes, const Fill& fill) {
  at::Tensor noise = at::empty(sizes, at::kFloat);
  fill(std::span(noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel())));
  return noise.to(tensor.device(), tensor.scalar_type());
}

// Without a noise of its own, an evaluation draws the same numbers each time.
ProgramNoise& noise_of(const ProgramMode& mode) {
  thread_local ProgramNoise fixed(0, 0);
  if (mode.noise != nullptr) return *mode.noise;
  fixed = ProgramNoise(0, std::uint64_t{1} << 62U);
  return fixed;
}

at::Tensor dropped(const at::Tensor& x, double probability, at::IntArrayRef mask_sizes,
                   const ProgramMode& mode) {
  if (!mode.training || probability <= 0) return x;
  return x * noise_like(x, mask_sizes, [&](std::span<float> values) {
           noise_of(mode).fill_dropout(values, probability);
         });
}

std::vector<IValue> dropout(const OperatorCall& call) {
  const at::Tensor x = call.arguments[0].toTensor();
  return {dropped(x, call.arguments[1].toDouble(), x.sizes(), call.mode)};
}

// One decision for each channel.
std::vector<IValue> feature_dropout(const OperatorCall& call) {
  const at::Tensor x = call.arguments[0].toTensor();
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.dim()), 1);
  for (std::size_t axis = 0; axis < std::min<std::size_t>(sizes.size(), 2); ++axis) {
    sizes[axis] = x.size(static_cast<std::int64_t>(axis));
  }
  return {dropped(x, call.arguments[1].toDouble(), sizes, call.mode)};
}

std::vector<IValue> native_dropout(const OperatorCall& call) {
  std::vector<IValue> result = dropout(call);
  result.emplace_back();
  return result;
}

// Another overload has other arguments.
void check_arguments(const OperatorCall& call, std::size_t least) {
  TORCH_CHECK(call.arguments.size() >= least, "zscape does not run this overload");
}

struct BatchNorm {
  at::Tensor x, weight, bias, mean, variance;
  double momentum, eps;
};

at::Tensor normalised(BatchNorm norm, const OperatorCall& call) {
  const bool has_statistics = norm.mean.defined() && norm.variance.defined();
  if (call.mode.training && call.batches.defined()) {
    at::Tensor batches = call.batches;
    const at::NoGradGuard no_grad;
    batches.add_(1);
    // momentum=None, which an exported graph spells 0, means the average of all batches.
    if (norm.momentum == 0) norm.momentum = 1 / batches.item<double>();
  }
  return at::batch_norm(norm.x, norm.weight, norm.bias, norm.mean, norm.variance,
                        call.mode.training || !has_statistics, norm.momentum, norm.eps, true);
}

// (x, weight, bias, mean, variance, …, momentum, eps, …), with `training` before the momentum or
// without.
template <std::size_t kMomentum>
std::vector<IValue> batch_norm_with(const OperatorCall& call) {
  check_arguments(call, kMomentum + 2);
  const auto& of = call.arguments;
  std::vector<IValue> result(5);
  result[0] = normalised(
      {of[0].toTensor(), tensor_or_none(of[1]), tensor_or_none(of[2]), tensor_or_none(of[3]),
       tensor_or_none(of[4]), of[kMomentum].toDouble(), of[kMomentum + 1].toDouble()},
      call);
  return result;
}
constexpr OwnOperator batch_norm = batch_norm_with<6>;
constexpr OwnOperator batch_norm_no_training = batch_norm_with<5>;

std::vector<IValue> instance_norm(const OperatorCall& call) {
  check_arguments(call, 8);
  const auto& of = call.arguments;
  const at::Tensor mean = tensor_or_none(of[3]);
  return {at::instance_norm(of[0].toTensor(), tensor_or_none(of[1]), tensor_or_none(of[2]), mean,
                            tensor_or_none(of[4]), call.mode.training || !mean.defined(),
                            of[6].toDouble(), of[7].toDouble(), true)};
}

// (query, key, value, mask, dropout_p, is_causal, scale, enable_gqa)
std::vector<IValue> attention(const OperatorCall& call) {
  check_arguments(call, 8);
  const auto& of = call.arguments;
  const at::Tensor query = of[0].toTensor(), key = of[1].toTensor(), value = of[2].toTensor();
  const at::Tensor mask = tensor_or_none(of[3]);
  const double probability = of[4].toDouble();
  const bool causal = of[5].toBool();
  const std::optional<double> scale =
      of[6].isNone() ? std::nullopt : std::optional(of[6].toDouble());
  if (!call.mode.training || probability <= 0) {
    const auto given = mask.defined() ? std::optional(mask) : std::nullopt;
    return {at::scaled_dot_product_attention(query, key, value, given, 0, causal, scale,
                                             of[7].toBool())};
  }
  TORCH_CHECK(!of[7].toBool(), "attention with fewer keys than queries cannot drop weights");
  at::Tensor scores = at::matmul(query, key.transpose(-2, -1)) *
                      scale.value_or(1 / std::sqrt(static_cast<double>(query.size(-1))));
  if (causal) {
    const at::Tensor seen =
        at::ones({query.size(-2), key.size(-2)}, query.options().dtype(at::kBool)).tril();
    scores = scores.masked_fill(seen.logical_not(), -INFINITY);
  }
  if (mask.defined()) {
    scores = mask.scalar_type() == at::kBool ? scores.masked_fill(mask.logical_not(), -INFINITY)
                                             : scores + mask;
  }
  const at::Tensor weights = at::softmax(scores, -1);
  return {at::matmul(dropped(weights, probability, weights.sizes(), call.mode), value)};
}

std::vector<IValue> normal_like(const OperatorCall& call) {
  const at::Tensor x = call.arguments[0].toTensor();
  return {noise_like(x, x.sizes(), [&](auto values) { noise_of(call.mode).fill_normal(values); })};
}

std::vector<IValue> uniform_like(const OperatorCall& call) {
  const at::Tensor x = call.arguments[0].toTensor();
  return {noise_like(x, x.sizes(), [&](auto values) { noise_of(call.mode).fill_uniform(values); })};
}

std::int64_t product(const IValue& sizes) {
  std::int64_t all = 1;
  for (const std::int64_t size : sizes.toIntVector()) {
    TORCH_CHECK(size >= 0 && size <= kMostNumbers && all * size <= kMostNumbers,
                "it would take an array of more than 2^25 numbers");
    all *= size;
  }
  return all;
}

// (size, …, device, …): the device is that of no tensor, so noise stays on the CPU until it meets
// one.
template <bool kNormal>
std::vector<IValue> noise_of_size(const OperatorCall& call) {
  product(call.arguments[0]);
  at::Device device = at::kCPU;
  for (const IValue& argument : call.arguments) {
    if (argument.isDevice()) device = argument.toDevice();
  }
  const at::Tensor like = at::empty({0}, at::device(device));
  return {noise_like(like, call.arguments[0].toIntVector(), [&](auto values) {
    kNormal ? noise_of(call.mode).fill_normal(values) : noise_of(call.mode).fill_uniform(values);
  })};
}

// By name, for the search.
constexpr auto kAllowed = [] {
  std::array list = {
      AllowedOperator{"aten::_log_softmax"},
      AllowedOperator{"aten::_native_batch_norm_legit", batch_norm},
      AllowedOperator{"aten::_native_batch_norm_legit_functional", batch_norm},
      AllowedOperator{"aten::_native_batch_norm_legit_no_training", batch_norm_no_training},
      AllowedOperator{"aten::_softmax"},
      AllowedOperator{"aten::_to_copy"},
      AllowedOperator{"aten::_unsafe_view"},
      AllowedOperator{"aten::abs"},
      AllowedOperator{"aten::adaptive_avg_pool1d", nullptr, Growth::resized},
      AllowedOperator{"aten::adaptive_avg_pool2d", nullptr, Growth::resized},
      AllowedOperator{"aten::_adaptive_avg_pool2d", nullptr, Growth::resized},
      AllowedOperator{"aten::adaptive_max_pool2d", nullptr, Growth::resized},
      AllowedOperator{"aten::add", nullptr, Growth::spreads},
      AllowedOperator{"aten::add_"},
      AllowedOperator{"aten::addmm", nullptr, Growth::multiplies},
      AllowedOperator{"aten::alias"},
      AllowedOperator{"aten::amax"},
      AllowedOperator{"aten::amin"},
      AllowedOperator{"aten::arange", nullptr, Growth::named},
      AllowedOperator{"aten::avg_pool1d"},
      AllowedOperator{"aten::avg_pool2d", nullptr, Growth::padded},
      AllowedOperator{"aten::baddbmm", nullptr, Growth::multiplies},
      AllowedOperator{"aten::batch_norm", batch_norm},
      AllowedOperator{"aten::bmm", nullptr, Growth::multiplies},
      AllowedOperator{"aten::broadcast_to", nullptr, Growth::spreads},
      AllowedOperator{"aten::cat"},
      AllowedOperator{"aten::celu"},
      AllowedOperator{"aten::chunk"},
      AllowedOperator{"aten::clamp"},
      AllowedOperator{"aten::clamp_"},
      AllowedOperator{"aten::clamp_max"},
      AllowedOperator{"aten::clamp_min"},
      AllowedOperator{"aten::clone"},
      AllowedOperator{"aten::constant_pad_nd", nullptr, Growth::padded},
      AllowedOperator{"aten::contiguous"},
      AllowedOperator{"aten::conv1d", nullptr, Growth::padded},
      AllowedOperator{"aten::conv2d", nullptr, Growth::padded},
      AllowedOperator{"aten::conv_transpose1d", nullptr, Growth::padded},
      AllowedOperator{"aten::conv_transpose2d", nullptr, Growth::padded},
      AllowedOperator{"aten::convolution", nullptr, Growth::padded},
      AllowedOperator{"aten::cos"},
      AllowedOperator{"aten::cumsum"},
      AllowedOperator{"aten::detach"},
      AllowedOperator{"aten::detach_"},
      AllowedOperator{"aten::div", nullptr, Growth::spreads},
      AllowedOperator{"aten::div_"},
      AllowedOperator{"aten::dropout", dropout},
      AllowedOperator{"aten::dropout_", dropout},
      AllowedOperator{"aten::einsum", nullptr, Growth::multiplies},
      AllowedOperator{"aten::elu"},
      AllowedOperator{"aten::elu_"},
      AllowedOperator{"aten::embedding"},
      AllowedOperator{"aten::eq", nullptr, Growth::spreads},
      AllowedOperator{"aten::erf"},
      AllowedOperator{"aten::exp"},
      AllowedOperator{"aten::expand", nullptr, Growth::spreads},
      AllowedOperator{"aten::expand_as"},
      AllowedOperator{"aten::expm1"},
      AllowedOperator{"aten::feature_dropout", feature_dropout},
      AllowedOperator{"aten::feature_dropout_", feature_dropout},
      AllowedOperator{"aten::flatten"},
      AllowedOperator{"aten::flip"},
      AllowedOperator{"aten::full", nullptr, Growth::named},
      AllowedOperator{"aten::full_like"},
      AllowedOperator{"aten::ge", nullptr, Growth::spreads},
      AllowedOperator{"aten::gelu"},
      AllowedOperator{"aten::glu"},
      AllowedOperator{"aten::group_norm"},
      AllowedOperator{"aten::gt", nullptr, Growth::spreads},
      AllowedOperator{"aten::hardsigmoid"},
      AllowedOperator{"aten::hardswish"},
      AllowedOperator{"aten::hardtanh"},
      AllowedOperator{"aten::hardtanh_"},
      AllowedOperator{"aten::index_select"},
      AllowedOperator{"aten::instance_norm", instance_norm},
      AllowedOperator{"aten::layer_norm"},
      AllowedOperator{"aten::le", nullptr, Growth::spreads},
      AllowedOperator{"aten::leaky_relu"},
      AllowedOperator{"aten::leaky_relu_"},
      AllowedOperator{"aten::lift_fresh_copy"},
      AllowedOperator{"aten::linear", nullptr, Growth::multiplies},
      AllowedOperator{"aten::log"},
      AllowedOperator{"aten::log1p"},
      AllowedOperator{"aten::log_sigmoid"},
      AllowedOperator{"aten::log_softmax"},
      AllowedOperator{"aten::lt", nullptr, Growth::spreads},
      AllowedOperator{"aten::masked_fill", nullptr, Growth::spreads},
      AllowedOperator{"aten::matmul", nullptr, Growth::multiplies},
      AllowedOperator{"aten::max"},
      AllowedOperator{"aten::max_pool2d", nullptr, Growth::padded},
      AllowedOperator{"aten::maximum", nullptr, Growth::spreads},
      AllowedOperator{"aten::mean"},
      AllowedOperator{"aten::min"},
      AllowedOperator{"aten::minimum", nullptr, Growth::spreads},
      AllowedOperator{"aten::mish"},
      AllowedOperator{"aten::mish_"},
      AllowedOperator{"aten::mm", nullptr, Growth::multiplies},
      AllowedOperator{"aten::mul", nullptr, Growth::spreads},
      AllowedOperator{"aten::mul_"},
      AllowedOperator{"aten::narrow"},
      AllowedOperator{"aten::native_dropout", native_dropout},
      AllowedOperator{"aten::native_group_norm"},
      AllowedOperator{"aten::native_layer_norm"},
      AllowedOperator{"aten::ne", nullptr, Growth::spreads},
      AllowedOperator{"aten::neg"},
      AllowedOperator{"aten::one_hot", nullptr, Growth::named},
      AllowedOperator{"aten::ones", nullptr, Growth::named},
      AllowedOperator{"aten::ones_like"},
      AllowedOperator{"aten::pad", nullptr, Growth::padded},
      AllowedOperator{"aten::permute"},
      AllowedOperator{"aten::pixel_shuffle"},
      AllowedOperator{"aten::pixel_unshuffle"},
      AllowedOperator{"aten::pow", nullptr, Growth::spreads},
      AllowedOperator{"aten::prelu"},
      AllowedOperator{"aten::rand", noise_of_size<false>},
      AllowedOperator{"aten::rand_like", uniform_like},
      AllowedOperator{"aten::randn", noise_of_size<true>},
      AllowedOperator{"aten::randn_like", normal_like},
      AllowedOperator{"aten::reciprocal"},
      AllowedOperator{"aten::reflection_pad2d", nullptr, Growth::padded},
      AllowedOperator{"aten::relu"},
      AllowedOperator{"aten::relu6"},
      AllowedOperator{"aten::relu6_"},
      AllowedOperator{"aten::relu_"},
      AllowedOperator{"aten::repeat", nullptr, Growth::named},
      AllowedOperator{"aten::repeat_interleave", nullptr, Growth::named},
      AllowedOperator{"aten::replication_pad2d", nullptr, Growth::padded},
      AllowedOperator{"aten::reshape"},
      AllowedOperator{"aten::rms_norm"},
      AllowedOperator{"aten::rsqrt"},
      AllowedOperator{"aten::rsub", nullptr, Growth::spreads},
      AllowedOperator{"aten::scaled_dot_product_attention", attention},
      AllowedOperator{"aten::select"},
      AllowedOperator{"aten::selu"},
      AllowedOperator{"aten::selu_"},
      AllowedOperator{"aten::sigmoid"},
      AllowedOperator{"aten::sigmoid_"},
      AllowedOperator{"aten::silu"},
      AllowedOperator{"aten::silu_"},
      AllowedOperator{"aten::sin"},
      AllowedOperator{"aten::slice"},
      AllowedOperator{"aten::softmax"},
      AllowedOperator{"aten::softplus"},
      AllowedOperator{"aten::split"},
      AllowedOperator{"aten::split_with_sizes"},
      AllowedOperator{"aten::sqrt"},
      AllowedOperator{"aten::square"},
      AllowedOperator{"aten::squeeze"},
      AllowedOperator{"aten::stack"},
      AllowedOperator{"aten::std"},
      AllowedOperator{"aten::sub", nullptr, Growth::spreads},
      AllowedOperator{"aten::sub_"},
      AllowedOperator{"aten::sum"},
      AllowedOperator{"aten::sym_numel"},
      AllowedOperator{"aten::sym_size"},
      AllowedOperator{"aten::t"},
      AllowedOperator{"aten::tanh"},
      AllowedOperator{"aten::tanh_"},
      AllowedOperator{"aten::to"},
      AllowedOperator{"aten::transpose"},
      AllowedOperator{"aten::tril"},
      AllowedOperator{"aten::triu"},
      AllowedOperator{"aten::type_as"},
      AllowedOperator{"aten::unbind"},
      AllowedOperator{"aten::unflatten"},
      AllowedOperator{"aten::unsqueeze"},
      AllowedOperator{"aten::upsample_bilinear2d", nullptr, Growth::resized},
      AllowedOperator{"aten::upsample_nearest2d", nullptr, Growth::resized},
      AllowedOperator{"aten::var"},
      AllowedOperator{"aten::var_mean"},
      AllowedOperator{"aten::view"},
      AllowedOperator{"aten::view_as"},
      AllowedOperator{"aten::where", nullptr, Growth::spreads},
      AllowedOperator{"aten::zeros", nullptr, Growth::named},
      AllowedOperator{"aten::zeros_like"},
  };
  std::ranges::sort(list, {}, &AllowedOperator::name);
  return list;
}();

double numbers_in(const at::Tensor& tensor) {
  return static_cast<double>(tensor.numel());
}

// The product of the sizes that arguments name.
double named_size(std::span<const IValue> arguments) {
  double size = 1;
  for (const IValue& argument : arguments) {
    if (argument.isInt()) size *= std::max(1.0, std::abs(static_cast<double>(argument.toInt())));
    if (argument.isDouble()) size *= std::max(1.0, std::abs(argument.toDouble()));
    if (argument.isIntList()) {
      for (const std::int64_t number : argument.toIntVector()) {
        size *= std::max(1.0, std::abs(static_cast<double>(number)));
      }
    }
    if (argument.isDoubleList()) {
      for (const double number : argument.toDoubleVector()) size *= std::max(1.0, number);
    }
  }
  return size;
}

// Padding and the like: one that is small adds little.
double largest_named(std::span<const IValue> arguments) {
  double largest = 0;
  for (const IValue& argument : arguments) {
    if (argument.isInt())
      largest = std::max(largest, std::abs(static_cast<double>(argument.toInt())));
    if (!argument.isIntList()) continue;
    for (const std::int64_t number : argument.toIntVector()) {
      largest = std::max(largest, std::abs(static_cast<double>(number)));
    }
  }
  return largest;
}

// What tensors become when they are spread over each other.
double broadcast_size(std::span<const at::Tensor> tensors) {
  std::vector<std::int64_t> sides;
  for (const at::Tensor& tensor : tensors) {
    const auto dims = static_cast<std::size_t>(tensor.dim());
    if (sides.size() < dims) sides.insert(sides.begin(), dims - sides.size(), 1);
    for (std::size_t i = 0; i < dims; ++i) {
      std::int64_t& side = sides[sides.size() - 1 - i];
      side = std::max(side, tensor.size(static_cast<std::int64_t>(dims - 1 - i)));
    }
  }
  double size = 1;
  for (const std::int64_t side : sides) size *= static_cast<double>(side);
  return size;
}

}  // namespace

void ProgramNoise::fill_normal(std::span<float> values) {
  Random(seed_, Stream::program, next_++).fill_normal(values);
}

void ProgramNoise::fill_uniform(std::span<float> values) {
  Random random(seed_, Stream::program, next_++);
  for (float& value : values) {
    // Below 1 in single precision, too.
    value = static_cast<float>(random.bits() >> 8U) * 0x1p-24F;
  }
}

void ProgramNoise::fill_dropout(std::span<float> values, double probability) {
  Random random(seed_, Stream::program, next_++);
  const auto kept = probability < 1 ? static_cast<float>(1 / (1 - probability)) : 0.0F;
  const double border = probability * 0x1p32;
  for (float& value : values) value = random.bits() < border ? 0.0F : kept;
}

const AllowedOperator* allowed_operator(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kAllowed, name, {}, &AllowedOperator::name);
  return found != kAllowed.end() && found->name == name ? found : nullptr;
}

std::span<const AllowedOperator> allowed_operators() {
  return kAllowed;
}

void check_growth(const AllowedOperator& allowed, std::span<const IValue> arguments) {
  constexpr double kMost = static_cast<double>(kMostNumbers);
  std::vector<at::Tensor> tensors;
  for (const IValue& argument : arguments) {
    if (argument.isTensor() && argument.toTensor().defined())
      tensors.push_back(argument.toTensor());
    if (argument.isTensorList()) {
      for (const at::Tensor& tensor : argument.toTensorVector()) tensors.push_back(tensor);
    }
  }
  double size = 0;
  switch (allowed.growth) {
    case Growth::none:
      return;
    case Growth::spreads:
      size = broadcast_size(tensors);
      break;
    case Growth::multiplies:  // at most the outer product of all but the shared axis
      size = 1;
      for (const at::Tensor& tensor : tensors) {
        const double shared = tensor.dim() > 0 ? static_cast<double>(tensor.size(-1)) : 1;
        size *= numbers_in(tensor) / std::max(1.0, std::min(shared, std::sqrt(numbers_in(tensor))));
      }
      size /= 1024;  // most axes of a batch are shared, too
      break;
    case Growth::named:
      size = named_size(arguments) * (tensors.empty() ? 1 : numbers_in(tensors.front()));
      break;
    case Growth::resized:
      size = named_size(arguments);
      if (!tensors.empty() && tensors.front().dim() > 1) {
        size *= static_cast<double>(tensors.front().size(0) * tensors.front().size(1));
      }
      break;
    case Growth::padded:
      TORCH_CHECK(largest_named(arguments) <= 4096, allowed.name, " has a number above 4096");
      size = largest_named(arguments) > 16 ? named_size(arguments) : 1;
      if (!tensors.empty()) size *= numbers_in(tensors.front());
      break;
  }
  TORCH_CHECK(size <= kMost, allowed.name, " would take too much memory");
}

void check_result(const IValue& value) {
  if (value.isTensor() && value.toTensor().defined()) {
    TORCH_CHECK(value.toTensor().numel() <= kMostNumbers,
                "it would take an array of more than 2^25 numbers");
  }
}

}  // namespace zscape
