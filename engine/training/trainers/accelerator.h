#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace zscape {

// Work that was recorded once and is queued again and again at the cost of one launch.
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void replay() = 0;  // queues it; called inside Accelerator::run() only
};

// What a GPU can do beyond ATen's operations on its tensors. Its work is done in a queue, in the
// order in which it was queued; none of these functions waits for it unless it says so. Used by
// one thread at a time. Throws c10::Error, of which c10::OutOfMemoryError means its memory.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  virtual std::string name() const = 0;  // as its maker calls it
  virtual at::Device device() const = 0;
  virtual at::Generator make_generator(std::uint64_t seed) const = 0;

  // Calls work(); the operations that it queues on tensors of device() go into this queue.
  virtual void run(const std::function<void()>& work) = 0;

  // Records what work() queues without doing it: always the same operations on the same memory,
  // with fresh numbers from the generator at each replay. Called inside run(), with work that has
  // been done once before. Where it throws, the generator may be of no more use.
  virtual std::unique_ptr<Recording> record(const at::Generator& generator,
                                            const std::function<void()>& work) = 0;

  // A copy in host memory of what a tensor of device() is once all that was queued is done. Waits
  // for that, but not for what other threads queue meanwhile.
  virtual at::Tensor fetch(const at::Tensor& tensor) = 0;
};

}  // namespace zscape
