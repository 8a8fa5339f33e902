#pragma once

#include <vector>

#include "engine/frozen_model.h"
#include "engine/path.h"

namespace zscape {

// A path through latent space and the number of its pictures.
struct Walk {
  std::vector<float> stops;  // [n ≥ 2, k]
  PathMode mode = PathMode::linear;
  int label = 0;   // of a cvae, else ignored
  int frames = 2;  // ≥ 2, both ends included; all legs have equally many
};

// Whether the path fits the latent space of such a model.
bool fits(const Walk& walk, const ModelSpec& spec);

// Its codes, [frames, k]. A geodesic is the shortest path from each stop to the next.
Expected<std::vector<float>> codes_along(const FrozenModel& model, const Walk& walk,
                                         const Progress& progress = {});

// Its pictures, [frames, d].
Expected<std::vector<float>> pictures_along(const FrozenModel& model, const Walk& walk,
                                            const Progress& progress = {});

}  // namespace zscape
