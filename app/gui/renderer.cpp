#include "app/gui/renderer.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "app/gui/gl/screen.h"
#include "app/gui/panels/inputs/vector_plot.h"

namespace zscape {
namespace {

// Few points are large and firm, many are small and let one another through.
constexpr float kFewPoints = 2000, kManyPoints = 60000;
constexpr float kLargestDiameter = 6.5f, kSmallestDiameter = 3.4f;  // at 100 %, pixels
constexpr float kFirmest = 0.92f, kFaintest = 0.6f;                 // alpha

// Points whose labels the legend has switched off: smaller and faint, beneath the others.
constexpr float kDimmedSize = 0.75f, kDimmedAlpha = 0.35f;

// How strong points are below the layers that say why.
constexpr float kWhyUnderneath = 0.5f;

// How strong the decoded pictures are where points must be seen on them.
constexpr float kManifoldUnderPoints = 0.55f;

gl::Rgba rgba_of(ImU32 color, float alpha = 1) {
  const ImVec4 parts = ImGui::ColorConvertU32ToFloat4(color);
  return {parts.x, parts.y, parts.z, alpha};
}

std::span<const float> floats(std::span<const Vec2> points) {
  static_assert(sizeof(Vec2) == 2 * sizeof(float));
  if (points.empty()) return {};
  return {&points.front().x, points.size() * 2};
}

}  // namespace

Expected<std::unique_ptr<Renderer>> Renderer::make() {
  Expected<gl::Scatter> scatter = gl::Scatter::make();
  if (!scatter) return tl::unexpected(scatter.error());
  Expected<gl::Ellipses> ellipses = gl::Ellipses::make();
  if (!ellipses) return tl::unexpected(ellipses.error());
  Expected<gl::Tiles> tiles = gl::Tiles::make();
  if (!tiles) return tl::unexpected(tiles.error());
  Expected<gl::Field> field = gl::Field::make();
  if (!field) return tl::unexpected(field.error());
  Expected<gl::Shade> shade = gl::Shade::make();
  if (!shade) return tl::unexpected(shade.error());
  Expected<gl::Cloud> cloud = gl::Cloud::make();
  if (!cloud) return tl::unexpected(cloud.error());
  return std::unique_ptr<Renderer>(new Renderer(std::move(*scatter), std::move(*ellipses),
                                                std::move(*tiles), std::move(*field),
                                                std::move(*shade), std::move(*cloud)));
}

void Renderer::upload(Pictures& pictures) {
  std::vector<gl::Atlas::Part> parts;
  for (const PictureSlot slot : pictures.changed()) {
    const Pictures::Place at = pictures.place(slot);
    parts.push_back({at.x, at.y, pictures.shape().width, pictures.shape().height});
  }
  atlas_.follow(pictures.sheet(), pictures.width(), pictures.height(), pictures.generation(),
                parts);
  pictures.forget_changed();
}

void Renderer::upload(const JacobianPictures& pictures) {
  if (pictures.sheet().empty()) return;
  jacobian_.follow(pictures.sheet(), pictures.width(), pictures.height(), pictures.generation(),
                   {});
}

void Renderer::upload_layers(const Points& points, const LayerContents& contents,
                             const Pictures& pictures) {
  const Coloring& coloring = contents.coloring;
  if (!points.to_depth().empty()) {
    cloud_.upload({floats(points.from()), floats(points.to()), points.from_depth(),
                   points.to_depth(), contents.dimming.dimmed(), coloring.entries(),
                   points.revision(), contents.dimming.revision(), coloring.revision()});
    return;
  }
  scatter_.upload({floats(points.from()), floats(points.to()), contents.dimming.dimmed(),
                   coloring.entries(), points.revision(), contents.dimming.revision(),
                   coloring.revision()});
  const Posteriors& posteriors = contents.posteriors;
  ellipses_.upload({floats(posteriors.from()), floats(posteriors.to()), floats(posteriors.sigma()),
                    floats(posteriors.turn()), posteriors.colors(), posteriors.revision(),
                    posteriors.typical_sigma()});
  const Density& density = contents.density;
  field_.upload(density.values(), density.width(), density.height(), density.revision());
  const ShadeField& shade = contents.why.shade();
  shade_.upload({shade.values, shade.columns, shade.rows, shade.low.x, shade.low.y, shade.high.x,
                 shade.high.y, shade.levels, contents.why.shade_revision()});
  std::vector<gl::Tiles::Tile> tiles;
  for (const Manifold::Place& place : contents.manifold.places()) {
    const Pictures::Place part = pictures.place(place.slot);
    tiles.push_back({{place.low.x, place.low.y, place.high.x, place.high.y},
                     {part.u0, part.v0, part.u1, part.v1}});
  }
  tiles_.upload(tiles);
}

bool Renderer::draw_plot(const Points& points, const LayerContents& contents,
                         const Pictures& pictures, const LatentPanelState& latent, float scale,
                         float pixel_ratio, float framebuffer_height) {
  static_assert(gl::kPalette == Coloring::kEntries);
  shown_ = latent.view;
  pixel_ratio_ = pixel_ratio;
  framebuffer_height_ = framebuffer_height;
  const auto crowding = [](std::size_t count) {
    const float points_or_one = std::max(static_cast<float>(count), 1.0f);
    return std::clamp(std::log(points_or_one / kFewPoints) / std::log(kManyPoints / kFewPoints),
                      0.0f, 1.0f);
  };
  const auto diameter = [](float many) {
    return kLargestDiameter + (kSmallestDiameter - kLargestDiameter) * many;
  };
  // A few selected points among very many are to be seen.
  const PointDimming& dimming = contents.dimming;
  const float crowd = crowding(points.count());
  const float many = dimming.any_selected() ? crowding(dimming.selected().size()) : crowd;
  // Arrows and shades are to be seen among the points.
  const bool why = points.to_depth().empty() && std::ranges::any_of(kLayers, [&](Layer layer) {
                     return text_of(layer).group == LayerGroup::why && latent.layers.shown(layer);
                   });
  const float alpha = (kFirmest + (kFaintest - kFirmest) * many) * (why ? kWhyUnderneath : 1.0f);

  PlotState state;
  state.view = {static_cast<int>(std::lround(shown_.size.x * pixel_ratio)),
                static_cast<int>(std::lround(shown_.size.y * pixel_ratio)),
                shown_.center.x,
                shown_.center.y,
                shown_.pixels_per_unit * pixel_ratio,
                points.mix()};
  state.scale = scale * pixel_ratio;
  state.diameter = diameter(many) * state.scale;
  state.dimmed_diameter = diameter(crowd) * kDimmedSize * state.scale;
  const auto palette = contents.coloring.palette();
  for (std::size_t entry = 0; entry < palette.size(); ++entry) {
    state.colors.palette[entry] = rgba_of(palette[entry], alpha);
  }
  state.ground = rgba_of(color::kBackground);
  state.points = latent.layers.shown(Layer::points);
  if (!points.to_depth().empty()) state.orbit = shown_.orbit;
  state.revisions = {
      points.revision(),           contents.coloring.revision(), contents.posteriors.revision(),
      contents.density.revision(), contents.manifold.revision(), pictures.generation(),
      contents.dimming.revision(), contents.why.shade_revision()};
  const bool resized = picture_.resize(state.view.width, state.view.height);
  if (!resized && drawn_ == state) return false;
  if (!drawn_ || drawn_->revisions != state.revisions) upload_layers(points, contents, pictures);
  drawn_ = state;

  picture_.bind_for_drawing();
  gl::clear_window(state.ground[0], state.ground[1], state.ground[2]);
  const bool any_dimmed = latent.hidden.any() || dimming.any_selected();
  if (state.orbit) {
    draw_space(state, any_dimmed);
    gl::Framebuffer::end_drawing();
    return true;
  }
  tiles_.draw(state.view,
              {atlas_.texture(), pictures.width(), pictures.height(), is_vector(pictures.shape())},
              state.points ? kManifoldUnderPoints : 1.0f, state.ground, rgba_of(color::kText));
  const bool stretch = contents.why.shade().measure == PlaneMeasure::stretch;
  shade_.draw(state.view,
              {rgba_of(color::kSecond), rgba_of(stretch ? color::kText : color::kAccent),
               rgba_of(color::kText), stretch ? 0.45f : 0.42f});
  field_.draw(state.view, contents.density.cell() * pixel_ratio, rgba_of(color::kAccent));
  if (state.points && any_dimmed) {
    scatter_.draw(
        state.view, state.colors, state.dimmed_diameter,
        rgba_of(color::kFaint, kDimmedAlpha * (kFirmest + (kFaintest - kFirmest) * crowd)));
  }
  ellipses_.draw(state.view, state.colors, state.scale);
  if (state.points) scatter_.draw(state.view, state.colors, state.diameter);
  gl::Framebuffer::end_drawing();
  return true;
}

// The cube around the codes, and the codes in it.
void Renderer::draw_space(const PlotState& state, bool any_dimmed) {
  const OrbitCamera& camera = *state.orbit;
  const gl::CloudView view{camera.clip_matrix(shown_.size.x, shown_.size.y), camera.distance(),
                           camera.reach(), state.view.mix};
  std::vector<float> edges, axes;
  for (int axis = 0; axis < 3; ++axis) {
    for (int corner = 0; corner < 4; ++corner) {
      for (const float end : {-1.0f, 1.0f}) {
        std::array<float, 3> at{};
        at[static_cast<std::size_t>(axis)] = end;
        at[static_cast<std::size_t>((axis + 1) % 3)] = (corner & 1) != 0 ? 1.0f : -1.0f;
        at[static_cast<std::size_t>((axis + 2) % 3)] = (corner & 2) != 0 ? 1.0f : -1.0f;
        std::vector<float>& into = corner == 0 ? axes : edges;  // those that bear names
        into.push_back(camera.middle.x + camera.half * at[0]);
        into.push_back(camera.middle.y + camera.half * at[1]);
        into.push_back(camera.middle.z + camera.half * at[2]);
      }
    }
  }
  // The floor that the names stand at, so that one sees from where it is looked at.
  std::vector<float> floor;
  constexpr int kTiles = 8;
  for (int line = 1; line < kTiles; ++line) {
    const float at = 2 * static_cast<float>(line) / kTiles - 1;
    const std::array<std::pair<float, float>, 4> ends = {{{at, -1}, {at, 1}, {-1, at}, {1, at}}};
    for (const auto& [x, z] : ends) {
      floor.insert(floor.end(), {camera.middle.x + camera.half * x, camera.middle.y - camera.half,
                                 camera.middle.z + camera.half * z});
    }
  }
  gl::PointColors colors = state.colors;
  for (gl::Rgba& entry : colors.palette) entry[3] = 1;  // what is in front hides the rest
  cloud_.begin();
  const float diameter = state.diameter * std::clamp(std::sqrt(camera.zoom), 0.7f, 2.5f);
  if (state.points) {
    cloud_.draw(view, colors, diameter, state.ground);
    if (any_dimmed) {
      cloud_.draw(view, colors, diameter * kDimmedSize, state.ground,
                  rgba_of(color::kFaint, kDimmedAlpha));
    }
  }
  cloud_.draw_lines(view, floor, rgba_of(color::kText, 0.1f));
  cloud_.draw_lines(view, edges, rgba_of(color::kText, 0.16f));
  cloud_.draw_lines(view, axes, rgba_of(color::kText, 0.5f));
}

void Renderer::clear(const Theme& theme) {
  const gl::Rgba rgba = rgba_of(theme.software_rendering ? color::kPanel : color::kBackground);
  gl::clear_window(rgba[0], rgba[1], rgba[2]);
}

void Renderer::show_plot(const ImDrawList*, const ImDrawCmd* command) {
  const auto& self = *static_cast<const Renderer*>(command->UserCallbackData);
  const float ratio = self.pixel_ratio_;
  const auto pixels = [ratio](float length) {
    return static_cast<int>(std::lround(length * ratio));
  };
  const int height = static_cast<int>(self.framebuffer_height_);
  const ImVec4 clip = command->ClipRect;
  const int box[4] = {pixels(clip.x), height - pixels(clip.w), pixels(clip.z) - pixels(clip.x),
                      pixels(clip.w) - pixels(clip.y)};
  if (box[2] <= 0 || box[3] <= 0) return;
  const LatentView& view = self.shown_;
  self.picture_.show(pixels(view.origin.x), height - pixels(view.rect().high().y), box);
}

}  // namespace zscape
