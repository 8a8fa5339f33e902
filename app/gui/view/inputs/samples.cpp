#include "app/gui/view/inputs/samples.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "engine/random.h"

namespace zscape {
namespace {

// Beyond what an evaluation counts in this stream.
constexpr std::uint64_t kDrawCounter = std::uint64_t{1} << 48;
constexpr double kPause = 0.5;  // seconds between two fits of a Gaussian

}  // namespace

const char* id_of(SamplesView view) {
  switch (view) {
    case SamplesView::posterior:
      return "posterior";
    case SamplesView::prior:
      return "prior";
    case SamplesView::dimensions:
      return "dimensions";
    case SamplesView::jacobian:
      break;
  }
  return "jacobian";
}

std::vector<float> posterior_noise(std::uint64_t draw, int latent) {
  std::vector<float> noise(static_cast<std::size_t>(kPosteriorSamples) *
                           static_cast<std::size_t>(latent));
  Random(draw, Stream::evaluation, kDrawCounter).fill_normal(noise);
  return noise;
}

std::vector<float> reparameterised(std::span<const float> mean, std::span<const float> sigma,
                                   std::span<const float> noise) {
  std::vector<float> z(noise.size());
  for (std::size_t i = 0; i < z.size(); ++i) {
    const std::size_t j = i % mean.size();
    z[i] = mean[j] + sigma[j] * noise[i];
  }
  return z;
}

std::vector<float> prior_noise(std::uint64_t seed, int latent) {
  std::vector<float> noise(static_cast<std::size_t>(kPriorSamples) *
                           static_cast<std::size_t>(latent));
  Random(seed, Stream::evaluation, 0).fill_normal(noise);
  return noise;
}

std::vector<int> dimensions_by_use(const CodeFigures& figures) {
  const std::vector<double>& use = figures.kl.empty() ? figures.variance : figures.kl;
  std::vector<int> order(use.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return use[static_cast<std::size_t>(a)] > use[static_cast<std::size_t>(b)];
  });
  return order;
}

std::uint64_t PaneSamples::choice_of(std::vector<std::int64_t> key) {
  if (key != key_) {
    key_ = std::move(key);
    ++choice;
  }
  return choice;
}

void CodeGaussianFit::settle() {
  if (busy() && future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
    fitted_ = future_.get();
  }
}

const CodeGaussian* CodeGaussianFit::update(const CodesPtr& codes, double now_s) {
  settle();
  if (!codes || (fitted_ && fitted_->latent != codes->latent)) fitted_.reset();
  const bool is_due = !fitted_ || now_s >= began_s_ + kPause;
  if (codes && codes != codes_ && !busy() && is_due) {
    codes_ = codes;
    began_s_ = now_s;
    future_ = std::async(std::launch::async, [codes] { return fit_code_gaussian(*codes); });
  }
  return fitted_ ? &*fitted_ : nullptr;
}

}  // namespace zscape
