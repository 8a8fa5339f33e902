#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/panels/curves/figures_panel.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kGap = 8, kCaption = 16, kBelow = 28, kSliderLabel = 74, kValue = 40, kAgain = 52;
constexpr float kNarrowest = 300;

// The height of the pictures above the slider.
float picture_room(float height, const Theme& theme) {
  return std::max(height - theme.px(kCaption + kBelow), theme.px(24));
}

// The model reads hidden pixels as 0; grey shows where they are.
void tint_hidden(const Reconstruction& shown, const ImageShape& shape, ImVec2 low, ImVec2 size) {
  if (shown.hidden.empty()) return;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float across = size.x / static_cast<float>(shape.width);
  const float down = size.y / static_cast<float>(shape.height);
  for (int y = 0; y < shape.height; ++y) {
    int begin = -1;  // of a run of hidden pixels: one rectangle each
    for (int x = 0; x <= shape.width; ++x) {
      const auto place =
          static_cast<std::size_t>(y * shape.width + x) * static_cast<std::size_t>(shape.channels);
      const bool hidden = x < shape.width && shown.hidden[place] != 0;
      if (hidden && begin < 0) begin = x;
      if (hidden || begin < 0) continue;
      list.AddRectFilled(
          {low.x + static_cast<float>(begin) * across, low.y + static_cast<float>(y) * down},
          {low.x + static_cast<float>(x) * across, low.y + static_cast<float>(y + 1) * down},
          color::kRaisedActive);
      begin = -1;
    }
  }
}

void draw_slider(const ModelView& view, ReconstructionStrip& strip, const Rect& rect, float top,
                 const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const bool mae = view.spec.hides_patches();
  const bool gaussian = !mae && view.spec.noise.kind == Noise::Kind::gaussian;
  const std::string why_not = takes_any_amount(view.spec)
                                  ? ""
                                  : tr("This model first makes its pixels black or white, so this "
                                       "shows the amount that it learns with.");
  ImGui::SetCursorScreenPos({rect.origin.x, top + theme.px(4)});
  small_text(theme, mae ? tr("hidden part") : gaussian ? tr("noise σ") : tr("masked part"));
  const float slider_width =
      rect.size.x - theme.px(kSliderLabel + kValue + kAgain) - theme.px(kGap);
  ImGui::SetCursorScreenPos({rect.origin.x + theme.px(kSliderLabel), top});
  const auto moved =
      slider(frame, "noise_amount_shown", std::min(strip.amount, 1.0), slider_width,
             mae ? tr("How much of the image is hidden here. Training keeps its own share.")
                 : tr("How much noise is added to the image here. Training keeps its own amount."),
             why_not);
  if (moved) strip.amount = std::round(*moved * 100) / 100;
  ImGui::SetCursorScreenPos(
      {rect.origin.x + theme.px(kSliderLabel) + slider_width + theme.px(4), top + theme.px(4)});
  small_text(theme, format_setting(strip.amount).c_str(), color::kText);
  ImGui::SetCursorScreenPos({rect.high().x - switch_width(theme, "again"), top + theme.px(3)});
  if (small_switch(frame, "noise_again", "again", false,
                   mae ? tr("Hide other patches") : tr("Draw other noise"))) {
    ++strip.seed;
  }
}

}  // namespace

float reconstruction_width(const ImageShape& shape, float height, const Theme& theme) {
  const float room = picture_room(height, theme);
  const ImVec2 size = picture_size(shape, 2 * room, room);
  return std::max(3 * size.x + 2 * theme.px(kGap), theme.px(kNarrowest));
}

std::vector<Command> draw_reconstruction(const ModelView& view, const FiguresPanelInput& input,
                                         ReconstructionStrip& strip, const Rect& rect,
                                         const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::vector<Command> commands;
  if (auto ask = strip.update(view, input.input, input.pictures, frame.time_s)) {
    commands.emplace_back(*ask);
  }
  const bool mae = view.spec.hides_patches();
  struct Shown {
    const char* widget;
    const char* name;
    const char* help;
    PictureSlot slot;
  };
  const std::array<Shown, 3> row = {
      Shown{"shown_clean", tr("input"),
            tr("The input shown in the preview. Point at another one to change it."),
            strip.clean()},
      Shown{"shown_seen", mae ? tr("seen") : tr("corrupted"),
            mae ? tr("What the encoder reads. Hidden patches are 0 to it; they are grey here.")
                : tr("What the encoder reads"),
            strip.seen()},
      Shown{"shown_output", mae ? tr("completed") : tr("restored"),
            mae ? tr("Visible patches as they are, hidden ones as the decoder fills them")
                : tr("What the decoder makes of the code of the corrupted input"),
            strip.output()}};
  const float room = picture_room(rect.size.y, theme), gap = theme.px(kGap);
  const ImVec2 size = picture_size(view.spec.shape, (rect.size.x - 2 * gap) / 3, room);
  float x = rect.origin.x;
  for (const Shown& shown : row) {
    ImGui::SetCursorScreenPos({x, rect.origin.y});
    small_text(theme, shown.name, &shown == row.data() ? color::kText : color::kMuted);
    const ImVec2 low{std::round(x), std::round(rect.origin.y + theme.px(kCaption))};
    ImGui::SetCursorScreenPos(low);
    picture_item(frame, input.pictures, shown.widget, shown.slot, size);
    if (is_vector(view.spec.shape) && shown.slot != strip.clean()) {  // over the clean input
      const std::array<VectorSeries, 2> series{VectorSeries{strip.clean(), input_tint()},
                                               VectorSeries{shown.slot, output_tint()}};
      draw_vectors(*ImGui::GetWindowDrawList(), input.pictures, series, {low, size});
    }
    tooltip(theme, shown.help);
    if (shown.slot != kNoPicture && shown.slot == strip.seen() && strip.shown() != nullptr) {
      tint_hidden(*strip.shown(), view.spec.shape, low, size);
    }
    x += size.x + gap;
  }
  draw_slider(view, strip, rect, rect.origin.y + theme.px(kCaption + 4) + size.y, frame);
  return commands;
}

}  // namespace zscape
