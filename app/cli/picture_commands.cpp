#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "engine/io/atomic_file.h"
#include "engine/io/png.h"
#include "engine/random.h"

namespace zscape {
namespace {

// Opens a model whose pictures are to be written to out, so that a bad place is found first.
Outcome<FrozenModelPtr> open_for_pictures(Backend& backend, const std::string& model,
                                          const std::string& out) {
  backend.enter_thread(ThreadRole::helper);
  auto opened = backend.open_model(model);
  if (!opened) return failed(opened.error().message);
  if (const auto can = check_can_write(out); !can) return failed(can.error().message);
  return std::move(opened->model);
}

Outcome<void> check_label(const ModelSpec& spec, const std::optional<int>& label) {
  if (!label) return {};
  if (!spec.reads_label()) {
    return wrong_usage(
        fmt::format("--label: the model is of kind {} and reads no label; leave it "
                    "out, or name a cvae",
                    name_of(spec.kind)));
  }
  if (*label >= spec.classes) {
    return wrong_usage(
        fmt::format("--label: the model has the classes 0 to {}, and {} is none of "
                    "them",
                    spec.classes - 1, *label));
  }
  return {};
}

Outcome<void> write_pictures(const std::string& out, std::span<const float> pictures,
                             const ImageShape& shape) {
  const auto written = write_png(out, picture_grid(pictures, shape));
  if (!written) return failed(written.error().message);
  return {};
}

}  // namespace

Outcome<void> run_decode(const DecodeOptions& options, Backend& backend) {
  const auto model = open_for_pictures(backend, options.model, options.out);
  if (!model) return tl::unexpected(model.error());
  const ModelSpec& spec = (*model)->spec();
  if (options.z.size() != static_cast<std::size_t>(spec.latent)) {
    return wrong_usage(
        fmt::format("--z: {} number{} given, and the model has {} latent "
                    "dimension{}; give one each",
                    options.z.size(), options.z.size() == 1 ? "" : "s", spec.latent,
                    spec.latent == 1 ? "" : "s"));
  }
  if (auto fits = check_label(spec, options.label); !fits) return fits;
  if (spec.reads_label() && !options.label) {
    return wrong_usage(
        fmt::format("--label is missing: {} is a cvae and draws one of the classes "
                    "0 to {}",
                    options.model, spec.classes - 1));
  }
  const std::vector<int> labels(options.label ? 1U : 0U, options.label.value_or(0));
  std::vector<float> picture(static_cast<std::size_t>(spec.inputs()));
  (*model)->decode(options.z, labels, picture);
  return write_pictures(options.out, picture, spec.shape);
}

Outcome<void> run_sample(const SampleOptions& options, Backend& backend, Console& console) {
  const auto model = open_for_pictures(backend, options.model, options.out);
  if (!model) return tl::unexpected(model.error());
  const ModelSpec& spec = (*model)->spec();
  if (auto fits = check_label(spec, options.label); !fits) return fits;
  if (!spec.has_prior()) {
    console.err << "note: " << name_of(spec.kind)
                << " has no prior; codes drawn from N(0, I) show the holes between its own codes"
                << std::endl;
  }

  const auto count = static_cast<std::size_t>(options.count);
  const auto latent = static_cast<std::size_t>(spec.latent);
  const auto inputs = static_cast<std::size_t>(spec.inputs());
  std::vector<float> z(count * latent);
  Random(options.seed, Stream::evaluation, 0).fill_normal(z);
  std::vector<int> labels(spec.reads_label() ? count : 0);
  for (std::size_t i = 0; i < labels.size(); ++i) {  // without a label each class in turn
    labels[i] = options.label.value_or(static_cast<int>(i) % spec.classes);
  }
  std::vector<float> pictures(count * inputs);
  constexpr std::size_t kBatch = 512;
  for (std::size_t first = 0; first < count; first += kBatch) {
    if (interrupted()) return ended_by(Error{});
    const std::size_t rows = std::min(kBatch, count - first);
    const auto batch_labels =
        labels.empty() ? std::span<const int>() : std::span(labels).subspan(first, rows);
    (*model)->decode(std::span(z).subspan(first * latent, rows * latent), batch_labels,
                     std::span(pictures).subspan(first * inputs, rows * inputs));
  }
  return write_pictures(options.out, pictures, spec.shape);
}

}  // namespace zscape
