#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_work.h"
#include "engine/io/png.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kReconstructionColumns = 16;
constexpr std::int64_t kReconstructions = 16;

Outcome<void> write_picture(const std::string& out, const Picture& picture) {
  const auto written = write_png(out, picture);
  if (!written) return failed(written.error().message);
  return {};
}

// Rows of pictures, each [count, d], below one another in blocks of a few columns.
Picture in_blocks(std::span<const std::vector<float>* const> rows, const ImageShape& shape) {
  const auto size = static_cast<std::size_t>(shape.size());
  const std::size_t count = rows.front()->size() / size;
  const std::size_t columns = std::min<std::size_t>(count, kReconstructionColumns);
  const std::size_t blocks = (count + columns - 1) / columns;
  std::vector<float> pictures(blocks * rows.size() * columns * size);  // black where there is none
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t first = 0; first < count; first += columns) {
      const std::size_t place = (first / columns * rows.size() + row) * columns;
      const std::size_t length = std::min(columns, count - first);
      const auto from = std::span(*rows[row]).subspan(first * size, length * size);
      std::ranges::copy(from, pictures.begin() + static_cast<std::ptrdiff_t>(place * size));
    }
  }
  return picture_grid(pictures, shape, static_cast<int>(columns));
}

}  // namespace

Outcome<void> run_decode(const DecodeOptions& options, Backend& backend) {
  backend.enter_thread(ThreadRole::helper);
  const auto opened = open_model(backend, options.model, options.out);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  const ModelSpec& spec = model.spec();
  if (options.z.size() != static_cast<std::size_t>(spec.latent)) {
    return wrong_usage(
        tr("--z: {} number{} given, and the model has {} latent "
           "dimension{}; give one each",
           options.z.size(), options.z.size() == 1 ? "" : "s", spec.latent,
           spec.latent == 1 ? "" : "s"));
  }
  if (auto fits = need_label(spec, options.label, options.model); !fits) return fits;
  const auto picture = decode_all(model, options.z, options.label);
  if (!picture) return tl::unexpected(picture.error());
  return write_picture(options.out, picture_grid(*picture, spec.shape));
}

Outcome<void> run_sample(const SampleOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::helper);
  const auto opened = open_model(backend, options.model, options.out);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  const ModelSpec& spec = model.spec();
  if (auto fits = check_label(spec, options.label); !fits) return fits;
  if (!spec.has_prior()) {
    console.err
        << "note: " << name_of(spec.kind)
        << tr(" has no prior; codes drawn from N(0, I) show the holes between its own codes")
        << std::endl;
  }

  const auto count = static_cast<std::size_t>(options.count);
  std::vector<float> z(count * static_cast<std::size_t>(spec.latent));
  Random(options.seed, Stream::evaluation, 0).fill_normal(z);
  std::vector<int> labels(spec.reads_label() ? count : 0);
  for (std::size_t i = 0; i < labels.size(); ++i) {  // without a label each class in turn
    labels[i] = options.label.value_or(static_cast<int>(i) % spec.classes);
  }
  const auto pictures = decode_all(model, z, std::span<const int>(labels));
  if (!pictures) return tl::unexpected(pictures.error());
  return write_picture(options.out, picture_grid(*pictures, spec.shape));
}

Outcome<void> run_reconstruct(const ReconstructOptions& options, Backend& backend,
                              Console& console) {
  backend.enter_thread(ThreadRole::helper);
  const auto opened = open_model(backend, options.model, options.out);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  ProgressLine line(console);
  const auto data = load_data_for(model, options.model, options.data, backend, line);
  if (!data) return tl::unexpected(data.error());
  if (auto fits = check_row(**data, options.split, options.first, "--from"); !fits) return fits;
  const std::int64_t left = (*data)->split(options.split).count - options.first;
  const std::int64_t count = options.count.value_or(std::min(kReconstructions, left));
  if (count > left) {
    return failed(
        tr("--count: the {} split of {} has {} input{} from {} on; ask for as "
           "many or fewer",
           name_of(options.split), (*data)->name, left, left == 1 ? "" : "s", options.first));
  }
  auto rows = std::make_shared<std::vector<std::int64_t>>();
  for (std::int64_t i = 0; i < count; ++i) rows->push_back(options.first + i);
  const auto made = model.reconstruct(**data, options.split, rows, options.seed);
  if (!made) return failed(made.error().message);

  std::vector<const std::vector<float>*> shown = {&made->target};
  if (model.spec().traits().corruption != Corruption::none) shown.push_back(&made->seen);
  shown.push_back(&made->output);
  return write_picture(options.out, in_blocks(shown, model.spec().shape));
}

}  // namespace zscape
