#include "engine/frozen_model.h"

#include <cmath>
#include <numeric>

#include "engine/measures.h"
#include "engine/text.h"

namespace zscape {

void LossSums::add(const Losses& means, std::int64_t count) {
  const auto weight = static_cast<double>(count);
  losses.loss += weight * means.loss;
  losses.reconstruction += weight * means.reconstruction;
  losses.kl += weight * means.kl;
  losses.mse += weight * means.mse;
  inputs += count;
}

Losses LossSums::means() const {
  const auto count = static_cast<double>(inputs);
  return {losses.loss / count, losses.reconstruction / count, losses.kl / count,
          losses.mse / count};
}

Losses LossSums::means(double kl_weight) const {
  Losses result = means();
  result.loss = result.reconstruction;
  if (!std::isnan(result.kl)) result.loss += kl_weight * result.kl;
  return result;
}

Expected<Losses> FrozenModel::evaluate(const Dataset& data, SplitName split, const Indices& indices,
                                       const EvaluationSettings& settings) const {
  const auto sums = add_losses({}, data, split, indices, settings, {});
  if (!sums) return tl::unexpected(sums.error());
  return sums->means(settings.kl_weight);
}

Expected<InputGaps> FrozenModel::gaps(const Dataset&, SplitName, const Indices&, std::uint64_t,
                                      const InputGapsPtr&, const Progress&) const {
  return fail(tr("this model cannot integrate its likelihood"));
}

Expected<std::unique_ptr<EvidenceLens>> FrozenModel::evidence_lens() const {
  return fail(tr("only a model with a prior of one or two dimensions has a posterior to see"));
}

Expected<Forces> FrozenModel::forces(const Dataset&, SplitName, const Indices&,
                                     const Progress&) const {
  return fail(tr("this model has no gradients to measure forces by"));
}

Expected<FrozenModel::RoundTrip> FrozenModel::round_trip(std::span<const float>, int,
                                                         const Progress&) const {
  return fail(tr("this model cannot read its own pictures"));
}

Expected<std::vector<double>> FrozenModel::metric(std::span<const float>, std::span<const float>,
                                                  int, const Progress&) const {
  return fail(tr("this model has no gradients to measure its stretch by"));
}

Expected<PathLengths> FrozenModel::path_lengths(std::span<const float>, int,
                                                const Progress&) const {
  return fail(tr("this model cannot look for shortest paths"));
}

Expected<InputJacobian> FrozenModel::input_jacobian(const Dataset&, SplitName,
                                                    const std::vector<std::int64_t>&,
                                                    const Progress&) const {
  return fail(tr("this model gives no derivatives"));
}

Expected<Measured> FrozenModel::measure(const MeasureRequest&, const Dataset&,
                                        const MeasureSettings&, const Progress&) const {
  return fail(tr("this model cannot be measured any further"));
}

double FewLabelAccuracy::mean() const {
  return std::accumulate(accuracies.begin(), accuracies.end(), 0.0) /
         static_cast<double>(accuracies.size());
}

double FewLabelAccuracy::standard_deviation() const {
  if (accuracies.size() < 2) return 0;
  const double centre = mean();
  double squares = 0;
  for (const double accuracy : accuracies) squares += (accuracy - centre) * (accuracy - centre);
  return std::sqrt(squares / static_cast<double>(accuracies.size() - 1));
}

Expected<Certificate> FrozenModel::certify(const Dataset&, SplitName, const CertificateSettings&,
                                           const CertificateListener&, const Progress&) const {
  return fail(tr("this model has no log p(x) to certify"));
}

}  // namespace zscape
