// Measures of log p(x) and of what the bound lacks of it.
#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "engine/eval/annealing.h"
#include "engine/eval/exact_figures.h"
#include "engine/eval/likelihood.h"
#include "engine/eval/linear_gaussian.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/quadrature.h"
#include "engine/eval/rows.h"
#include "engine/input_gaps.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kChains = 8;  // of annealing, for an input

double mean_of(const at::Tensor& values) {
  return values.mean().item<double>();
}

// Means over the inputs for each number of samples, in the order of the request.
template <class Growing>
Expected<std::vector<double>> grown(Growing growing, const std::vector<double>& samples,
                                    const Progress& progress) {
  std::vector<std::size_t> order(samples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return samples[i]; });
  std::vector<double> means(samples.size());
  double before = 0;
  for (const std::size_t i : order) {
    const double most = samples[order.back()];
    if (!growing.grow_to(static_cast<std::int64_t>(samples[i]),
                         part_of(progress, before / most, samples[i] / most))) {
      return measuring_cancelled();
    }
    means[i] = mean_of(growing.sums().log_likelihood());
    before = samples[i];
  }
  return means;
}

// Of each input: by a closed form or by quadrature; undefined where there is neither.
Expected<at::Tensor> exact_of(const Autoencoder& model, const Batch& batch,
                              const Posterior& posterior, const Progress& progress) {
  if (const auto linear = LinearGaussian::of(model)) return linear->log_likelihood(batch);
  if (model.spec().latent > kMostExactDimensions) return at::Tensor();
  const auto exact = exact_log_likelihood(model, batch, posterior, {}, progress);
  if (!exact) return tl::unexpected(exact.error());
  return exact->log_likelihood;
}

Expected<void> check_density(const ModelSpec& spec) {
  if (auto fits = check_prior(spec); !fits) return fits;
  if (spec.likelihood != Likelihood::mse) return {};
  return fail(tr("the mse is no log p(x|z), so there is no log p(x); use the gaussian likelihood"));
}

}  // namespace

Expected<Measured> measure_evidence(const MeasureTask& task) {
  if (auto fits = check_density(task.spec()); !fits) return tl::unexpected(fits.error());
  const std::int64_t temperatures = task.whole("temperatures");
  if (temperatures == 1 || std::popcount(static_cast<std::uint64_t>(temperatures)) > 1) {
    return fail(
        tr("evidence: temperatures must be 0 or a power of two above 1, and not {}", temperatures));
  }
  const std::uint64_t seed = task.settings.seed;
  const auto rows = drawn_rows(task.data.test.count, task.whole("inputs"), seed, kCertifiedCounter);
  const Batch batch = read_rows(task.spec(), task.data, SplitName::test, rows, seed);
  const Posterior posterior = task.model.encode(batch.x, batch.label);
  const auto exact = exact_of(task.model, batch, posterior, part_of(task.progress, 0, 0.1));
  if (!exact) return tl::unexpected(exact.error());

  RowDraws draws{seed, Stream::evaluation, {}};
  for (const std::int64_t row : rows) {
    draws.counters.push_back(kGrowingCounter + static_cast<std::uint64_t>(row));
  }
  const auto importance =
      grown(GrowingImportance(task.model, batch, posterior, draws),
            values_of(task.request, "importance_samples"), part_of(task.progress, 0.1, 0.4));
  if (!importance) return tl::unexpected(importance.error());
  const auto prior =
      grown(GrowingPrior(task.model, batch, seed), values_of(task.request, "prior_samples"),
            part_of(task.progress, 0.4, 0.6));
  if (!prior) return tl::unexpected(prior.error());

  MeasuredParts parts(task);
  parts.add("log_p_prior", "prior_samples", *prior);
  parts.add("log_p_importance", "importance_samples", *importance);
  double best = std::max(*std::ranges::max_element(*prior), *std::ranges::max_element(*importance));
  if (temperatures > 0) {
    Annealing annealing(task.model, batch, posterior, {kChains, seed, 0});
    if (!annealing.tune(part_of(task.progress, 0.6, 0.65))) return measuring_cancelled();
    const auto weights = annealing.log_weights(temperatures, part_of(task.progress, 0.65, 1));
    if (!weights) return tl::unexpected(weights.error());
    const double annealed = mean_of(at::logsumexp(*weights, 1)) - std::log(double{kChains});
    parts.add("log_p_annealed", annealed);
    best = std::max(best, annealed);
  }
  if (exact->defined()) {
    best = mean_of(*exact);
    parts.add("log_p_exact", best);
  }
  parts.add("log_p_best", best);
  const auto shortfall = [best](std::vector<double> values) {
    for (double& value : values) value = best - value;
    return values;
  };
  parts.add("short_prior", "prior_samples", shortfall(*prior));
  parts.add("short_importance", "importance_samples", shortfall(*importance));
  return parts.take();
}

Expected<Measured> measure_gaps(const MeasureTask& task) {
  const std::uint64_t seed = task.settings.seed;
  MeasuredParts parts(task);
  const auto linear =
      task.spec().has_prior() ? LinearGaussian::of(task.model) : std::optional<LinearGaussian>();
  if (linear) {
    const auto found = linear_figures(*linear, task.model, task.data, SplitName::test,
                                      task.whole("inputs"), seed, task.progress);
    if (!found) return tl::unexpected(found.error());
    parts.add("gap_encoder", found->gap_inference);
    parts.add("gap_gaussian", found->approximation_gap);
    return parts.take();
  }
  if (std::string why = why_no_exact_likelihood(task.spec()); !why.empty()) {
    return fail(std::move(why));
  }
  const auto rows = drawn_rows(task.data.test.count, task.whole("inputs"), seed, kGapCounter);
  const auto found = input_gaps(task.model, task.data, SplitName::test, make_indices(rows), seed,
                                nullptr, task.progress);
  if (!found) return tl::unexpected(found.error());
  const auto mean = [](const std::vector<float>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  };
  const double approximation = mean(found->approximation);
  parts.add("gap_encoder", mean(found->amortisation) + approximation);
  parts.add("gap_gaussian", approximation);
  return parts.take();
}

}  // namespace zscape
