#include "engine/backend/frozen_autoencoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/backend/half_precision_decoder.h"
#include "engine/eval/certify.h"
#include "engine/eval/classify.h"
#include "engine/eval/evaluate.h"
#include "engine/eval/evidence_lens.h"
#include "engine/eval/exact_figures.h"
#include "engine/eval/figures.h"
#include "engine/eval/geodesic.h"
#include "engine/eval/input_jacobian.h"
#include "engine/eval/latent_forces.h"
#include "engine/eval/latent_metric.h"
#include "engine/eval/measures/measure.h"
#include "engine/measures.h"
#include "engine/model/aten_threads.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

// Success, or which half a model of a PyTorch program lacks.
Expected<void> check_halves(const ModelSpec& spec, bool needs_decoder) {
  if (!spec.has_encoder()) {
    return fail(tr("this model has no encoder, so that it can only decode; open one with both"));
  }
  if (needs_decoder && !spec.has_decoder()) {
    return fail(tr("this model has no decoder, so that it can only encode; open one with both"));
  }
  return {};
}

// Rows of two answers.
InputGaps merged(const InputGaps& a, const InputGaps& b, const Indices& indices, int latent) {
  InputGaps all;
  all.split = a.split;
  all.indices = indices;
  const auto k = static_cast<std::size_t>(latent);
  for (const std::int64_t row : *indices) {
    const bool in_first = std::ranges::binary_search(*a.indices, row);
    const InputGaps& of = in_first ? a : b;
    const auto at =
        static_cast<std::size_t>(std::ranges::lower_bound(*of.indices, row) - of.indices->begin());
    all.log_likelihood.push_back(of.log_likelihood[at]);
    all.elbo.push_back(of.elbo[at]);
    all.amortisation.push_back(of.amortisation[at]);
    all.approximation.push_back(of.approximation[at]);
    for (std::size_t i = at * k; i < (at + 1) * k; ++i) {
      all.mean.push_back(of.mean[i]);
      all.sigma.push_back(of.sigma[i]);
    }
  }
  return all;
}

}  // namespace

std::uint64_t new_revision() {
  static std::atomic<std::uint64_t> revision = 0;
  return ++revision;
}

FrozenAutoencoder::FrozenAutoencoder(Autoencoder model, std::int64_t step, std::uint64_t revision,
                                     EvaluationPlace place)
    : model_(std::move(model)), step_(step), revision_(revision), place_(std::move(place)) {}

template <class Work>
auto FrozenAutoencoder::measured(const Work& work) const {
  if (!place_.device.is_cpu()) {
    try {
      return work(model_.copy_on(place_.device));
    } catch (const c10::Error& error) {  // the CPU has the weights too
      if (place_.warning) {
        place_.warning->say(
            tr("The GPU could not encode or measure, so the CPU does it, more slowly: {}",
               first_line(error)));
      }
    }
  }
  return work(model_);
}

std::size_t FrozenAutoencoder::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : model_.named_tensors()) bytes += tensor.nbytes();
  return bytes;
}

DecoderPtr FrozenAutoencoder::half_precision_decoder() const {
  const WithThreads one(1);
  return std::make_shared<HalfPrecisionDecoder>(model_, revision_);
}

void FrozenAutoencoder::decode(std::span<const float> z, std::span<const int> labels,
                               std::span<float> pictures) const {
  decode_pictures(model_, z, labels, pictures);
}

std::vector<double> FrozenAutoencoder::decode_values(std::span<const float> z,
                                                     std::span<const int> labels) const {
  const at::NoGradGuard no_grad;
  const std::int64_t latent = spec().latent;
  const at::Tensor codes = at::from_blob(const_cast<float*>(z.data()),
                                         {static_cast<std::int64_t>(z.size()) / latent, latent});
  const at::Tensor label = spec().reads_label() ? one_hot(labels, spec().classes) : at::Tensor();
  return in_own_units(spec(), spec().of_bytes, model_.reconstruction(model_.decode(codes, label)));
}

Expected<Codes> FrozenAutoencoder::encode(const Dataset& data, SplitName split,
                                          const Indices& indices, const Progress& progress) const {
  if (auto whole = check_halves(spec(), false); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  auto codes = measured(
      [&](const Autoencoder& model) { return encode_rows(model, data, split, indices, progress); });
  if (codes) {
    codes->step = step_;
    codes->revision = revision_;
  }
  return codes;
}

Expected<Reconstructions> FrozenAutoencoder::reconstruct(const Dataset& data, SplitName split,
                                                         const Indices& indices,
                                                         std::uint64_t seed) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return reconstruct_rows(model_, data, split, indices, seed);
}

Expected<LossSums> FrozenAutoencoder::add_losses(const LossSums& sums, const Dataset& data,
                                                 SplitName split, const Indices& indices,
                                                 const EvaluationSettings& settings,
                                                 const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return measured([&](const Autoencoder& model) {
    return zscape::add_losses(sums, model, data, split, indices, settings, progress);
  });
}

