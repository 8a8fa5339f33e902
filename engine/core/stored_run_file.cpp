#include "engine/core/stored_run_file.h"

#include <algorithm>
#include <string>
#include <utility>

namespace zscape {
namespace {

constexpr auto kThumbnail = "thumbnail";
constexpr std::int64_t kColumns = 3;  // x, y, label

StateTensor to_tensor(const Thumbnail& thumbnail) {
  StateTensor tensor{kThumbnail, {static_cast<std::int64_t>(thumbnail.dots.size()), kColumns}, {}};
  for (const Thumbnail::Dot& dot : thumbnail.dots) {
    tensor.values.insert(tensor.values.end(), {static_cast<float>(dot.x), static_cast<float>(dot.y),
                                               static_cast<float>(dot.label)});
  }
  return tensor;
}

// Null: these are no dots.
std::shared_ptr<const Thumbnail> thumbnail_from(const StateTensor& tensor) {
  if (tensor.shape.size() != 2 || tensor.shape[1] != kColumns) return nullptr;
  auto thumbnail = std::make_shared<Thumbnail>();
  for (std::size_t at = 0; at < tensor.values.size(); at += kColumns) {
    const auto byte = [&](std::size_t column) {
      return static_cast<std::uint8_t>(std::clamp(tensor.values[at + column], 0.0F, 255.0F));
    };
    thumbnail->dots.push_back(
        {byte(0), byte(1), static_cast<int>(std::clamp(tensor.values[at + 2], -1.0F, 1e6F))});
  }
  return thumbnail;
}

}  // namespace

Checkpoint to_checkpoint(const WholeRun& run, std::uint32_t data_checksum) {
  KeptRun state = run.state;
  state.data_checksum = data_checksum;
  state.plan.data = with_asked(state.plan.data, run.request);
  Checkpoint checkpoint = to_checkpoint(std::move(state));
  if (run.shown.thumbnail) checkpoint.state.tensors.push_back(to_tensor(*run.shown.thumbnail));
  checkpoint.run = with_put_away(checkpoint.run, run.shown);
  return checkpoint;
}

DataRequest with_asked(DataRequest as_loaded, const DataRequest& asked) {
  if (!as_loaded.image_size) as_loaded.image_size = asked.image_size;
  as_loaded.usual_range = asked.usual_range;
  as_loaded.label_column = asked.label_column;
  as_loaded.sequence = asked.sequence;
  as_loaded.labels_file = asked.labels_file;
  return as_loaded;
}

Expected<WholeRun> whole_run_from(Checkpoint checkpoint) {
  auto put_away = put_away_from(checkpoint.run);
  if (!put_away) return tl::unexpected(put_away.error());
  WholeRun run;
  StoredRun& shown = run.shown;
  shown = *std::move(put_away);
  auto& tensors = checkpoint.state.tensors;
  const auto dots = std::ranges::find(tensors, kThumbnail, &StateTensor::name);
  if (dots != tensors.end()) {
    shown.thumbnail = thumbnail_from(*dots);
    tensors.erase(dots);
  }
  auto state = kept_run_from(std::move(checkpoint));
  if (!state) return tl::unexpected(state.error());
  run.state = *std::move(state);
  const Curves& curves = run.state.curves;
  show_losses(shown, curves);
  shown.spec = run.state.checkpoint.spec;
  const double kl_weight = shown.settings.kl_weight;
  shown.settings = run.state.plan.settings;
  shown.settings.kl_weight = kl_weight;
  if (!curves.changes.empty()) shown.schedule = curves.changes.back().schedule;
  shown.position = run.state.checkpoint.state.position;
  run.saved.step = shown.position.step;  // the session has it
  run.request = as_kept(run.state.plan.data);
  return run;
}

}  // namespace zscape
