#pragma once

#include <span>

#include "engine/model/autoencoder.h"

namespace zscape {

// Decoder::decode with these weights.
void decode_pictures(const Autoencoder& model, std::span<const float> z,
                     std::span<const int> labels, std::span<float> pictures);

}  // namespace zscape
