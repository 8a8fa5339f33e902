#pragma once

#include <cstdint>
#include <vector>

#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// The decoder of an autoencoder in half precision (IEEE binary16): FrozenModel::decoder_alone().
// Pictures differ from the full decoder's by less than one of 255 grey levels, as a rule.
class HalfDecoder final : public FrozenModel {
 public:
  HalfDecoder(const Autoencoder& model, std::int64_t step, std::uint64_t revision);

  const ModelSpec& spec() const override { return spec_; }
  std::int64_t step() const override { return step_; }
  std::uint64_t revision() const override { return revision_; }
  std::size_t bytes() const override;
  FrozenModelPtr decoder_alone() const override;
  std::span<const double> explained_variance() const override { return {}; }

  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override;

  // Errors: there is no encoder. A shortest path needs none, but is asked of present weights only.
  Expected<Codes> encode(const Dataset&, SplitName, const Indices&, const Progress&) const override;
  Expected<Reconstructions> reconstruct(const Dataset&, SplitName, const Indices&,
                                        std::uint64_t) const override;
  Expected<Losses> evaluate(const Dataset&, SplitName, const Indices&, const EvaluationSettings&,
                            const Progress&) const override;
  Expected<Figures> figures(const Dataset&, SplitName, int, const EvaluationSettings&,
                            const Progress&) const override;
  Expected<FewLabelAccuracy> classify(const Dataset&, const FewLabels&,
                                      const Progress&) const override;
  Expected<std::vector<float>> geodesic(std::span<const float>, std::span<const float>, int, int,
                                        const Progress&) const override;

 private:
  ModelSpec spec_;
  std::vector<at::Tensor> tensors_;  // the decoder's, as Autoencoder::named_tensors() has them
  std::int64_t step_;
  std::uint64_t revision_;
};

}  // namespace zscape
