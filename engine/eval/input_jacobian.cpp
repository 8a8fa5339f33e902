#include "engine/eval/input_jacobian.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

#include "engine/eval/rows.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kDirectionsAtOnce = 64;
constexpr std::int64_t kMostFactorValues = std::int64_t{1} << 25;  // d · k
// Decompositions take the cube of it: a second or so.
constexpr std::int64_t kMostDecomposed = 1024;

// ∂(sum of outputs)/∂inputs, zeros where they do not depend on them.
at::Tensor gradient(const at::Tensor& outputs, const at::Tensor& inputs, bool keeps_graph) {
  const auto grads = torch::autograd::grad({outputs}, {inputs}, {}, keeps_graph, keeps_graph,
                                           /*allow_unused=*/true);
  return grads.front().defined() ? grads.front() : at::zeros_like(inputs);
}

at::Tensor repeated(const at::Tensor& row, std::int64_t count) {  // [1, n] → [count, n], or none
  return row.defined() ? row.expand({count, row.size(1)}).contiguous() : row;
}

// One input: reads [d, k] and writes [k, d] in double precision.
struct Factors {
  at::Tensor reads, writes;
};

// ∂μ/∂x: a copy of the input for each dimension.
at::Tensor encoder_jacobian(const Autoencoder& model, const Batch& input) {
  const std::int64_t latent = model.spec().latent;
  std::vector<at::Tensor> parts;
  for (std::int64_t begin = 0; begin < latent; begin += kDirectionsAtOnce) {
    const std::int64_t count = std::min(kDirectionsAtOnce, latent - begin);
    const at::Tensor x = repeated(input.x, count).detach().requires_grad_();
    const at::Tensor mean = model.encode(x, repeated(input.label, count)).mean;
    parts.push_back(gradient(mean.narrow(1, begin, count).diagonal().sum(), x, false));
  }
  return at::cat(parts);
}

// ∂x̂/∂z, a copy of z for each output: for decoders that can be differentiated only once.
at::Tensor decoder_jacobian_by_outputs(const Autoencoder& model, const at::Tensor& code,
                                       const at::Tensor& label) {
  const std::int64_t outputs = model.spec().inputs();
  std::vector<at::Tensor> parts;
  for (std::int64_t begin = 0; begin < outputs; begin += kDirectionsAtOnce) {
    const std::int64_t count = std::min(kDirectionsAtOnce, outputs - begin);
    const at::Tensor z = repeated(code, count).detach().requires_grad_();
    const at::Tensor x = model.reconstruction(model.decode(z, repeated(label, count)));
    parts.push_back(gradient(x.narrow(1, begin, count).diagonal().sum(), z, false));
  }
  return at::cat(parts);
}

// The same with a copy of z for each dimension of it: vᵀ ∂x̂/∂z is linear in v, and its derivative
// by v along a direction of z is ∂x̂/∂z times that direction.
at::Tensor decoder_jacobian(const Autoencoder& model, const at::Tensor& code,
                            const at::Tensor& label) {
  const std::int64_t latent = model.spec().latent;
  std::vector<at::Tensor> parts;
  for (std::int64_t begin = 0; begin < latent; begin += kDirectionsAtOnce) {
    const std::int64_t count = std::min(kDirectionsAtOnce, latent - begin);
    const at::Tensor z = repeated(code, count).detach().requires_grad_();
    const at::Tensor x = model.reconstruction(model.decode(z, repeated(label, count)));
    const at::Tensor v = at::zeros_like(x).requires_grad_();
    const at::Tensor along = gradient((x * v).sum(), z, true);
    if (!along.requires_grad()) return at::zeros({model.spec().inputs(), latent});
    parts.push_back(gradient(along.narrow(1, begin, count).diagonal().sum(), v, false));
  }
  return at::cat(parts).t();
}

Factors factors_of(const Autoencoder& model, const Batch& input) {
  const at::AutoGradMode with_gradients(true);
  const at::Tensor code = model.encode(input.x, input.label).mean.detach();
  at::Tensor reads;
  if (model.spec().inputs() <= model.spec().latent) {
    reads = decoder_jacobian_by_outputs(model, code, input.label);
  } else {
    try {
      reads = decoder_jacobian(model, code, input.label);
    } catch (const c10::Error&) {  // an operator of a program without a second derivative
      reads = decoder_jacobian_by_outputs(model, code, input.label);
    }
  }
  return {reads.detach().to(at::kDouble).contiguous(),
          encoder_jacobian(model, input).detach().to(at::kDouble).contiguous()};
}

// Of reads · writes, without the product where it is the larger matrix.
at::Tensor singular_values(const at::Tensor& reads, const at::Tensor& writes) {
  if (reads.size(1) >= reads.size(0)) return at::linalg_svdvals(at::mm(reads, writes));
  const at::Tensor left = std::get<1>(at::linalg_qr(reads, "r"));
  const at::Tensor right = std::get<1>(at::linalg_qr(writes.t(), "r"));
  return at::linalg_svdvals(at::mm(left, right.t()));
}

