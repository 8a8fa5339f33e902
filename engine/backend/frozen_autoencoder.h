#pragma once

#include <cstdint>

#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// An autoencoder whose weights nobody else holds, as the engine's public interface shows it.
class FrozenAutoencoder final : public FrozenModel {
 public:
  FrozenAutoencoder(Autoencoder model, std::int64_t step, std::uint64_t revision);

  const ModelSpec& spec() const override { return model_.spec(); }
  std::int64_t step() const override { return step_; }
  std::uint64_t revision() const override { return revision_; }
  const Autoencoder& model() const { return model_; }

  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override;
  Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                         const Progress& progress) const override;
  Expected<Losses> evaluate(const Dataset& data, SplitName split, const Indices& indices,
                            double kl_weight, std::uint64_t seed,
                            const Progress& progress) const override;
  Expected<Figures> figures(const Dataset& data, SplitName split, int importance_samples,
                            std::uint64_t seed, const Progress& progress) const override;

 private:
  Autoencoder model_;
  std::int64_t step_;
  std::uint64_t revision_;
};

}  // namespace zscape
