#include "engine/eval/latent_metric.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "engine/eval/geodesic.h"
#include "engine/eval/rows.h"
#include "engine/eval/team.h"
#include "engine/model/batch.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kPlacesAtOnce = 128;  // their outputs stay in the cache

// One-hot rows, or undefined where the model reads no label.
at::Tensor labels_for(const ModelSpec& spec, int label, std::int64_t rows) {
  if (!spec.reads_label()) return {};
  const std::vector<int> one = {label};
  return one_hot(one, spec.classes).expand({rows, -1});
}

at::Tensor rows_of(std::span<const float> z, std::int64_t latent) {
  return at::from_blob(const_cast<float*>(z.data()),
                       {static_cast<std::int64_t>(z.size()) / latent, latent})
      .clone();
}

at::Tensor picture_of(const Autoencoder& model, const at::Tensor& z, int label) {
  return model.reconstruction(model.decode(z, labels_for(model.spec(), label, z.size(0))));
}

// Calls work(first place, z of the piece) for all places; false: cancelled.
template <class Work>
bool in_pieces(const Autoencoder& model, std::span<const float> z, const Progress& progress,
               const Work& work) {
  const auto latent = static_cast<std::size_t>(model.spec().latent);
  const std::size_t count = z.size() / latent;
  return by_team((count + kPlacesAtOnce - 1) / kPlacesAtOnce, progress, [&](std::size_t piece) {
    const std::size_t begin = piece * kPlacesAtOnce;
    const std::size_t size = std::min(kPlacesAtOnce, count - begin);
    work(begin, rows_of(z.subspan(begin * latent, size * latent), model.spec().latent));
  });
}

}  // namespace

Expected<std::vector<double>> decoder_metric(const Autoencoder& model, std::span<const float> z,
                                             std::span<const float> directions, int label,
                                             const Progress& progress) {
  const std::int64_t latent = model.spec().latent;
  const auto axes = static_cast<std::int64_t>(directions.size()) / latent;
  TORCH_CHECK(axes >= 1 && static_cast<std::int64_t>(directions.size()) == axes * latent,
              "directions must be [m, ", latent, "]");
  const at::Tensor rows = rows_of(directions, latent);
  const auto entries = static_cast<std::size_t>(axes * axes);
  std::vector<double> metric(z.size() / static_cast<std::size_t>(latent) * entries);
  const bool done = in_pieces(model, z, progress, [&](std::size_t begin, const at::Tensor& places) {
    const at::AutoGradMode with_gradients(true);
    const at::Tensor at_places = places.requires_grad_();
    const at::Tensor picture = picture_of(model, at_places, label);
    const at::Tensor weight = at::zeros_like(picture).requires_grad_();
    const at::Tensor pulled = torch::autograd::grad({picture}, {at_places}, {weight},
                                                    /*retain_graph=*/true,
                                                    /*create_graph=*/true)[0];  // Jᵀu
    std::vector<at::Tensor> moved;
    for (std::int64_t axis = 0; axis < axes; ++axis) {
      moved.push_back(torch::autograd::grad({pulled}, {weight}, {rows[axis].expand_as(pulled)},
                                            /*retain_graph=*/axis + 1 < axes)[0]
                          .detach()
                          .to(at::kDouble));
    }
    const at::Tensor along = at::stack(moved, 1);  // [n, m, d]
    const at::Tensor products = at::bmm(along, along.transpose(1, 2)).contiguous();
    std::copy_n(products.data_ptr<double>(), products.numel(),
                metric.begin() + static_cast<std::ptrdiff_t>(begin * entries));
  });
  if (!done) return fail(tr("measuring the stretch was cancelled"), ErrorCode::cancelled);
  return metric;
}

Expected<FrozenModel::RoundTrip> round_trip_of(const Autoencoder& model, std::span<const float> z,
                                               int label, const Progress& progress) {
  const ModelSpec& spec = model.spec();
  FrozenModel::RoundTrip trip;
  trip.mean.resize(z.size());
  if (spec.has_prior()) trip.sigma.resize(z.size());
  const bool done = in_pieces(model, z, progress, [&](std::size_t begin, const at::Tensor& places) {
    const at::NoGradGuard no_grad;
    const Posterior posterior =
        model.encode(picture_of(model, places, label), labels_for(spec, label, places.size(0)));
    put(trip.mean, begin, posterior.mean);
    if (spec.has_prior()) put(trip.sigma, begin, (posterior.log_variance * 0.5).exp());
  });
  if (!done) return fail(tr("the round trip was cancelled"), ErrorCode::cancelled);
  return trip;
}

Expected<PathLengths> measure_path_lengths(const Autoencoder& model, std::span<const float> ends,
                                           int label, const Progress& progress) {
  const std::int64_t latent = model.spec().latent;
  const at::Tensor pairs = rows_of(ends, latent).view({-1, 2, latent});
  const auto count = static_cast<std::size_t>(pairs.size(0));
  PathLengths lengths;
  lengths.points = kPathPoints;
  lengths.shortest.resize(count);
  lengths.straight.resize(count);
  const Surface surface = [&](const at::Tensor& z) { return picture_of(model, z, label); };
  const auto length_of = [&](const at::Tensor& path) {
    const at::NoGradGuard no_grad;
    return at::diff(surface(path).to(at::kDouble), 1, 0).norm(2, 1).sum().item<double>();
  };
  const bool done = by_team(count, progress, [&](std::size_t pair) {
    const at::Tensor from = pairs[static_cast<std::int64_t>(pair)][0];
    const at::Tensor to = pairs[static_cast<std::int64_t>(pair)][1];
    const at::Tensor share = at::linspace(0, 1, kPathPoints).unsqueeze(1);
    lengths.straight[pair] = length_of(from + share * (to - from));
    lengths.shortest[pair] = lengths.straight[pair];
    const auto path = shortest_path(surface, from, to, kPathPoints, {});
    if (path) lengths.shortest[pair] = std::min(lengths.shortest[pair], length_of(*path));
  });
  if (!done) {
    return fail(tr("the search for shortest paths was cancelled"), ErrorCode::cancelled);
  }
  return lengths;
}

}  // namespace zscape