Expected<Figures> FrozenAutoencoder::figures(const Dataset& data, SplitName split,
                                             int importance_samples,
                                             const EvaluationSettings& settings,
                                             const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return evaluate_figures(model_, data, split, importance_samples, settings, progress);
}

Expected<Certificate> FrozenAutoencoder::certify(const Dataset& data, SplitName split,
                                                 const CertificateSettings& settings,
                                                 const CertificateListener& listen,
                                                 const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return certified(model_, data, split, settings, listen, progress);
}

Expected<InputGaps> FrozenAutoencoder::gaps(const Dataset& data, SplitName split,
                                            const Indices& indices, std::uint64_t seed,
                                            const InputGapsPtr& before,
                                            const Progress& progress) const {
  const auto began = std::chrono::steady_clock::now();
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  if (std::string why = why_no_exact_likelihood(spec()); !why.empty()) return fail(std::move(why));
  // What these weights have answered before stands.
  const bool is_of_these = before && before->revision == revision_;
  std::vector<std::int64_t> open;
  for (const std::int64_t row : *indices) {
    if (!is_of_these || !std::ranges::binary_search(*before->indices, row)) open.push_back(row);
  }
  auto gaps = input_gaps(model_, data, split, make_indices(std::move(open)), seed,
                         is_of_these ? nullptr : before, progress);
  if (!gaps) return gaps;
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - began;
  InputGaps all = is_of_these ? merged(*before, *gaps, indices, spec().latent) : *std::move(gaps);
  all.revision = revision_;
  all.step = step_;
  all.seconds = taken.count();
  return all;
}

Expected<FewLabelAccuracy> FrozenAutoencoder::classify(const Dataset& data, const FewLabels& task,
                                                       const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return zscape::classify(model_, data, task, progress);
}

Expected<std::unique_ptr<EvidenceLens>> FrozenAutoencoder::evidence_lens() const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  return evidence_lens_of(model_, revision_);
}

Expected<InputJacobian> FrozenAutoencoder::input_jacobian(const Dataset& data, SplitName split,
                                                          const std::vector<std::int64_t>& rows,
                                                          const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  auto made = zscape::input_jacobian(model_, data, split, rows, progress);
  if (made) {
    made->step = step_;
    made->revision = revision_;
  }
  return made;
}

Expected<std::vector<float>> FrozenAutoencoder::geodesic(std::span<const float> from,
                                                         std::span<const float> to, int label,
                                                         int points,
                                                         const Progress& progress) const {
  const auto latent = static_cast<std::size_t>(spec().latent);
  TORCH_CHECK(from.size() == latent && to.size() == latent && points >= 2,
              "geodesic: both ends must be [", latent, "], and at least 2 points");
  const auto end = [&](std::span<const float> z) {
    return at::from_blob(const_cast<float*>(z.data()), {spec().latent}).clone();
  };
  const Surface surface = [this, label](const at::Tensor& z) {
    at::Tensor labels;
    if (spec().reads_label()) {
      const std::vector<int> repeated(static_cast<std::size_t>(z.size(0)), label);
      labels = one_hot(repeated, spec().classes);
    }
    return model_.reconstruction(model_.decode(z, labels));
  };
  const auto path = shortest_path(surface, end(from), end(to), points, progress);
  if (!path) return tl::unexpected(path.error());
  const at::Tensor flat = path->contiguous();
  return std::vector<float>(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
}

Expected<Forces> FrozenAutoencoder::forces(const Dataset& data, SplitName split,
                                           const Indices& indices, const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  auto forces = measure_forces(model_, data, split, indices, progress);
  if (forces) {
    forces->step = step_;
    forces->revision = revision_;
  }
  return forces;
}

Expected<FrozenModel::RoundTrip> FrozenAutoencoder::round_trip(std::span<const float> z, int label,
                                                               const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  return round_trip_of(model_, z, label, progress);
}

Expected<std::vector<double>> FrozenAutoencoder::metric(std::span<const float> z,
                                                        std::span<const float> directions,
                                                        int label, const Progress& progress) const {
  return decoder_metric(model_, z, directions, label, progress);
}

Expected<PathLengths> FrozenAutoencoder::path_lengths(std::span<const float> ends, int label,
                                                      const Progress& progress) const {
  auto lengths = measure_path_lengths(model_, ends, label, progress);
  if (lengths) {
    lengths->step = step_;
    lengths->revision = revision_;
  }
  return lengths;
}

Expected<Measured> FrozenAutoencoder::measure(const MeasureRequest& request, const Dataset& data,
                                              const MeasureSettings& settings,
                                              const Progress& progress) const {
  if (auto fine = check(request); !fine) return tl::unexpected(fine.error());
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return zscape::measured(model_, request, data, settings, progress);
}

}  // namespace zscape
