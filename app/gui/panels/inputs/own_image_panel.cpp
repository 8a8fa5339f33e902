#include "app/gui/panels/inputs/own_image_panel.h"

#include <fmt/format.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/frame/pointer.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kTitle = tr("Your own picture");
constexpr float kCanvas = 184, kPicture = 84, kNeighbour = 42;  // at 100 %, pixels
constexpr float kWidth = 312, kHeight = 410;
constexpr std::size_t kShownDimensions = 3;

struct Draw : PanelDraw {
  const Snapshot& snapshot;
  const ModelView& model;
  OwnImage& image;
  Scene& scene;
  const Pictures& pictures;
};

// A picture of the data in the middle of a square, its proportions kept.
void draw_in_square(const Draw& draw, PictureSlot slot, ImVec2 low, float side) {
  const ImageShape& shape = draw.pictures.shape();
  const float scale = side / static_cast<float>(std::max(shape.width, shape.height));
  const ImVec2 size{std::round(static_cast<float>(shape.width) * scale),
                    std::round(static_cast<float>(shape.height) * scale)};
  const ImVec2 corner{low.x + std::floor((side - size.x) / 2),
                      low.y + std::floor((side - size.y) / 2)};
  draw_picture(*ImGui::GetWindowDrawList(), draw.pictures, slot, corner, corner + size);
}

void draw_strokes(const Draw& draw, ImVec2 low, float side) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float radius = Drawing::kBrush * side;
  for (const auto& stroke : draw.image.drawing().strokes) {
    ImVec2 last{};
    for (std::size_t i = 0; i < stroke.size(); ++i) {
      const ImVec2 place{low.x + stroke[i].x * side, low.y + stroke[i].y * side};
      if (i > 0) list.AddLine(last, place, IM_COL32_WHITE, 2 * radius);
      list.AddCircleFilled(place, radius, IM_COL32_WHITE, 16);
      last = place;
    }
  }
}

void draw_canvas(const Draw& draw) {
  const float side = draw.px(kCanvas);
  const ImVec2 low = ImGui::GetCursorScreenPos();
  const ImVec2 high{low.x + side, low.y + side};
  ImGui::InvisibleButton("canvas", {side, side});
  draw.frame.widgets.note("canvas");
  const Vec2 mouse = drag_pointer();
  const Vec2 place{(mouse.x - low.x) / side, (mouse.y - low.y) / side};
  if (ImGui::IsItemActivated()) {
    draw.image.begin_stroke(place);
  } else if (ImGui::IsItemActive()) {
    draw.image.continue_stroke(place);
  }
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddRectFilled(low, high, IM_COL32_BLACK);
  list.PushClipRect(low, high, true);
  if (draw.image.from_file() && draw.image.seen() != kNoPicture) {
    draw_in_square(draw, draw.image.seen(), low, side);
  } else {
    draw_strokes(draw, low, side);
  }
  if (draw.image.empty()) {
    const char* hint = tr("Draw here");
    const ImVec2 size = ImGui::CalcTextSize(hint);
    list.AddText({std::round(low.x + (side - size.x) / 2), std::round(low.y + (side - size.y) / 2)},
                 IM_COL32(150, 156, 168, 255), hint);
  }
  list.PopClipRect();
  list.AddRect(low, high, ImGui::IsItemHovered() ? color::kAccent : color::kAxis);
}

void draw_named_picture(const Draw& draw, const char* name, const char* widget, PictureSlot slot,
                        const char* help) {
  small_text(draw.theme(), name);
  const float side = draw.px(kPicture);
  const ImageShape& shape = draw.pictures.shape();
  const float scale = side / static_cast<float>(std::max(shape.width, shape.height));
  const ImVec2 size{std::round(static_cast<float>(shape.width) * scale),
                    std::round(static_cast<float>(shape.height) * scale)};
  const ImVec2 low = ImGui::GetCursorScreenPos();
  ImGui::Dummy(size);
  draw.frame.widgets.note(widget);
  tooltip(draw.theme(), help);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 high = low + size;
  list.AddRectFilled(low, high, IM_COL32_BLACK);
  if (slot != kNoPicture) draw_picture(list, draw.pictures, slot, low, high);
  list.AddRect(low, high, color::kLine);
}

void draw_facts(const Draw& draw) {
  std::string text;
  const std::span<const float> mean = draw.image.mean();
  const std::span<const float> sigma = draw.image.sigma();
  for (std::size_t i = 0; i < std::min(mean.size(), kShownDimensions); ++i) {
    text += fmt::format("{}z{} {:+.2f}", i > 0 ? "   " : "", i + 1, mean[i]);
    if (!sigma.empty()) text += fmt::format(" ± {:.2f}", sigma[i]);
  }
  if (mean.size() > kShownDimensions) text += fmt::format("  … ({})", mean.size());
  if (mean.empty()) text = tr("The picture is encoded as you draw.");
  small_text(draw.theme(), text.c_str(), mean.empty() ? color::kMuted : color::kText);
  draw.frame.widgets.note("own_code");
  const std::string error =
      mean.empty() ? std::string(" ") : tr("mse {}", format_value(draw.image.mse(), 3));
  small_text(draw.theme(), error.c_str());
}

std::string neighbour_name(const Draw& draw, const PointRef& input) {
  const Dataset& data = *draw.snapshot.data;
  const int label = data.split(input.split).label(input.index);
  return label >= 0 ? data.class_names[static_cast<std::size_t>(label)] : "–";
}

