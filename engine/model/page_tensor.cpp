#include "engine/model/page_tensor.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace zscape {
namespace {

constexpr std::size_t kLarge = std::size_t{64} << 10;

}  // namespace

at::Tensor copy_in_pages(const at::Tensor& tensor) {
  const at::NoGradGuard no_grad;
  const std::size_t bytes = tensor.nbytes();
  const auto options = at::TensorOptions(at::kCPU).dtype(tensor.scalar_type());
  if (bytes < kLarge) {
    at::Tensor copy = at::empty(tensor.sizes(), options);
    copy.copy_(tensor.detach());
    return copy;
  }
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  at::Tensor copy = at::from_blob(
      pages, tensor.sizes(), [bytes](void* data) { munmap(data, bytes); }, options);
  copy.copy_(tensor.detach());
  return copy;
}

}  // namespace zscape
