#include "app/cli/model_work.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/cli/interrupt.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {

Outcome<OpenedModel> open_model(Backend& backend, const std::string& path, const std::string& out) {
  auto opened = backend.open_model(path);
  if (!opened) return failed(opened.error().message);
  if (!out.empty()) {
    if (const auto can = check_can_write(out); !can) return failed(can.error().message);
  }
  return *std::move(opened);
}

Outcome<std::shared_ptr<const Dataset>> load_data_for(const FrozenModel& model,
                                                      const std::string& path,
                                                      const DataRequest& request, Backend& backend,
                                                      ProgressLine& line) {
  auto data = backend.load_data(request, line.progress("loading " + request.source));
  if (!data) return ended_by(data.error());
  if (auto fits = check_fit(model.spec(), **data); !fits) {
    return failed(tr("{}: {}", path, fits.error().message));
  }
  return *std::move(data);
}

std::string_view name_of(SplitName split) {
  return split == SplitName::train ? "train" : "test";
}

Outcome<void> check_row(const Dataset& data, SplitName split, std::int64_t row,
                        std::string_view option) {
  const std::int64_t count = data.split(split).count;
  if (row < count) return {};
  if (count == 0) {
    return failed(
        tr("{}: the {} split of {} is empty; name the other", option, name_of(split), data.name));
  }
  return failed(tr("{}: the {} split of {} has the inputs 0 to {}, and {} is none of them", option,
                   name_of(split), data.name, count - 1, row));
}

Outcome<void> check_label(const ModelSpec& spec, std::optional<int> label) {
  if (!label) return {};
  if (!spec.reads_label()) {
    return wrong_usage(
        tr("--label: the model is of kind {} and reads no label; leave it "
           "out, or name a cvae",
           name_of(spec.kind)));
  }
  if (*label >= spec.classes) {
    return wrong_usage(
        tr("--label: the model has the classes 0 to {}, and {} is none of "
           "them",
           spec.classes - 1, *label));
  }
  return {};
}

Outcome<void> need_label(const ModelSpec& spec, std::optional<int> label, const std::string& path) {
  if (spec.reads_label() && !label) {
    return wrong_usage(
        tr("--label is missing: {} is a cvae and draws one of the classes "
           "0 to {}",
           path, spec.classes - 1));
  }
  return check_label(spec, label);
}

Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::span<const int> labels) {
  constexpr std::size_t kBatch = 512;
  const auto latent = static_cast<std::size_t>(decoder.latent());
  const auto inputs = static_cast<std::size_t>(decoder.shape().size());
  const std::size_t count = z.size() / latent;
  std::vector<float> pictures(count * inputs);
  for (std::size_t first = 0; first < count; first += kBatch) {
    if (interrupted()) return ended_by({tr("decoding was cancelled"), ErrorCode::cancelled});
    const std::size_t rows = std::min(kBatch, count - first);
    const auto batch_labels = labels.empty() ? labels : labels.subspan(first, rows);
    decoder.decode(z.subspan(first * latent, rows * latent), batch_labels,
                   std::span(pictures).subspan(first * inputs, rows * inputs));
  }
  return pictures;
}

Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::optional<int> label) {
  std::vector<int> labels;
  if (decoder.classes() > 0) {
    labels.assign(z.size() / static_cast<std::size_t>(decoder.latent()), label.value_or(0));
  }
  return decode_all(decoder, z, std::span<const int>(labels));
}

}  // namespace zscape
