#pragma once

#include <span>
#include <string_view>

namespace zscape {

// A new kind needs an enumerator at the end of this list and a row in kinds.cpp. Code that depends
// on the kind has a `switch` without default, so that the compiler reports a missing one.
enum class ModelKind { ae, dae, mae, vae, cvae, pca };

// What a kind does to an input before the encoder reads it; targets stay clean.
enum class Corruption {
  none,
  noise,    // ModelSpec::noise
  patches,  // hides patches; only the hidden pixels are scored
};

// The properties of a kind.
struct KindTraits {
  ModelKind kind = ModelKind::ae;
  std::string_view name;    // as the command line and the model files spell it
  const char* help = "";    // for people: what it is
  const char* beside = "";  // for people: why to compare another model with it
  bool has_prior = false;   // so: σ, KL, ELBO, log p
  bool reads_label = false;
  bool is_linear = false;  // no hidden layers and no sigmoid; fitted in one step, in closed form
  bool takes_conv = true;  // the network may be convolutional
  bool only_mse = false;   // scored by the mean squared error, by no likelihood
  Corruption corruption = Corruption::none;
};

std::span<const KindTraits> kinds();  // in the order of the enumerators
const KindTraits& traits_of(ModelKind kind);

std::string_view name_of(ModelKind kind);

}  // namespace zscape
