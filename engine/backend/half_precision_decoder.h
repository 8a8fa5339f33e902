#pragma once

#include <cstdint>
#include <vector>

#include "engine/decoder.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// The decoder of an autoencoder in half precision (IEEE binary16). Its pictures usually differ from
// the full decoder's by less than one of 255 grey levels.
class HalfPrecisionDecoder final : public Decoder {
 public:
  HalfPrecisionDecoder(const Autoencoder& model, std::uint64_t revision);

  int latent() const override { return spec_.latent; }
  ImageShape shape() const override { return spec_.shape; }
  int classes() const override { return spec_.classes; }
  std::uint64_t revision() const override { return revision_; }
  std::size_t bytes() const override;
  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override;

 private:
  ModelSpec spec_;
  std::vector<at::Tensor> tensors_;  // the decoder's, as Autoencoder::named_tensors() has them
  std::uint64_t revision_;
};

}  // namespace zscape
