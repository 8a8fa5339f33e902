#include "engine/backend/checkpoint_file.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/backend/spec_json.h"
#include "engine/training/trainers/state_tensors.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr int kFormatVersion = 1;
const std::string kState = "state.";
const std::string kBest = "best.";

// The tensors under a prefix, without it.
Expected<std::vector<StateTensor>> tensors_under(const std::string& prefix, const TensorFile& file,
                                                 const std::string& name) {
  std::vector<StateTensor> tensors;
  for (const TensorEntry& entry : file.tensors) {
    if (!entry.name.starts_with(prefix)) continue;
    tensors.push_back({entry.name.substr(prefix.size()), entry.shape, to_floats(entry)});
    for (const float value : tensors.back().values) {
      if (!std::isfinite(value)) {
        return fail(fmt::format("{}: {} holds a number that is not finite", name, entry.name));
      }
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
    return fail(fmt::format("{} is no checkpoint; --checkpoint DIR writes one, {}", name,
                            "DIR/checkpoint.safetensors"));
  }
  CheckpointFile result;
  Checkpoint& checkpoint = result.checkpoint;
  try {
    const json metadata = json::parse(entry->second);
    if (const int format = metadata.at("format").get<int>(); format > kFormatVersion) {
      return fail(fmt::format("{}: its format is version {}; this zscape reads up to {}", name,
                              format, kFormatVersion));
    }
    checkpoint.spec = spec_from_json(metadata.at("model"));
    checkpoint.state.position = {metadata.at("step").get<std::int64_t>(),
                                 metadata.at("epoch").get<std::int64_t>(),
                                 metadata.at("seen_in_epoch").get<std::int64_t>()};
    checkpoint.run = metadata.at("run").get<std::string>();
    if (auto valid = validate(checkpoint.spec); !valid) {
      return fail(fmt::format("{}: {}", name, valid.error().message));
    }
    if (metadata.contains("best_step")) {
      result.best_step = metadata.at("best_step").get<std::int64_t>();
      ModelSpec spec = checkpoint.spec;
      spec.sigma = metadata.at("best_sigma").get<double>();
      result.best.emplace(spec);
    }
  } catch (const json::exception& error) {
    return fail(fmt::format("{}: its metadata cannot be read: {}", name, error.what()));
  }
  auto state = tensors_under(kState, file, name);
  if (!state) return tl::unexpected(state.error());
  checkpoint.state.tensors = std::move(*state);
  if (result.best) {
    const auto best = tensors_under(kBest, file, name);
    if (!best) return tl::unexpected(best.error());
    if (auto copied = copy_state(*best, result.best->named_tensors()); !copied) {
      return fail(fmt::format("{}: {}", name, copied.error().message));
    }
  }
  return result;
}

}  // namespace zscape
