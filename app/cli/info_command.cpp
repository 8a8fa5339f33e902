#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numeric>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/source_kind.h"
#include "engine/io/safetensors.h"

namespace zscape {
namespace {

std::int64_t count_of(const TensorEntry& tensor) {
  return static_cast<std::int64_t>(tensor.data.size() / size_of(tensor.type));
}

std::int64_t parameters_in(const TensorFile& file) {
  return std::accumulate(
      file.tensors.begin(), file.tensors.end(), std::int64_t{0},
      [](std::int64_t sum, const TensorEntry& tensor) { return sum + count_of(tensor); });
}

std::string shape_text(const ImageShape& shape) {
  return shape.channels == 1 ? fmt::format("{}×{}", shape.height, shape.width)
                             : fmt::format("{}×{}×{}", shape.height, shape.width, shape.channels);
}

Json shape_json(const ImageShape& shape) {
  return {shape.height, shape.width, shape.channels};
}

Json model_json(const ModelSpec& spec, const RunRecord& record, const TensorFile& file) {
  const bool gaussian = spec.likelihood == Likelihood::gaussian;
  Json json;
  json["type"] = "model";
  json["kind"] = name_of(spec.kind);
  json["shape"] = shape_json(spec.shape);
  json["latent"] = spec.latent;
  json["hidden"] = spec.hidden;
  json["classes"] = spec.classes;
  json["likelihood"] = name_of(spec.likelihood);
  json["sigma"] = gaussian ? Json(spec.sigma) : Json(nullptr);
  json["parameters"] = parameters_in(file);
  // A file that Python saved says nothing of the run behind it.
  const auto known = [&](Json value) { return record.data.empty() ? Json(nullptr) : value; };
  json["data"] = known(record.data);
  json["seed"] = known(record.seed);
  json["epochs"] = known(record.epochs);
  json["steps"] = known(record.steps);
  json["lambda"] = known(spec.has_prior() ? Json(record.kl_weight) : Json(nullptr));
  json["test_loss"] = known(number_or_null(record.test.loss));
  json["test_reconstruction"] = known(number_or_null(record.test.reconstruction));
  json["test_kl"] = known(number_or_null(record.test.kl));
  json["mse"] = known(number_or_null(record.test.mse));
  json["tensors"] = Json::array();
  for (const TensorEntry& tensor : file.tensors) {
    json["tensors"].push_back(
        {{"name", tensor.name}, {"dtype", name_of(tensor.type)}, {"shape", tensor.shape}});
  }
  return json;
}

void print_row(std::ostream& out, std::string_view name, std::string_view value) {
  out << fmt::format("{:<12} {}\n", name, value);
}

void print_model(const ModelSpec& spec, const RunRecord& record, const TensorFile& file,
                 std::ostream& out) {
  print_row(out, "model", describe(spec));
  print_row(out, "inputs", shape_text(spec.shape));
  if (spec.reads_label()) print_row(out, "classes", fmt::format("{}", spec.classes));
  print_row(out, "parameters", grouped(parameters_in(file)));
  if (!record.data.empty()) {
    std::string run = fmt::format("{}, seed {}, {} epochs, {} steps", record.data, record.seed,
                                  record.epochs, grouped(record.steps));
    if (spec.has_prior()) run += fmt::format(", λ = {}", record.kl_weight);
    print_row(out, "trained on", run);
  }
  if (!record.data.empty() && std::isfinite(record.test.loss)) {
    print_row(out, "test loss",
              spec.has_prior() ? fmt::format("{:.3f} = {:.3f} + λ · {:.3f}", record.test.loss,
                                             record.test.reconstruction, record.test.kl)
                               : fmt::format("{:.5f}", record.test.loss));
  }
  for (const TensorEntry& tensor : file.tensors) {
    print_row(out, "tensor",
              fmt::format("{} {} [{}]", tensor.name, name_of(tensor.type),
                          fmt::join(tensor.shape, ", ")));
  }
}

std::vector<std::int64_t> count_classes(const Split& split, int classes) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  for (const std::int32_t label : split.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

Json data_json(const Dataset& data) {
  Json json;
  json["type"] = "data";
  json["name"] = data.name;
  json["source"] = data.source;
  json["shape"] = shape_json(data.shape);
  json["train"] = data.train.count;
  json["test"] = data.test.count;
  json["classes"] = data.class_names;
  json["train_per_class"] = count_classes(data.train, data.classes());
  json["test_per_class"] = count_classes(data.test, data.classes());
  json["factors"] = data.factor_names;
  return json;
}

void print_data(const Dataset& data, std::ostream& out) {
  print_row(out, "data", data.name);
  print_row(out, "source", data.source);
  print_row(out, "inputs", shape_text(data.shape));
  print_row(
      out, "images",
      fmt::format("{} training, {} test", grouped(data.train.count), grouped(data.test.count)));
  const auto train = count_classes(data.train, data.classes());
  const auto test = count_classes(data.test, data.classes());
  for (std::size_t i = 0; i < train.size(); ++i) {
    print_row(out, "class",
              fmt::format("{}: {} training, {} test", data.class_names[i], grouped(train[i]),
                          grouped(test[i])));
  }
  if (!data.factor_names.empty()) {
    print_row(out, "factors", fmt::format("{}", fmt::join(data.factor_names, ", ")));
  }
}

Outcome<void> inform_on_model(const InfoOptions& options, Backend& backend, Console& console) {
  const auto opened = backend.open_model(options.path);
  if (!opened) return failed(opened.error().message);
  const auto file = read_safetensors(options.path);
  if (!file) return failed(file.error().message);
  const ModelSpec& spec = opened->model->spec();
  if (options.json) {
    console.out << one_line(model_json(spec, opened->record, *file)) << std::endl;
  } else {
    print_model(spec, opened->record, *file, console.out);
  }
  return {};
}

Outcome<void> inform_on_data(const InfoOptions& options, Backend& backend, Console& console) {
  ProgressLine line(console);
  const auto data = backend.load_data(options.path, line.progress("loading " + options.path));
  if (!data) return ended_by(data.error());
  line.clear();
  if (options.json) {
    console.out << one_line(data_json(**data)) << std::endl;
  } else {
    print_data(**data, console.out);
  }
  return {};
}

}  // namespace

Outcome<void> run_info(const InfoOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::helper);
  const Expected<SourceKind> kind = source_kind(options.path);
  if (!kind) return failed(kind.error().message);
  return *kind == SourceKind::model ? inform_on_model(options, backend, console)
                                    : inform_on_data(options, backend, console);
}

}  // namespace zscape
