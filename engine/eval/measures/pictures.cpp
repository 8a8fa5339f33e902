// Measures of what a model does to pictures: its filters, how near it is to copying, and how long
// the ways between its pictures are.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "engine/eval/geodesic.h"
#include "engine/eval/input_jacobian.h"
#include "engine/eval/latent_metric.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

double middle(const at::Tensor& values) {
  return at::quantile(values, 0.5).item<double>();
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Mean squared error of what the model makes of these inputs.
double error_on(const Autoencoder& model, const at::Tensor& x) {
  const at::Tensor output = model.reconstruction(model.decode(model.encode(x, {}).mean, {}));
  return (output - x).square().mean().item<double>();
}

}  // namespace

Expected<Measured> measure_filters(const MeasureTask& task) {
  const ModelSpec& spec = task.spec();
  if (spec.network != Network::mlp || !task.data.has_images()) {
    return fail(tr("only fully connected layers on pictures have filters as large as a picture"));
  }
  at::Tensor filters;
  for (const auto& [name, tensor] : task.model.named_tensors()) {
    if (name == "encoder.0.weight") filters = tensor;
  }
  TORCH_CHECK(filters.defined(), "an mlp without a first layer");
  if (spec.reads_label()) filters = filters.narrow(1, 0, spec.inputs());
  const std::int64_t height = spec.shape.height, width = spec.shape.width;
  const at::Tensor energy =
      filters.to(at::kDouble).square().view({-1, height, width, spec.shape.channels}).sum(3);
  const at::Tensor share = energy / energy.sum({1, 2}, true).clamp_min(1e-300);  // [u, h, w]
  const at::Tensor y = at::arange(height, at::kDouble).view({1, height, 1});
  const at::Tensor x = at::arange(width, at::kDouble).view({1, 1, width});
  const auto moment = [&](const at::Tensor& along) { return (share * along).sum({1, 2}, true); };
  const at::Tensor spread =
      moment((y - moment(y)).square()) + moment((x - moment(x)).square());  // [u, 1, 1]
  MeasuredParts parts(task);
  parts.add("filter_extent", middle(spread.sqrt().flatten()));
  parts.add("filter_pixels", middle((1 / share.square().sum({1, 2}).clamp_min(1e-300)).flatten()));

  // Each filter between its own extremes: 0 is grey.
  constexpr std::int64_t kColumns = 10;
  const std::int64_t count = std::min(filters.size(0), task.whole("filters"));
  const std::int64_t rows = (count + kColumns - 1) / kColumns;
  const at::Tensor shown =
      filters.narrow(0, 0, count).view({count, height, width, spec.shape.channels}).mean(3);
  const at::Tensor grey = 0.5 + 0.5 * shown / shown.abs().amax({1, 2}, true).clamp_min(1e-30);
  const at::Tensor all = at::full({rows * kColumns, height, width}, 0.5);
  all.narrow(0, 0, count).copy_(grey);
  const at::Tensor laid =
      all.view({rows, kColumns, height, width}).permute({0, 2, 1, 3}).contiguous().to(at::kFloat);
  const float* values = laid.const_data_ptr<float>();
  parts.add_picture({"filters",
                     static_cast<int>(kColumns * width),
                     static_cast<int>(rows * height),
                     {values, values + laid.numel()}});
  return parts.take();
}

Expected<Measured> measure_copying(const MeasureTask& task) {
  const ModelSpec& spec = task.spec();
  if (auto fits = check_reads_no_label(spec); !fits) return tl::unexpected(fits.error());
  if (spec.scaling) {
    return fail(
        tr("noise and inverted inputs are of inputs in [0, 1], and these data have others"));
  }
  const auto rows = drawn_rows(task.data.test.count, task.whole("inputs"), task.settings.seed,
                               counter_of(MeasureUse::rows));
  const auto jacobian =
      input_jacobian(task.model, task.data, SplitName::test, rows, part_of(task.progress, 0, 0.9));
  if (!jacobian) return tl::unexpected(jacobian.error());
  const auto count = static_cast<std::int64_t>(rows.size());
  Random random(task.settings.seed, Stream::evaluation, counter_of(MeasureUse::noise));
  at::Tensor noise = at::empty({count, spec.inputs()});
  std::generate_n(noise.data_ptr<float>(), noise.numel(),
                  [&] { return static_cast<float>(random.uniform()); });
  const at::Tensor inverted = 1 - pictures_of(spec, task.data, SplitName::test, rows);
  const double of_noise = error_on(task.model, noise);
  constexpr double kVariance = 1.0 / 12;  // of uniform noise
  MeasuredParts parts(task);
  parts.add("jacobian_distance", jacobian->distance_to_identity);
  parts.add("jacobian_diagonal", jacobian->mean_diagonal);
  parts.add("mse_noise", of_noise);
  parts.add("mse_inverted", error_on(task.model, inverted));
  parts.add("copied_noise", 1 - of_noise / kVariance);
  return parts.take();
}

Expected<Measured> measure_geodesics(const MeasureTask& task) {
  const std::int64_t pairs = task.whole("pairs");
  const std::int64_t count = task.data.test.count;
  if (count < 2) return fail(tr("ways between codes need two test inputs"));
  Random random(task.settings.seed, Stream::evaluation, counter_of(MeasureUse::pairs));
  std::vector<std::int64_t> rows;
  while (static_cast<std::int64_t>(rows.size()) < 2 * pairs) {
    const auto from = static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)));
    const auto to = static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(count)));
    if (from == to) continue;
    rows.push_back(from);
    rows.push_back(to);
  }
  const Batch batch = read_rows(task.spec(), task.data, SplitName::test, rows, 0);
  const at::Tensor ends = task.model.encode(batch.x, batch.label).mean.contiguous();  // [2 p, k]
  const std::span<const float> values(ends.const_data_ptr<float>(),
                                      static_cast<std::size_t>(ends.numel()));
  const auto lengths = measure_path_lengths(task.model, values, /*label=*/0, task.progress);
  if (!lengths) return tl::unexpected(lengths.error());

  // A shortest way runs at constant speed, so that its energy is the square of its length.
  std::vector<double> length, energy;
  const at::Tensor share = at::linspace(0, 1, lengths->points).unsqueeze(1);
  for (std::int64_t pair = 0; pair < pairs; ++pair) {
    const double shortest = lengths->shortest[static_cast<std::size_t>(pair)];
    const double straight = lengths->straight[static_cast<std::size_t>(pair)];
    if (straight == 0) continue;  // two codes, one picture
    length.push_back(shortest / straight);
    const at::Tensor line = ends[2 * pair] + share * (ends[2 * pair + 1] - ends[2 * pair]);
    const std::vector<int> labels(static_cast<std::size_t>(lengths->points), 0);
    const at::Tensor pictures = decoded(task.model, line, labels).to(at::kDouble);
    const double of_line = at::diff(pictures, 1, 0).square().sum().item<double>() *
                           static_cast<double>(lengths->points - 1);
    energy.push_back(shortest * shortest / of_line);
  }
  if (length.empty()) {
    return fail(
        tr("all codes have the same picture: this decoder ignores them, and no way has a "
           "length"));
  }
  MeasuredParts parts(task);
  parts.add("geodesic_length", mean_of(length));
  parts.add("geodesic_length_median", middle(at::tensor(length, at::kDouble)));
  parts.add("geodesic_energy", mean_of(energy));
  return parts.take();
}

}  // namespace zscape
