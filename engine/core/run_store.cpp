#include "engine/core/run_store.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace zscape {
namespace {

constexpr std::size_t kDots = 300;  // of a thumbnail
// Where room is short, each past keeps this part of it at least.
constexpr std::size_t kThinnedPasts = 16;

std::size_t bytes_of(const Curve& curve) {
  return curve.size() * sizeof(CurvePoint);
}

std::size_t bytes_of(const Split& split) {
  const std::size_t inputs = split.pixels.size() + split.values.size() * sizeof(float);
  return (split.is_mapped() ? 0 : inputs) + split.places.size() * sizeof(std::int64_t) +
         split.labels.size() * sizeof(std::int32_t) + split.factors.size() * sizeof(float) +
         split.rows.size() * sizeof(std::int64_t) + split.files.size() * sizeof(std::string);
}

std::size_t bytes_of(const Dataset& data) {
  return bytes_of(data.train) + bytes_of(data.test);
}

// With its size, which is counted once.
WholeRunPtr counted(WholeRun run) {
  run.shown.bytes = run.bytes();
  return std::make_shared<const WholeRun>(std::move(run));
}

// Whether one of them came from the other's file.
bool is_same(const StoredRun& a, const StoredRun& b) {
  return a.kept_at == b.kept_at && a.model == b.model && a.position.step == b.position.step &&
         a.settings.kl_weight == b.settings.kl_weight && a.spec == b.spec && a.data == b.data;
}

}  // namespace

std::size_t WholeRun::bytes() const {
  const Checkpoint& checkpoint = state.checkpoint;
  std::size_t bytes = sizeof(WholeRun) + bytes_of(checkpoint.state) + bytes_of(*past.moments) +
                      bytes_of(*past.states);
  if (checkpoint.best) bytes += checkpoint.best->bytes();
  if (checkpoint.best_state) bytes += bytes_of(*checkpoint.best_state);
  const Curves& curves = state.curves;
  for (const Curve* curve : {&curves.train, &curves.test, &curves.test_sample, &curves.validation})
    bytes += bytes_of(*curve);
  if (shown.thumbnail) bytes += shown.thumbnail->dots.size() * sizeof(Thumbnail::Dot);
  return bytes;
}

void show_losses(StoredRun& shown, const Curves& curves) {
  if (!curves.train.empty()) {
    const CurvePoint& point = curves.train.back();
    shown.training = {point.loss, point.reconstruction, point.kl, kNotMeasured.mse};
  }
  const Curve& test = curves.test.empty() ? curves.test_sample : curves.test;
  if (!test.empty()) shown.test_loss = test.back().loss;
}

std::shared_ptr<const Thumbnail> thumbnail_of(const Codes& codes, const Dataset& data) {
  auto thumbnail = std::make_shared<Thumbnail>();
  const auto count = static_cast<std::size_t>(codes.count());
  const auto latent = static_cast<std::size_t>(codes.latent);
  if (count == 0 || latent == 0) return thumbnail;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // One dimension lies on a line. In double: codes of a run that diverges may be of any size.
  const auto at = [&](std::size_t i, std::size_t axis) {
    return axis < latent ? static_cast<double>(codes.mean[i * latent + axis]) : 0.0;
  };
  double low[2] = {kInfinity, kInfinity}, high[2] = {-kInfinity, -kInfinity};
  const std::size_t dots = std::min(count, kDots);
  for (std::size_t dot = 0; dot < dots; ++dot) {
    for (const std::size_t axis : {0U, 1U}) {
      const double value = at(dot * count / dots, axis);
      if (!std::isfinite(value)) continue;
      low[axis] = std::min(low[axis], value);
      high[axis] = std::max(high[axis], value);
    }
  }
  // The same scale for both.
  const double extent = std::max(high[0] - low[0], high[1] - low[1]);
  const auto place = [&](double value, std::size_t axis) {
    const double part = (value - (low[axis] + high[axis]) / 2) / extent;
    return static_cast<std::uint8_t>(
        (std::isfinite(part) ? std::clamp(part, -0.5, 0.5) + 0.5 : 0.5) * 255);
  };
  for (std::size_t dot = 0; dot < dots; ++dot) {
    const std::size_t i = dot * count / dots;
    thumbnail->dots.push_back({place(at(i, 0), 0), place(at(i, 1), 1),
                               data.split(codes.split).label((*codes.indices)[i])});
  }
  return thumbnail;
}

void RunStore::set_most_bytes(std::size_t most_bytes) {
  most_bytes_ = most_bytes;
  make_room();
}

void RunStore::set_present_data(std::shared_ptr<const Dataset> data) {
  present_ = std::move(data);
  for (WholeRunPtr& run : runs_) {
    if (run->data == present_ || !learned_from_present(*run)) continue;
    auto changed = std::make_shared<WholeRun>(*run);
    changed->data = present_;
    run = std::move(changed);
  }
  make_room();
}

