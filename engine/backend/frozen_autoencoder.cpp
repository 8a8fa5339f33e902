#include "engine/backend/frozen_autoencoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/decoder.h"
#include "engine/eval/classify.h"
#include "engine/eval/evaluate.h"
#include "engine/eval/figures.h"
#include "engine/eval/geodesic.h"
#include "engine/kept_block.h"
#include "engine/model/aten_threads.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

constexpr std::string_view kDecoder = "decoder.";

// Success, or which half a model of a PyTorch program lacks.
Expected<void> check_halves(const ModelSpec& spec, bool needs_decoder) {
  if (!spec.has_encoder()) {
    return fail(tr("this model has no encoder, so that it can only decode; open one with both"));
  }
  if (needs_decoder && !spec.has_decoder()) {
    return fail(tr("this model has no decoder, so that it can only encode; open one with both"));
  }
  return {};
}

// Decoder::decode with these weights.
void decode_pictures(const Autoencoder& model, std::span<const float> z,
                     std::span<const int> labels, std::span<float> pictures) {
  const ModelSpec& spec = model.spec();
  TORCH_CHECK(spec.has_decoder(), "this model has no decoder");
  const at::NoGradGuard no_grad;
  const auto latent = static_cast<std::int64_t>(spec.latent);
  const auto rows = static_cast<std::int64_t>(z.size()) / latent;
  TORCH_CHECK(rows * latent == static_cast<std::int64_t>(z.size()) &&
                  pictures.size() == static_cast<std::size_t>(rows * spec.inputs()),
              "decode: z must be [n, ", latent, "] and pictures [n, ", spec.inputs(), "]");
  if (rows == 0) return;
  const at::Tensor codes = at::from_blob(const_cast<float*>(z.data()), {rows, latent});
  at::Tensor label;
  if (spec.reads_label()) {
    TORCH_CHECK(static_cast<std::int64_t>(labels.size()) == rows, "decode: one label a code");
    label = one_hot(labels, spec.classes);
  }
  const at::Tensor outputs = model.decode(codes, label);
  at::Tensor out = at::from_blob(pictures.data(), {rows, spec.inputs()});
  if (spec.has_sigmoid()) {
    at::sigmoid_out(out, outputs);
  } else {
    out.copy_(model.picture(outputs));
  }
}

// The decoder of an autoencoder in half precision (IEEE binary16). Its pictures usually differ from
// the full decoder's by less than one of 255 grey levels.
class HalfPrecisionDecoder final : public Decoder {
 public:
  HalfPrecisionDecoder(const Autoencoder& model, std::uint64_t revision);

  int latent() const override { return spec_.latent; }
  ImageShape shape() const override { return spec_.shape; }
  int classes() const override { return spec_.classes; }
  std::uint64_t revision() const override { return revision_; }
  std::size_t bytes() const override { return weights_.size(); }
  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override;

 private:
  ModelSpec spec_;
  KeptBlock weights_;  // the decoder's tensors as Autoencoder::named_tensors() has them
  std::uint64_t revision_;
};

// A program's whole numbers, such as positions, stay as its file has them.
bool fits_half(const Autoencoder& model, std::string_view name) {
  if (model.spec().network != Network::program) return true;
  const auto& program = dynamic_cast<const Program&>(*model.spec().program);
  name.remove_prefix(kDecoder.size());
  const auto state = std::ranges::find(program.decoder->states, name, &ProgramState::name);
  return at::isFloatingType(state->type);
}

// The decoder's tensors.
std::vector<at::Tensor> decoder_tensors(const Autoencoder& model) {
  std::vector<at::Tensor> tensors;
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (name.starts_with(kDecoder) && fits_half(model, name)) tensors.push_back(tensor);
  }
  return tensors;
}

// Calls use(tensor, its values in half precision) for each tensor, whose values lie one after the
// other from `bytes` on.
template <class Use>
void with_halves(const std::vector<at::Tensor>& tensors, const std::byte* bytes, const Use& use) {
  for (const at::Tensor& tensor : tensors) {
    // from_blob() takes no const; where the bytes are const, `use` only reads them.
    use(tensor, at::from_blob(const_cast<std::byte*>(bytes), tensor.sizes(), at::kHalf));
    bytes += tensor.numel() * static_cast<std::int64_t>(sizeof(at::Half));
  }
}

std::size_t half_bytes(const std::vector<at::Tensor>& tensors) {
  std::size_t bytes = 0;
  for (const at::Tensor& tensor : tensors) bytes += tensor.numel() * sizeof(at::Half);
  return bytes;
}

HalfPrecisionDecoder::HalfPrecisionDecoder(const Autoencoder& model, std::uint64_t revision)
    : spec_(model.spec()),
      weights_(half_bytes(decoder_tensors(model)),
               [&](std::span<std::byte> bytes) {
                 const at::NoGradGuard no_grad;
                 with_halves(decoder_tensors(model), bytes.data(),
                             [](const at::Tensor& tensor, at::Tensor half) { half.copy_(tensor); });
               }),
      revision_(revision) {}

