#include "engine/backend/memory.h"

#include <algorithm>

#include "engine/conv_sizes.h"
#include "engine/foreign_program.h"
#include "engine/physical_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kFloat = 4;  // bytes
}  // namespace

double weight_count(const ModelSpec& spec) {
  const double heads = spec.latent * (spec.has_prior() ? 2.0 : 1.0);
  if (spec.program) return static_cast<double>(spec.program->weights);
  if (spec.network == Network::conv) {
    constexpr double kKernel = kConvKernel * kConvKernel, kOuter = kConvOuterChannels;
    const auto inner = static_cast<double>(conv_inner_size(spec.shape));
    const double kernels = kKernel * kOuter * (spec.shape.channels + kConvInnerChannels);
    return 2 * kernels + inner * (heads + spec.latent);
  }
  double weights = 0, before = spec.inputs() + spec.classes;
  for (const int width : spec.hidden) {
    weights += before * width;
    before = width;
  }
  weights += before * heads;
  before = spec.latent + spec.classes;
  for (auto width = spec.hidden.rbegin(); width != spec.hidden.rend(); ++width) {
    weights += before * *width;
    before = *width;
  }
  return weights + before * spec.inputs();
}

Expected<void> check_memory(const TrainingTask& task) {
  const ModelSpec& spec = task.spec;
  const auto all = static_cast<double>(physical_memory());
  if (spec.is_linear() || all <= 0) return {};
  constexpr double kGigabyte = 1e9;
  // Weights, gradient and Adam's two moments.
  const double model = 4 * kFloat * weight_count(spec);
  if (model > all) {
    return fail(
        tr("{} needs {:.0f} GB of memory for its weights and their moments, and this machine has "
           "{:.0f} GB; use narrower layers",
           describe(spec), model / kGigabyte, all / kGigabyte));
  }
  const auto batch =
      static_cast<double>(std::min<std::int64_t>(task.batch_size, task.data->train.count));
  // The outputs and their gradient, for each draw of z.
  const double step = 2 * kFloat * batch * spec.samples * spec.inputs();
  if (model + step <= all) return {};
  return fail(
      tr("a step with {} samples of z for each of {} inputs needs {:.0f} GB of memory, and this "
         "machine has {:.0f} GB; use fewer (--samples, --batch)",
         spec.samples, batch, step / kGigabyte, all / kGigabyte));
}

}  // namespace zscape
