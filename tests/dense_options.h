#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "engine/model_spec.h"

namespace zscape {

// One kind of fully connected model, for tests that hold gradients by hand against autograd's.
struct Option {
  std::string name;
  ModelKind kind = ModelKind::vae;
  std::function<void(ModelSpec&)> change = [](ModelSpec&) {};
};
inline std::ostream& operator<<(std::ostream& out, const Option& option) {
  return out << option.name;
}

inline std::vector<Option> dense_options() {
  return {Option{"ae", ModelKind::ae},
          Option{"vae"},
          Option{"cvae", ModelKind::cvae},
          Option{"dae_mask", ModelKind::dae},
          Option{"dae_gaussian", ModelKind::dae,
                 [](ModelSpec& spec) {
                   spec.noise = {Noise::Kind::gaussian, 0.2};
                 }},
          Option{"mae", ModelKind::mae,
                 [](ModelSpec& spec) {
                   spec.patch = 2;
                   spec.mask_ratio = 0.25;
                 }},
          Option{"vae_gaussian", ModelKind::vae,
                 [](ModelSpec& spec) {
                   spec.likelihood = Likelihood::gaussian;
                   spec.sigma = 0.3;
                 }},
          Option{"vae_learned_sigma", ModelKind::vae,
                 [](ModelSpec& spec) {
                   spec.likelihood = Likelihood::gaussian;
                   spec.learned_sigma = true;
                 }},
          Option{"ae_bernoulli", ModelKind::ae,
                 [](ModelSpec& spec) { spec.likelihood = Likelihood::bernoulli; }},
          Option{"deep", ModelKind::vae,
                 [](ModelSpec& spec) {
                   spec.hidden = {40, 7, 33};
                 }},
          Option{"wide_latent", ModelKind::vae, [](ModelSpec& spec) { spec.latent = 45; }},
          Option{"threshold", ModelKind::vae,
                 [](ModelSpec& spec) { spec.binarise = Binarise::threshold; }},
          Option{"dynamic", ModelKind::cvae,
                 [](ModelSpec& spec) { spec.binarise = Binarise::dynamic; }}};
}

}  // namespace zscape
