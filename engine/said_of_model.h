#pragma once

#include <optional>

#include "engine/data_request.h"
#include "engine/model_spec.h"

namespace zscape {

// What a person says of a model file without zscape's metadata. Other files refuse it.
struct SaidOfModel {
  std::optional<ImageSize> image_size = {};  // other files ignore it: it may be of the data
  std::optional<Likelihood> likelihood = {};
  std::optional<Activation> activation = {};
};

}  // namespace zscape
