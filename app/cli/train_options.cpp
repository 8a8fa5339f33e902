#include "app/cli/train_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <variant>

#include "app/cli/command_line.h"

namespace zscape {
namespace {

std::string schedule_text(const ScheduleOption& schedule) {
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
  const Arguments now = deciding_arguments(*options);
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

KlSchedule in_steps(const ScheduleOption& schedule, std::int64_t epochs,
                    std::int64_t steps_per_epoch) {
  const auto steps = static_cast<double>(steps_per_epoch);
  KlSchedule result;
  result.kind = schedule.kind;
  if (schedule.kind == KlSchedule::Kind::warm_up) result.steps = schedule.amount * steps;
  if (schedule.kind == KlSchedule::Kind::cyclic) {
    result.steps = static_cast<double>(epochs) * steps;
    result.cycles = static_cast<int>(schedule.amount);
  }
  return result;
}

Arguments deciding_arguments(const TrainOptions& options) {
  const ModelSpec& spec = options.spec;
  Arguments arguments = {{"--data", options.data.source},
                         {"--model", std::string(name_of(spec.kind))},
                         {"--latent", std::to_string(spec.latent)},
                         {"--epochs", std::to_string(options.epochs)},
                         {"--batch", std::to_string(options.settings.batch_size)},
                         {"--lr", fmt::format("{}", options.settings.learning_rate)},
                         {"--likelihood", std::string(name_of(spec.likelihood))},
                         {"--binarise", std::string(name_of(spec.binarise))},
                         {"--seed", std::to_string(options.seed)},
                         {"--threads", std::to_string(options.threads)},
                         {"--kernels", options.kernels.empty() ? "auto" : options.kernels},
                         {"--precision", precision_text(options.precision)},
                         {"--device", device_text(options.device)}};
  const auto add = [&arguments](bool when, const char* name, const std::string& value) {
    if (when) arguments.emplace_back(name, value);
  };
  if (const auto& size = options.data.image_size) {
    add(true, "--image-size", fmt::format("{}x{}", size->height, size->width));
  }
  add(spec.kind != ModelKind::pca && spec.kind != ModelKind::cvae, "--network",
      std::string(name_of(spec.network)));
  add(!spec.hidden.empty(), "--hidden", fmt::format("{}", fmt::join(spec.hidden, ",")));
  add(options.last_learning_rate > 0, "--lr-end", fmt::format("{}", options.last_learning_rate));
  add(spec.has_prior(), "--lambda", fmt::format("{}", options.settings.kl_weight));
  add(spec.has_prior(), "--lambda-schedule", schedule_text(options.schedule));
  add(spec.has_prior(), "--objective", std::string(name_of(spec.objective)));
  add(spec.has_prior(), "--samples", std::to_string(spec.samples));
  add(spec.likelihood == Likelihood::gaussian, "--sigma",
      spec.learned_sigma ? "learned" : fmt::format("{}", spec.sigma));
  add(spec.kind == ModelKind::dae, "--noise",
      fmt::format("{}:{}", name_of(spec.noise.kind), spec.noise.amount));
  add(spec.kind == ModelKind::mae, "--patch", std::to_string(spec.patch));
  add(spec.kind == ModelKind::mae, "--mask-ratio", fmt::format("{}", spec.mask_ratio));
  add(options.limit > 0, "--limit", std::to_string(options.limit));
  add(options.validation > 0, "--validation", std::to_string(options.validation));
  add(options.patience > 0, "--patience", std::to_string(options.patience));
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
  if ((options->schedule.kind == KlSchedule::Kind::cyclic || options->last_learning_rate > 0) &&
      std::to_string(options->epochs) != *value_of(stored, "--epochs")) {
    return wrong_usage(
        "--epochs: cycles of λ and --lr-end are laid out over the whole run; leave "
        "it out");
  }
  return options;
}

}  // namespace zscape