void draw_neighbours(const Draw& draw) {
  small_text(draw.theme(), tr("Nearest of the codes on show"));
  const ImVec2 size{draw.px(kNeighbour), draw.px(kNeighbour)};
  const Styled styled(draw.theme().small);
  const float row = size.y + ImGui::GetTextLineHeight();
  const ImVec2 begin = ImGui::GetCursorScreenPos();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  float x = begin.x;
  for (const OwnImage::Neighbour& neighbour : draw.image.neighbours()) {
    const ImVec2 low{x, begin.y};
    draw_in_square(draw, neighbour.slot, low, size.x);
    const std::string name = neighbour_name(draw, neighbour.input);
    const float width = std::min(ImGui::CalcTextSize(name.c_str()).x, size.x);
    list.PushClipRect(low, {low.x + size.x, low.y + row}, true);
    list.AddText({low.x + (size.x - width) / 2, low.y + size.y}, color::kText, name.c_str());
    list.PopClipRect();
    x += size.x + draw.px(5);
  }
  ImGui::Dummy({x - begin.x, row});
  draw.frame.widgets.note("own_neighbours");
}

void draw_buttons(const Draw& draw) {
  const float third = std::floor((ImGui::GetContentRegionAvail().x - draw.px(16)) / 3);
  const std::string nothing = draw.image.empty() ? tr("There is no picture yet.") : "";
  if (button(draw.frame, "own_clear", tr("Clear"), third, tr("Remove the picture"), nothing)) {
    draw.image.clear();
  }
  ImGui::SameLine(0, draw.px(8));
  if (button(draw.frame, "own_pin", tr("Pin"), third, tr("Pin its code in latent space"),
             draw.image.mean().empty() ? tr("There is no picture yet.")
             : draw.scene.in_past()    ? tr("The past has no encoder.")
                                       : "")) {
    const std::span<const float> mean = draw.image.mean();
    draw.scene.add_pin({mean.begin(), mean.end()}, std::nullopt, draw.scene.label());
  }
  if (draw.image.is_input()) return;  // it is read as the data's own pictures are
  ImGui::SameLine(0, draw.px(8));
  if (choice(draw.frame, "own_centred", tr("Centred"), third, draw.image.centred(),
             tr("Scale the ink to 20/28 of the picture and centre its mass, as in the digits of "
                "MNIST. If this is off, the picture stays as it is."))) {
    draw.image.set_centred(!draw.image.centred());
  }
}

}  // namespace

void draw_own_image_panel(const Snapshot& snapshot, ModelId model, OwnImage& image, Scene& scene,
                          const Pictures& pictures, const PanelFrame& frame) {
  const ModelView* view = snapshot.find(model);
  if (!image.open || view == nullptr || !snapshot.data) return;
  const Theme& theme = frame.theme;
  // Where the person has moved it, but never off the screen: text or window may have been resized.
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const ImVec2 size(theme.px(kWidth), theme.px(kHeight));
  const ImGuiWindow* known = ImGui::FindWindowByName(kTitle);
  ImVec2 place = known ? known->Pos
                       : ImVec2(frame.rect.high().x - size.x - theme.px(8),
                                frame.rect.high().y - size.y - theme.px(8));
  const ImVec2 taken = known ? known->Size : size;
  place.x = std::max(std::min(place.x, screen.x - taken.x), 0.0F);
  place.y = std::max(std::min(place.y, screen.y - taken.y), 0.0F);
  ImGui::SetNextWindowPos(place);
  ImGui::SetNextWindowSize({theme.px(kWidth), theme.px(kHeight)});
  Styled styled;
  styled.color(ImGuiCol_TitleBg, color::kRaised);
  styled.color(ImGuiCol_TitleBgActive, color::kRaised);
  const bool shown =
      ImGui::Begin(kTitle, &image.open,
                   ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoCollapse |
                       ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_AlwaysAutoResize);
  if (shown) {
    const Draw draw{{frame}, snapshot, *view, image, scene, pictures};
    const char* no_model = shows_given_codes(*view) ? kCodesAlone : nullptr;
    if (const char* why_not = no_model ? no_model : OwnImage::why_not(view->spec)) {
      small_text(theme, why_not);
    } else {
      draw_canvas(draw);
      ImGui::SameLine(0, theme.px(14));
      ImGui::BeginGroup();
      draw_named_picture(draw, tr("As it is read"), "own_seen", image.seen(),
                         tr("What the encoder reads, at the size of the data"));
      // In the past there is no encoder, and by the present weights it would stand in a wrong plot.
      draw_named_picture(draw, tr("Reconstructed"), "own_reconstruction",
                         view->past_decoder ? kNoPicture : image.reconstruction(),
                         tr("What the decoder makes of the code μ"));
      ImGui::EndGroup();
      if (view->past_decoder) {
        small_text(theme, tr("The past has no encoder. Return to now to see where it lies."));
      } else {
        draw_facts(draw);
        draw_neighbours(draw);
      }
      draw_buttons(draw);
    }
  }
  ImGui::End();
}

void draw_own_image_mark(ImDrawList& list, const LatentView& view, const Theme& theme,
                         const OwnImage& image, const Scene& scene) {
  const std::span<const float> mean = image.mean();
  if (!image.open || image.empty() || mean.size() != static_cast<std::size_t>(scene.latent())) {
    return;
  }
  const Vec2 center = scene.screen_of(view, mean);
  if (!image.sigma().empty() && mean.size() > 1 && !scene.plane().spatial()) {
    const auto [sigma, turn] = scene.plane().ellipse(image.sigma());
    for (const float deviations : {1.0F, 2.0F}) {
      const float unit = deviations * view.pixels_per_unit;
      draw_ellipse(list, center, {unit * sigma.x, unit * sigma.y}, turn, color::kAccent,
                   theme.px(1.5F));
    }
  }
  draw_cross(list, center, theme.px(6), color::kAccent, theme.px(2));
}

}  // namespace zscape
