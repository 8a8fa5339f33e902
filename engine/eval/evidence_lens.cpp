#include "engine/eval/evidence_lens.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <map>
#include <utility>
#include <vector>

#include "engine/eval/decoded_lattice.h"
#include "engine/eval/input_lattice.h"
#include "engine/eval/lattice_gaussian.h"
#include "engine/eval/posterior_regions.h"
#include "engine/eval/rows.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::array kMasses = {0.95, 0.5};
constexpr std::size_t kMostLabels = 3;  // of cvae, whose lattices are kept

// Of the calling thread: what it takes from training.
double processor_ms() {
  std::timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

// Of one dimension, the second says nothing.
LatentGaussian shown(LatentGaussian gaussian, int latent) {
  if (latent == 1) gaussian.covariance[1] = gaussian.covariance[2] = 0;
  return gaussian;
}

class LatticeLens final : public EvidenceLens {
 public:
  LatticeLens(const Autoencoder& model, std::uint64_t revision)
      : model_(model), revision_(revision) {}

  std::uint64_t revision() const override { return revision_; }

  Expected<Evidence> look(const Dataset& data, SplitName split, std::int64_t index,
                          std::uint64_t seed, const Progress& progress) override {
    const at::NoGradGuard no_grad;
    const double began_ms = processor_ms();
    if (auto fits = check_fit(model_.spec(), data); !fits) return tl::unexpected(fits.error());
    const std::array rows = {index};
    const Batch batch = read_rows(model_.spec(), data, split, rows, seed);
    const LatentGaussian code = gaussian_of(model_.encode(batch.x, batch.label), 0);
    if (!std::isfinite(code.mean[0] + code.mean[1] + code.covariance[0] + code.covariance[2])) {
      return fail(tr("the encoder's code of this input is not finite"));
    }
    DecodedLattice& lattice = lattice_of(batch.label);
    lattice.trim();
    InputLattice values(lattice, batch.x);
    const ResolvedPosterior posterior = resolve(values, code);
    if (!std::isfinite(posterior.log_likelihood)) {
      return fail(tr("the decoder's outputs are not finite"));
    }
    if (!report(progress, 0.5)) {
      return fail(tr("looking at a posterior was cancelled"), ErrorCode::cancelled);
    }
    Evidence found;
    found.revision = revision_;
    found.latent = lattice.dimensions();
    found.log_likelihood = posterior.log_likelihood;
    found.error = posterior.error;
    set_bounds(values, posterior, code, found);
    found.regions = regions_of(values, posterior.level, posterior.log_likelihood, kMasses);
    if (found.latent == 1) {
      PosteriorCurve curve = curve_of(values, posterior.level, posterior.log_likelihood);
      found.curve_z = std::move(curve.z);
      found.curve_density = std::move(curve.density);
    }
    found.milliseconds = processor_ms() - began_ms;
    return found;
  }

 private:
  DecodedLattice& lattice_of(const at::Tensor& label) {
    const std::int64_t number = label.defined() ? label.argmax(1).item<std::int64_t>() : 0;
    const auto found = lattices_.find(number);
    if (found != lattices_.end()) return found->second;
    if (lattices_.size() == kMostLabels) lattices_.clear();
    return lattices_.try_emplace(number, model_, label).first->second;
  }

  static void set_bounds(InputLattice& values, const ResolvedPosterior& posterior,
                         const LatentGaussian& code, Evidence& found) {
    const LatticeBounds bounds = bounds_on_lattice(values, posterior, {code}, true);
    found.elbo = bounds.own.elbo;
    found.amortisation_gap = bounds.diagonal.elbo - bounds.own.elbo;
    found.approximation_gap = posterior.log_likelihood - bounds.diagonal.elbo;
    found.full_approximation_gap = posterior.log_likelihood - bounds.full.elbo;
    found.encoder = shown(code, values.dimensions());
    found.best_diagonal = shown(bounds.diagonal.gaussian, values.dimensions());
    found.best_full = shown(bounds.full.gaussian, values.dimensions());
  }

  const Autoencoder& model_;
  const std::uint64_t revision_;
  std::map<std::int64_t, DecodedLattice> lattices_;  // by label
};

}  // namespace

Expected<std::unique_ptr<EvidenceLens>> evidence_lens_of(const Autoencoder& model,
                                                         std::uint64_t revision) {
  const ModelSpec& spec = model.spec();
  constexpr int kMostDimensions = 2;
  if (!spec.has_prior() || spec.latent > kMostDimensions || spec.likelihood == Likelihood::mse) {
    return fail(tr("only a model with a prior of one or two dimensions has a posterior to see"));
  }
  return std::make_unique<LatticeLens>(model, revision);
}

}  // namespace zscape
