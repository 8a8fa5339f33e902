#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/dataset.h"

namespace zscape {

// Makes pictures of codes, by weights that never change. Any thread may use it; a thread that does
// must have set its ATen thread count (Backend::enter_thread).
class Decoder {
 public:
  virtual ~Decoder() = default;

  virtual int latent() const = 0;              // k
  virtual ImageShape shape() const = 0;        // of one picture
  virtual int classes() const = 0;             // labels that it tells apart; 0: it reads none
  virtual std::uint64_t revision() const = 0;  // differs for different weights
  virtual std::size_t bytes() const = 0;       // of memory that the weights take

  // z: [n, k], labels: [n], or empty where there are no classes; pictures: [n, d], each in [0, 1].
  // Where the data are standardised, 0.5 stands for an input's mean and the ends for three
  // deviations from it.
  virtual void decode(std::span<const float> z, std::span<const int> labels,
                      std::span<float> pictures) const = 0;
};
using DecoderPtr = std::shared_ptr<const Decoder>;

}  // namespace zscape
