// The tab Samples: a row of pictures for each latent dimension, and a second projection beside the
// first.
#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/samples_panel.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/picking.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kHeading = 104, kHeader = 16, kBetweenRows = 4, kScrollBar = 12;
constexpr float kRowsInView = 4.5F, kSmallest = 28, kLargest = 84;  // of a picture, pixels
constexpr int kFewestColumns = 5, kMostColumns = 13;                // odd: the middle is 0
constexpr float kPriorRange = 3, kDeviations = 3;
constexpr std::size_t kMostPoints = 4000;  // of the second projection
constexpr float kLargestProjection = 320;

struct Span {
  float low = 0, high = 0;
  float at(int column, int columns) const {
    return low + (high - low) * static_cast<float>(column) / static_cast<float>(columns - 1);
  }
};

// What a dimension runs through: the prior's 3 σ or, without a prior, three deviations of its codes
// around their mean.
Span span_of(const SamplesPane& pane, std::size_t dimension) {
  const CodeAxesPtr& axes = pane.scene.code_axes();
  if (pane.model.spec.has_prior() || !axes || axes->deviation.size() <= dimension) {
    return {-kPriorRange, kPriorRange};
  }
  const float reach = kDeviations * axes->deviation[dimension];
  return {axes->mean[dimension] - reach, axes->mean[dimension] + reach};
}

struct Rows {
  ImVec2 size;  // of a picture
  int columns = 0;
  float step = 0;  // from row to row
};

Rows rows_for(const SamplesDraw& draw, const Rect& room) {
  Rows rows;
  const float in_view = std::min(kRowsInView, static_cast<float>(draw.pane.scene.latent()));
  const float side = std::clamp(room.size.y / in_view - draw.px(kBetweenRows), draw.px(kSmallest),
                                draw.px(kLargest));
  const float width = room.size.x - draw.px(kHeading + kScrollBar), gap = draw.px(kBetweenRows);
  rows.size = picture_size(draw.pane.pictures.shape(), side, side);
  const auto fit = static_cast<int>((width + gap) / (rows.size.x + gap));
  rows.columns = std::clamp(fit, kFewestColumns, kMostColumns);
  if (rows.columns % 2 == 0) --rows.columns;
  rows.step = rows.size.y + gap;
  return rows;
}

// The name of a dimension with its KL, or its variance; a click takes it into the second
// projection.
void draw_heading(const SamplesDraw& draw, int dimension, double use, double largest, Vec2 low,
                  float height) {
  SamplesPane& pane = draw.pane;
  const ImVec2 size{draw.px(kHeading - 10), height};
  const std::string widget = fmt::format("dimension_{}", dimension);
  ImGui::SetCursorScreenPos(low);
  if (ImGui::InvisibleButton(widget.c_str(), size)) {
    const int former = pane.samples.second_axes ? (*pane.samples.second_axes)[0] : dimension;
    pane.samples.second_axes = std::array{dimension, former};
  }
  draw.frame.widgets.note(widget);
  const bool hovered = ImGui::IsItemHovered();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (hovered) {
    list.AddRectFilled(low, {low.x + size.x, low.y + size.y}, color::kRaisedHover, draw.px(3));
  }
  const bool has_prior = pane.model.spec.has_prior();
  tooltip(draw.theme(),
          has_prior ? tr("KL of this dimension: the mean over the inputs, in nats. A dimension "
                         "without KL changes nothing. Click to show it in the second projection.")
                    : tr("The variance of this dimension over the inputs. Click to show it in the "
                         "second projection."));
  const Styled styled(draw.theme().small);
  const float line = ImGui::GetFontSize(), x = low.x + draw.px(4);
  const float y = std::round(low.y + (height - 2 * line) / 2 - draw.px(2));
  list.AddText({x, y}, color::kText, fmt::format("z{}", dimension + 1).c_str());
  const std::string value = format_value(use, 3);
  const float wide = ImGui::CalcTextSize(value.c_str()).x;
  list.AddText({low.x + size.x - wide - draw.px(4), y}, color::kMuted, value.c_str());
  const float bar = size.x - draw.px(8), top = std::round(y + line + draw.px(4));
  const auto share = static_cast<float>(largest > 0 ? use / largest : 0);
  list.AddRectFilled({x, top}, {x + bar, top + draw.px(3)}, color::kLine, draw.px(1.5F));
  list.AddRectFilled({x, top}, {x + std::max(bar * share, draw.px(1)), top + draw.px(3)},
                     color::kAccent, draw.px(1.5F));
}