// Also from another copy of them, as when the same data are loaded again.
bool RunStore::learned_from_present(const WholeRun& run) const {
  if (!present_ || present_->source != run.state.plan.data.source ||
      present_->name != run.shown.data) {
    return false;
  }
  return checksum_(present_) == (run.data ? checksum_(run.data) : run.state.data_checksum);
}

std::optional<std::uint64_t> RunStore::add(WholeRun run, std::uint64_t replaced) {
  run.shown.id = ++added_;
  std::erase_if(runs_, [replaced](const WholeRunPtr& other) {
    return other->shown.id == replaced && !other->shown.is_pinned;
  });
  runs_.push_back(counted(std::move(run)));
  make_room();
  if (find(added_)) return added_;
  return std::nullopt;
}

void RunStore::restore(std::vector<WholeRun> runs) {
  for (WholeRun& run : runs) {
    if (std::ranges::any_of(
            runs_, [&](const WholeRunPtr& other) { return is_same(other->shown, run.shown); })) {
      continue;
    }
    run.shown.id = ++added_;
    if (learned_from_present(run)) run.data = present_;
    const auto later = std::ranges::find_if(
        runs_, [&](const WholeRunPtr& other) { return other->shown.kept_at > run.shown.kept_at; });
    runs_.insert(later, counted(std::move(run)));
  }
  make_room();
}

WholeRunPtr RunStore::find(std::uint64_t id) const {
  const auto found =
      std::ranges::find(runs_, id, [](const WholeRunPtr& run) { return run->shown.id; });
  return found == runs_.end() ? nullptr : *found;
}

void RunStore::pin(std::uint64_t id, bool pinned) {
  for (WholeRunPtr& run : runs_) {
    if (run->shown.id != id || run->shown.is_pinned == pinned) continue;
    auto changed = std::make_shared<WholeRun>(*run);
    changed->shown.is_pinned = pinned;
    run = std::move(changed);
  }
  make_room();
}

std::size_t RunStore::bytes() const {
  std::size_t bytes = 0;
  std::set<const Dataset*> seen = {nullptr, present_.get()};
  for (const WholeRunPtr& run : runs_) {
    bytes += run->shown.bytes;
    if (seen.insert(run->data.get()).second) bytes += bytes_of(*run->data);
  }
  return bytes;
}

// Open runs' pasts may fill their half at any time.
void RunStore::make_room() {
  while (bytes() > room() && (thin_a_past() || let_data_go() || drop_one())) {
  }
  show();
}

// The oldest past that is not thin yet, by no more than is needed.
bool RunStore::thin_a_past() {
  const std::size_t excess = bytes() - room();
  for (WholeRunPtr& run : runs_) {
    const RunPast& past = run->past;
    const auto most = [&](std::size_t now) {
      return std::max(now - std::min(now, excess), room() / kThinnedPasts);
    };
    RunPast thinner = past;
    // Steps between two states are only repeated for longer.
    thinner.states = thinned(past.states, most(bytes_of(*past.states)));
    if (thinner.states->size() == past.states->size()) {
      thinner.moments = thinned(past.moments, most(bytes_of(*past.moments)));
      if (thinner.moments->size() == past.moments->size()) continue;  // the two that always stay
    }
    WholeRun changed = *run;
    changed.past = std::move(thinner);
    run = counted(std::move(changed));
    return true;
  }
  return false;
}

bool RunStore::let_data_go() {
  const auto holds = std::ranges::find_if(
      runs_, [this](const WholeRunPtr& run) { return run->data && run->data != present_; });
  if (holds == runs_.end()) return false;
  const std::shared_ptr<const Dataset> data = (*holds)->data;
  const std::uint32_t checksum = checksum_(data);
  for (WholeRunPtr& run : runs_) {
    if (run->data != data) continue;
    auto changed = std::make_shared<WholeRun>(*run);
    changed->data = nullptr;
    changed->state.data_checksum = checksum;
    run = std::move(changed);
  }
  return true;
}

bool RunStore::drop_one() {
  const auto oldest =
      std::ranges::find(runs_, false, [](const WholeRunPtr& run) { return run->shown.is_pinned; });
  if (oldest == runs_.end()) return false;
  runs_.erase(oldest);
  ++dropped_;
  return true;
}

void RunStore::show() {
  auto shown = std::make_shared<StoredRuns>();
  for (const WholeRunPtr& run : runs_) {
    shown->runs.push_back(run->shown);
    shown->runs.back().has_present_data = run->data && run->data == present_;
  }
  shown->bytes = bytes();
  shown->room_bytes = room();
  shown->most_bytes = most_bytes_;
  shown->dropped = dropped_;
  shown_ = std::move(shown);
}

}  // namespace zscape
