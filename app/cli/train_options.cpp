#include "app/cli/train_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <variant>

#include "app/cli/command_line.h"

namespace zscape {
namespace {

std::string schedule_text(const KlSchedulePlan& schedule) {
  switch (schedule.kind) {
    case KlSchedule::Kind::constant:
      return "constant";
    case KlSchedule::Kind::warm_up:
      return fmt::format("warmup:{}", schedule.amount);
    case KlSchedule::Kind::cyclic:
      return fmt::format("cyclic:{}", schedule.amount);
  }
  return {};
}

const std::string* value_of(const Arguments& arguments, std::string_view name) {
  const auto entry = std::ranges::find(arguments, name, &Arguments::value_type::first);
  return entry == arguments.end() ? nullptr : &entry->second;
}

// What a line may say anew of a run that goes on.
constexpr std::array kChangeable = {"--epochs", "--out",    "--checkpoint", "--checkpoint-every",
                                    "--json",   "--resume", "--device",     "--kernels"};

bool is_changeable(std::string_view name) {
  return std::ranges::find(kChangeable, name) != kChangeable.end();
}

Outcome<TrainOptions> parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "train");
  auto request = parse_command_line(arguments);
  if (!request) return tl::unexpected(request.error());
  return std::get<TrainOptions>(std::move(*request));
}

// Whether an option's value means what the stored one means ("1e-3" and "0.001" do).
bool agrees(const std::string& name, const std::string& value, const Arguments& stored) {
  const std::string* before = value_of(stored, name);
  if (before == nullptr || value == *before) return before != nullptr;
  std::vector<std::string> changed;
  for (const auto& [other, kept] : stored) {
    changed.push_back(other + "=" + (other == name ? value : kept));
  }
  const auto options = parse(changed);
  if (!options) return false;
  const Arguments now = deciding_arguments(options->plan);
  const std::string* after = value_of(now, name);
  return after != nullptr && *after == *before;
}

const char* precision_text(Precision precision) {
  return precision == Precision::fp32 ? "fp32" : precision == Precision::tf32 ? "tf32" : "bf16";
}

const char* device_text(Device device) {
  return device == Device::cuda ? "cuda" : device == Device::cpu ? "cpu" : "auto";
}

}  // namespace

Arguments deciding_arguments(const RunPlan& plan) {
  const ModelSpec& spec = plan.spec;
  Arguments arguments = {
      {"--data", plan.data.source},
      {"--model", std::string(name_of(spec.kind))},
      {"--latent", std::to_string(spec.latent)},
      {"--epochs", std::to_string(plan.epochs)},
      {"--batch", std::to_string(plan.settings.batch_size)},
      {"--lr", fmt::format("{}", plan.settings.learning_rate)},
      {"--likelihood", std::string(name_of(spec.likelihood))},
      {"--binarise", std::string(name_of(spec.binarise))},
      {"--seed", std::to_string(plan.seed)},
      {"--threads", std::to_string(plan.compute.threads)},
      {"--kernels", plan.compute.kernels.empty() ? "auto" : plan.compute.kernels},
      {"--precision", precision_text(plan.compute.precision)},
      {"--device", device_text(plan.compute.device)}};
  const auto add = [&arguments](bool when, const char* name, const std::string& value) {
    if (when) arguments.emplace_back(name, value);
  };
  if (const auto& size = plan.data.image_size) {
    add(true, "--image-size", fmt::format("{}x{}", size->height, size->width));
  }
  add(spec.kind != ModelKind::pca && spec.kind != ModelKind::cvae, "--network",
      std::string(name_of(spec.network)));
  add(!spec.hidden.empty(), "--hidden", fmt::format("{}", fmt::join(spec.hidden, ",")));
  add(plan.last_learning_rate > 0, "--lr-end", fmt::format("{}", plan.last_learning_rate));
  add(spec.has_prior(), "--lambda", fmt::format("{}", plan.settings.kl_weight));
  add(spec.has_prior(), "--lambda-schedule", schedule_text(plan.schedule));
  add(spec.has_prior(), "--objective", std::string(name_of(spec.objective)));
  add(spec.has_prior(), "--samples", std::to_string(spec.samples));
  add(spec.likelihood == Likelihood::gaussian, "--sigma",
      spec.learned_sigma ? "learned" : fmt::format("{}", spec.sigma));
  add(spec.kind == ModelKind::dae, "--noise",
      fmt::format("{}:{}", name_of(spec.noise.kind), spec.noise.amount));
  add(spec.kind == ModelKind::mae, "--patch", std::to_string(spec.patch));
  add(spec.kind == ModelKind::mae, "--mask-ratio", fmt::format("{}", spec.mask_ratio));
  add(plan.limit > 0, "--limit", std::to_string(plan.limit));
  add(plan.hold_out.rows > 0, "--validation", std::to_string(plan.hold_out.rows));
  add(plan.hold_out.patience > 0, "--patience", std::to_string(plan.hold_out.patience));
  return arguments;
}

Outcome<TrainOptions> resumed(const TrainOptions& line, const Arguments& stored) {
  std::vector<std::string> merged;
  std::vector<std::string> names;
  for (const auto& [name, value] : line.given) {
    names.push_back(name);
    merged.push_back(value.empty() ? name : name + "=" + value);
    if (is_changeable(name) || agrees(name, value, stored)) continue;
    const std::string* before = value_of(stored, name);
    // No CPU has TF32, and the run may go on there.
    if (name == "--precision" && value == "fp32" && before && *before == "tf32") continue;
    return wrong_usage(fmt::format("{} {} contradicts the checkpoint, which has {}; leave it out",
                                   name, value, before == nullptr ? "none" : *before));
  }
  for (const auto& [name, value] : stored) {
    if (std::ranges::find(names, name) == names.end()) merged.push_back(name + "=" + value);
  }
  std::erase_if(merged, [](const std::string& text) { return text.starts_with("--resume="); });
  auto options = parse(merged);
  if (!options) return options;
  options->resume = line.resume;
  if ((options->plan.schedule.kind == KlSchedule::Kind::cyclic ||
       options->plan.last_learning_rate > 0) &&
      std::to_string(options->plan.epochs) != *value_of(stored, "--epochs")) {
    return wrong_usage(
        "--epochs: cycles of λ and --lr-end are laid out over the whole run; leave "
        "it out");
  }
  return options;
}

}  // namespace zscape
