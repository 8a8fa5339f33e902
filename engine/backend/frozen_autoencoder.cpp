#include "engine/backend/frozen_autoencoder.h"

#include <torch/torch.h>

#include <algorithm>
#include <utility>

#include "engine/eval/evaluate.h"
#include "engine/model/batch.h"

namespace zscape {
namespace {

Error of_model(const Error& error) {
  return {"the model " + error.message};
}

}  // namespace

FrozenAutoencoder::FrozenAutoencoder(Autoencoder model, std::int64_t step, std::uint64_t revision)
    : model_(std::move(model)), step_(step), revision_(revision) {}

void FrozenAutoencoder::decode(std::span<const float> z, std::span<const int> labels,
                               std::span<float> pictures) const {
  const at::NoGradGuard no_grad;
  const auto latent = static_cast<std::int64_t>(spec().latent);
  const auto rows = static_cast<std::int64_t>(z.size()) / latent;
  TORCH_CHECK(rows * latent == static_cast<std::int64_t>(z.size()) &&
                  pictures.size() == static_cast<std::size_t>(rows * spec().inputs()),
              "decode: z must be [n, ", latent, "] and pictures [n, ", spec().inputs(), "]");
  if (rows == 0) return;
  const at::Tensor codes = at::from_blob(const_cast<float*>(z.data()), {rows, latent});
  at::Tensor label;
  if (spec().reads_label()) {
    TORCH_CHECK(static_cast<std::int64_t>(labels.size()) == rows, "decode: one label a code");
    label = one_hot(labels, spec().classes);
  }
  const at::Tensor logits = model_.decode(codes, label);
  at::Tensor out = at::from_blob(pictures.data(), {rows, spec().inputs()});
  at::sigmoid_out(out, logits);
}

Expected<Codes> FrozenAutoencoder::encode(const Dataset& data, SplitName split,
                                          const Indices& indices, const Progress& progress) const {
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(of_model(fits.error()));
  auto codes = encode_rows(model_, data, split, indices, progress);
  if (codes) {
    codes->step = step_;
    codes->revision = revision_;
  }
  return codes;
}

Expected<Losses> FrozenAutoencoder::evaluate(const Dataset& data, SplitName split,
                                             const Indices& indices, double kl_weight,
                                             std::uint64_t seed, const Progress& progress) const {
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(of_model(fits.error()));
  return evaluate_losses(model_, data, split, indices, kl_weight, seed, progress);
}

Expected<Figures> FrozenAutoencoder::figures(const Dataset& data, SplitName split,
                                             int importance_samples, std::uint64_t seed,
                                             const Progress& progress) const {
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(of_model(fits.error()));
  return evaluate_figures(model_, data, split, importance_samples, seed, progress);
}

}  // namespace zscape
