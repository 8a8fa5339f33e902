#include "app/cli/model_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "app/cli/console.h"
#include "app/cli/data_text.h"
#include "app/cli/interrupt.h"
#include "app/files/source_kind.h"
#include "engine/class_order.h"
#include "engine/data/formats.h"
#include "engine/data/npy.h"
#include "engine/data/pixel_map.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

// decode(codes, labels, out) for all codes in pieces; Ctrl-C ends it.
template <class Number, class Decode>
Outcome<std::vector<Number>> decoded(const Decoder& decoder, std::span<const float> z,
                                     std::span<const int> labels, const Decode& decode) {
  constexpr std::size_t kBatch = 512;
  const auto latent = static_cast<std::size_t>(decoder.latent());
  const auto inputs = static_cast<std::size_t>(decoder.shape().size());
  const std::size_t count = z.size() / latent;
  std::vector<Number> outputs(count * inputs);
  for (std::size_t first = 0; first < count; first += kBatch) {
    if (interrupted()) return ended_by({tr("decoding was cancelled"), ErrorCode::cancelled});
    const std::size_t rows = std::min(kBatch, count - first);
    decode(z.subspan(first * latent, rows * latent),
           labels.empty() ? labels : labels.subspan(first, rows),
           std::span(outputs).subspan(first * inputs, rows * inputs));
  }
  return outputs;
}

}  // namespace

ModelCommand::ModelCommand(CLI::App& app) : Subcommand(app) {
  options_.text("MODEL", "", path_, tr("A saved model, or one that PyTorch exported."))->required();
  foreign_.add(options_, parameters_);
}

Outcome<void> ModelCommand::run(const Surroundings& surroundings, Console& console) {
  if (auto fits = check_out(); !fits) return fits;
  if (auto fits = check(); !fits) return fits;
  if (auto fits = foreign_.check(path_); !fits) return fits;
  watch_for_interrupt();
  const int threads = parameters_.values().compute.threads;
  const std::shared_ptr<Backend> backend = surroundings.make_backend(
      {.threads = threads > 0 ? threads : usual_threads_, .device = Device::cpu});
  backend->enter_thread(role_);
  const auto opened = backend->open_model(path_, foreign_.said(parameters_));
  if (!opened) return failed(opened.error().message);
  if (opened->assumed.empty() && !parameters_.has("data") && parameters_.has("image_size")) {
    return wrong_usage(
        tr("--image-size is for data and for models without metadata, and {} has some; leave it "
           "out",
           path_));
  }
  if (!opened->assumed.empty()) {
    console.err << tr("note: {}: {}", path_, told_assumption(*opened)) << std::endl;
  }
  if (!out_.empty()) {  // so that no work is lost
    const CommandInputs inputs{{{path_, tr("the model")}}, parameters_.values().data.source};
    if (auto fine = check_replaces_nothing({"--out", out_, type_of_out()}, inputs); !fine) {
      return fine;
    }
    if (const auto can = check_can_write(out_); !can) return failed(can.error().message);
  }
  ProgressLine line(console);
  return work({*opened->model, opened->record, *backend, console, line});
}

void ModelCommand::add_data(bool has_labels) {
  parameters_.add(parameter("data"), tr("The data: {}.", data_sources_text()), "")->required();
  add_data_rules(has_labels);
}

void ModelCommand::add_data_rules(bool has_labels) {
  for (const char* key : {"fit", "ground", "label_column", "sequence", "memory"}) {
    parameters_.add(parameter(key));
  }
  if (has_labels) {
    parameters_.add_by_key(parameter("labels_file"));
  } else {
    parameters_.add(parameter("labels_file"));
  }
  parameters_.add(parameter("range"), "", tr("that of the model"));
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
  options_.text("--label", "CLASS", label_, tr("The class, by its name or number (cvae)."),
                initial);
}

void ModelCommand::add_out(const std::string& help, std::vector<std::string_view> endings) {
  endings_ = std::move(endings);
  options_.text("--out", "FILE", out_, help)->required();
}

// So that no file says that it is what it is not.
Outcome<void> ModelCommand::check_out() const {
  std::error_code ignored;
  if (std::filesystem::is_directory(out_, ignored)) return {};  // check_can_write names it
  if (endings_.empty() || std::ranges::find(endings_, ending_of(out_)) != endings_.end()) return {};
  return wrong_usage(
      tr("--out: {} does not end in {}, which would tell what to write; use one of "
         "these endings",
         out_, fmt::join(endings_, ", ")));
}

Outcome<std::shared_ptr<const Dataset>> ModelCommand::load_data(const ModelWork& work) const {
  const DataRequest request = as_learned(parameters_.values().data, work.spec(), work.record);
  if (auto fits = check_is_data(request.source); !fits) return failed(fits.error().message);
  auto data = work.backend.load_data(request, work.line.progress(tr("loading {}", request.source)));
  if (!data) return ended_by(data.error());
  if (auto fits = check_rules(parameters_.values().data, **data); !fits) {
    return wrong_usage(fits.error().message);
  }
  if (work.spec().range && !parameters_.has("range") && are_all_dark(**data)) {
    return failed(
        tr("{}: it learned from numbers of {:g} … {:g}, by which all inputs of {} are black: they "
           "are on another scale; bring them to that one, or say theirs with --range LOW,HIGH",
           path_, work.spec().range->low, work.spec().range->high, (*data)->name));
  }
  if (auto fits = check_fit(work.spec(), **data); !fits) {
    const bool are_steps = !request.sequence && work.spec().shape.height == 1 &&
                           (*data)->shape.height > 1 && (*data)->shape.channels == 1 &&
                           (*data)->shape.width == work.spec().shape.width;
    return failed(are_steps ? tr("{}: {}; where these are sequences, add --sequence", path_,
                                 fits.error().message)
                            : tr("{}: {}", path_, fits.error().message));
  }
  if (const std::string doubt = class_order_doubt(work.spec(), **data); !doubt.empty()) {
    work.console.err << tr("note: {}: {}", path_, doubt) << std::endl;
  }
  work.line.clear();
  print_notes(**data, work.console);
  return *std::move(data);
}

