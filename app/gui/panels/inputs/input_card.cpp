#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/coloring.h"
#include "app/gui/view/latent/given_codes.h"
#include "app/gui/view/latent/metadata_matches.h"
#include "app/gui/view/latent/picking.h"
#include "app/gui/view/latent/view_fit.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kCodeRows = 4;    // latent dimensions in the list, those of the plot first
constexpr float kOff = 16;      // pixels from the point
constexpr float kPicture = 56;  // of the longer side
constexpr float kPlot = 220, kPlotHigh = 130;  // of vectors
constexpr float kPad = 8, kGap = 8, kLine = 16, kDot = 14;
constexpr std::size_t kColumns = 6;  // of metadata
constexpr float kLongName = 110, kLongValue = 170;

struct Line {
  std::string name;
  std::string value;
};

// What the data say of the input: first the columns of the colours and of the filter.
void add_metadata(const LatentDraw& draw, const PointRef& input, std::vector<Line>& lines) {
  const Split& split = draw.snapshot.data->split(input.split);
  const auto all = static_cast<int>(split.metadata.size());
  std::vector<int> order;
  const auto add = [&](int column) {
    if (column >= 0 && column < all && std::ranges::find(order, column) == order.end()) {
      order.push_back(column);
    }
  };
  const ColorChoice by = draw.input.contents.coloring.choice();
  if (by.by == ColorBy::metadata) add(by.factor);
  add(draw.state.metadata.filter.column);
  for (int column = 0; column < all; ++column) add(column);
  const Styled styled(draw.theme().small);
  const std::size_t shown = std::min(order.size(), kColumns);
  for (const int column : std::span(order).first(shown)) {
    const MetadataColumn& values = split.metadata[static_cast<std::size_t>(column)];
    const std::string text = value_text(values, input.index);
    lines.push_back({beginning_that_fits(values.name, draw.px(kLongName)),
                     text.empty() ? "–" : beginning_that_fits(text, draw.px(kLongValue))});
  }
  if (order.size() > shown) lines.push_back({"", tr("… of {} columns", order.size())});
}

std::vector<Line> lines_of(const LatentDraw& draw, std::size_t point,
                           const InputReconstruction* made) {
  const Points& points = draw.input.points;
  const Codes& codes = *points.codes();
  std::vector<Line> lines;
  const bool has_decoder = !shows_inputs_for_places(draw.model);
  std::string mse = made && made->mse ? format_value(*made->mse, 3) : "…";
  if (made && made->mse && made->is_least) mse = tr("{} or more", mse);
  if (has_decoder) lines.push_back({"mse", std::move(mse)});
  if (made && made->nats) {
    lines.push_back({tr("reconstruction"), tr("{} nats", format_value(*made->nats))});
  }
  const std::span<const float> mean = points.mean(point);
  std::span<const float> sigma;
  if (!codes.sigma.empty()) {
    sigma = std::span(codes.sigma).subspan(point * mean.size(), mean.size());
    lines.push_back({"KL", tr("{} nats", format_value(posterior_kl(mean, sigma), 3))});
  }
  const ColorChoice by = draw.input.contents.coloring.choice();
  const auto value = draw.input.contents.coloring.value(point);
  if (value && by.by == ColorBy::factor) {
    lines.push_back({short_name_of(by, *draw.snapshot.data), format_value(*value, 3)});
  }
  add_metadata(draw, points.ref(point), lines);
  std::vector<std::size_t> order;
  for (const int axis : draw.scene.axes()) order.push_back(static_cast<std::size_t>(axis));
  for (std::size_t i = 0; i < mean.size(); ++i) order.push_back(i);
  std::vector<std::size_t> listed;
  for (const std::size_t i : order) {
    if (i < mean.size() && std::ranges::find(listed, i) == listed.end()) listed.push_back(i);
  }
  const std::size_t rows = std::min<std::size_t>(listed.size(), kCodeRows);
  for (const std::size_t i : std::span(listed).first(rows)) {
    std::string text = fmt::format("{:+.3f}", mean[i]);
    if (!sigma.empty()) text += fmt::format(" ± {:.3f}", sigma[i]);
    lines.push_back({fmt::format("z{}", i + 1), std::move(text)});
  }
  if (listed.size() > rows) lines.push_back({"", tr("… of {}", listed.size())});
  return lines;
}

// The point whose card is shown.
std::optional<std::size_t> meant_point(const LatentDraw& draw) {
  const LatentPanelState& state = draw.state;
  if (!state.layers.card || !state.pointer_inside || state.drag.kind != PlotDrag::Kind::none ||
      !draw.shows(Layer::points) || !draw.snapshot.data || !state.nearest) {
    return {};
  }
  const bool near = state.nearest->distance <= draw.px(kSnapPixels) &&
                    state.nearest->point < draw.input.points.count();
  return near ? std::optional(state.nearest->point) : std::nullopt;
}

}  // namespace

