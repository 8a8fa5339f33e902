#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

enum class ModelKind { ae, vae, cvae };

// How the decoder's output is scored against the input (DESIGN.md, "Words and formulas").
enum class Likelihood {
  bernoulli,  // Σ_j BCE(x_j, x̂_j), from logits
  gaussian,   // Σ_j (x_j − x̂_j)² / (2s²) + (d/2) log(2πs²)
  mse,        // (1/d) Σ_j (x_j − x̂_j)²
};

// Everything that decides a model's layers and its loss. A plain value.
struct ModelSpec {
  ModelKind kind = ModelKind::vae;
  ImageShape shape;                 // of one input
  int latent = 2;                   // k ≥ 1
  int classes = 0;                  // width of the one-hot label; 0 unless the kind is cvae
  std::vector<int> hidden = {400};  // encoder widths; the decoder mirrors them
  Likelihood likelihood = Likelihood::bernoulli;
  double sigma = 1.0;  // s of the Gaussian likelihood, > 0

  int inputs() const { return shape.size(); }
  bool has_prior() const { return kind != ModelKind::ae; }  // so: σ, KL, ELBO, log p
  bool reads_label() const { return kind == ModelKind::cvae; }
  bool operator==(const ModelSpec&) const = default;
};

// The reference model of a kind for this data: hidden {400}, the kind's usual reconstruction term.
ModelSpec reference_spec(ModelKind kind, const Dataset& data, int latent);

// Success, or what is wrong with the spec and what would be right.
Expected<void> validate(const ModelSpec& spec);

// Success, or why a model of this spec cannot read this data, as the end of a sentence whose
// subject is the model: "reads 28×28 inputs, but …".
Expected<void> check_fit(const ModelSpec& spec, const Dataset& data);

// Names as the command line and the model files spell them.
std::string_view name_of(ModelKind kind);
std::string_view name_of(Likelihood likelihood);
std::optional<ModelKind> kind_named(std::string_view name);
std::optional<Likelihood> likelihood_named(std::string_view name);

// One line for people: "vae 784-400-(2·2)-400-784, bernoulli".
std::string describe(const ModelSpec& spec);

}  // namespace zscape