void draw_row(const SamplesDraw& draw, const Rows& rows, int dimension, Vec2 low,
              std::span<const float> mean, int label) {
  SamplesPane& pane = draw.pane;
  const auto index = static_cast<std::size_t>(dimension);
  const Span span = span_of(pane, index);
  // The picture nearest to where the input lies.
  const float place = (mean[index] - span.low) / std::max(span.high - span.low, 1e-9F) *
                      static_cast<float>(rows.columns - 1);
  const int nearest = std::clamp(static_cast<int>(std::lround(place)), 0, rows.columns - 1);
  for (int column = 0; column < rows.columns; ++column) {
    SampleItem item;
    const std::int64_t tag = std::int64_t{dimension} * kMostColumns + column;
    item.widget = fmt::format("strip_{}_{}", dimension, column);
    item.slot = pane.samples.pictures.of(tag);
    item.z.assign(mean.begin(), mean.end());
    item.z[index] = span.at(column, rows.columns);
    item.label = label;
    item.name = fmt::format("z{} = {:+.2f}", dimension + 1, item.z[index]);
    item.tip = tr("The input in hand lies at {}.", fmt::format("{:+.2f}", mean[index]));
    item.is_marked = column == nearest;
    pane.samples.listed.push_back({tag, item.z, label});
    draw_sample(draw, pane, item,
                {std::floor(low.x + draw.px(kHeading) +
                            static_cast<float>(column) * (rows.size.x + draw.px(kBetweenRows))),
                 low.y},
                rows.size);
  }
}

// The ends and the middle of the range, above the pictures.
void draw_header(const SamplesDraw& draw, const Rows& rows, Vec2 low) {
  const Styled styled(draw.theme().small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const bool has_prior = draw.pane.model.spec.has_prior();
  list.AddText({low.x + draw.px(4), low.y}, color::kMuted,
               has_prior ? tr("KL, nats") : tr("variance"));
  const std::array<const char*, 3> names =
      has_prior ? std::array{"-3", "0", "+3"}
                : std::array{tr("μ - 3 sd"), tr("mean"), tr("+ 3 sd")};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const float column = static_cast<float>(rows.columns - 1) * 0.5F * static_cast<float>(i);
    const float middle = low.x + draw.px(kHeading) + rows.size.x / 2 +
                         column * (rows.size.x + draw.px(kBetweenRows));
    const float wide = ImGui::CalcTextSize(names[i]).x;
    list.AddText({std::round(middle - wide / 2), low.y}, color::kMuted, names[i]);
  }
}

// The dimensions of the second projection: chosen, else those used most that the plot does not
// show.
std::array<int, 2> second_axes(const SamplesPane& pane, std::span<const int> order) {
  if (pane.samples.second_axes && (*pane.samples.second_axes)[0] < pane.scene.latent() &&
      (*pane.samples.second_axes)[1] < pane.scene.latent()) {
    std::array<int, 2> axes = *pane.samples.second_axes;
    if (axes[0] == axes[1]) axes[1] = order.front() == axes[0] ? order[1] : order.front();
    return axes;
  }
  const LatentPlane& plane = pane.scene.plane();
  std::vector<int> left;
  for (const int dimension : order) {
    if (plane.principal() || !plane.shows(dimension)) left.push_back(dimension);
  }
  for (const int dimension : order) {
    if (std::ranges::find(left, dimension) == left.end()) left.push_back(dimension);
  }
  return {left[0], left[1]};
}

struct Projection {
  Rect rect;
  Vec2 middle;
  float scale = 1;  // pixels a unit

  Vec2 to_screen(Vec2 place) const {
    return {rect.center().x + (place.x - middle.x) * scale,
            rect.center().y - (place.y - middle.y) * scale};
  }
};

