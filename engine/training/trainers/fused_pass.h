#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/dataset.h"
#include "engine/model/batch.h"
#include "engine/model_spec.h"
#include "engine/training/trainers/dense_pass.h"

namespace zscape {

// The inputs of one step.
struct FusedBatch {
  const float* parameters = nullptr;
  std::span<const std::int64_t> rows;  // of the split
  std::uint64_t seed = 0;              // of corruption
  std::int64_t step = 0;               // likewise
  const float* noise = nullptr;        // [N, k]; null without a prior
  double kl_weight = 1;
  double sigma = 1;  // of the Gaussian likelihood, now
};

// Sums over samples.
struct FusedSums {
  double reconstruction = 0;  // Bernoulli: −log likelihood; else (x̂ − x)² (mae: hidden pixels only)
  double kl = 0;
};

// Forward pass, loss and backward pass of some samples of a batch. Threads that work on different
// panels do not disturb each other.
class FusedPass {
 public:
  FusedPass(const ModelSpec& spec, const Split& split, std::vector<DenseLayer> encoder,
            std::vector<DenseLayer> decoder, const Kernels& kernels, const Bf16Kernels* bf16,
            int most_panels);

  // Processes the panels from … end − 1 of the batch's samples first … first + samples − 1. Leaves
  // the gradients of the batch's mean loss in the networks and the sums in sums().
  void work(const FusedBatch& batch, std::int64_t first, int samples, int from, int end);

  const std::vector<FusedSums>& sums() const { return sums_; }  // of each panel
  DensePass& encoder() { return encoder_; }
  DensePass& decoder() { return decoder_; }

 private:
  // One panel of `samples` samples, the batch's from `first` on.
  struct Place {
    int panel;
    std::int64_t first;
    int samples;
  };

  void read(const FusedBatch& batch, const Place& place);
  void read_row(const FusedBatch& batch, const Place& place, int row, float* seen);
  double sample(const FusedBatch& batch, const Place& place);
  double score(const FusedBatch& batch, const Place& place);
  void give_back(const FusedBatch& batch, const Place& place);

  bool is_plain() const;  // the inputs are the split's bytes, unchanged

  const ModelSpec& spec_;
  const Split& split_;
  RowReader reader_;
  const Kernels& kernels_;
  DensePass encoder_;
  DensePass decoder_;
  std::vector<FusedSums> sums_;
  std::vector<float> rows_;         // [kPanel, encoder inputs] a panel, as the encoder reads them
  std::vector<float> target_;       // [d, kPanel] a panel, if the encoder reads something else
  std::vector<float> hidden_;       // likewise
  std::vector<float> target_rows_;  // both as [kPanel, d] a panel
  std::vector<float> hidden_rows_;
  std::vector<float> sigma_;          // [k, kPanel] a panel: of the posterior
  std::vector<float> code_gradient_;  // likewise, of z
};

}  // namespace zscape
