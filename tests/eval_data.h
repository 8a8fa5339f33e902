#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/dataset.h"
#include "engine/model/autoencoder.h"
#include "engine/random.h"

namespace zscape {

// These tests' tensors are too small for more; on a busy machine threads would wait for each other.
inline const bool kOneThread = [] {
  at::set_num_threads(1);
  return true;
}();

// Pictures of noisy bars: the label is the bar's place, `side` classes in turn.
inline Dataset bars(std::int64_t train, std::int64_t test, int side = 4) {
  Dataset data;
  data.name = "bars";
  data.shape = {side, side, 1};
  for (int label = 0; label < side; ++label) data.class_names.push_back(std::to_string(label));
  Random random(11, Stream::evaluation, 0);
  for (Split* split : {&data.train, &data.test}) {
    split->count = split == &data.train ? train : test;
    for (std::int64_t i = 0; i < split->count; ++i) {
      const auto label = static_cast<int>(i % side);
      split->labels.push_back(label);
      for (int j = 0; j < side * side; ++j) {
        const std::uint32_t ink = j % side == label ? 130 : 0;
        split->pixels.own().push_back(static_cast<std::uint8_t>(ink + random.below(125)));
      }
    }
  }
  return data;
}

inline ModelSpec small_vae(ImageShape shape, int latent, std::vector<int> hidden) {
  ModelSpec spec;
  spec.shape = shape;
  spec.latent = latent;
  spec.hidden = std::move(hidden);
  return spec;
}

inline Autoencoder initialised(const ModelSpec& spec, std::uint64_t seed = 1) {
  Autoencoder model(spec);
  model.initialise(seed);
  return model;
}

inline std::map<std::string, at::Tensor> tensors_of(const Autoencoder& model) {
  const auto named = model.named_tensors();
  return {named.begin(), named.end()};
}

}  // namespace zscape
