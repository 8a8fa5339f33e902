#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_info.h"
#include "app/files/source_kind.h"
#include "engine/io/safetensors.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kClassesShown = 40;

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
  json["vectors"] = !data.has_images();
  json["scaling"] = data.scaling != nullptr;
  return json;
}

void print_data(const Dataset& data, std::ostream& out) {
  print_row(out, "data", data.name);
  print_row(out, "source", data.source);
  print_row(out, "inputs",
            shape_text(data.shape) +
                (data.scaling ? tr(", some outside [0, 1]: read standardised") : ""));
  print_row(
      out, data.has_images() ? "images" : "vectors",
      fmt::format("{} training, {} test", grouped(data.train.count), grouped(data.test.count)));
  if (data.classes() == 0) print_row(out, "classes", tr("none: no labels"));
  const auto train = count_classes(data.train, data.classes());
  const auto test = count_classes(data.test, data.classes());
  for (std::size_t i = 0; i < std::min(train.size(), kClassesShown); ++i) {
    print_row(out, "class",
              fmt::format("{}: {} training, {} test", data.class_names[i], grouped(train[i]),
                          grouped(test[i])));
  }
  if (train.size() > kClassesShown) {
    print_row(out, "class", fmt::format("… and {} more", train.size() - kClassesShown));
  }
  if (!data.factor_names.empty()) {
    print_row(out, "factors", fmt::format("{}", fmt::join(data.factor_names, ", ")));
  }
}

Json machine_json(const MachineInfo& machine) {
  Json json;
  json["type"] = "machine";
  json["processor"] = machine.processor;
  json["cores"] = machine.cores;
  json["kernels"] = machine.kernels.front().name;
  json["threads"] = machine.threads;
  json["bf16"] = machine.has_bf16;
  json["gpu"] = machine.gpu.empty() ? Json() : Json(machine.gpu);
  if (machine.gpu.empty()) json["no_gpu"] = machine.no_gpu;
  for (const KernelSpeed& speed : machine.kernels) {
    json["gigaflops"][speed.name] = speed.gigaflops;
  }
  return json;
}

void print_machine(const MachineInfo& machine, std::ostream& out) {
  print_row(out, "processor", fmt::format("{}, {} cores", machine.processor, machine.cores));
  for (const KernelSpeed& speed : machine.kernels) {
    const bool taken = &speed == &machine.kernels.front();
    print_row(out, "kernels",
              tr("{}: {:.1f} GFLOP/s in training steps on one thread{}", speed.name,
                 speed.gigaflops, taken ? ", taken" : ""));
  }
  print_row(out, "threads", std::to_string(machine.threads));
  print_row(out, "gpu",
            machine.gpu.empty() ? "none: " + machine.no_gpu
                                : machine.gpu + tr(", taken unless --device cpu"));
  print_row(out, "bf16",
            machine.has_bf16 ? tr("yes: train --precision bf16") : tr("no AVX512_BF16"));
}

Outcome<void> inform_on_checkpoint(const InfoOptions& options, Backend& backend, Console& console) {
  const auto checkpoint = backend.open_checkpoint(options.source.source);
  if (!checkpoint) return failed(checkpoint.error().message);
  if (options.json) {
    console.out << one_line(checkpoint_json(*checkpoint)) << std::endl;
  } else {
    print_checkpoint(*checkpoint, console.out);
  }
  return {};
}

Outcome<void> inform_on_model(const InfoOptions& options, Backend& backend, Console& console) {
  if (options.source.image_size) {
    return wrong_usage(
        tr("--image-size is for data, and {} is a model; leave it out", options.source.source));
  }
  const auto file = read_safetensors(options.source.source);
  if (!file) return failed(file.error().message);
  if (file->metadata.contains(kCheckpointKey)) {
    return inform_on_checkpoint(options, backend, console);
  }
  const auto opened = backend.open_model(options.source.source);
  if (!opened) return failed(opened.error().message);
  if (options.json) {
    console.out << one_line(model_json(*opened, *file)) << std::endl;
  } else {
    print_model(*opened, *file, console.out);
  }
  return {};
}

Outcome<void> inform_on_data(const InfoOptions& options, Backend& backend, Console& console) {
  ProgressLine line(console);
  const auto data =
      backend.load_data(options.source, line.progress("loading " + options.source.source));
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

Outcome<void> run_machine_info(const InfoOptions& options, const MachineInfo& machine,
                               Console& console) {
  if (options.json) {
    console.out << one_line(machine_json(machine)) << std::endl;
  } else {
    print_machine(machine, console.out);
  }
  return {};
}

Outcome<void> run_info(const InfoOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::helper);
  const Expected<SourceKind> kind = source_kind(options.source.source);
  if (!kind) return failed(kind.error().message);
  if (*kind == SourceKind::session || *kind == SourceKind::picture) {
    return failed(tr("{} is a {}; name a model or data", options.source.source,
                     *kind == SourceKind::session ? "session" : "picture"));
  }
  return *kind == SourceKind::model ? inform_on_model(options, backend, console)
                                    : inform_on_data(options, backend, console);
}

}  // namespace zscape