void draw_input_card(const LatentDraw& draw, ImDrawList& list) {
  draw.state.card_input.reset();
  const auto point = meant_point(draw);
  if (!point) return;
  const Theme& theme = draw.theme();
  const Points& points = draw.input.points;
  const PointRef input = points.ref(*point);
  draw.state.card_input = input;
  const InputReconstruction* made = draw.scene.reconstruction(input);
  const std::vector<Line> lines = lines_of(draw, *point, made);

  const int label = points.label(*point);
  const std::string name = label >= 0 ? label_name(draw.snapshot, label) : "";
  const std::string title = row_name(draw.snapshot, input);
  const float pad = draw.px(kPad), gap = draw.px(kGap), line = draw.px(kLine);
  const bool vector = is_vector(draw.input.pictures.shape());
  const bool has_decoder = !shows_inputs_for_places(draw.model);
  const ImVec2 picture =
      vector ? ImVec2(draw.px(kPlot), draw.px(kPlotHigh))
             : picture_size(draw.input.pictures.shape(), draw.px(kPicture), draw.px(kPicture));
  float names = 0, values = 0;
  for (const Line& each : lines) {
    names = std::max(names, text_size(theme.small, each.name).x);
    values = std::max(values, text_size(theme.small, each.value).x);
  }
  const float dot = name.empty() ? 0 : draw.px(kDot);
  const float head = dot + text_size(theme.small, name).x + gap + text_size(theme.small, title).x;
  const float width = std::ceil(std::max({vector || !has_decoder ? picture.x : 2 * picture.x + gap,
                                          names + gap + values, head}) +
                                2 * pad);
  const float height = std::ceil(2 * pad + line + draw.px(4) + picture.y + draw.px(6) +
                                 line * static_cast<float>(lines.size()));
  const Vec2 place = screen_of_point(points, draw.state.view, *point);
  const auto corner =
      card_place(below_top_lines(draw.state), place, {width, height}, draw.px(kOff));
  if (!corner) return;
  const ImVec2 low{corner->x, corner->y}, high{low.x + width, low.y + height};
  draw.frame.widgets.note("card", {*corner, {width, height}});
  list.AddRectFilled(low, high, with_alpha(color::kOverlay, 0.97f), theme.px(5));
  list.AddRect(low, high, color::kAxis, theme.px(5));

  const auto text = [&](float x, float y, ImU32 rgba, const std::string& words) {
    list.AddText(theme.small, height_of(theme.small), {std::round(x), std::round(y)}, rgba,
                 words.c_str());
  };
  const float right = high.x - pad;
  float y = low.y + pad;
  // The name is not in the colour of its class, which may be hard to read on the card.
  if (dot > 0) {
    list.AddCircleFilled({low.x + pad + draw.px(4), y + height_of(theme.small) / 2}, draw.px(4),
                         class_color(label), 16);
  }
  text(low.x + pad + dot, y, color::kText, name);
  text(right - text_size(theme.small, title).x, y, color::kMuted, title);
  y = std::round(y + line + draw.px(4));
  const auto show = [&](const char* widget, float x, PictureSlot slot) {
    const ImVec2 from{std::round(x), y}, to = from + picture;
    draw_picture(list, draw.input.pictures, slot, from, to);
    draw.frame.widgets.note(widget, {from, picture});
  };
  const PictureSlot output = made ? made->image.slot : kNoPicture;
  if (vector) {
    const Rect plot{{low.x + pad, y}, {right - low.x - pad, picture.y}};
    const std::array<VectorSeries, 2> series{
        VectorSeries{draw.scene.input_picture(), input_tint(), tr("input")},
        VectorSeries{output, output_tint(), tr("reconstruction")}};
    draw_vector_plot(list, draw.input.pictures, std::span(series).first(has_decoder ? 2 : 1), plot,
                     values_of(*draw.snapshot.data), theme);
    draw.frame.widgets.note("card_vectors", plot);
  } else {
    show("card_input", low.x + pad, draw.scene.input_picture());
    if (has_decoder) show("card_reconstruction", right - picture.x, output);
  }
  y += picture.y + draw.px(6);
  for (const Line& each : lines) {
    text(low.x + pad, y, color::kMuted, each.name);
    text(right - text_size(theme.small, each.value).x, y, color::kText, each.value);
    y += line;
  }
}

}  // namespace zscape
