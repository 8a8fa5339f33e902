#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <ostream>
#include <span>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/data_text.h"
#include "app/cli/foreign_model.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/subcommand.h"
#include "app/cli/train_run.h"
#include "app/files/source_kind.h"
#include "engine/backend.h"
#include "engine/checkpoint.h"
#include "engine/data/formats.h"
#include "engine/foreign_program.h"
#include "engine/io/png.h"
#include "engine/io/pytorch_file.h"
#include "engine/io/safetensors.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

constexpr std::size_t kSharesInLine = 8;

Json shape_json(const ImageShape& shape) {
  return {shape.height, shape.width, shape.channels};
}

void print_row(std::ostream& out, std::string_view name, std::string_view value) {
  out << fmt::format("{:<12} {}\n", name, value);
}

// ---- Models and checkpoints

std::int64_t count_of(const TensorEntry& tensor) {
  return static_cast<std::int64_t>(tensor.data.size() / size_of(tensor.type));
}

std::int64_t parameters_in(const TensorFile& file) {
  return std::accumulate(
      file.tensors.begin(), file.tensors.end(), std::int64_t{0},
      [](std::int64_t sum, const TensorEntry& tensor) { return sum + count_of(tensor); });
}

std::int64_t parameters_of(const OpenedModel& model, const TensorFile& file) {
  const auto& program = model.model->spec().program;
  return program ? program->weights : parameters_in(file);
}

Json begun(const char* type, const ModelSpec& spec) {
  Json json;
  json["type"] = type;
  json["kind"] = name_of(spec.kind);
  json["shape"] = shape_json(spec.shape);
  json["latent"] = spec.latent;
  json["hidden"] = spec.hidden;
  json["classes"] = spec.classes;
  json["likelihood"] = name_of(spec.likelihood);
  return json;
}

// What the numbers of its data were that it reads as 0 and 1; null: those themselves.
std::optional<PixelRange> range_of(const ModelSpec& spec) {
  if (spec.of_bytes) return PixelRange{0, 255};
  return spec.range;
}

// Newer fields; they stand last, so that older readers find the others where they were.
void add_spec(Json& json, const ModelSpec& spec) {
  const bool is_dae = spec.adds_noise();
  const bool is_mae = spec.hides_patches();
  json["network"] = name_of(spec.network);
  json["learned_sigma"] = spec.learned_sigma;
  json["optimal_sigma"] = spec.optimal_sigma;
  json["binarise"] = name_of(spec.binarise);
  json["objective"] = name_of(spec.objective);
  json["samples"] = spec.samples;
  json["noise"] = is_dae ? Json(fmt::format("{}:{}", name_of(spec.noise.kind), spec.noise.amount))
                         : Json(nullptr);
  json["patch"] = is_mae ? Json(spec.patch) : Json(nullptr);
  json["mask_ratio"] = is_mae ? Json(spec.mask_ratio) : Json(nullptr);
  json["scaling"] = spec.scaling != nullptr;
  json["class_names"] = spec.class_names;
  const auto range = range_of(spec);
  json["range"] = range ? Json({range->low, range->high}) : Json(nullptr);
  json["activation"] = name_of(spec.activation);
}

std::vector<double> running_sums(std::span<const double> values) {
  std::vector<double> sums(values.size());
  std::partial_sum(values.begin(), values.end(), sums.begin());
  return sums;
}

void print_explained_variance(std::span<const double> shares, std::ostream& out) {
  const std::vector<double> sums = running_sums(shares);
  for (std::size_t first = 0; first < sums.size(); first += kSharesInLine) {
    const std::size_t length = std::min(kSharesInLine, sums.size() - first);
    print_row(out, first == 0 ? "explained" : "",
              fmt::format("{:.4f}", fmt::join(std::span(sums).subspan(first, length), " ")));
  }
}

// The plan of the run, by key; null where it cannot be read.
Json options_of(const Checkpoint& checkpoint) {
  const auto plan = plan_of(checkpoint);
  return plan ? Json(to_json(*plan)) : Json(nullptr);
}

// λ of the weights, and the course that it was on.
std::string weight_text(const RunRecord& record) {
  if (record.kl_schedule.empty()) return tr("λ = {:.4g}", record.kl_weight);
  if (record.kl_weight == record.final_kl_weight) {
    return tr("λ = {:.4g}, schedule {}", record.kl_weight, record.kl_schedule);
  }
  return tr("λ = {:.4g} on the way to {:.4g}, schedule {}", record.kl_weight,
            record.final_kl_weight, record.kl_schedule);
}

