#include "app/gui/view/paths/film.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace zscape {
namespace {

constexpr int kArcPieces = 24;  // of a leg, as drawn

std::vector<std::vector<float>> rows_of(std::span<const float> codes, std::size_t latent) {
  std::vector<std::vector<float>> rows;
  for (std::size_t at = 0; at + latent <= codes.size(); at += latent) {
    const auto row = codes.subspan(at, latent);
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

double distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = double{a[i]} - b[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

// The codes of the two modes that need no search.
void lay_codes(Path& path) {
  const std::vector<float> stops = path.stops();
  const std::size_t latent = path.points.front().z.size();
  for (const PathMode mode : {PathMode::linear, PathMode::spherical}) {
    path.film(mode).z =
        rows_of(path_through(stops, static_cast<int>(latent), mode, path.frames()), latent);
  }
}

// Moves each frame of the geodesic with the control points around it, in proportion.
void carry_geodesic(Path& path, std::span<const float> before) {
  const std::vector<float> after = path.stops();
  Film& film = path.film(PathMode::geodesic);
  if (film.z.empty() || before.size() != after.size()) return;
  const std::size_t latent = path.points.front().z.size();
  const auto legs = static_cast<std::size_t>(path.legs());
  const std::size_t steps = (film.z.size() - 1) / legs;  // of a leg
  const auto moved = [&](std::size_t stop, std::size_t i) {
    return after[stop * latent + i] - before[stop * latent + i];
  };
  for (std::size_t frame = 0; frame < film.z.size(); ++frame) {
    const std::size_t leg = std::min(frame / steps, legs - 1);
    const float t = static_cast<float>(frame - leg * steps) / static_cast<float>(steps);
    for (std::size_t i = 0; i < latent; ++i) {
      film.z[frame][i] += (1 - t) * moved(leg, i) + t * moved(leg + 1, i);
    }
  }
}

}  // namespace

void Film::set_frames(int frames, int inputs) {
  const auto count = static_cast<std::size_t>(frames);
  images.resize(count);
  for (SceneImage& image : images) image.revision.reset();
  pixels.assign(count * static_cast<std::size_t>(inputs), 0);
  change.assign(count - 1, std::numeric_limits<double>::quiet_NaN());
}

void Film::set_pixels(std::size_t frame, std::span<const float> picture) {
  const std::size_t size = picture.size();
  if (pixels.size() != images.size() * size) return;
  std::ranges::copy(picture, pixels.begin() + static_cast<std::ptrdiff_t>(frame * size));
  const auto measure = [&](std::size_t at) {
    if (at + 1 >= images.size() || images[at].revision != images[at + 1].revision) return;
    const std::span<const float> all = pixels;
    change[at] = distance(all.subspan(at * size, size), all.subspan((at + 1) * size, size));
  };
  measure(frame);
  if (frame > 0) measure(frame - 1);
}

int frames_of(int legs) {
  if (legs == 1) return kPathFrames;
  return legs * std::max(2, (kPathFrames - 1) / legs) + 1;
}

std::vector<PictureSlot> lay_out(Path& path, int inputs) {
  const int frames = frames_of(path.legs());
  std::vector<PictureSlot> left;
  const auto renew = [&](Film& film) {
    for (std::size_t i = static_cast<std::size_t>(frames); i < film.images.size(); ++i) {
      left.push_back(film.images[i].slot);
    }
    film.set_frames(frames, inputs);
  };
  for (const PathMode mode : kPathModes) {
    renew(path.film(mode));
    path.film(mode).z.clear();
  }
  renew(path.fade);
  lay_codes(path);
  path.searched.reset();
  path.faded.reset();
  path.hidden_geodesic.clear();
  path.hidden_stops.clear();
  lay_line(path);
  return left;
}

void move_along(Path& path, std::span<const float> before) {
  lay_codes(path);
  carry_geodesic(path, before);
  for (Film& film : path.films) {
    for (SceneImage& image : film.images) image.revision.reset();
  }
  path.searched.reset();
  path.faded.reset();
  lay_line(path);
}

void lay_line(Path& path) {
  path.line.clear();
  const Film& film = path.film();
  if (path.mode == PathMode::geodesic && !film.z.empty()) {
    path.line = film.z;
  } else if (path.mode == PathMode::spherical) {
    const std::size_t latent = path.points.front().z.size();
    path.line = rows_of(path_through(path.stops(), static_cast<int>(latent), path.mode,
                                     path.legs() * kArcPieces + 1),
                        latent);
  } else {
    for (const ControlPoint& point : path.points) path.line.push_back(point.z);
  }
  path.line_at.clear();
  for (std::size_t i = 0; i < path.line.size(); ++i) {
    path.line_at.push_back(static_cast<double>(i) / static_cast<double>(path.line.size() - 1));
  }
}

void lay_geodesic(Path& path, std::span<const float> z, std::span<const float> stops) {
  Film& film = path.film(PathMode::geodesic);
  film.z = rows_of(z, path.points.front().z.size());
  carry_geodesic(path, stops);
  for (SceneImage& image : film.images) image.revision.reset();
  lay_line(path);
}

void hide_geodesic(Path& path) {
  Film& film = path.film(PathMode::geodesic);
  if (film.z.empty()) return;
  path.hidden_geodesic.clear();
  for (const std::vector<float>& z : film.z) {
    path.hidden_geodesic.insert(path.hidden_geodesic.end(), z.begin(), z.end());
  }
  path.hidden_stops = path.stops();
  film.z.clear();
  lay_line(path);
}

void show_geodesic(Path& path) {
  if (path.hidden_geodesic.empty()) return;
  lay_geodesic(path, path.hidden_geodesic, path.hidden_stops);
  path.hidden_geodesic.clear();
  path.hidden_stops.clear();
}

std::vector<float> z_along(const Path& path, double position) {
  const Film& film = path.film();
  const bool found = path.mode == PathMode::geodesic && film.z.size() >= 2;
  const std::size_t pieces = found ? film.z.size() - 1 : path.points.size() - 1;
  const double place = std::clamp(position, 0.0, 1.0) * static_cast<double>(pieces);
  const auto piece = std::min(static_cast<std::size_t>(place), pieces - 1);
  const double t = place - static_cast<double>(piece);
  if (found) return path_point(film.z[piece], film.z[piece + 1], PathMode::linear, t);
  const PathMode mode = path.mode == PathMode::spherical ? PathMode::spherical : PathMode::linear;
  return path_point(path.points[piece].z, path.points[piece + 1].z, mode, t);
}

std::vector<std::size_t> fade(Path& path, int inputs) {
  std::vector<std::size_t> drawn;
  const Film& ends = path.film(PathMode::linear);
  const std::size_t frames = path.fade.images.size();
  const std::size_t legs = path.points.size() - 1;
  const std::size_t steps = (frames - 1) / legs;  // of a leg
  const auto size = static_cast<std::size_t>(inputs);
  if (ends.pixels.size() != frames * size) return drawn;
  // All control points' pictures must be of the same weights.
  const std::optional<std::uint64_t> revision = ends.images.front().revision;
  if (!revision || revision == path.faded) return drawn;
  for (std::size_t stop = 1; stop <= legs; ++stop) {
    if (ends.images[stop * steps].revision != revision) return drawn;
  }
  path.faded = revision;
  std::vector<float> mixed(size);
  for (std::size_t frame = 0; frame < frames; ++frame) {
    const std::size_t leg = std::min(frame / steps, legs - 1);
    const std::size_t from = leg * steps * size, to = from + steps * size;
    const float t = static_cast<float>(frame - leg * steps) / static_cast<float>(steps);
    for (std::size_t i = 0; i < size; ++i) {
      mixed[i] = (1 - t) * ends.pixels[from + i] + t * ends.pixels[to + i];
    }
    path.fade.images[frame].revision = revision;
    path.fade.set_pixels(frame, mixed);
    drawn.push_back(frame);
  }
  return drawn;
}

}  // namespace zscape
