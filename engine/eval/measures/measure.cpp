#include "engine/eval/measures/measure.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "engine/eval/evaluate.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/figures.h"
#include "engine/model/batch.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::pair<std::string_view, MeasureFunction> kFunctions[] = {
    {"samples", measure_samples},
    {"live_dimensions", measure_live_dimensions},
    {"gradient_variance", measure_gradient_variance},
    {"probe_accuracy", measure_probe_accuracy},
    {"label_probe", measure_label_probe},
    {"label_verdicts", measure_label_verdicts},
    {"evidence", measure_evidence},
    {"gaps", measure_gaps},
    {"aggregate_posterior", measure_aggregate_posterior},
    {"few_labels", measure_few_labels},
    {"filters", measure_filters},
    {"copying", measure_copying},
    {"geodesics", measure_geodesics},
    {"bytes", measure_bytes},
    {"deviation", measure_deviation},
};

}  // namespace

Expected<Measured> measured(const Autoencoder& model, const MeasureRequest& request,
                            const Dataset& data, const MeasureSettings& settings,
                            const Progress& progress) {
  const auto function = std::ranges::find(kFunctions, std::string_view(request.measure),
                                          &std::pair<std::string_view, MeasureFunction>::first);
  TORCH_CHECK(function != std::end(kFunctions), "no measure ", request.measure);
  if (data.test.count == 0) return fail(tr("{} has no test inputs to measure on", data.name));
  const at::NoGradGuard no_grad;
  auto result = function->second({model, request, data, settings, progress});
  if (!result) return result;
  for (const NamedFigure& figure : result->figures) {
    if (std::isfinite(figure.value)) continue;
    return fail(
        tr("{}: {} came out as {}, no finite number", data.name, figure.name, figure.value));
  }
  return result;
}

std::int64_t MeasureTask::whole(std::string_view option) const {
  return static_cast<std::int64_t>(value_of(request, option));
}

void MeasuredParts::add(std::string_view figure, double value) {
  measured_.figures.push_back({std::string(figure), value});
}

void MeasuredParts::add(std::string_view figure, std::string_view option,
                        const std::vector<double>& values) {
  const std::vector<double> asked = values_of(task_.request, option);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    measured_.figures.push_back({name_with(figure, asked, asked[i]), values[i]});
  }
  if (asked.size() > 1) add_curve({std::string(figure), std::string(option), asked, values});
}

std::uint64_t counter_of(MeasureUse use, std::uint64_t number) {
  constexpr std::uint64_t kFirst = std::uint64_t{1} << 51;  // after those of rows.h
  return kFirst + (static_cast<std::uint64_t>(use) << 32) + number;
}

at::Tensor pictures_of(const ModelSpec& spec, const Dataset& data, SplitName split,
                       std::span<const std::int64_t> rows) {
  ModelSpec as_they_are = spec;
  as_they_are.binarise = Binarise::none;
  return gather(as_they_are, data.split(split), rows).x;
}

std::vector<std::int64_t> training_rows(const MeasureTask& task, std::int64_t most,
                                        MeasureUse use) {
  const Indices rows =
      task.settings.train_rows ? task.settings.train_rows : all_rows(task.data.train);
  std::vector<std::int64_t> drawn = drawn_rows(static_cast<std::int64_t>(rows->size()), most,
                                               task.settings.seed, counter_of(use));
  for (std::int64_t& row : drawn) row = (*rows)[static_cast<std::size_t>(row)];
  return drawn;
}

Expected<at::Tensor> codes_of(const MeasureTask& task, SplitName split,
                              const std::vector<std::int64_t>& rows, const Progress& progress) {
  const auto codes = encode_rows(task.model, task.data, split, make_indices(rows), progress);
  if (!codes) return tl::unexpected(codes.error());
  const at::Tensor mean = as_tensor(codes->mean, codes->latent).clone();
  if (codes->sigma.empty()) return mean;
  const at::Tensor noise =
      normal_noise(mean.size(0), mean.size(1), task.settings.seed, Stream::evaluation,
                   counter_of(MeasureUse::codes, split == SplitName::test ? 1 : 0));
  return mean + as_tensor(codes->sigma, codes->latent) * noise;
}

at::Tensor decoded(const Autoencoder& model, const at::Tensor& z, const std::vector<int>& labels) {
  constexpr std::int64_t kAtOnce = 500;
  std::vector<at::Tensor> parts;
  for (std::int64_t first = 0; first < z.size(0); first += kAtOnce) {
    const std::int64_t count = std::min(kAtOnce, z.size(0) - first);
    at::Tensor label;
    if (model.spec().reads_label()) {
      label = one_hot(std::span(labels).subspan(static_cast<std::size_t>(first),
                                                static_cast<std::size_t>(count)),
                      model.spec().classes);
    }
    parts.push_back(model.reconstruction(model.decode(z.narrow(0, first, count), label)));
  }
  return at::cat(parts);
}

at::Tensor labels_of(const Split& split, std::span<const std::int64_t> rows) {
  std::vector<std::int64_t> labels;
  labels.reserve(rows.size());
  for (const std::int64_t row : rows) labels.push_back(split.label(row));
  return at::tensor(labels, at::kLong);
}

Expected<void> check_labels(const Dataset& data) {
  if (!data.train.labels.empty() && !data.test.labels.empty() && data.classes() >= 2) return {};
  return fail(
      tr("{} has no labels of two classes in both splits, which this measure needs", data.name));
}

Expected<void> check_reads_no_label(const ModelSpec& spec) {
  if (!spec.reads_label()) return {};
  return fail(tr("{} reads the label, which this measure would only read back; use a kind without",
                 name_of(spec.kind)));
}

Expected<void> check_prior(const ModelSpec& spec) {
  if (spec.has_prior()) return {};
  return fail(
      tr("{} has no prior, which this measure needs; use a vae or a cvae", name_of(spec.kind)));
}

tl::unexpected<Error> measuring_cancelled() {
  return fail(tr("measuring was cancelled"), ErrorCode::cancelled);
}

std::vector<double> covariance_spectrum(const at::Tensor& codes) {
  const at::Tensor all = codes.to(at::kDouble);
  const at::Tensor centred = all - all.mean(0);
  const at::Tensor covariance = at::mm(centred.t(), centred) / static_cast<double>(all.size(0));
  const at::Tensor values = at::linalg_eigvalsh(covariance).flip(0).contiguous();
  const double* first = values.const_data_ptr<double>();
  return {first, first + values.numel()};
}

std::int64_t live_dimensions(const std::vector<double>& spectrum) {
  return std::ranges::count_if(spectrum, [](double value) { return value > kActiveVariance; });
}

}  // namespace zscape