// Builds the full network for each call: a history cannot afford its memory, and the conversion
// takes less than a thousandth of a frame.
void HalfPrecisionDecoder::decode(std::span<const float> z, std::span<const int> labels,
                                  std::span<float> pictures) const {
  const at::NoGradGuard no_grad;
  const Autoencoder model(spec_);
  weights_.read([&](std::span<const std::byte> bytes) {
    with_halves(decoder_tensors(model), bytes.data(),
                [](at::Tensor tensor, const at::Tensor& half) { tensor.copy_(half); });
  });
  decode_pictures(model, z, labels, pictures);
}

}  // namespace

FrozenAutoencoder::FrozenAutoencoder(Autoencoder model, std::int64_t step, std::uint64_t revision,
                                     EvaluationPlace place)
    : model_(std::move(model)), step_(step), revision_(revision), place_(std::move(place)) {}

template <class Work>
auto FrozenAutoencoder::measured(const Work& work) const {
  if (!place_.device.is_cpu()) {
    try {
      return work(model_.copy_on(place_.device));
    } catch (const c10::Error& error) {  // the CPU has the weights too
      if (place_.warning) {
        place_.warning->say(
            tr("The GPU could not encode or measure, so the CPU does it, more slowly: {}",
               first_line(error)));
      }
    }
  }
  return work(model_);
}

std::size_t FrozenAutoencoder::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, tensor] : model_.named_tensors()) bytes += tensor.nbytes();
  return bytes;
}

DecoderPtr FrozenAutoencoder::half_precision_decoder() const {
  const WithThreads one(1);
  return std::make_shared<HalfPrecisionDecoder>(model_, revision_);
}

void FrozenAutoencoder::decode(std::span<const float> z, std::span<const int> labels,
                               std::span<float> pictures) const {
  decode_pictures(model_, z, labels, pictures);
}

std::vector<double> FrozenAutoencoder::decode_values(std::span<const float> z,
                                                     std::span<const int> labels) const {
  const at::NoGradGuard no_grad;
  const std::int64_t latent = spec().latent;
  const at::Tensor codes = at::from_blob(const_cast<float*>(z.data()),
                                         {static_cast<std::int64_t>(z.size()) / latent, latent});
  const at::Tensor label = spec().reads_label() ? one_hot(labels, spec().classes) : at::Tensor();
  return in_own_units(spec(), model_.reconstruction(model_.decode(codes, label)));
}

Expected<Codes> FrozenAutoencoder::encode(const Dataset& data, SplitName split,
                                          const Indices& indices, const Progress& progress) const {
  if (auto whole = check_halves(spec(), false); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  auto codes = measured(
      [&](const Autoencoder& model) { return encode_rows(model, data, split, indices, progress); });
  if (codes) {
    codes->step = step_;
    codes->revision = revision_;
  }
  return codes;
}

Expected<Reconstructions> FrozenAutoencoder::reconstruct(const Dataset& data, SplitName split,
                                                         const Indices& indices,
                                                         std::uint64_t seed) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return reconstruct_rows(model_, data, split, indices, seed);
}

Expected<LossSums> FrozenAutoencoder::add_losses(const LossSums& sums, const Dataset& data,
                                                 SplitName split, const Indices& indices,
                                                 const EvaluationSettings& settings,
                                                 const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return measured([&](const Autoencoder& model) {
    return zscape::add_losses(sums, model, data, split, indices, settings, progress);
  });
}

Expected<Figures> FrozenAutoencoder::figures(const Dataset& data, SplitName split,
                                             int importance_samples,
                                             const EvaluationSettings& settings,
                                             const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return evaluate_figures(model_, data, split, importance_samples, settings, progress);
}

Expected<FewLabelAccuracy> FrozenAutoencoder::classify(const Dataset& data, const FewLabels& task,
                                                       const Progress& progress) const {
  if (auto whole = check_halves(spec(), true); !whole) return tl::unexpected(whole.error());
  if (auto fits = check_fit(spec(), data); !fits) return tl::unexpected(fits.error());
  return zscape::classify(model_, data, task, progress);
}

Expected<std::vector<float>> FrozenAutoencoder::geodesic(std::span<const float> from,
                                                         std::span<const float> to, int label,
                                                         int points,
                                                         const Progress& progress) const {
  const auto latent = static_cast<std::size_t>(spec().latent);
  TORCH_CHECK(from.size() == latent && to.size() == latent && points >= 2,
              "geodesic: both ends must be [", latent, "], and at least 2 points");
  const auto end = [&](std::span<const float> z) {
    return at::from_blob(const_cast<float*>(z.data()), {spec().latent}).clone();
  };
  const Surface surface = [this, label](const at::Tensor& z) {
    at::Tensor labels;
    if (spec().reads_label()) {
      const std::vector<int> repeated(static_cast<std::size_t>(z.size(0)), label);
      labels = one_hot(repeated, spec().classes);
    }
    return model_.reconstruction(model_.decode(z, labels));
  };
  const auto path = shortest_path(surface, end(from), end(to), points, progress);
  if (!path) return tl::unexpected(path.error());
  const at::Tensor flat = path->contiguous();
  return std::vector<float>(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
}

}  // namespace zscape
