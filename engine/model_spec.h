#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/kinds.h"

namespace zscape {

enum class Network {
  mlp,      // fully connected layers, ModelSpec::hidden wide
  conv,     // two convolutions and one linear layer, mirrored in the decoder
  program,  // the graphs of ModelSpec::program
};

struct ForeignProgram;  // foreign_program.h

// How the decoder's output is scored (docs/DESIGN.md, "Words and formulas").
enum class Likelihood {
  bernoulli,  // Σ_j BCE(x_j, x̂_j), from logits
  gaussian,   // Σ_j (x_j − x̂_j)² / (2s²) + (d/2) log(2πs²)
  mse,        // (1/d) Σ_j (x_j − x̂_j)²
};

// What stands between the layers of a network.
enum class Activation {
  reference,   // LeakyReLU(0.2) in the encoder, ReLU in the decoder; what zscape trains
  relu,        // the others in both, in files that Python saved
  leaky_relu,  // LeakyReLU(0.01)
  elu,
  gelu,
  silu,
  sigmoid,
  tanh,
};

// How grey pixels change before a network reads them.
enum class Binarise {
  none,
  threshold,  // 1 above a half, else 0
  dynamic,    // 1 with the pixel's value as its probability; drawn anew for each step
};

// The least s of the Gaussian likelihood.
inline constexpr double kSmallestSigma = 1e-3;

enum class Objective {
  elbo,  // reconstruction + λ · KL, the reconstruction averaged over the samples
  iwae,  // −log (1/K) Σ w, the importance-weighted bound (Burda et al. 2016)
};

// How `dae` corrupts its inputs.
struct Noise {
  enum class Kind {
    gaussian,  // adds N(0, amount²)
    mask,      // sets exactly round(amount · inputs) of them to 0
  };
  Kind kind = Kind::mask;
  double amount = 0.25;  // a standard deviation ≥ 0, or a proportion in [0, 1]

  bool operator==(const Noise&) const = default;
};

// A model's layers and its loss.
struct ModelSpec {
  ModelKind kind = ModelKind::vae;
  ImageShape shape;  // of one input
  int latent = 2;    // k ≥ 1
  int classes = 0;   // width of the one-hot label; 0 unless the kind is cvae
  // [classes], where the data name them and the kind is cvae; empty: not known.
  std::vector<std::string> class_names = {};
  Network network = Network::mlp;  // conv: not for cvae and pca
  // Encoder widths; the decoder mirrors them; empty: conv, pca, and one layer without hidden ones.
  std::vector<int> hidden = {400};
  Activation activation = Activation::reference;  // others: only mlp
  // Null: inputs in [0, 1], and a sigmoid after the decoder (has_sigmoid).
  std::shared_ptr<const Scaling> scaling;
  std::optional<PixelRange> range = {};       // Dataset::range of what it was trained on
  std::vector<std::string> input_names = {};  // Dataset::input_names likewise; empty: not known
  bool of_bytes = false;  // Dataset::are_bytes likewise: files of outputs have 0 … 255 too

  Likelihood likelihood = Likelihood::bernoulli;
  double sigma = 1.0;          // s of the Gaussian likelihood, ≥ 1e-3
  bool learned_sigma = false;  // s is found in training, from sigma = 1 on
  // With learned_sigma: s² is the mean squared error of each batch, in closed form (Rybkin et al.
  // 2021), and afterwards that of about the last 2,000 inputs. Else gradients train log s.
  bool optimal_sigma = false;
  Binarise binarise = Binarise::none;
  Objective objective = Objective::elbo;  // iwae: only kinds with a prior
  int samples = 1;                        // K ≥ 1 draws of z for each input and step

  Noise noise;               // dae
  int patch = 4;             // mae: side of a patch, which divides both sides of the image
  double mask_ratio = 0.75;  // mae: share of patches that are hidden, in (0, 1)

  std::shared_ptr<const ForeignProgram> program = {};  // of Network::program; else null
  bool outputs_mean = false;  // program: its decoder gives x̂ itself, no logits

  int inputs() const { return shape.size(); }
  int scored_inputs() const;  // without Scaling::constant; all of them if none changes
  const KindTraits& traits() const { return traits_of(kind); }
  bool has_prior() const { return traits().has_prior; }  // so: σ, KL, ELBO, log p
  bool reads_label() const { return traits().reads_label; }
  bool is_linear() const { return traits().is_linear; }
  // One layer from z to x̂ and nothing after it, of any kind: log p(x) has a closed form.
  bool has_linear_decoder() const {
    return network == Network::mlp && hidden.empty() && likelihood != Likelihood::bernoulli;
  }
  // A mean that Bernoulli scores becomes a logit in Autoencoder::decode.
  bool has_sigmoid() const {
    return !has_linear_decoder() && !scaling &&
           !(outputs_mean && likelihood != Likelihood::bernoulli);
  }
  bool has_encoder() const;  // a program may lack one of both
  bool has_decoder() const;
  bool adds_noise() const { return traits().corruption == Corruption::noise; }
  bool hides_patches() const { return traits().corruption == Corruption::patches; }
  // By value: what a file brings equals what it was written from.
  bool operator==(const ModelSpec& other) const;
};

// The reference model of a kind for this data: hidden {400}, the kind's usual reconstruction term.
ModelSpec reference_spec(ModelKind kind, const Dataset& data, int latent);

// The spec for another kind; options that this kind does not have return to their defaults.
ModelSpec with_kind(ModelSpec spec, ModelKind kind);

// The spec with the shape, classes, scaling and range of this data.
ModelSpec fitted(ModelSpec spec, const Dataset& data);

// Success, or what is wrong and what would be right.
Expected<void> validate(const Noise& noise);
Expected<void> validate(const ModelSpec& spec);

// Success, or why a model of this spec cannot read this data: another form, scale or other classes.
// Takes no time; only a refusal looks at the values.
Expected<void> check_fit(const ModelSpec& spec, const Dataset& data);

// The class that a text names, by its name or its number; nothing: none of them.
std::optional<int> class_named(const ModelSpec& spec, std::string_view text);
std::string classes_text(const ModelSpec& spec);  // "cat, dog", or "0 to 9"

// Patches that mae hides of one input: round(mask_ratio · patches).
int patch_count(const ModelSpec& spec);
int hidden_patch_count(const ModelSpec& spec);

// Names as the command line and the model files spell them; of a kind: kinds.h.
std::string_view name_of(Network network);
std::string_view name_of(Likelihood likelihood);
std::string_view name_of(Activation activation);
std::optional<Activation> activation_named(std::string_view name);
std::string_view name_of(Binarise binarise);
std::string_view name_of(Objective objective);
std::string_view name_of(Noise::Kind kind);
std::optional<Noise::Kind> noise_named(std::string_view name);

// One line for people: "vae 784-400-(2·2)-400-784, bernoulli".
std::string describe(const ModelSpec& spec);

}  // namespace zscape
