#include "engine/backend/memory.h"

#include <unistd.h>

#include <algorithm>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kFloat = 4;  // bytes

// Of all layers, convolutional ones left out: their weights are few.
double weights_of(const ModelSpec& spec) {
  if (spec.network == Network::conv) return 0;
  double weights = 0;
  const double ends[] = {static_cast<double>(spec.inputs() + spec.classes),
                         static_cast<double>(spec.latent + spec.classes)};
  for (const double end : ends) {
    double before = end;
    for (const int width : spec.hidden) {
      weights += before * width;
      before = width;
    }
  }
  return weights;
}

}  // namespace

Expected<void> check_memory(const TrainingTask& task) {
  const ModelSpec& spec = task.spec;
  const double all =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (spec.is_linear() || all <= 0) return {};
  constexpr double kGigabyte = 1e9;
  // Weights, gradient and Adam's two moments.
  const double model = 4 * kFloat * weights_of(spec);
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
