#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_info.h"
#include "app/cli/subcommand.h"
#include "app/files/source_kind.h"
#include "engine/data/formats.h"
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
  print_row(out, tr("data"), data.name);
  print_row(out, tr("source"), data.source);
  print_row(out, tr("inputs"),
            data.scaling ? tr("{}, some outside [0, 1]: read standardised", shape_text(data.shape))
                         : shape_text(data.shape));
  print_row(out, data.has_images() ? "images" : "vectors",
            tr("{} training, {} test", grouped(data.train.count), grouped(data.test.count)));
  if (data.classes() == 0) print_row(out, tr("classes"), tr("none: no labels"));
  const auto train = count_classes(data.train, data.classes());
  const auto test = count_classes(data.test, data.classes());
  for (std::size_t i = 0; i < std::min(train.size(), kClassesShown); ++i) {
    print_row(
        out, tr("class"),
        tr("{}: {} training, {} test", data.class_names[i], grouped(train[i]), grouped(test[i])));
  }
  if (train.size() > kClassesShown) {
    print_row(out, tr("class"), tr("… and {} more", train.size() - kClassesShown));
  }
  if (!data.factor_names.empty()) {
    print_row(out, tr("factors"), fmt::format("{}", fmt::join(data.factor_names, ", ")));
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
  print_row(out, tr("processor"), tr("{}, {} cores", machine.processor, machine.cores));
  for (const KernelSpeed& speed : machine.kernels) {
    const bool taken = &speed == &machine.kernels.front();
    print_row(out, tr("kernels"),
              taken ? tr("{}: {:.1f} GFLOP/s in training steps on one thread, taken", speed.name,
                         speed.gigaflops)
                    : tr("{}: {:.1f} GFLOP/s in training steps on one thread", speed.name,
                         speed.gigaflops));
  }
  print_row(out, tr("threads"), std::to_string(machine.threads));
  print_row(out, tr("gpu"),
            machine.gpu.empty() ? tr("none: {}", machine.no_gpu)
                                : tr("{}, taken unless --device cpu", machine.gpu));
  print_row(out, "bf16",
            machine.has_bf16 ? tr("yes: train --precision bf16") : tr("no AVX512_BF16"));
}

class InfoCommand : public Subcommand {
 public:
  explicit InfoCommand(CLI::App& app) : Subcommand(app) {
    options_.text("MODEL|DATA", "", source_,
                  tr("A saved model, a checkpoint, or data as --data of train takes them."),
                  tr("how this machine trains"));
    parameters_.add(parameter("image_size"));
    add_json();
    options_.footer(data_formats_help());
  }

  Outcome<void> run(const Surroundings& surroundings, Console& console) override {
    if (source_.empty()) {
      if (parameters_.has("image_size")) {
        return wrong_usage(tr("--image-size is for data; name some or leave it out"));
      }
      const MachineInfo machine = surroundings.machine_info();
      return show(console, machine_json, print_machine, machine);
    }
    watch_for_interrupt();
    const std::shared_ptr<Backend> backend =
        surroundings.make_backend({.threads = 1, .device = Device::cpu});
    backend->enter_thread(ThreadRole::helper);
    const Expected<SourceKind> kind = source_kind(source_);
    if (!kind) return failed(kind.error().message);
    switch (*kind) {
      case SourceKind::session:
        return failed(tr("{} is a session; name a model or data", source_));
      case SourceKind::picture:
        return failed(tr("{} is a picture; name a model or data", source_));
      case SourceKind::model:
        return inform_on_model(*backend, console);
      case SourceKind::data:
        return inform_on_data(*backend, console);
    }
    return {};
  }

 private:
  Outcome<void> show(Console& console, auto to_json, auto print, const auto&... things) const {
    if (json_) {
      console.out << one_line(to_json(things...)) << std::endl;
    } else {
      print(things..., console.out);
    }
    return {};
  }

  Outcome<void> inform_on_model(Backend& backend, Console& console) {
    if (parameters_.has("image_size")) {
      return wrong_usage(tr("--image-size is for data, and {} is a model; leave it out", source_));
    }
    const auto file = read_safetensors(source_);
    if (!file) return failed(file.error().message);
    if (file->metadata.contains(kCheckpointKey)) {
      const auto checkpoint = backend.open_checkpoint(source_);
      if (!checkpoint) return failed(checkpoint.error().message);
      return show(console, checkpoint_json, print_checkpoint, *checkpoint);
    }
    const auto opened = backend.open_model(source_);
    if (!opened) return failed(opened.error().message);
    return show(console, model_json, print_model, *opened, *file);
  }

  Outcome<void> inform_on_data(Backend& backend, Console& console) {
    ProgressLine line(console);
    const auto data = backend.load_data({source_, parameters_.values().data.image_size},
                                        line.progress(tr("loading {}", source_)));
    if (!data) return ended_by(data.error());
    line.clear();
    return show(console, data_json, print_data, **data);
  }

  std::string source_;  // a model, a checkpoint or data; empty: the machine
};

}  // namespace

SubcommandPtr make_info(CLI::App& app) {
  return std::make_unique<InfoCommand>(app);
}

}  // namespace zscape
