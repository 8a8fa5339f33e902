#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "engine/dataset.h"
#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/model_spec.h"

namespace zscape {

// The inputs of a split in a device's memory, pixels as bytes, and how a model sees them. Queues
// operations on that device and waits for none.
class DeviceInputs {
 public:
  DeviceInputs(const ModelSpec& spec, const Split& split, at::Device device);

  // As gather(). rows: [N] int64, on the device.
  Batch gather(const at::Tensor& rows) const;

  // Like present(), but draws from this generator: noise and hidden patches have the same
  // distribution as on the CPU, but other values.
  Presented present(const at::Tensor& x, const at::Generator& generator) const;

 private:
  at::Tensor corrupted(const at::Tensor& x, const at::Generator& generator) const;
  at::Tensor hidden_pixels(std::int64_t rows, const at::Generator& generator) const;

  ModelSpec spec_;
  at::Tensor values_;            // [n, d]: uint8, or float32 of vectors
  at::Tensor labels_;            // [n] int64, for kinds that read labels
  at::Tensor one_hot_;           // [c, c]
  at::Tensor mean_, deviation_;  // [d], where the spec has a scaling
  at::Tensor patches_;           // [d] int64: the patch of each pixel, for mae
};

}  // namespace zscape
