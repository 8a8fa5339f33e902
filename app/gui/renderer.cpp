#include "app/gui/renderer.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/gui/gl/screen.h"

namespace zscape {
namespace {

// Few points are large and firm, many are small and let one another through.
constexpr float kFewPoints = 2000, kManyPoints = 60000;
constexpr float kLargestDiameter = 6.5f, kSmallestDiameter = 3.4f;  // at 100 %, pixels
constexpr float kFirmest = 0.92f, kFaintest = 0.6f;                 // alpha

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
  return std::unique_ptr<Renderer>(new Renderer(std::move(*scatter)));
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

bool Renderer::draw_points(const Points& points, const LatentPanelState& latent, float scale,
                           float pixel_ratio) {
  static_assert(gl::kPalette == Points::kNoLabel + 1);
  shown_ = latent.view;
  pixel_ratio_ = pixel_ratio;
  const float count = std::max(static_cast<float>(points.count()), 1.0f);
  const float many =
      std::clamp(std::log(count / kFewPoints) / std::log(kManyPoints / kFewPoints), 0.0f, 1.0f);
  const float alpha = kFirmest + (kFaintest - kFirmest) * many;

  gl::ScatterLook look;
  look.width = static_cast<int>(std::lround(shown_.size.x * pixel_ratio));
  look.height = static_cast<int>(std::lround(shown_.size.y * pixel_ratio));
  look.center_x = shown_.center.x;
  look.center_y = shown_.center.y;
  look.pixels_per_unit = shown_.pixels_per_unit * pixel_ratio;
  look.mix = points.mix();
  look.diameter =
      (kLargestDiameter + (kSmallestDiameter - kLargestDiameter) * many) * scale * pixel_ratio;
  for (int label = 0; label < kMaxLabels; ++label) {
    const auto entry = static_cast<std::size_t>(label);
    look.palette[entry] = rgba_of(class_color(label), latent.hidden[entry] ? 0 : alpha);
  }
  look.palette[Points::kNoLabel] = rgba_of(class_color(-1), alpha);
  look.ground = rgba_of(color::kGround);
  return scatter_.draw(
      {floats(points.from()), floats(points.to()), points.palette_entries(), points.revision()},
      look);
}

void Renderer::clear(Vec2 framebuffer, const Theme& theme) {
  framebuffer_height_ = framebuffer.y;
  const gl::Rgba rgba = rgba_of(theme.software_rendering ? color::kPanel : color::kGround);
  gl::clear_window(rgba[0], rgba[1], rgba[2]);
}

void Renderer::show_points(const ImDrawList*, const ImDrawCmd* command) {
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
  self.scatter_.show(pixels(view.origin.x), height - pixels(view.origin.y + view.size.y), box);
}

}  // namespace zscape
