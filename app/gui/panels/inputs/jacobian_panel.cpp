// The tab Samples: ∂x̂/∂x of the input in hand, beside its mean over inputs.
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/samples_panel.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kCaption = 18, kGap = 16, kLargestPicture = 256, kSmallestPicture = 40;
constexpr float kFigures = 258, kFigureName = 118, kFigureColumn = 66;

SignedColors signed_colors() {
  return {color::kBackground, color::kAccent, color::kSecond};
}

// "14,12" of a picture, "7" of a vector; the channel where there are several.
std::string value_name(const ImageShape& shape, int index) {
  if (is_vector(shape)) return fmt::format("{}", index + 1);
  const int pixel = index / shape.channels;
  const std::string place = fmt::format("{},{}", pixel / shape.width, pixel % shape.width);
  return shape.channels == 1 ? place : fmt::format("{} ({})", place, index % shape.channels + 1);
}

struct Matrix {
  const char* widget;
  std::string caption;
  const char* help;
  const InputJacobian* made;
  int number;  // in the sheet
  std::string empty;
};

// Returns the output under the pointer.
std::optional<int> draw_matrix(const SamplesDraw& draw, const Matrix& matrix, Vec2 low,
                               float side) {
  const Theme& theme = draw.theme();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const JacobianPictures& pictures = draw.pane.samples.jacobian;
  {
    const Styled styled(theme.small);
    ImGui::SetCursorScreenPos(low);
    small_text(theme, beginning_that_fits(matrix.caption, side).c_str(), color::kText);
  }
  tooltip(theme, matrix.help);
  const Vec2 corner{low.x, low.y + draw.px(kCaption)};
  const Rect rect{corner, {side, side}};
  list.AddRectFilled(rect.origin, rect.high(), color::kBackground);
  if (matrix.made && pictures.texture != 0) {
    const float left = matrix.number == 0 ? 0.0F : 0.5F;
    // OpenGL's names are numbers, and a texture's name travels as a pointer.
    const auto texture = (ImTextureID)pictures.texture;  // NOLINT(performance-no-int-to-ptr)
    list.AddImage(texture, rect.origin, rect.high(), {left, 0}, {left + 0.5F, 1});
  } else if (!matrix.made) {
    const Rect inner{corner + Vec2{draw.px(6), 0}, {side - draw.px(12), side}};
    draw_centred(theme, inner, matrix.empty.c_str());
  }
  list.AddRect(rect.origin, rect.high(), color::kLine);
  ImGui::SetCursorScreenPos(corner);
  ImGui::InvisibleButton(matrix.widget, rect.size);
  draw.frame.widgets.note(matrix.widget);
  if (!matrix.made || !ImGui::IsItemHovered()) return {};
  const int cells = matrix.made->side, inputs = matrix.made->inputs;
  const Vec2 at = Vec2{ImGui::GetMousePos().x, ImGui::GetMousePos().y} - corner;
  const auto cell = [&](float part) {
    return std::clamp(static_cast<int>(part / side * static_cast<float>(cells)), 0, cells - 1);
  };
  const int row = cell(at.y), column = cell(at.x);
  const int output = row * inputs / cells, input = column * inputs / cells;
  const ImageShape& shape = draw.pane.pictures.shape();
  const std::string value =
      format_value(matrix.made->cells[static_cast<std::size_t>(row * cells + column)], 3);
  tooltip(theme,
          cells == inputs
              ? tr("∂x′/∂x = {}\noutput {}, input {}", value, value_name(shape, output),
                   value_name(shape, input))
                    .c_str()
              : tr("∂x′/∂x = {}, the farthest from 0 of this cell\nfrom output {}, input {} on",
                   value, value_name(shape, output), value_name(shape, input))
                    .c_str());
  return output;
}

struct Line {
  const char* name;
  const char* help;
  std::string (*value)(const InputJacobian&);
};

