#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/paths/marks.h"

namespace zscape {

inline constexpr int kPathFrames = 12;  // of a path of one leg
inline constexpr std::array kPathModes = {PathMode::linear, PathMode::spherical,
                                          PathMode::geodesic};

// A decoded picture and what it shows.
struct SceneImage {
  PictureSlot slot = kNoPicture;
  std::optional<std::uint64_t> revision;  // of the weights that drew it; none: not drawn yet
  std::uint64_t turn = 0;                 // when it was drawn: the oldest are drawn again first
};

// The frames along a path in one of its modes.
struct Film {
  std::vector<std::vector<float>> z;  // [frames][k]; empty: a geodesic that is not found yet
  std::vector<SceneImage> images;     // [frames]
  std::vector<float> pixels;          // [frames, d]; what the images show, once drawn
  std::vector<double> change;  // [frames − 1]: ‖x̂(t+1) − x̂(t)‖; NaN: not both drawn yet

  void set_frames(int frames, int inputs);  // pictures to be drawn

  // Stores a drawn picture and updates the change around it.
  void set_pixels(std::size_t frame, std::span<const float> picture);
};

// A path with its pictures.
struct Path : PathMark {
  std::array<Film, kPathModes.size()> films;  // by PathMode
  Film fade;  // the pixel cross-fade between the pictures of the control points; has no z
  std::vector<std::vector<float>> line;       // [n][k]: as it is drawn in the plot
  std::vector<double> line_at;                // [n]: positions along it, from 0 to 1
  std::array<PictureSlot, 2> inputs{-1, -1};  // the inputs at its ends; kNoPicture: free places
  std::optional<std::uint64_t> searched;      // revision of the weights of the geodesic
  std::int64_t searched_step = 0;             // likewise
  std::vector<float> hidden_geodesic, hidden_stops;  // while the past is shown; empty: none
  std::optional<std::uint64_t> faded;                // revision of what the cross-fade is made of

  Film& film(PathMode of) { return films[static_cast<std::size_t>(of)]; }
  const Film& film(PathMode of) const { return films[static_cast<std::size_t>(of)]; }
  const Film& film() const { return film(mode); }  // of the chosen mode
  int frames() const { return static_cast<int>(fade.images.size()); }
};

// The number of frames of a path; each control point is one of them.
int frames_of(int legs);

// Remakes the frames of a path after its control points or label changed. Images keep their slots
// while the number of frames stays; returns the slots that become free.
std::vector<PictureSlot> lay_out(Path& path, int inputs);

// Follows control points that moved with their inputs; a geodesic keeps its shape until it is found
// again. before: the former stops, as many as now.
void move_along(Path& path, std::span<const float> before);

// The line that the chosen mode takes through the plot.
void lay_line(Path& path);

// Stores a geodesic, [frames, k], that was found between these stops.
void lay_geodesic(Path& path, std::span<const float> z, std::span<const float> stops);

// The past must not show a geodesic of the present's decoder: hides it, and brings it back.
void hide_geodesic(Path& path);
void show_geodesic(Path& path);

// The code at a position in [0, 1] in the chosen mode; on a straight line until a geodesic is
// found.
std::vector<float> z_along(const Path& path, double position);

// Redraws the cross-fade where the pictures of control points are newer; returns the changed
// frames.
std::vector<std::size_t> fade(Path& path, int inputs);

}  // namespace zscape
