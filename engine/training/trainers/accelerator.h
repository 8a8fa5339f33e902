#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace zscape {

// Recorded work that can be queued repeatedly, each time at the cost of one launch.
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void replay() = 0;  // queues it; called inside Accelerator::run() only
};

// A GPU and its work queue, for what ATen's operations do not offer. No function waits for the
// queue unless it says so. Used by one thread at a time. Throws c10::Error; c10::OutOfMemoryError
// means the GPU's memory.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  virtual std::string name() const = 0;  // the maker's
  virtual at::Device device() const = 0;
  virtual at::Generator make_generator(std::uint64_t seed) const = 0;

  // Calls work(), whose operations on tensors of device() go into this queue.
  virtual void run(const std::function<void()>& work) = 0;

  // Records the operations that work() queues, without running them. They must always be the same
  // and use the same memory; each replay draws new numbers from the generator. Call inside run(),
  // after the work was done once. If this throws, the generator may be unusable.
  virtual std::unique_ptr<Recording> record(const at::Generator& generator,
                                            const std::function<void()>& work) = 0;

  // Waits for the work queued so far and copies a tensor of device() to host memory. Does not wait
  // for what other threads queue meanwhile.
  virtual at::Tensor fetch(const at::Tensor& tensor) = 0;
};

}  // namespace zscape