Json model_json(const OpenedModel& model, const TensorFile& file) {
  const ModelSpec& spec = model.model->spec();
  const RunRecord& record = model.record;
  const bool gaussian = spec.likelihood == Likelihood::gaussian;
  Json json = begun("model", spec);
  json["sigma"] = gaussian ? Json(spec.sigma) : Json(nullptr);
  json["parameters"] = parameters_of(model, file);
  // A file saved by Python says nothing about its run.
  const auto known = [&](Json value) { return record.data.empty() ? Json(nullptr) : value; };
  json["data"] = known(record.data);
  json["seed"] = known(record.seed);
  json["epochs"] = known(record.epochs);
  json["steps"] = known(record.steps);
  json["lambda"] = known(spec.has_prior() ? Json(record.kl_weight) : Json(nullptr));
  json["test_step"] = known(record.test_step >= 0 ? Json(record.test_step) : Json(nullptr));
  json["test_loss"] = known(number_or_null(record.test.loss));
  json["test_reconstruction"] = known(number_or_null(record.test.reconstruction));
  json["test_kl"] = known(number_or_null(record.test.kl));
  json["mse"] = known(number_or_null(record.test.mse));
  json["tensors"] = Json::array();
  for (const TensorEntry& tensor : file.tensors) {
    json["tensors"].push_back(
        {{"name", tensor.name}, {"dtype", name_of(tensor.type)}, {"shape", tensor.shape}});
  }
  add_spec(json, spec);
  const auto shares = model.model->explained_variance();
  json["explained_variance"] =
      shares.empty() ? Json(nullptr) : Json(std::vector<double>(shares.begin(), shares.end()));
  json["assumed"] = model.assumed.empty() ? Json(nullptr) : Json(told_assumption(model));
  json["code_range"] = nullptr;
  if (!record.codes.low.empty()) {
    json["code_range"] = {{"low", record.codes.low}, {"high", record.codes.high}};
  }
  add_rules(json, record.pictures);
  json["limit"] = record.limit > 0 ? Json(record.limit) : Json(nullptr);
  json["lambda_schedule"] = record.kl_schedule.empty() ? Json(nullptr) : Json(record.kl_schedule);
  json["final_lambda"] = record.kl_schedule.empty() ? Json(nullptr) : Json(record.final_kl_weight);
  return json;
}

void print_model(const OpenedModel& model, const TensorFile& file, std::ostream& out) {
  const ModelSpec& spec = model.model->spec();
  const RunRecord& record = model.record;
  print_row(out, tr("model"), describe(spec));
  print_row(out, tr("inputs"),
            spec.scaling ? tr("{}, standardised by those it was trained on", shape_text(spec.shape))
                         : shape_text(spec.shape));
  if (record.pictures) {
    print_row(out, tr("pictures"),
              tr("of a folder, fit {}, ground {}", rule_text("fit", *record.pictures),
                 rule_text("ground", *record.pictures)));
  }
  if (const auto range = range_of(spec)) {
    print_row(out, tr("range"), tr("{:g} … {:g} becomes 0 … 1", range->low, range->high));
  }
  if (!model.assumed.empty()) print_row(out, tr("note"), told_assumption(model));
  if (spec.reads_label()) {
    print_row(out, tr("classes"), tr("{}: {}", spec.classes, classes_text(spec)));
  }
  print_row(out, tr("parameters"), grouped(parameters_of(model, file)));
  if (!record.data.empty()) {
    const std::string steps = grouped(record.steps);
    print_row(out, tr("trained on"),
              spec.has_prior() ? tr("{}, seed {}, {}, {} steps, {}", record.data, record.seed,
                                    epochs_text(record.epochs), steps, weight_text(record))
                               : tr("{}, seed {}, {}, {} steps", record.data, record.seed,
                                    epochs_text(record.epochs), steps));
    if (record.limit > 0) {
      print_row(out, "",
                tr("{} of its training part, as --limit {} and this seed draw them",
                   grouped(record.limit), record.limit));
    }
  }
  if (!record.data.empty() && std::isfinite(record.test.loss)) {
    print_row(out, tr("test loss"),
              spec.has_prior() ? fmt::format("{:.3f} = {:.3f} + λ · {:.3f}", record.test.loss,
                                             record.test.reconstruction, record.test.kl)
                               : fmt::format("{:.5f}", record.test.loss));
    if (record.test_step != record.steps) {
      print_row(out, "",
                record.test_step >= 0
                    ? tr("of step {}, the last that was measured", grouped(record.test_step))
                    : tr("as it was last measured; the file does not say at which step"));
    }
  }
  print_explained_variance(model.model->explained_variance(), out);
  for (const TensorEntry& tensor : file.tensors) {
    print_row(out, tr("tensor"),
              fmt::format("{} {} [{}]", tensor.name, name_of(tensor.type),
                          fmt::join(tensor.shape, ", ")));
  }
}

