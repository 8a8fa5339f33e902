#pragma once

#include "engine/certificate.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"
#include "engine/progress.h"

namespace zscape {

// How well log p(x) of some inputs of a split is known (engine/certificate.h): exactly where there
// is a closed form or quadrature; else by three lower bounds, each doubled until it settles; and
// on inputs drawn from the model by both bounds of annealed importance sampling. Fails for a model
// without p(x|z), saying so. Works with the calling thread's team.
Expected<Certificate> certified(const Autoencoder& model, const Dataset& data, SplitName split,
                                const CertificateSettings& settings,
                                const CertificateListener& listen, const Progress& progress);

// Inputs drawn from the model, x ~ p(x|z), of the z that `zscape sample` draws with this seed.
struct DrawnInputs {
  Batch batch;   // labels: each class in turn
  at::Tensor z;  // [n, k], a draw of each input's true posterior
};
DrawnInputs draw_inputs(const Autoencoder& model, std::int64_t count, std::uint64_t seed);

}  // namespace zscape
