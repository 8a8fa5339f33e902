#include "app/gui/view/inputs/nearest_inputs.h"

#include <algorithm>

#include "engine/neighbours.h"

namespace zscape {

void NearestInputs::decode(std::span<const float> z, std::span<const int>,
                           std::span<float> pictures) const {
  auto to = pictures.begin();
  for (const std::size_t row : nearest_codes(*codes_, z)) {
    to = std::ranges::copy(data_->picture(codes_->split, (*codes_->indices)[row]), to).out;
  }
}

}  // namespace zscape
