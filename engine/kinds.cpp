#include "engine/kinds.h"

#include <array>
#include <cstddef>

#include "engine/text.h"

namespace zscape {
namespace {

// The name is empty if `kind` is not an enumerator.
constexpr KindTraits row_of(ModelKind kind) {
  switch (kind) {
    case ModelKind::ae:
      return {.name = "ae",
              .help = tr("Autoencoder: a code for each image, mean squared error, no prior."),
              .beside = tr("An autoencoder: no prior, so its codes lie where they like.")};
    case ModelKind::dae:
      return {.name = "dae",
              .help = tr(
                  "Denoising autoencoder: reads corrupted images and is scored on the clean ones."),
              .beside = tr("A denoising autoencoder: its codes must survive noise in the input."),
              .corruption = Corruption::noise};
    case ModelKind::mae:
      return {.name = "mae",
              .help = tr("Masked autoencoder: most patches of an image are hidden, and the hidden "
                         "pixels are what it is scored on."),
              .beside = tr("A masked autoencoder: its codes must tell what hidden patches hold."),
              .only_mse = true,
              .corruption = Corruption::patches};
    case ModelKind::vae:
      return {
          .name = "vae",
          .help = tr("Variational autoencoder: each image becomes a Gaussian q(z|x) = N(μ, σ²), "
                     "held near the prior N(0, I) by λ · KL, KL = ½ Σ (μ² + σ² − log σ² − 1)."),
          .beside = tr("A variational autoencoder: its codes are drawn to the prior N(0, I)."),
          .has_prior = true};
    case ModelKind::cvae:
      return {.name = "cvae",
              .help = tr("Conditional VAE: encoder and decoder are told the label, so a chosen "
                         "digit can be drawn."),
              .beside = tr("It reads the label too: z only has to tell how the digit is written."),
              .has_prior = true,
              .reads_label = true,
              .takes_conv = false};
    case ModelKind::pca:
      return {.name = "pca",
              .help = tr("Principal components: the linear baseline, fitted at once. x′ = W Wᵀ (x "
                         "− mean) + mean."),
              .beside = tr("The linear baseline, fitted in one step."),
              .is_linear = true,
              .takes_conv = false,
              .only_mse = true};
  }
  return {};
}

constexpr std::size_t count_kinds() {
  std::size_t count = 0;
  while (!row_of(static_cast<ModelKind>(count)).name.empty()) ++count;
  return count;
}

constexpr auto kKinds = [] {
  std::array<KindTraits, count_kinds()> rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = row_of(static_cast<ModelKind>(i));
    rows[i].kind = static_cast<ModelKind>(i);
  }
  return rows;
}();

}  // namespace

std::span<const KindTraits> kinds() {
  return kKinds;
}

const KindTraits& traits_of(ModelKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(ModelKind kind) {
  return traits_of(kind).name;
}

}  // namespace zscape