// Gathers the picture from rows of the matrix that come in order.
class Cells {
 public:
  Cells(InputJacobian& into) : into_(into) {
    into.side = std::min(into.inputs, kJacobianSide);
    into.cells.assign(static_cast<std::size_t>(into.side) * static_cast<std::size_t>(into.side), 0);
  }
  void add(std::int64_t row, std::span<const double> values) {  // [d]
    float* cells = into_.cells.data() + cell_of(row) * static_cast<std::size_t>(into_.side);
    for (std::size_t j = 0; j < values.size(); ++j) {
      float& cell = cells[cell_of(static_cast<std::int64_t>(j))];
      const auto value = static_cast<float>(values[j]);
      if (std::abs(value) > std::abs(cell)) cell = value;
    }
  }

 private:
  std::size_t cell_of(std::int64_t at) const {
    return static_cast<std::size_t>(at * into_.side / into_.inputs);
  }
  InputJacobian& into_;
};

void add_rows(Cells& cells, std::int64_t first, const at::Tensor& rows) {  // [n, d]
  const at::Tensor whole = rows.contiguous();
  const auto size = static_cast<std::size_t>(whole.size(1));
  for (std::int64_t i = 0; i < whole.size(0); ++i) {
    cells.add(first + i,
              {whole.const_data_ptr<double>() + static_cast<std::size_t>(i) * size, size});
  }
}

// From tr J and ‖J‖² (Frobenius).
void set_measures(InputJacobian& made, double trace, double squares) {
  const double inputs = made.inputs;
  made.mean_diagonal = trace / inputs;
  made.distance_to_identity = std::sqrt(std::max(squares - 2 * trace + inputs, 0.0) / inputs);
}

std::vector<double> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

std::vector<float> floats_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kFloat).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

void fill_one(InputJacobian& made, const Factors& factors) {
  constexpr std::int64_t kStripe = 256;
  made.reads = floats_of(factors.reads);
  made.writes = floats_of(factors.writes);
  Cells cells(made);
  double squares = 0;
  for (std::int64_t begin = 0; begin < made.inputs; begin += kStripe) {
    const std::int64_t count = std::min<std::int64_t>(kStripe, made.inputs - begin);
    const at::Tensor rows = at::mm(factors.reads.narrow(0, begin, count), factors.writes);
    squares += rows.square().sum().item<double>();
    add_rows(cells, begin, rows);
  }
  set_measures(made, (factors.reads * factors.writes.t()).sum().item<double>(), squares);
  if (std::min(made.inputs, made.latent) <= kMostDecomposed) {
    made.singular_values = values_of(singular_values(factors.reads, factors.writes));
  }
}

}  // namespace

Expected<InputJacobian> input_jacobian(const Autoencoder& model, const Dataset& data,
                                       SplitName split, const std::vector<std::int64_t>& rows,
                                       const Progress& progress) {
  const ModelSpec& spec = model.spec();
  InputJacobian made;
  made.split = split;
  made.rows = rows;
  made.inputs = spec.inputs();
  made.latent = spec.latent;
  const std::int64_t inputs = made.inputs;
  if (rows.empty()) return fail(tr("{} has no inputs in this split; choose the other", data.name));
  if (inputs * made.latent > kMostFactorValues) {
    return fail(
        tr("∂x′/∂x of {} inputs and {} latent dimensions is too large", made.inputs, made.latent));
  }
  const auto factors_at = [&](std::int64_t row) {
    return factors_of(model, read_rows(spec, data, split, {&row, 1}, 0));
  };
  if (rows.size() == 1) {
    fill_one(made, factors_at(rows.front()));
    return made;
  }
  if (inputs > kMostMeanJacobianInputs) {
    return fail(tr("the mean of ∂x′/∂x is for up to {} inputs, and these data have {}",
                   kMostMeanJacobianInputs, made.inputs));
  }
  const auto count = static_cast<double>(rows.size());
  const std::int64_t columns = made.latent * static_cast<std::int64_t>(rows.size());
  const bool keeps_factors = inputs > kMostDecomposed && columns <= kMostDecomposed;
  std::vector<at::Tensor> reads, writes;
  at::Tensor sum = at::zeros({inputs, inputs}, at::kDouble);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!report(progress, static_cast<double>(i) / count)) {
      return fail(tr("measuring ∂x′/∂x was cancelled"), ErrorCode::cancelled);
    }
    const Factors factors = factors_at(rows[i]);
    sum.addmm_(factors.reads, factors.writes);
    if (keeps_factors) {
      reads.push_back(factors.reads / count);
      writes.push_back(factors.writes);
    }
  }
  sum.div_(count);
  Cells cells(made);
  add_rows(cells, 0, sum);
  set_measures(made, sum.diagonal().sum().item<double>(), sum.square().sum().item<double>());
  if (inputs <= kMostDecomposed) {
    made.singular_values = values_of(at::linalg_svdvals(sum));
  } else if (keeps_factors) {
    made.singular_values = values_of(singular_values(at::cat(reads, 1), at::cat(writes)));
  }
  return made;
}

}  // namespace zscape
