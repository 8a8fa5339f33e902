#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/measures.h"
#include "engine/model/autoencoder.h"
#include "engine/progress.h"

namespace zscape {

// What a measure works on.
struct MeasureTask {
  const Autoencoder& model;
  const MeasureRequest& request;
  const Dataset& data;
  const MeasureSettings& settings;
  const Progress& progress;

  std::int64_t whole(std::string_view option) const;  // its first value
  const ModelSpec& spec() const { return model.spec(); }
};

// Gathers what a measure yields.
class MeasuredParts {
 public:
  explicit MeasuredParts(const MeasureTask& task) : task_(task) {}

  void add(std::string_view figure, double value);
  // A figure of each value of an option, and the curve where it has several.
  void add(std::string_view figure, std::string_view option, const std::vector<double>& values);
  void add_curve(NamedCurve curve) { measured_.curves.push_back(std::move(curve)); }
  void add_picture(NamedPicture picture) { measured_.pictures.push_back(std::move(picture)); }
  Measured take() { return std::move(measured_); }

 private:
  const MeasureTask& task_;
  Measured measured_;
};

// Where measures begin to count in the seed's evaluation stream (rows.h), one range for each use.
enum class MeasureUse : std::uint64_t {
  codes,
  gaussian,
  mixture,
  fit,
  judge_rows,
  judge_weights,
  judge_order,
  gradients,
  batches,
  probe_rows,
  tuning,
  noise,
  pairs,
  rows,
};
std::uint64_t counter_of(MeasureUse use, std::uint64_t number = 0);  // number below 2^32

// Rows of a split as pictures on the scale that the model reads, never binarised: [n, d].
at::Tensor pictures_of(const ModelSpec& spec, const Dataset& data, SplitName split,
                       std::span<const std::int64_t> rows);

// At most so many of the rows that the model was trained on, drawn by the seed, rising.
std::vector<std::int64_t> training_rows(const MeasureTask& task, std::int64_t most, MeasureUse use);

// z of rows of a split: drawn from q(z|x) by the seed, or μ without a prior: [n, k].
Expected<at::Tensor> codes_of(const MeasureTask& task, SplitName split,
                              const std::vector<std::int64_t>& rows, const Progress& progress);

// x̂ of codes [n, k], with labels [n] where the model reads them: [n, d].
at::Tensor decoded(const Autoencoder& model, const at::Tensor& z, const std::vector<int>& labels);

// Labels of rows: [n] int64.
at::Tensor labels_of(const Split& split, std::span<const std::int64_t> rows);

// Success, or which labels are missing.
Expected<void> check_labels(const Dataset& data);
// Success, or that this kind's encoder reads them.
Expected<void> check_reads_no_label(const ModelSpec& spec);
Expected<void> check_prior(const ModelSpec& spec);

tl::unexpected<Error> measuring_cancelled();

// The eigenvalues of the covariance of codes [n, k], falling.
std::vector<double> covariance_spectrum(const at::Tensor& codes);
std::int64_t live_dimensions(const std::vector<double>& spectrum);  // above kActiveVariance

using MeasureFunction = Expected<Measured> (*)(const MeasureTask&);
Expected<Measured> measure_samples(const MeasureTask& task);
Expected<Measured> measure_live_dimensions(const MeasureTask& task);
Expected<Measured> measure_gradient_variance(const MeasureTask& task);
Expected<Measured> measure_probe_accuracy(const MeasureTask& task);
Expected<Measured> measure_label_probe(const MeasureTask& task);
Expected<Measured> measure_label_verdicts(const MeasureTask& task);
Expected<Measured> measure_evidence(const MeasureTask& task);
Expected<Measured> measure_gaps(const MeasureTask& task);
Expected<Measured> measure_aggregate_posterior(const MeasureTask& task);
Expected<Measured> measure_few_labels(const MeasureTask& task);
Expected<Measured> measure_filters(const MeasureTask& task);
Expected<Measured> measure_copying(const MeasureTask& task);
Expected<Measured> measure_geodesics(const MeasureTask& task);
Expected<Measured> measure_bytes(const MeasureTask& task);
Expected<Measured> measure_deviation(const MeasureTask& task);

}  // namespace zscape