DataRequest as_learned(DataRequest request, const ModelSpec& spec, const RunRecord& record) {
  if (spec.shape.height > 1) request.usual_size = ImageSize{spec.shape.height, spec.shape.width};
  if (!request.range) request.range = spec.range;
  request.usual_range = !request.range;
  if (record.pictures) {
    request.fit = request.fit.value_or(record.pictures->fit);
    request.ground = request.ground.value_or(record.pictures->ground);
  }
  return request;
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

Outcome<std::optional<int>> ModelCommand::label_of(const ModelSpec& spec) const {
  if (label_.empty()) return std::nullopt;
  if (!spec.reads_label()) {
    return wrong_usage(
        tr("--label: the model is of kind {} and reads no label; leave it out, or name a cvae",
           name_of(spec.kind)));
  }
  const auto label = class_named(spec, label_);
  if (label) return label;
  return wrong_usage(tr("--label: the model has the classes {}, and {} is none of them",
                        classes_text(spec), label_));
}

Outcome<std::optional<int>> ModelCommand::needed_label_of(const ModelSpec& spec) const {
  if (spec.reads_label() && label_.empty()) {
    return wrong_usage(tr("--label is missing: {} is a cvae and draws one of the classes {}", path_,
                          classes_text(spec)));
  }
  return label_of(spec);
}

FileType ModelCommand::type_of_out() const {
  const std::string ending = ending_of(out_);
  if (ending == ".csv") return FileType::text;
  if (ending == ".npy") return FileType::npy;
  return ending == ".gif" ? FileType::gif : FileType::png;
}

bool ModelCommand::writes_picture() const {
  const FileType type = type_of_out();
  return type == FileType::png || type == FileType::gif;
}

Outcome<void> ModelCommand::write_picture(const Picture& picture) const {
  return outcome_of(write_png(out_, picture));
}

Outcome<void> ModelCommand::write_values(const std::vector<double>& values, const ImageShape& shape,
                                         std::span<const std::string> places,
                                         std::int64_t steps) const {
  if (auto finite = check_finite(values, kOutputsNotFinite); !finite) return finite;
  const auto size = static_cast<std::size_t>(shape.size());
  if (type_of_out() == FileType::npy) {
    std::vector<std::int64_t> dims = {static_cast<std::int64_t>(values.size() / size)};
    if (steps > 0) dims = {dims.front() / steps, steps};
    if (shape.height > 1) dims.push_back(shape.height);
    dims.push_back(shape.width);
    if (shape.channels > 1) dims.push_back(shape.channels);
    return outcome_of(write_file_atomically(out_, npy_double_bytes(dims, values)));
  }
  std::string text;
  const auto begin_line = [&](std::size_t line) {
    if (!places.empty()) text += places[line] + ',';
  };
  begin_line(0);
  for (std::size_t i = 1; i <= size; ++i) text += fmt::format("{}x_{}", i == 1 ? "" : ",", i);
  for (std::size_t first = 0; first < values.size(); first += size) {
    text += '\n';
    begin_line(first / size + 1);
    for (std::size_t i = 0; i < size; ++i) {
      // Outputs that nothing scaled are float32: as short as these are.
      const double value = values[first + i];
      const auto narrow = static_cast<float>(value);
      if (i > 0) text += ',';
      text += narrow == value ? fmt::format("{}", narrow) : fmt::format("{}", value);
    }
  }
  text += '\n';
  return outcome_of(write_file_atomically(out_, std::as_bytes(std::span(text))));
}

Outcome<void> ModelCommand::write_decoded(const FrozenModel& model, std::span<const float> z,
                                          std::span<const int> labels, int columns) const {
  const ImageShape shape = model.shape();
  if (!writes_picture()) {
    const auto values =
        decoded<double>(model, z, labels, [&](auto codes, auto classes, std::span<double> out) {
          std::ranges::copy(model.decode_values(codes, classes), out.begin());
        });
    if (!values) return tl::unexpected(values.error());
    return write_values(*values, shape);
  }
  const auto pictures = decode_all(model, z, labels);
  if (!pictures) return tl::unexpected(pictures.error());
  return write_picture(columns > 0 ? picture_grid(*pictures, shape, columns)
                                   : picture_grid(*pictures, shape));
}

Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::span<const int> labels) {
  auto pictures = decoded<float>(
      decoder, z, labels,
      [&](auto codes, auto classes, std::span<float> out) { decoder.decode(codes, classes, out); });
  if (!pictures) return pictures;
  if (auto finite = check_finite(*pictures, kOutputsNotFinite); !finite) {
    return tl::unexpected(finite.error());
  }
  return pictures;
}

std::vector<int> repeated(const ModelSpec& spec, std::optional<int> label, std::size_t count) {
  return std::vector<int>(spec.reads_label() ? count : 0, label.value_or(0));
}

}  // namespace zscape