Json checkpoint_json(const Checkpoint& checkpoint) {
  const ModelSpec& spec = checkpoint.spec;
  const TrainingPosition& position = checkpoint.state.position;
  Json json = begun("checkpoint", spec);
  json["step"] = position.step;
  json["epoch"] = position.epoch;
  json["seen_in_epoch"] = position.seen_in_epoch;
  json["best_step"] = checkpoint.best ? Json(checkpoint.best->step()) : Json(nullptr);
  json["options"] = options_of(checkpoint);
  add_spec(json, spec);
  return json;
}

void print_checkpoint(const Checkpoint& checkpoint, std::ostream& out) {
  const TrainingPosition& position = checkpoint.state.position;
  print_row(out, tr("checkpoint"), tr("of a run that zscape train --resume goes on with"));
  print_row(out, tr("model"), describe(checkpoint.spec));
  print_row(out, tr("inputs"), shape_text(checkpoint.spec.shape));
  print_row(
      out, tr("position"),
      position.seen_in_epoch == 0
          ? tr("{} completed, step {}", epochs_text(position.epoch), grouped(position.step))
          : tr("{} completed, step {}, {} inputs into the next epoch", epochs_text(position.epoch),
               grouped(position.step), grouped(position.seen_in_epoch)));
  if (checkpoint.best) {
    print_row(out, tr("best"), tr("weights of step {}", grouped(checkpoint.best->step())));
  }
  const Json options = options_of(checkpoint);
  for (const auto& [name, value] : options.items()) {
    print_row(
        out, tr("option"),
        fmt::format("{} {}", name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
}

// ---- The machine

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
    for (const char* key : kDataKeys) parameters_.add(parameter(key));
    add_json();
    options_.text("--out", "FILE", out_, tr("Six inputs of the data as a picture: .png."));
    foreign_.add_of_programs(options_);
    options_.footer(data_formats_help());
  }

  Outcome<void> run(const Surroundings& surroundings, Console& console) override {
    if (const auto option = foreign_.given(); source_.empty() && !option.empty()) {
      return wrong_usage(tr("{} is of a model; name one or leave it out", option));
    }
    if (source_.empty()) {
      if (const auto option = given_of_data(); !option.empty()) {
        return wrong_usage(tr("{} is for data; name some or leave it out", option));
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
      case SourceKind::results:
        return failed(tr("{} holds the results of a lab: zscape lab report {}", source_, source_));
      case SourceKind::experiment:
        return failed(tr("{} describes an experiment: zscape lab run {}", source_, source_));
      case SourceKind::model:
        return inform_on_model(*backend, console);
      case SourceKind::data:
        if (auto fits = foreign_.check(source_); !fits) return fits;
        return inform_on_data(*backend, console);
    }
    return {};
  }

 private:
  Outcome<void> inform_on_model(Backend& backend, Console& console) {
    if (const auto option = given_of_data(); !option.empty()) {
      return wrong_usage(tr("{} is for data, and {} is a model; leave it out", option, source_));
    }
    if (auto fits = foreign_.check(source_); !fits) return fits;
    if (looks_like_program(source_)) {
      const auto program = backend.open_model(source_, foreign_.said());
      if (!program) return failed(program.error().message);
      return show(console, model_json, print_model, *program, TensorFile{});
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

  // The first option that only data have; empty: the line gives none.
  std::string given_of_data() const {
    for (const char* key : kDataKeys) {
      if (parameters_.has(key)) return parameter(key).flag();
    }
    return out_.empty() ? "" : "--out";
  }

  Outcome<void> inform_on_data(Backend& backend, Console& console) {
    ProgressLine line(console);
    DataRequest request = parameters_.values().data;
    request.source = source_;
    const auto data = backend.load_data(request, line.progress(tr("loading {}", source_)));
    if (!data) return ended_by(data.error());
    line.clear();
    if (auto fits = check_rules(request, **data); !fits) return wrong_usage(fits.error().message);
    if (!out_.empty()) {
      if (!(*data)->has_images()) {
        return failed(
            tr("--out: {} holds vectors, which have no picture; --image-size reads them "
               "as pictures",
               source_));
      }
      const auto written = write_png(out_, picture_grid(first_pictures(**data), (*data)->shape, 3));
      if (!written) return failed(written.error().message);
    }
    return show(console, data_json, print_data, **data);
  }

  static constexpr std::array kDataKeys = {"image_size",   "fit",      "ground",      "range",
                                           "label_column", "sequence", "labels_file", "memory"};

  ForeignModelOptions foreign_;
  std::string out_;     // empty: no picture
  std::string source_;  // a model, a checkpoint or data; empty: the machine
};

}  // namespace

const MakeCommand make_info = make<InfoCommand>;

}  // namespace zscape
