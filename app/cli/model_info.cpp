#include "app/cli/model_info.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/train_run.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

constexpr std::size_t kSharesInLine = 8;

std::int64_t count_of(const TensorEntry& tensor) {
  return static_cast<std::int64_t>(tensor.data.size() / size_of(tensor.type));
}

std::int64_t parameters_in(const TensorFile& file) {
  return std::accumulate(
      file.tensors.begin(), file.tensors.end(), std::int64_t{0},
      [](std::int64_t sum, const TensorEntry& tensor) { return sum + count_of(tensor); });
}

// Newer fields; they stand last, so that older readers find the others where they were.
void add_spec(Json& json, const ModelSpec& spec) {
  const bool is_dae = spec.adds_noise();
  const bool is_mae = spec.hides_patches();
  json["network"] = name_of(spec.network);
  json["learned_sigma"] = spec.learned_sigma;
  json["binarise"] = name_of(spec.binarise);
  json["objective"] = name_of(spec.objective);
  json["samples"] = spec.samples;
  json["noise"] = is_dae ? Json(fmt::format("{}:{}", name_of(spec.noise.kind), spec.noise.amount))
                         : Json(nullptr);
  json["patch"] = is_mae ? Json(spec.patch) : Json(nullptr);
  json["mask_ratio"] = is_mae ? Json(spec.mask_ratio) : Json(nullptr);
  json["scaling"] = spec.scaling != nullptr;
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

}  // namespace

Json shape_json(const ImageShape& shape) {
  return {shape.height, shape.width, shape.channels};
}

void print_row(std::ostream& out, std::string_view name, std::string_view value) {
  out << fmt::format("{:<12} {}\n", name, value);
}

Json model_json(const OpenedModel& model, const TensorFile& file) {
  const ModelSpec& spec = model.model->spec();
  const RunRecord& record = model.record;
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
  // A file saved by Python says nothing about its run.
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
  add_spec(json, spec);
  const auto shares = model.model->explained_variance();
  json["explained_variance"] =
      shares.empty() ? Json(nullptr) : Json(std::vector<double>(shares.begin(), shares.end()));
  json["code_range"] = nullptr;
  if (!record.codes.low.empty()) {
    json["code_range"] = {{"low", record.codes.low}, {"high", record.codes.high}};
  }
  return json;
}

void print_model(const OpenedModel& model, const TensorFile& file, std::ostream& out) {
  const ModelSpec& spec = model.model->spec();
  const RunRecord& record = model.record;
  print_row(out, tr("model"), describe(spec));
  print_row(out, tr("inputs"),
            spec.scaling ? tr("{}, standardised by those it was trained on", shape_text(spec.shape))
                         : shape_text(spec.shape));
  if (spec.reads_label()) print_row(out, tr("classes"), fmt::format("{}", spec.classes));
  print_row(out, tr("parameters"), grouped(parameters_in(file)));
  if (!record.data.empty()) {
    const std::string steps = grouped(record.steps);
    print_row(out, tr("trained on"),
              spec.has_prior() ? tr("{}, seed {}, {} epochs, {} steps, λ = {}", record.data,
                                    record.seed, record.epochs, steps, record.kl_weight)
                               : tr("{}, seed {}, {} epochs, {} steps", record.data, record.seed,
                                    record.epochs, steps));
  }
  if (!record.data.empty() && std::isfinite(record.test.loss)) {
    print_row(out, tr("test loss"),
              spec.has_prior() ? fmt::format("{:.3f} = {:.3f} + λ · {:.3f}", record.test.loss,
                                             record.test.reconstruction, record.test.kl)
                               : fmt::format("{:.5f}", record.test.loss));
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
  Json json;
  json["type"] = "checkpoint";
  json["kind"] = name_of(spec.kind);
  json["shape"] = shape_json(spec.shape);
  json["latent"] = spec.latent;
  json["hidden"] = spec.hidden;
  json["classes"] = spec.classes;
  json["likelihood"] = name_of(spec.likelihood);
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
  print_row(out, tr("position"),
            position.seen_in_epoch == 0
                ? tr("{} epochs completed, step {}", position.epoch, grouped(position.step))
                : tr("{} epochs completed, step {}, {} inputs into the next epoch", position.epoch,
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

}  // namespace zscape
