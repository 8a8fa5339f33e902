#include "engine/walk.h"

#include <algorithm>
#include <cmath>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kBatch = 256;  // pictures decoded at once

// A place on a polyline: points [n, k] of equal shares, t in [0, 1].
std::vector<float> on_polyline(std::span<const float> points, std::size_t latent, double t) {
  const std::size_t count = points.size() / latent;
  const auto pieces = static_cast<double>(count - 1);
  const double piece = std::min(std::floor(t * pieces), pieces - 1);
  const auto at = static_cast<std::size_t>(piece) * latent;
  return path_point(points.subspan(at, latent), points.subspan(at + latent, latent),
                    PathMode::linear, t * pieces - piece);
}

Expected<std::vector<float>> geodesic_through(const FrozenModel& model, const Walk& walk,
                                              const Progress& progress) {
  const auto latent = static_cast<std::size_t>(model.spec().latent);
  const std::span<const float> stops = walk.stops;
  const int legs = static_cast<int>(stops.size() / latent) - 1;
  const int points = (walk.frames - 1 + legs - 1) / legs + 1;  // of a leg
  std::vector<std::vector<float>> ways;
  for (int leg = 0; leg < legs; ++leg) {
    const auto at = static_cast<std::size_t>(leg) * latent;
    auto way = model.geodesic(
        stops.subspan(at, latent), stops.subspan(at + latent, latent), walk.label, points,
        [&](double done) { return report(progress, (leg + done) / static_cast<double>(legs)); });
    if (!way) return way;
    ways.push_back(std::move(*way));
  }
  if (legs == 1) return ways.front();
  std::vector<float> codes;
  for (int frame = 0; frame < walk.frames; ++frame) {
    const LegPlace place = leg_place(frame, walk.frames, legs);
    const auto z = on_polyline(ways[static_cast<std::size_t>(place.leg)], latent, place.t);
    codes.insert(codes.end(), z.begin(), z.end());
  }
  return codes;
}

}  // namespace

bool fits(const Walk& walk, const ModelSpec& spec) {
  const auto latent = static_cast<std::size_t>(spec.latent);
  return walk.frames >= 2 && walk.stops.size() >= 2 * latent && walk.stops.size() % latent == 0;
}

Expected<std::vector<float>> codes_along(const FrozenModel& model, const Walk& walk,
                                         const Progress& progress) {
  if (walk.mode == PathMode::geodesic) return geodesic_through(model, walk, progress);
  return path_through(walk.stops, model.spec().latent, walk.mode, walk.frames);
}

Expected<std::vector<float>> pictures_along(const FrozenModel& model, const Walk& walk,
                                            const Progress& progress) {
  auto codes = codes_along(model, walk, progress);
  if (!codes) return codes;
  const auto latent = static_cast<std::size_t>(model.spec().latent);
  const auto inputs = static_cast<std::size_t>(model.spec().inputs());
  const std::size_t count = codes->size() / latent;
  const std::vector<int> labels(model.classes() > 0 ? std::min(count, kBatch) : 0, walk.label);
  std::vector<float> pictures(count * inputs);
  for (std::size_t first = 0; first < count; first += kBatch) {
    const std::size_t rows = std::min(kBatch, count - first);
    if (!report(progress, 1))
      return fail(tr("drawing the path was cancelled"), ErrorCode::cancelled);
    model.decode(std::span(*codes).subspan(first * latent, rows * latent),
                 std::span(labels).first(std::min(labels.size(), rows)),
                 std::span(pictures).subspan(first * inputs, rows * inputs));
  }
  return pictures;
}

}  // namespace zscape
