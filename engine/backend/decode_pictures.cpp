#include "engine/backend/decode_pictures.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "engine/model/batch.h"

namespace zscape {

void decode_pictures(const Autoencoder& model, std::span<const float> z,
                     std::span<const int> labels, std::span<float> pictures) {
  const ModelSpec& spec = model.spec();
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

}  // namespace zscape
