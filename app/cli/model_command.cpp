#include "app/cli/model_command.h"

#include <algorithm>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "engine/data/formats.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {

ModelCommand::ModelCommand(CLI::App& app) : Subcommand(app) {
  options_.text("MODEL", "", path_, tr("A saved model."))->required();
}

Outcome<void> ModelCommand::run(const Surroundings& surroundings, Console& console) {
  if (auto fits = check(); !fits) return fits;
  watch_for_interrupt();
  const int threads = parameters_.values().compute.threads;
  const std::shared_ptr<Backend> backend = surroundings.make_backend(
      {.threads = threads > 0 ? threads : usual_threads_, .device = Device::cpu});
  backend->enter_thread(role_);
  const auto opened = backend->open_model(path_);
  if (!opened) return failed(opened.error().message);
  if (!out_.empty()) {  // so that no work is lost
    if (const auto can = check_can_write(out_); !can) return failed(can.error().message);
  }
  ProgressLine line(console);
  return work({*opened->model, opened->record, *backend, console, line});
}

void ModelCommand::add_data() {
  parameters_.add(parameter("data"), tr("The data: {}.", data_sources_text()), "")->required();
  add_image_size();
}

void ModelCommand::add_image_size() {
  parameters_.add(parameter("image_size"));
  options_.footer(data_formats_help());
}

void ModelCommand::add_split() {
  options_.choice<SplitName>("--split", split_,
                             {{"test", SplitName::test}, {"train", SplitName::train}},
                             tr("Which inputs."), "test");
}

void ModelCommand::add_threads(int usual) {
  role_ = ThreadRole::engine;
  usual_threads_ = usual;
  parameters_.add(parameter("threads"), "",
                  usual > 0 ? std::optional(std::to_string(usual)) : std::nullopt);
}

void ModelCommand::add_label(const std::string& initial) {
  options_.number("--label", label_, 0, OptionList::kNoEnd, tr("The class (cvae)."), initial);
}

void ModelCommand::add_out(const std::string& help) {
  options_.text("--out", "FILE", out_, help)->required();
}

Outcome<std::shared_ptr<const Dataset>> ModelCommand::load_data(const ModelWork& work) const {
  const DataRequest request = parameters_.values().data;
  auto data = work.backend.load_data(request, work.line.progress(tr("loading {}", request.source)));
  if (!data) return ended_by(data.error());
  if (auto fits = check_fit(work.spec(), **data); !fits) {
    return failed(tr("{}: {}", path_, fits.error().message));
  }
  return *std::move(data);
}

std::string_view name_of(SplitName split) {
  return split == SplitName::train ? "train" : "test";
}

Outcome<void> ModelCommand::check_row(const Dataset& data, SplitName split, std::int64_t row,
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

Outcome<void> ModelCommand::check_label(const ModelSpec& spec) const {
  if (!label_) return {};
  if (!spec.reads_label()) {
    return wrong_usage(
        tr("--label: the model is of kind {} and reads no label; leave it out, or name a cvae",
           name_of(spec.kind)));
  }
  if (*label_ >= spec.classes) {
    return wrong_usage(tr("--label: the model has the classes 0 to {}, and {} is none of them",
                          spec.classes - 1, *label_));
  }
  return {};
}

Outcome<void> ModelCommand::need_label(const ModelSpec& spec) const {
  if (spec.reads_label() && !label_) {
    return wrong_usage(tr("--label is missing: {} is a cvae and draws one of the classes 0 to {}",
                          path_, spec.classes - 1));
  }
  return check_label(spec);
}

Outcome<void> ModelCommand::write_picture(const Picture& picture) const {
  return outcome_of(write_png(out_, picture));
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
