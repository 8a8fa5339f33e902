#include "engine/eval/certify.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/eval/annealing.h"
#include "engine/eval/figures.h"
#include "engine/eval/likelihood.h"
#include "engine/eval/linear_gaussian.h"
#include "engine/eval/quadrature.h"
#include "engine/eval/rows.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kFirstPriorSamples = 64;  // before: hardly more than chance
constexpr double kErrors = 2;                    // standard errors that count with a move
constexpr int kFewestPoints = 3;                 // that can settle

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

double mean_of(const at::Tensor& values) {
  return values.mean().item<double>();
}

double standard_error(const at::Tensor& values) {  // of their mean
  const auto count = static_cast<double>(values.numel());
  return count < 2 ? 0 : values.std().item<double>() / std::sqrt(count);
}

tl::unexpected<Error> cancelled() {
  return fail(tr("estimating the likelihood was cancelled"), ErrorCode::cancelled);
}

// An estimate of each input with one effort: [N], float64.
struct Estimates {
  at::Tensor log_likelihood, effective;
};

class Certifier {
 public:
  Certifier(const Autoencoder& model, const Dataset& data, SplitName split,
            const CertificateSettings& settings, const CertificateListener& listen)
      : model_(model),
        settings_(settings),
        listen_(listen),
        rows_(
            drawn_rows(data.split(split).count, settings.inputs, settings.seed, kCertifiedCounter)),
        batch_(read_rows(model.spec(), data, split, rows_, settings.seed)) {
    certificate_.inputs = static_cast<std::int64_t>(rows_.size());
    certificate_.split = split;
    certificate_.latent = model.spec().latent;
    certificate_.seed = settings.seed;
    certificate_.is_mere_score = is_mere_score(model.spec(), data.split(split));
    if (model.spec().has_prior()) posterior_ = model.encode(batch_.x, batch_.label);
  }

  Expected<Certificate> run(const Progress& progress) {
    const auto linear = LinearGaussian::of(model_);
    if (auto checked = check(linear.has_value()); !checked) {
      return tl::unexpected(checked.error());
    }
    if (auto done = measure_exact(linear, part_of(progress, 0, 0.03)); !done) {
      return tl::unexpected(done.error());
    }
    if (model_.spec().has_prior()) {
      if (auto done = measure_bounds(progress); !done) return tl::unexpected(done.error());
    }
    certificate_.is_done = true;
    tell();
    return certificate_;
  }

 private:
  Expected<void> measure_bounds(const Progress& progress) {
    constexpr double kExact = 0.03, kImportance = 0.15, kPrior = 0.25, kAnnealed = 0.7;
    certificate_.chains = settings_.chains;
    for (const Estimator estimator :
         {Estimator::prior, Estimator::importance, Estimator::annealed}) {
      certificate_.curves.push_back({estimator, {}, false, false});
    }
    const bool has_drawn = settings_.drawn > 0;
    auto done = measure_importance(part_of(progress, kExact, kImportance));
    if (done) done = measure_prior(part_of(progress, kImportance, kPrior));
    if (done) done = measure_annealed(part_of(progress, kPrior, has_drawn ? kAnnealed : 1));
    if (done && has_drawn) done = measure_both(part_of(progress, kAnnealed, 1));
    return done;
  }

  void tell() const {
    if (listen_) listen_(certificate_);
  }

  CertificateCurve& curve(Estimator estimator) {
    return certificate_.curves[static_cast<std::size_t>(estimator)];
  }

  Expected<void> check(bool has_closed_form) const {
    const ModelSpec& spec = model_.spec();
    if (spec.is_linear() && !has_closed_form) {
      return fail(
          tr("this pca has no density: it keeps all of its data's variance, or its file "
             "does not say how much there is; train it anew, with fewer dimensions"));
    }
    if (!spec.is_linear() && !spec.has_prior()) {
      return fail(tr("{} has no prior, so there is no log p(x) to estimate; use a vae or a cvae",
                     name_of(spec.kind)));
    }
    if (spec.has_prior() && spec.likelihood == Likelihood::mse) {
      return fail(
          tr("the mse is no log p(x|z), so there is no log p(x) to estimate; use the "
             "gaussian likelihood"));
    }
    if (rows_.empty()) return fail(tr("there are no inputs whose log p(x) could be estimated"));
    return {};
  }