void draw_second(const SamplesDraw& draw, const Rect& rect, std::array<int, 2> axes) {
  SamplesPane& pane = draw.pane;
  const Theme& theme = draw.theme();
  const Points& points = pane.points;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto of = [&](std::size_t point) {
    const std::span<const float> mean = points.mean(point);
    return Vec2{mean[static_cast<std::size_t>(axes[0])], mean[static_cast<std::size_t>(axes[1])]};
  };
  const std::size_t every = (points.count() + kMostPoints - 1) / kMostPoints;
  std::vector<float> x, y;
  for (std::size_t point = 0; point < points.count(); point += every) {
    const Vec2 at = of(point);
    x.push_back(at.x);
    y.push_back(at.y);
  }
  const auto wide = inner_range(std::move(x), 0.005), high = inner_range(std::move(y), 0.005);
  const float reach = std::max({(wide[1] - wide[0]) / 2, (high[1] - high[0]) / 2, 1e-3F}) * 1.15F;
  const Projection plot{rect,
                        {(wide[0] + wide[1]) / 2, (high[0] + high[1]) / 2},
                        std::min(rect.size.x, rect.size.y) / (2 * reach)};
  list.AddRectFilled(rect.origin, rect.high(), color::kBackground);
  list.PushClipRect(rect.origin, rect.high(), true);
  const Vec2 zero = plot.to_screen({0, 0});
  const ImU32 faint = with_alpha(color::kText, 0.2F);
  list.AddLine({zero.x, rect.origin.y}, {zero.x, rect.high().y}, faint);
  list.AddLine({rect.origin.x, zero.y}, {rect.high().x, zero.y}, faint);
  if (pane.model.spec.has_prior()) {
    for (const float sigma : {1.0F, 2.0F, 3.0F}) {
      list.AddCircle(zero, sigma * plot.scale, faint, 64, theme.px(1));
    }
  }
  const auto palette = pane.contents.coloring.palette();
  const std::span<const std::uint8_t> entries = pane.contents.coloring.entries();
  const std::span<const std::uint8_t> dimmed = pane.contents.dimming.dimmed();
  const float half = theme.px(1.4F);
  const Vec2 mouse = ImGui::GetMousePos();
  std::optional<std::size_t> under;
  float nearest = theme.px(kSnapPixels);
  for (std::size_t point = 0; point < points.count(); point += every) {
    if (points.hidden(point, pane.latent.hidden)) continue;
    const Vec2 at = plot.to_screen(of(point));
    const bool is_dim = point < dimmed.size() && dimmed[point] != 0;
    const ImU32 tint = point < entries.size() ? palette[entries[point]] : color::kMuted;
    list.AddRectFilled({at.x - half, at.y - half}, {at.x + half, at.y + half},
                       with_alpha(tint, is_dim ? 0.15F : 0.75F));
    if (const float away = std::hypot(at.x - mouse.x, at.y - mouse.y); away <= nearest) {
      nearest = away;
      under = point;
    }
  }
  if (const auto own = point_in_hand(pane)) {
    draw_ring(list, theme, plot.to_screen(of(*own)), color::kText, true);
  }
  list.PopClipRect();
  list.AddRect(rect.origin, rect.high(), color::kLine);
  {
    const Styled styled(theme.small);
    const std::string across = fmt::format("z{}", axes[0] + 1),
                      up = fmt::format("z{}", axes[1] + 1);
    const float width = ImGui::CalcTextSize(across.c_str()).x;
    list.AddText(
        {rect.high().x - width - theme.px(4), rect.high().y - ImGui::GetFontSize() - theme.px(2)},
        color::kMuted, across.c_str());
    list.AddText(rect.origin + Vec2{theme.px(4), theme.px(2)}, color::kMuted, up.c_str());
  }
  ImGui::SetCursorScreenPos(rect.origin);
  const bool clicked = ImGui::InvisibleButton("second_projection", rect.size);
  draw.frame.widgets.note("second_projection");
  if (!ImGui::IsItemHovered() || !under) return;
  const PointRef input = points.ref(*under);
  pane.samples.pointed = pane.latent.pointed = input;
  tooltip(theme, input_name(pane.snapshot, input).c_str());
  if (!clicked) return;
  const std::span<const float> mean = points.mean(*under);
  pane.scene.add_pin({mean.begin(), mean.end()}, input, std::max(points.label(*under), 0));
  pane.latent.layers.show(Layer::pins);
}

}  // namespace

void draw_dimension_strips(const SamplesDraw& draw, const Rect& room) {
  SamplesPane& pane = draw.pane;
  const int latent = pane.scene.latent();
  const CodeFigures* figures = pane.figures ? &pane.figures->figures.codes : nullptr;
  if (!figures || figures->latent != latent) {
    draw_centred(draw.theme(), room, tr("The order of the dimensions comes with the first codes"));
    return;
  }
  const std::vector<double>& use = figures->kl.empty() ? figures->variance : figures->kl;
  const std::vector<int> order = dimensions_by_use(*figures);
  if (static_cast<int>(order.size()) != latent) return;
  float width = room.size.x;
  if (latent > 2) {
    const float side = std::min({room.size.y, draw.px(kLargestProjection), 0.36F * room.size.x});
    draw_second(draw, {{std::floor(room.high().x - side), room.origin.y}, {side, side}},
                second_axes(pane, order));
    width -= side + draw.px(14);
  }
  const std::size_t point = *point_in_hand(pane);
  const std::span<const float> mean = pane.points.mean(point);
  const int label = std::max(pane.points.label(point), 0);
  const Rect strips{{room.origin.x, room.origin.y + draw.px(kHeader)},
                    {width, room.size.y - draw.px(kHeader)}};
  const Rows rows = rows_for(draw, strips);
  draw_header(draw, rows, room.origin);
  ImGui::SetCursorScreenPos(strips.origin);
  ImGui::BeginChild("strips", strips.size);
  const Vec2 low = ImGui::GetCursorScreenPos();
  const auto count = static_cast<int>(order.size());
  const int first = std::max(static_cast<int>(ImGui::GetScrollY() / rows.step), 0);
  const int shown = static_cast<int>(std::ceil(strips.size.y / rows.step)) + 1;
  const int last = std::min(count, first + shown);
  const double largest = use[static_cast<std::size_t>(order.front())];
  for (int i = first; i < last; ++i) {
    const int dimension = order[static_cast<std::size_t>(i)];
    const Vec2 at{low.x, std::floor(low.y + static_cast<float>(i) * rows.step)};
    draw_heading(draw, dimension, use[static_cast<std::size_t>(dimension)], largest, at,
                 rows.size.y);
    draw_row(draw, rows, dimension, at, mean, label);
  }
  ImGui::SetCursorScreenPos({low.x, low.y + static_cast<float>(count) * rows.step - draw.px(4)});
  ImGui::Dummy({1, 1});
  ImGui::EndChild();
  pane.samples.choice_of(
      {2, static_cast<std::int64_t>(pane.hand.revision()), first, rows.columns});
}

}  // namespace zscape
