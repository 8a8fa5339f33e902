#include "engine/backend/checkpoint_file.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/backend/model_file.h"
#include "engine/json_text.h"
#include "engine/text.h"
#include "engine/training/trainers/state_tensors.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
const std::string kState = "state.";
const std::string kBest = "best.";

// The tensors whose names have a prefix, which is removed.
TensorFile part_of(const TensorFile& file, const std::string& prefix) {
  TensorFile part;
  for (const TensorEntry& entry : file.tensors) {
    if (!entry.name.starts_with(prefix)) continue;
    part.tensors.push_back(entry);
    part.tensors.back().name.erase(0, prefix.size());
  }
  return part;
}

Expected<std::vector<StateTensor>> to_state_tensors(const TensorFile& file,
                                                    const std::string& name) {
  std::vector<StateTensor> tensors;
  for (const TensorEntry& entry : file.tensors) {
    tensors.push_back({entry.name, entry.shape, to_floats(entry)});
    if (!std::ranges::all_of(tensors.back().values, [](float v) { return std::isfinite(v); })) {
      return fail(tr("{}: {} holds a number that is not finite", name, kState + entry.name));
    }
  }
  return tensors;
}

}  // namespace

TensorFile to_tensor_file(const Checkpoint& checkpoint, const Autoencoder* best) {
  TensorFile file;
  const auto add = [&file](const std::string& prefix, const std::vector<StateTensor>& tensors) {
    for (const StateTensor& tensor : tensors) {
      file.tensors.push_back(float_tensor(prefix + tensor.name, tensor.shape, tensor.values));
    }
  };
  add(kState, checkpoint.state.tensors);
  const TrainingPosition& position = checkpoint.state.position;
  json metadata = {{"format", kFormatVersion},
                   {"model", to_json(checkpoint.spec)},
                   {"step", position.step},
                   {"epoch", position.epoch},
                   {"seen_in_epoch", position.seen_in_epoch},
                   {"run", checkpoint.run}};
  if (best != nullptr) {
    add(kBest, to_state(best->named_tensors()));
    metadata["best_step"] = checkpoint.best->step();
    metadata["best_sigma"] = best->spec().sigma;
  }
  file.metadata[kCheckpointKey] = metadata.dump(-1, ' ', false, json::error_handler_t::replace);
  return file;
}

Expected<CheckpointFile> checkpoint_from(const TensorFile& file, const std::string& name) {
  const auto entry = file.metadata.find(kCheckpointKey);
  if (entry == file.metadata.end()) {
    return fail(
        tr("{} is not a checkpoint; --checkpoint DIR writes DIR/checkpoint.safetensors", name));
  }
  CheckpointFile result;
  std::optional<double> best_sigma;
  Checkpoint& checkpoint = result.checkpoint;
  try {
    const json metadata = json_from(entry->second);
    if (const int format = whole_from<int>(metadata.at("format")); format > kFormatVersion) {
      return fail(tr("{}: its format is version {}; this zscape reads up to {}", name, format,
                     kFormatVersion));
    }
    checkpoint.spec = spec_from_json(metadata.at("model"));
    checkpoint.state.position = {count_from(metadata.at("step")), count_from(metadata.at("epoch")),
                                 count_from(metadata.at("seen_in_epoch"))};
    checkpoint.run = metadata.at("run").get<std::string>();
    if (auto valid = validate(checkpoint.spec); !valid) {
      return fail(fmt::format("{}: {}", name, valid.error().message));
    }
    if (metadata.contains("best_step")) {
      result.best_step = count_from(metadata.at("best_step"));
      best_sigma = metadata.at("best_sigma").get<double>();
    }
  } catch (const json::exception& error) {
    return fail(tr("{}: its metadata cannot be read: {}", name, error.what()));
  }
  const TensorFile state = part_of(file, kState);
  if (auto fits = check_claims(state, checkpoint.spec, name); !fits) {
    return tl::unexpected(fits.error());
  }
  auto ready = ready_program(state, checkpoint.spec, name);
  if (!ready) return tl::unexpected(ready.error());
  checkpoint.spec = *std::move(ready);
  auto tensors = to_state_tensors(state, name);
  if (!tensors) return tl::unexpected(tensors.error());
  checkpoint.state.tensors = *std::move(tensors);
  if (best_sigma) {
    ModelSpec spec = checkpoint.spec;
    spec.sigma = *best_sigma;
    auto best = autoencoder_from(part_of(file, kBest), spec, name);
    if (!best) return tl::unexpected(best.error());
    result.best = *std::move(best);
  }
  return result;
}

}  // namespace zscape