  Expected<void> measure_exact(const std::optional<LinearGaussian>& linear,
                               const Progress& progress) {
    const Stopwatch watch;
    ExactValue exact;
    at::Tensor values;
    if (linear) {
      values = linear->log_likelihood(batch_);
      exact.is_closed_form = true;
    } else if (model_.spec().latent <= kMostExactDimensions) {
      const auto found = exact_log_likelihood(model_, batch_, posterior_, {}, progress);
      if (!found) return tl::unexpected(found.error());
      values = found->log_likelihood;
      exact.error = mean_of(found->error);
    } else {
      return {};
    }
    exact.mean = mean_of(values);
    exact.standard_error = standard_error(values);
    exact.seconds = watch.seconds();
    certificate_.exact = exact;
    tell();
    return {};
  }

  // Adds a point; true: that settles the curve.
  bool add(CertificateCurve& curve, std::int64_t effort, const Estimates& now,
           const at::Tensor& before, std::int64_t decodings, double seconds) const {
    CertificatePoint point;
    point.effort = effort;
    point.mean = mean_of(now.log_likelihood);
    point.standard_error = standard_error(now.log_likelihood);
    point.effective = mean_of(now.effective);
    point.least_effective = now.effective.min().item<double>();
    point.decodings = decodings;
    point.seconds = seconds;
    std::int64_t worst = now.effective.argmin().item<std::int64_t>();
    if (before.defined()) {
      const at::Tensor moves = now.log_likelihood - before;
      point.move = mean_of(moves);
      point.move_error = standard_error(moves);
      worst = moves.abs().argmax().item<std::int64_t>();
      point.worst_move = moves[worst].item<double>();
    }
    point.worst = rows_[static_cast<std::size_t>(worst)];
    curve.points.push_back(point);
    curve.is_settled = static_cast<int>(curve.points.size()) >= kFewestPoints &&
                       std::abs(point.move) + kErrors * point.move_error < kSettledMove;
    return curve.is_settled;
  }

  // Doubles the draws of an estimate until it settles.
  template <class Growing>
  Expected<void> grow(Growing growing, Estimator estimator, std::int64_t first, std::int64_t most,
                      const Progress& progress) {
    CertificateCurve& own = curve(estimator);
    const Stopwatch watch;
    at::Tensor before;
    for (std::int64_t samples = std::min(first, most); samples <= most; samples *= 2) {
      const double end = static_cast<double>(samples) / static_cast<double>(most);
      if (!growing.grow_to(samples, part_of(progress, end / 2, end))) return cancelled();
      const Estimates now{growing.sums().log_likelihood(), growing.sums().effective()};
      const bool settled = add(own, samples, now, before, samples, watch.seconds());
      tell();
      if (settled) break;
      before = now.log_likelihood;
    }
    own.is_done = true;
    return {};
  }

  Expected<void> measure_importance(const Progress& progress) {
    RowDraws draws{settings_.seed, Stream::evaluation, {}};
    for (const std::int64_t row : rows_) {
      draws.counters.push_back(kGrowingCounter + static_cast<std::uint64_t>(row));
    }
    return grow(GrowingImportance(model_, batch_, posterior_, draws), Estimator::importance, 1,
                settings_.most_importance_samples, progress);
  }

  Expected<void> measure_prior(const Progress& progress) {
    return grow(GrowingPrior(model_, batch_, settings_.seed), Estimator::prior, kFirstPriorSamples,
                settings_.most_prior_samples, progress);
  }

  // The share of all doublings' work that is done once so many temperatures are.
  double share_of(std::int64_t temperatures) const {
    return static_cast<double>(temperatures) / static_cast<double>(settings_.most_temperatures);
  }

  Estimates of_chains(const at::Tensor& weights) const {  // [N, chains]
    const at::Tensor log_sum = at::logsumexp(weights, 1);
    return {log_sum - std::log(static_cast<double>(weights.size(1))),
            (2 * log_sum - at::logsumexp(2 * weights, 1)).exp()};
  }

  Expected<void> measure_annealed(const Progress& progress) {
    CertificateCurve& own = curve(Estimator::annealed);
    const Stopwatch watch;
    Annealing annealing(model_, batch_, posterior_, {settings_.chains, settings_.seed, 0});
    constexpr double kTuning = 0.05;
    if (!annealing.tune(part_of(progress, 0, kTuning))) return cancelled();
    at::Tensor before;
    for (std::int64_t temperatures = settings_.least_temperatures;
         temperatures <= settings_.most_temperatures; temperatures *= 2) {
      const double end = share_of(temperatures);
      const auto weights =
          annealing.log_weights(temperatures, part_of(progress, std::max(kTuning, end / 2), end));
      if (!weights) return tl::unexpected(weights.error());
      const Estimates now = of_chains(*weights);
      const bool settled =
          add(own, temperatures, now, before, annealing.decodings(temperatures), watch.seconds());
      tell();
      if (settled) break;
      before = now.log_likelihood;
    }
    own.is_done = true;
    return {};
  }

