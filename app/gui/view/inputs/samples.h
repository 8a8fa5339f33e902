#pragma once

#include <array>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/inputs/input_pictures.h"
#include "app/gui/view/inputs/jacobian_pictures.h"
#include "app/gui/view/inputs/sample_pictures.h"
#include "app/gui/view/latent/points.h"
#include "engine/code_gaussian.h"
#include "engine/figures.h"
#include "engine/snapshot.h"

namespace zscape {

// What the tab Samples shows.
enum class SamplesView {
  posterior,   // draws of q(z|x) for the input in hand
  prior,       // decoded draws of N(0, I) or, for a model without prior, of its codes' Gaussian too
  dimensions,  // a row of pictures for each latent dimension, around the input in hand
  jacobian,    // ∂x̂/∂x at the input in hand and its mean
};
inline constexpr std::array kSamplesViews = {SamplesView::posterior, SamplesView::prior,
                                             SamplesView::dimensions, SamplesView::jacobian};
const char* id_of(SamplesView view);  // for widgets and logs: "posterior"

inline constexpr int kPosteriorSamples = 24;
inline constexpr int kPriorSamples = 64;

// ε ~ N(0, I) of one draw of the posterior, [kPosteriorSamples, k]: functions of the number of the
// draw alone, so that the same ε show every input and every step of training.
std::vector<float> posterior_noise(std::uint64_t draw, int latent);

// z = μ + σ ⊙ ε for each row of ε: [n, k].
std::vector<float> reparameterised(std::span<const float> mean, std::span<const float> sigma,
                                   std::span<const float> noise);

// The z ~ N(0, I) that `zscape sample --seed S` decodes, [kPriorSamples, k].
std::vector<float> prior_noise(std::uint64_t seed, int latent);

// The latent dimensions, those of the largest KL first (without a prior, of the largest variance).
std::vector<int> dimensions_by_use(const CodeFigures& figures);

// The Gaussian of the codes on show, worked out on a thread of its own, so that no frame waits.
// Lives on the window's thread.
class CodeGaussianFit {
 public:
  // Once a frame while it is to be seen; twice a second at most while codes change. Null: none yet.
  const CodeGaussian* update(const CodesPtr& codes, double now_s);
  bool busy() const { return future_.valid(); }  // a frame is wanted soon
  void settle();  // in frames where it is not to be seen: takes what has been worked out

 private:
  CodesPtr codes_;  // that it is of, or will be
  std::optional<CodeGaussian> fitted_;
  double began_s_ = -1e9;
  std::future<CodeGaussian> future_;
};

// A listed sample under the pointer: the preview shows it large.
struct HoveredSample {
  std::vector<float> z;
  int label = 0;
  std::string name;
};

// What a model's pane keeps of the tab Samples.
struct PaneSamples {
  explicit PaneSamples(Pictures& store) : pictures(store), inputs(store) {}

  // A number that differs whenever the key does: what a person has chosen to see.
  std::uint64_t choice_of(std::vector<std::int64_t> key);

  SamplePictures pictures;
  InputPictures inputs;
  CodeGaussianFit gaussian;
  JacobianPictures jacobian;
  std::optional<HoveredSample> hovered;
  std::optional<PointRef> pointed;  // the input under the pointer in the second projection
  std::optional<std::array<int, 2>> second_axes;  // of the second projection; nothing: by use
  bool plots_gaussian = false;                    // in place of the draws of N(0, I)

  std::vector<SampleCode> listed;  // in this frame
  std::uint64_t choice = 0;        // they belong to

 private:
  std::vector<std::int64_t> key_;
};

}  // namespace zscape