const std::array kLines = {
    Line{tr("rank"),
         tr("The singular values above a hundredth of the largest. At one input a code of k "
            "numbers lets k through at most."),
         [](const InputJacobian& made) {
           return made.singular_values.empty() ? std::string("–") : std::to_string(made.rank());
         }},
    Line{tr("effective rank"),
         tr("exp(−Σ p ln p), p the singular values as shares of their sum (Roy and Vetterli 2007): "
            "in how many directions it acts."),
         [](const InputJacobian& made) {
           return made.singular_values.empty() ? std::string("–")
                                               : format_value(made.effective_rank(), 3);
         }},
    Line{tr("mean diagonal"), tr("tr(∂x′/∂x) / d: 1 for a copy, k / d for a projection."),
         [](const InputJacobian& made) { return format_value(made.mean_diagonal, 3); }},
    Line{tr("from a copy"), tr("‖∂x′/∂x − I‖ / √d: 0 for a copy."),
         [](const InputJacobian& made) { return format_value(made.distance_to_identity, 3); }},
};

// Returns the height that it takes.
float draw_figures(const SamplesDraw& draw, const Rect& rect) {
  const Theme& theme = draw.theme();
  const JacobianPictures& pictures = draw.pane.samples.jacobian;
  const std::array made{pictures.one().get(), pictures.mean().get()};
  const std::array tints{color::kAccent, color::kSecond};
  const std::array<std::string, 2> names{tr("here"), tr("mean")};
  const Styled styled(theme.small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const float line = ImGui::GetFontSize() + draw.px(4);
  const auto put = [&](float right, float y, ImU32 tint, const std::string& text) {
    list.AddText({right - ImGui::CalcTextSize(text.c_str()).x, y}, tint, text.c_str());
  };
  for (std::size_t i = 0; i < 2; ++i) {
    put(rect.origin.x + draw.px(kFigureName + static_cast<float>(i + 1) * kFigureColumn),
        rect.origin.y, tints[i], names[i]);
  }
  for (std::size_t row = 0; row < kLines.size(); ++row) {
    const float y = std::round(rect.origin.y + static_cast<float>(row + 1) * line);
    ImGui::SetCursorScreenPos({rect.origin.x, y});
    small_text(theme, kLines[row].name);
    draw.frame.widgets.note(fmt::format("jacobian_figure_{}", row));
    tooltip(theme, kLines[row].help);
    for (std::size_t i = 0; i < 2; ++i) {
      put(rect.origin.x + draw.px(kFigureName + static_cast<float>(i + 1) * kFigureColumn), y,
          color::kText, made[i] ? kLines[row].value(*made[i]) : "–");
    }
  }
  return static_cast<float>(kLines.size() + 1) * line;
}

// The singular values, on a logarithmic axis.
void draw_spectrum(const SamplesDraw& draw, const Rect& rect) {
  constexpr double kDecades = 4;
  const Theme& theme = draw.theme();
  const JacobianPictures& pictures = draw.pane.samples.jacobian;
  double largest = 0;
  std::size_t longest = 0;
  for (const InputJacobian* made : {pictures.one().get(), pictures.mean().get()}) {
    if (!made || made->singular_values.empty()) continue;
    largest = std::max(largest, made->singular_values.front());
    longest = std::max(longest, made->singular_values.size());
  }
  if (!(largest > 0)) return;
  const Styled styled(theme.small);
  const float top = rect.origin.y + ImGui::GetFontSize() + draw.px(5), left = draw.px(38);
  // Both axes are logarithmic: the first few matter, and a mean has hundreds.
  const PlotArea area{
      {{rect.origin.x + left, top}, {rect.size.x - left, rect.high().y - top - draw.px(4)}},
      {0, std::log2(static_cast<double>(std::max<std::size_t>(longest, 2)))},
      {largest * std::pow(10.0, -kDecades), largest * 1.5},
      true};
  if (area.rect.size.y < draw.px(24)) return;
  ImGui::SetCursorScreenPos(rect.origin);
  small_text(theme, tr("singular values"));
  draw.frame.widgets.note("singular_values");
  tooltip(theme, tr("Largest first, on logarithmic axes. Of a copy all are 1."));
  draw_value_ticks(theme, area, 22);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddLine({area.rect.origin.x, area.rect.high().y}, area.rect.high(), color::kAxis);
  list.PushClipRect(area.rect.origin - Vec2{2, 2}, area.rect.high() + Vec2{2, 2}, true);
  const std::array made{pictures.one().get(), pictures.mean().get()};
  const std::array tints{color::kAccent, color::kSecond};
  for (std::size_t which = 2; which-- > 0;) {
    if (!made[which]) continue;
    const std::vector<double>& values = made[which]->singular_values;
    std::optional<Vec2> before;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double value = std::max(values[i], area.values.low * 0.5);
      const Vec2 at{area.x_of(std::log2(static_cast<double>(i + 1))), area.y_of(value)};
      if (before) list.AddLine(*before, at, tints[which], theme.px(1.5F));
      if (values.size() <= 64) list.AddCircleFilled(at, theme.px(2), tints[which], 10);
      before = at;
    }
  }
  list.PopClipRect();
}

}  // namespace

