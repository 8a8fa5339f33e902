#include "app/gui/view/paths/geodesic_search.h"

#include <algorithm>
#include <utility>

namespace zscape {
namespace {

constexpr double kLeastGap = 0.25;    // seconds between two requests, while a point is dragged
constexpr double kLeastRest = 1.5;    // seconds from an answer to a search with newer weights,
constexpr double kRestPerSearch = 4;  // and as a multiple of how long the last search took

// A selected path shows all three modes; of the others only the chosen one is seen.
bool is_shown(const Path& path, int selected) {
  return path.id == selected || path.mode == PathMode::geodesic;
}

// Neither found nor, with these weights, looked for in vain.
bool is_missing(const Path& path, std::uint64_t revision) {
  return path.film(PathMode::geodesic).z.empty() && path.searched != revision;
}

}  // namespace

bool GeodesicSearch::asks_for(const Path& path) const {
  return asked_->label == path.label && asked_->frames == path.frames() &&
         asked_stops_ == path.stops();
}

void GeodesicSearch::follow(std::span<const float> before, std::span<const float> after) {
  if (asked_ && std::ranges::equal(asked_stops_, before)) {
    asked_stops_.assign(after.begin(), after.end());
  }
}

void GeodesicSearch::take_over(std::vector<Path>& paths, const FoundGeodesic& answer,
                               double now_s) {
  const bool is_asked = asked_ && asked_->stops == answer.stops && asked_->label == answer.label;
  for (Path& path : paths) {
    const std::size_t latent = path.points.front().z.size();
    const std::size_t size = static_cast<std::size_t>(path.frames()) * latent;
    const bool is_of_it = path.label == answer.label && path.stops() == answer.stops;
    if (!is_of_it && !(is_asked && asks_for(path))) continue;
    if (!answer.z.empty() && answer.z.size() != size) continue;
    path.searched = answer.revision;
    path.searched_step = answer.step;
    if (!answer.z.empty()) lay_geodesic(path, answer.z, answer.stops);
  }
  if (is_asked) {
    took_s_ = now_s - asked_s_;
    answered_s_ = now_s;
    asked_.reset();
  }
}

std::optional<FindGeodesic> GeodesicSearch::update(std::vector<Path>& paths, int selected,
                                                   std::uint64_t revision,
                                                   std::shared_ptr<const FoundGeodesic> answer,
                                                   double now_s) {
  wake_s_.reset();
  if (answer && answer != answer_) take_over(paths, *answer, now_s);
  answer_ = std::move(answer);

  const auto first = [&](auto&& wanted) {
    const Path* found = nullptr;
    for (const Path& path : paths) {
      if (!is_shown(path, selected) || !wanted(path)) continue;
      if (!found || path.id == selected) found = &path;
    }
    return found;
  };
  const Path* missing = first([&](const Path& path) { return is_missing(path, revision); });
  const Path* next = missing;
  double due_s = asked_s_ + kLeastGap;
  if (asked_) {
    const Path* asked = first([&](const Path& path) { return asks_for(path); });
    const bool is_urgent = missing && missing->id == selected && missing != asked;
    if (asked && !is_urgent) return std::nullopt;
    if (!asked && !missing) {  // it is no longer needed
      asked_.reset();
      return FindGeodesic{};
    }
  } else if (!missing) {
    next = first([&](const Path& path) { return path.searched != revision; });
    due_s = std::max(due_s, answered_s_ + std::max(kLeastRest, kRestPerSearch * took_s_));
  }
  if (!next) return std::nullopt;
  if (now_s < due_s) {
    wake_s_ = due_s;
    return std::nullopt;
  }
  asked_ = FindGeodesic{{}, next->stops(), next->label, next->frames()};
  asked_stops_ = asked_->stops;
  asked_s_ = now_s;
  return asked_;
}

}  // namespace zscape
