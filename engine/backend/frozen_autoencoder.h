#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "engine/frozen_model.h"
#include "engine/model/autoencoder.h"

namespace zscape {

// A sentence for people, kept until it is fetched. Only the first one counts. Any thread may call.
class Warning {
 public:
  void say(std::string sentence) {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(has_spoken_, true)) sentence_ = std::move(sentence);
  }
  std::string take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(sentence_, {});
  }

 private:
  std::mutex mutex_;
  bool has_spoken_ = false;
  std::string sentence_;
};

// Where a model encodes and measures data, and where to say that the CPU had to take over.
struct EvaluationPlace {
  at::Device device = at::kCPU;
  std::shared_ptr<Warning> warning = nullptr;
};

// For Decoder::revision(): no two calls return the same.
std::uint64_t new_revision();

// An autoencoder with weights of its own, behind the engine's public interface.
class FrozenAutoencoder final : public FrozenModel {
 public:
  // place: where encode() and add_losses() run; the weights are copied there for each call.
  FrozenAutoencoder(Autoencoder model, std::int64_t step, std::uint64_t revision,
                    EvaluationPlace place = {});

  const ModelSpec& spec() const override { return model_.spec(); }
  std::int64_t step() const override { return step_; }
  std::uint64_t revision() const override { return revision_; }
  std::size_t bytes() const override;
  DecoderPtr half_precision_decoder() const override;
  std::span<const double> explained_variance() const override { return model_.explained_variance; }
  const Autoencoder& model() const { return model_; }

  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override;
  std::vector<double> decode_values(std::span<const float> z,
                                    std::span<const int> labels) const override;
  Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                         const Progress& progress) const override;
  Expected<Reconstructions> reconstruct(const Dataset& data, SplitName split,
                                        const Indices& indices, std::uint64_t seed) const override;
  Expected<LossSums> add_losses(const LossSums& sums, const Dataset& data, SplitName split,
                                const Indices& indices, const EvaluationSettings& settings,
                                const Progress& progress) const override;
  Expected<Figures> figures(const Dataset& data, SplitName split, int importance_samples,
                            const EvaluationSettings& settings,
                            const Progress& progress) const override;
  Expected<Certificate> certify(const Dataset& data, SplitName split,
                                const CertificateSettings& settings,
                                const CertificateListener& listen,
                                const Progress& progress) const override;
  Expected<InputGaps> gaps(const Dataset& data, SplitName split, const Indices& indices,
                           std::uint64_t seed, const InputGapsPtr& before,
                           const Progress& progress) const override;
  Expected<FewLabelAccuracy> classify(const Dataset& data, const FewLabels& task,
                                      const Progress& progress) const override;
  Expected<std::vector<float>> geodesic(std::span<const float> from, std::span<const float> to,
                                        int label, int points,
                                        const Progress& progress) const override;
  Expected<std::unique_ptr<EvidenceLens>> evidence_lens() const override;
  Expected<InputJacobian> input_jacobian(const Dataset& data, SplitName split,
                                         const std::vector<std::int64_t>& rows,
                                         const Progress& progress) const override;

  Expected<Forces> forces(const Dataset& data, SplitName split, const Indices& indices,
                          const Progress& progress) const override;
  Expected<RoundTrip> round_trip(std::span<const float> z, int label,
                                 const Progress& progress) const override;
  Expected<std::vector<double>> metric(std::span<const float> z, std::span<const float> directions,
                                       int label, const Progress& progress) const override;
  Expected<PathLengths> path_lengths(std::span<const float> ends, int label,
                                     const Progress& progress) const override;
  Expected<Measured> measure(const MeasureRequest& request, const Dataset& data,
                             const MeasureSettings& settings,
                             const Progress& progress) const override;

 private:
  // Calls work(weights) on the device, or on the CPU if that fails (its memory may be full).
  template <class Work>
  auto measured(const Work& work) const;

  Autoencoder model_;
  std::int64_t step_;
  std::uint64_t revision_;
  EvaluationPlace place_;
};

}  // namespace zscape