void draw_input_jacobian(const SamplesDraw& draw, const Rect& room) {
  SamplesPane& pane = draw.pane;
  if (!pane.model.weights) {
    draw_centred(draw.theme(), room,
                 pane.model.past_decoder
                     ? tr("The past keeps its decoder alone. Return to now to see ∂x′/∂x.")
                     : kCodesAlone);
    return;
  }
  JacobianPictures& jacobian = pane.samples.jacobian;
  const std::optional<PointRef>& input = pane.hand.input();
  for (MeasureJacobian& request : jacobian.update(pane.model, input, draw.frame.time_s)) {
    draw.commands.emplace_back(request);
  }
  const bool has_images = !is_vector(pane.pictures.shape());
  const float gap = draw.px(kGap);
  const float figures = std::min(draw.px(kFigures), 0.4F * room.size.x);
  // Two matrices, a third picture for images, the figures.
  const float pictures = has_images ? 3 : 2;
  const float side = std::floor(std::min({draw.px(kLargestPicture), room.size.y - draw.px(kCaption),
                                          (room.size.x - figures - pictures * gap) / pictures}));
  if (side < draw.px(kSmallestPicture)) {
    draw_centred(draw.theme(), room, tr("Make the panel larger to see ∂x′/∂x"));
    return;
  }
  jacobian.draw(static_cast<int>(side), signed_colors());
  const std::string no_mean = JacobianPictures::why_no_mean(pane.model.spec);
  const InputJacobian* mean = jacobian.mean().get();
  const std::array matrices{
      Matrix{
          "jacobian_here", tr("∂x′/∂x here"),
          tr("Rows are outputs, columns inputs. A diagonal is a copy; a few stripes are all that "
             "a narrow code lets through. Of either sign, as strong as its size."),
          jacobian.one().get(), 0, tr("Measuring …")},
      Matrix{"jacobian_mean",
             mean ? tr("mean of {} inputs", mean->rows.size()) : std::string(tr("mean of inputs")),
             tr("What all inputs have in common. Where a model has learned to copy, a diagonal "
                "remains here; what it does at single inputs averages out."),
             mean, 1, no_mean.empty() ? tr("Measuring …") : no_mean}};
  std::optional<int> output;
  Vec2 at = room.origin;
  for (const Matrix& matrix : matrices) {
    const auto under = draw_matrix(draw, matrix, at, side);
    if (matrix.number == 0 && under) output = under;
    at.x += side + gap;
  }
  if (has_images) {
    const PictureSlot row = jacobian.draw_row(pane.pictures, output, signed_colors());
    if (row != kNoPicture) {
      const std::string caption =
          tr("what {} reads", value_name(pane.pictures.shape(), jacobian.row_output()));
      {
        const Styled styled(draw.theme().small);
        ImGui::SetCursorScreenPos(at);
        small_text(draw.theme(), beginning_that_fits(caption, side).c_str(), color::kText);
      }
      tooltip(draw.theme(),
              tr("One row of the first picture, in its place in the image: point at a "
                 "row to choose it. A copy reads its own pixel alone."));
      const ImVec2 size = picture_size(pane.pictures.shape(), side, side);
      const Vec2 low = at + Vec2{0, draw.px(kCaption)};
      draw_sample_picture(pane.pictures, row, low, size, output_tint());
      draw.frame.widgets.note("jacobian_row", {low, size});
    }
    at.x += side + gap;
  }
  const Rect right{at, {std::min(room.high().x - at.x, draw.px(kFigures)), room.size.y}};
  const float used = draw_figures(draw, right) + draw.px(8);
  draw_spectrum(draw,
                {{right.origin.x, right.origin.y + used}, {right.size.x, right.size.y - used}});
}

}  // namespace zscape
