#pragma once

#include <memory>
#include <stdexcept>
#include <utility>

#include "engine/backend/torch_backend.h"

// What the engine's benchmarks share: the reference VAE on the synthetic digits.
namespace zscape {

template <class T>
T value_of(Expected<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return *std::move(result);
}

// One for all benchmarks; their thread is the engine thread.
inline const std::shared_ptr<Backend>& backend() {
  static const std::shared_ptr<Backend> made = [] {
    std::shared_ptr<Backend> fresh = make_torch_backend({});
    fresh->enter_thread(ThreadRole::engine);
    return fresh;
  }();
  return made;
}

inline const std::shared_ptr<const Dataset>& digits() {
  static const auto data = value_of(backend()->load_data({"synthetic", {}}, {}));
  return data;
}

inline std::unique_ptr<Trainer> reference_trainer(int latent) {
  const ModelSpec spec = reference_spec(ModelKind::vae, *digits(), latent);
  return value_of(backend()->make_trainer(
      {.spec = spec, .data = digits(), .rows = nullptr, .seed = 0, .start = nullptr}));
}

}  // namespace zscape
