#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <utility>
#include <vector>

#include "engine/backend/frozen_autoencoder.h"
#include "engine/backend/torch_backend.h"
#include "engine/random.h"
#include "tests/fake_backend.h"

namespace zscape {

inline constexpr int kThreads = 2;

inline std::shared_ptr<Backend> backend() {
  static const std::shared_ptr<Backend> instance = make_torch_backend({.threads = kThreads});
  instance->enter_thread(ThreadRole::engine);
  return instance;
}

// Ten distinct 8×8 patterns with a little noise: learnt in a moment.
inline std::shared_ptr<const Dataset> patterns(std::int64_t train = 320, std::int64_t test = 100) {
  auto data = std::make_shared<Dataset>(*fake_data(train, test));
  Random random(7, Stream::evaluation, 0);
  for (Split* split : {&data->train, &data->test}) {
    split->pixels.own().clear();
    for (std::int64_t i = 0; i < split->count; ++i) {
      Random pattern(1, Stream::evaluation, static_cast<std::uint64_t>(i % 10));
      for (int j = 0; j < 64; ++j) {
        const int ink = pattern.below(2) == 0 ? 20 : 220;
        split->pixels.own().push_back(
            static_cast<std::uint8_t>(ink + static_cast<int>(random.below(30))));
      }
    }
  }
  return data;
}

inline ModelSpec spec_for(ModelKind kind, const Dataset& data, int latent = 2) {
  ModelSpec spec = reference_spec(kind, data, latent);
  if (!spec.hidden.empty()) spec.hidden = {64};
  return spec;
}

inline std::unique_ptr<Trainer> trainer(const ModelSpec& spec, std::shared_ptr<const Dataset> data,
                                        std::uint64_t seed = 0, Indices rows = nullptr) {
  auto made = backend()->make_trainer({.spec = spec,
                                       .data = std::move(data),
                                       .rows = std::move(rows),
                                       .seed = seed,
                                       .start = nullptr});
  return std::move(made.value());
}

inline std::unique_ptr<Trainer> trainer(ModelKind kind, std::shared_ptr<const Dataset> data,
                                        std::uint64_t seed = 0) {
  return trainer(spec_for(kind, *data), data, seed);
}

inline std::vector<float> weights_of(const FrozenModel& model) {
  std::vector<float> values;
  for (const auto& [name, tensor] :
       dynamic_cast<const FrozenAutoencoder&>(model).model().named_tensors()) {
    values.insert(values.end(), tensor.data_ptr<float>(),
                  tensor.data_ptr<float>() + tensor.numel());
  }
  return values;
}

}  // namespace zscape
