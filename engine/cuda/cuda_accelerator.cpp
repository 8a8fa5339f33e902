// The plug-in libzscape_cuda.so: opened where there is an NVIDIA driver
// (engine/backend/cuda_plugin), so that the program itself needs none of CUDA's libraries.
#include <ATen/ATen.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <exception>

#include "engine/cuda/plugin.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

constexpr c10::DeviceIndex kDevice = 0;

class Event {
 public:
  // Waiting sleeps instead of spinning.
  Event() {
    C10_CUDA_CHECK(
        cudaEventCreateWithFlags(&event_, cudaEventDisableTiming | cudaEventBlockingSync));
  }
  ~Event() { C10_CUDA_CHECK_WARN(cudaEventDestroy(event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void record(const c10::cuda::CUDAStream& stream) {
    C10_CUDA_CHECK(cudaEventRecord(event_, stream));
  }
  void hold_back(const c10::cuda::CUDAStream& stream) const {
    C10_CUDA_CHECK(cudaStreamWaitEvent(stream, event_, 0));
  }
  void wait() const { C10_CUDA_CHECK(cudaEventSynchronize(event_)); }

 private:
  cudaEvent_t event_ = nullptr;
};

class Graph final : public Recording {
 public:
  // Only this thread must keep to the rules of a capture; others go on allocating.
  Graph(const at::Generator& generator, const std::function<void()>& work) {
    graph_.register_generator_state(generator);
    const auto pool = at::cuda::graph_pool_handle();
    graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
    std::exception_ptr error;
    try {
      work();
    } catch (...) {
      error = std::current_exception();
    }
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {
      // It failed before it told the allocator that the graph no longer owns the pool.
      c10::cuda::CUDACachingAllocator::endAllocateToPool(kDevice, pool);
      if (!error) error = std::current_exception();  // the first error says more
    }
    if (error) std::rethrow_exception(error);
  }

  void replay() override { graph_.replay(); }

 private:
  at::cuda::CUDAGraph graph_;
};

class CudaAccelerator final : public Accelerator {
 public:
  CudaAccelerator()
      : queue_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, kDevice)),
        copies_(c10::cuda::getStreamFromPool(/*isHighPriority=*/true, kDevice)) {
    cudaDeviceProp properties{};
    C10_CUDA_CHECK(cudaGetDeviceProperties(&properties, kDevice));
    name_ = properties.name;
  }

  std::string name() const override { return name_; }
  at::Device device() const override { return {at::kCUDA, kDevice}; }

  at::Generator make_generator(std::uint64_t seed) const override {
    at::Generator generator =
        at::globalContext().getAcceleratorHooksInterface(at::kCUDA).getNewGenerator(kDevice);
    generator.set_current_seed(seed);
    return generator;
  }

  void run(const std::function<void()>& work) override {
    const c10::cuda::CUDAStreamGuard guard(queue_);
    work();
  }

  std::unique_ptr<Recording> record(const at::Generator& generator,
                                    const std::function<void()>& work) override {
    return std::make_unique<Graph>(generator, work);
  }

  at::Tensor fetch(const at::Tensor& tensor) override {
    const at::Tensor copy =
        at::empty(tensor.sizes(), tensor.options().device(at::kCPU).pinned_memory(true));
    done_.record(queue_);
    done_.hold_back(copies_);
    {
      const c10::cuda::CUDAStreamGuard guard(copies_);
      copy.copy_(tensor, /*non_blocking=*/true);
    }
    copied_.record(copies_);
    copied_.wait();
    return copy;
  }

 private:
  c10::cuda::CUDAStream queue_, copies_;
  Event done_, copied_;
  std::string name_;
};

}  // namespace
}  // namespace zscape

extern "C" void zscape_open_cuda(std::unique_ptr<zscape::Accelerator>* accelerator,
                                 std::string* error) {
  try {
    c10::cuda::device_count_ensure_non_zero();
    at::globalContext().lazyInitDevice(at::kCUDA);
    // No TF32 unless requested.
    at::globalContext().setAllowTF32CuBLAS(false);
    at::globalContext().setAllowTF32CuDNN(false);
    // Only a first kernel shows whether the GPU is too old for these libraries.
    (void)at::ones({1}, at::kCUDA).item<float>();
    *accelerator = std::make_unique<zscape::CudaAccelerator>();
  } catch (const std::exception& thrown) {
    *error = zscape::first_line(thrown);
  }
}
