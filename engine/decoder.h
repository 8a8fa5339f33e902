#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/dataset.h"

namespace zscape {

// Makes pictures from codes with weights that never change. Any thread may use it after
// Backend::enter_thread().
class Decoder {
 public:
  virtual ~Decoder() = default;

  virtual int latent() const = 0;              // k
  virtual ImageShape shape() const = 0;        // of one picture
  virtual int classes() const = 0;             // the number of labels; 0: it reads none
  virtual std::uint64_t revision() const = 0;  // differs for different weights
  virtual std::size_t bytes() const = 0;       // of memory that the weights take

  // z: [n, k], labels: [n], or empty without classes; pictures: [n, d] in [0, 1], for standardised
  // data by shown_value().
  virtual void decode(std::span<const float> z, std::span<const int> labels,
                      std::span<float> pictures) const = 0;
};
using DecoderPtr = std::shared_ptr<const Decoder>;

}  // namespace zscape
