#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "engine/decoder.h"
#include "engine/kept_block.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// Decoder::decode with these weights.
void decode_pictures(const Autoencoder& model, std::span<const float> z,
                     std::span<const int> labels, std::span<float> pictures);

// The decoder of an autoencoder in half precision (IEEE binary16). Its pictures usually differ from
// the full decoder's by less than one of 255 grey levels.
class HalfPrecisionDecoder final : public Decoder {
 public:
  HalfPrecisionDecoder(const Autoencoder& model, std::uint64_t revision);
  // halves: as read() has them, bytes_of(spec) in all.
  HalfPrecisionDecoder(const ModelSpec& spec, std::span<const std::byte> halves,
                       std::uint64_t revision);

  static std::size_t bytes_of(const ModelSpec& spec);  // takes the memory of a whole network

  int latent() const override { return spec_.latent; }
  ImageShape shape() const override { return spec_.shape; }
  int classes() const override { return spec_.classes; }
  std::uint64_t revision() const override { return revision_; }
  std::size_t bytes() const override { return weights_.size(); }
  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override;

  // The decoder's tensors one after the other, as Autoencoder::named_tensors() has them.
  void read(const std::function<void(std::span<const std::byte>)>& read) const {
    weights_.read(read);
  }

 private:
  ModelSpec spec_;
  KeptBlock weights_;
  std::uint64_t revision_;
};

}  // namespace zscape