  // Of inputs drawn from the model, until the bounds meet or the effort is that of the real inputs.
  Expected<void> measure_both(const Progress& progress) {
    const Stopwatch watch;
    const DrawnInputs drawn = draw_inputs(model_, settings_.drawn, settings_.seed);
    const Posterior posterior = model_.encode(drawn.batch.x, drawn.batch.label);
    certificate_.drawn = settings_.drawn;
    Annealing annealing(model_, drawn.batch, posterior, {settings_.chains, settings_.seed, 1});
    constexpr double kTuning = 0.05;
    if (!annealing.tune(part_of(progress, 0, kTuning))) return cancelled();
    const std::int64_t most = curve(Estimator::annealed).points.back().effort;
    for (std::int64_t temperatures = settings_.least_temperatures; temperatures <= most;
         temperatures *= 2) {
      const double end = static_cast<double>(temperatures) / static_cast<double>(most);
      const double from = std::max(kTuning, end / 2), middle = from + 0.9 * (end - from);
      const auto forward = annealing.log_weights(temperatures, part_of(progress, from, middle));
      if (!forward) return tl::unexpected(forward.error());
      const auto reverse =
          annealing.reverse_log_weights(temperatures, drawn.z, part_of(progress, middle, end));
      if (!reverse) return tl::unexpected(reverse.error());
      add_both(temperatures, *forward, *reverse, annealing.decodings(temperatures),
               watch.seconds());
      tell();
      if (*certificate_.within() < kSettledMove) break;
    }
    return {};
  }

  void add_both(std::int64_t temperatures, const at::Tensor& forward, const at::Tensor& reverse,
                std::int64_t decodings, double seconds) {
    const Estimates low = of_chains(forward);
    // One chain from the posterior beside the others from the prior: an upper bound, and a tighter
    // one than that chain's own (Brekelmans et al. 2022, equation 11).
    const at::Tensor mixed =
        at::cat({reverse.unsqueeze(1), forward.narrow(1, 1, forward.size(1) - 1)}, 1);
    const at::Tensor high = of_chains(mixed).log_likelihood;
    const at::Tensor apart = high - low.log_likelihood;
    BothBounds both;
    both.temperatures = temperatures;
    both.lower = mean_of(low.log_likelihood);
    both.upper = mean_of(high);
    both.standard_error = standard_error(apart);
    both.effective = mean_of(low.effective);
    both.worst = apart.argmax().item<std::int64_t>();
    both.worst_gap = apart[both.worst].item<double>();
    both.decodings = decodings;
    both.seconds = seconds;
    certificate_.both.push_back(both);
  }

  const Autoencoder& model_;
  const CertificateSettings settings_;
  const CertificateListener& listen_;
  const std::vector<std::int64_t> rows_;
  const Batch batch_;
  Posterior posterior_;
  Certificate certificate_;
};

}  // namespace

DrawnInputs draw_inputs(const Autoencoder& model, std::int64_t count, std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  const ModelSpec& spec = model.spec();
  DrawnInputs drawn;
  drawn.z = at::empty({count, spec.latent});
  Random(seed, Stream::evaluation, 0)  // as app/cli/sample.cpp draws them
      .fill_normal({drawn.z.data_ptr<float>(), static_cast<std::size_t>(drawn.z.numel())});
  if (spec.reads_label()) {
    std::vector<int> labels;
    for (std::int64_t i = 0; i < count; ++i) labels.push_back(static_cast<int>(i) % spec.classes);
    drawn.batch.label = one_hot(labels, spec.classes);
  }
  const at::Tensor x =
      model.reconstruction(model.decode(drawn.z, drawn.batch.label)).clone().contiguous();
  Random random(seed, Stream::evaluation, kDrawnCounter);
  const std::span values(x.data_ptr<float>(), static_cast<std::size_t>(x.numel()));
  if (spec.likelihood == Likelihood::bernoulli) {
    for (float& value : values) {
      value = random.uniform() < static_cast<double>(value) ? 1.0F : 0.0F;
    }
  } else {
    const auto inputs = static_cast<std::size_t>(spec.inputs());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto noise = static_cast<float>(random.normal() * spec.sigma);
      if (spec.scaling && spec.scaling->is_constant(i % inputs)) continue;
      values[i] += noise;
    }
  }
  drawn.batch.x = x;
  return drawn;
}

Expected<Certificate> certified(const Autoencoder& model, const Dataset& data, SplitName split,
                                const CertificateSettings& settings,
                                const CertificateListener& listen, const Progress& progress) {
  const at::NoGradGuard no_grad;
  return Certifier(model, data, split, settings, listen).run(progress);
}

}  // namespace zscape
