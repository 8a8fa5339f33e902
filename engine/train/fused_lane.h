#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/dataset.h"
#include "engine/model_spec.h"
#include "engine/train/dense_pass.h"

namespace zscape {

// What one step asks of every thread.
struct FusedBatch {
  const float* parameters = nullptr;
  std::span<const std::int64_t> rows;  // of the split
  // [N, d], where x is not simply the split's bytes: what is read, what is to be answered, and what
  // is hidden of it (mae; else null). All null: the bytes.
  const float* seen = nullptr;
  const float* target = nullptr;
  const float* hidden = nullptr;
  const float* noise = nullptr;  // [N, k]; null without a prior
  double kl_weight = 1;
  double sigma = 1;  // of the Gaussian likelihood, now
};

// Sums over the samples of one thread.
struct FusedSums {
  double reconstruction = 0;  // of −log likelihood by Bernoulli, else of (x̂ − x)², hidden only: mae
  double kl = 0;
};

// One thread's share of a step: forward, loss and gradients of some samples of the batch.
class FusedLane {
 public:
  // parameters: how many there are in all.
  FusedLane(const ModelSpec& spec, const Split& split, const std::vector<DenseLayer>& encoder,
            const std::vector<DenseLayer>& decoder, std::size_t parameters, const Kernels& kernels);

  // The samples first … first + count of the batch; count ≥ 1. Gradients are those of the mean
  // over the batch.
  FusedSums work(const FusedBatch& batch, std::int64_t first, std::int64_t count);

  const float* gradients() const { return gradients_.data(); }

 private:
  void read(const FusedBatch& batch, std::int64_t first, int samples);
  void fill(const float* rows, std::int64_t first, int samples, std::vector<float>& panels);
  double sample(const FusedBatch& batch, std::int64_t first, int samples);
  double score(const FusedBatch& batch, int samples);
  void give_back(const FusedBatch& batch, std::int64_t first, int samples);

  const ModelSpec& spec_;
  const Split& split_;
  const Kernels& kernels_;
  DensePass encoder_;
  DensePass decoder_;
  std::vector<std::pair<std::int64_t, int>> biases_;  // place and length among the parameters
  std::vector<float> gradients_;
  std::vector<float> rows_;           // [samples, encoder inputs], as the encoder reads them
  std::vector<float> target_;         // [d, kPanel] a panel, where it is not what is read
  std::vector<float> hidden_;         // likewise
  std::vector<float> sigma_;          // [k, kPanel] a panel: of the posterior
  std::vector<float> code_gradient_;  // likewise, of z
};

}  // namespace zscape
