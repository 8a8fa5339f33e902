#include "app/gui/panels/inputs/samples_panel.h"

#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/inputs/vector_plot.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "app/gui/view/latent/picking.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kColumn = 172;  // the buttons and the input in hand
constexpr float kGap = 14, kBetween = 6, kLargest = 84;
constexpr std::int64_t kGaussianTag = 1000, kMeanTag = -1;

struct ViewText {
  const char* name;
  const char* help;
};
ViewText text_of(SamplesView view) {
  switch (view) {
    case SamplesView::posterior:
      return {tr("Posterior"),
              tr("Draws from q(z|x) of the input in hand, z = μ + σ ⊙ ε, with what the decoder "
                 "makes of each: a code is a cloud, not a point. The plot shows where they lie.")};
    case SamplesView::prior:
      return {tr("Prior"),
              tr("Decoded draws from the prior N(0, I): what the model generates. Models side by "
                 "side get the same draws.")};
    case SamplesView::dimensions:
      return {tr("Dimensions"),
              tr("A row of pictures for each latent dimension: it runs through its range while the "
                 "others stay at the μ of the input in hand.")};
    case SamplesView::jacobian:
      break;
  }
  return {
      tr("X-ray"),
      tr("∂x′/∂x: how each value of the reconstruction x′ answers to each value of the input x. A "
         "diagonal is what copying does.")};
}

void draw_views(const SamplesDraw& draw, const Rect& column) {
  const float width = column.size.x / 2, height = height_of(draw.theme().small) + draw.px(9);
  for (std::size_t i = 0; i < kSamplesViews.size(); ++i) {
    const SamplesView view = kSamplesViews[i];
    const ViewText text = text_of(view);
    ImGui::SetCursorScreenPos({column.origin.x + static_cast<float>(i % 2) * width,
                               column.origin.y + static_cast<float>(i / 2) * height});
    if (small_switch(draw.frame, fmt::format("samples_{}", id_of(view)), text.name,
                     draw.state.view == view, text.help)) {
      draw.state.view = view;
    }
  }
}

bool needs_input(SamplesView view) {
  return view != SamplesView::prior;
}

// "Draw again", where something is drawn. Returns its height.
float draw_again(const SamplesDraw& draw, Vec2 low, float width) {
  const bool is_posterior = draw.state.view == SamplesView::posterior;
  if (!is_posterior && draw.state.view != SamplesView::prior) return 0;
  Styled styled(draw.theme().small);
  styled.var(ImGuiStyleVar_FramePadding, {draw.px(6), draw.px(3)});
  ImGui::SetCursorScreenPos(low);
  const bool can = !is_posterior || draw.pane.model.spec.has_prior();
  if (button(draw.frame, "draw_again", tr("Draw again"), width,
             is_posterior
                 ? tr("Draws new ε. Until then the same ε show every input and every step.")
                 : tr("Draws {} new z by the next seed. zscape sample --seed gives the same.",
                      kPriorSamples),
             can ? "" : tr("This model has no σ."))) {
    ++(is_posterior ? draw.state.draw : draw.state.seed);
  }
  return ImGui::GetItemRectSize().y + draw.px(kBetween);
}

// The input in hand with its name.
void draw_hand(const SamplesDraw& draw, const Rect& rect) {
  const std::optional<PointRef>& input = draw.pane.hand.input();
  if (!input || !draw.pane.snapshot.data) return;
  const float line = height_of(draw.theme().small) + draw.px(3);
  const Split& split = draw.pane.snapshot.data->split(input->split);
  if (input->index >= split.count) return;
  const float room = rect.size.y - 2 * line;
  float y = rect.origin.y;
  if (room >= draw.px(20)) {
    const ImVec2 size =
        picture_size(draw.pane.pictures.shape(), rect.size.x, std::min(room, draw.px(kLargest)));
    const Vec2 low{rect.origin.x, std::floor(y)};
    draw_sample_picture(draw.pane.pictures, draw.pane.samples.inputs.of(*input), low, size,
                        input_tint());
    draw.frame.widgets.note("samples_input", {low, size});
    y += size.y + draw.px(3);
  }
  const Styled styled(draw.theme().small);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const std::string name = row_name(draw.pane.snapshot, *input);
  list.AddText({rect.origin.x, std::round(y)}, color::kText,
               beginning_that_fits(name, rect.size.x).c_str());
  const int label = split.label(input->index);
  if (label < 0 || y + 2 * line > rect.high().y + draw.px(2)) return;
  const float dot = draw.px(4), below = std::round(y + line);
  list.AddCircleFilled({rect.origin.x + dot, below + ImGui::GetFontSize() / 2}, dot,
                       class_color(label), 14);
  list.AddText(
      {rect.origin.x + 3 * dot, below}, color::kMuted,
      beginning_that_fits(label_name(draw.pane.snapshot, label), rect.size.x - 3 * dot).c_str());
}

// What the pane lists in this frame goes to its pictures; posts what they ask for.
void finish(SamplesPane& pane, std::vector<Command>& commands, double time_s) {
  pane.samples.pictures.show(std::exchange(pane.samples.listed, {}), pane.samples.choice);
  if (auto request =
          pane.samples.pictures.update(pane.decoder, pane.model.decoded_samples, time_s)) {
    request->model = pane.model.id;
    commands.emplace_back(*std::move(request));
  }
}

std::string why_nothing(const SamplesDraw& draw) {
  const ModelView& model = draw.pane.model;
  if (shows_given_codes(model) && !draw.pane.decoder) return kCodesAlone;
  if (!draw.pane.decoder) return tr("The pictures come with the first weights");
  if (!needs_input(draw.state.view)) return {};
  if (draw.state.view == SamplesView::posterior && !model.spec.has_prior()) {
    return tr(
        "A model of the kind {} has no σ: the code of an input is one point, and there is "
        "nothing to draw.",
        name_of(model.spec.kind));
  }
  if (!draw.pane.hand.input()) {
    return tr("Point at a code in the plot, or pin it, to take its input in hand");
  }
  if (draw.state.view != SamplesView::jacobian && !point_in_hand(draw.pane)) {
    return tr("This input has no code in the plot");
  }
  return {};
}

std::span<const float> row_of(std::span<const float> values, std::size_t row, int latent) {
  const auto k = static_cast<std::size_t>(latent);
  return values.subspan(row * k, k);
}

// A grid of draws from the prior or the codes' Gaussian.
struct PriorBlock {
  SamplesPane* pane;
  bool gaussian;
  std::string title;
  const char* help;
};

int label_of_sample(const SamplesPane& pane, std::size_t number) {
  const int classes = pane.scene.labels();
  return classes > 0 ? static_cast<int>(number) % classes : 0;
}

void draw_prior_block(const SamplesDraw& draw, const PriorBlock& block, const Rect& room,
                      std::span<const float> z, std::size_t number) {
  SamplesPane& pane = *block.pane;
  const float line = height_of(draw.theme().small) + draw.px(5);
  ImGui::SetCursorScreenPos(room.origin);
  {
    const Styled styled(draw.theme().small);
    small_text(draw.theme(), beginning_that_fits(block.title, room.size.x).c_str(), color::kText);
  }
  draw.frame.widgets.note(fmt::format("prior_block_{}", number));
  tooltip(draw.theme(), block.help);
  const Rect below{{room.origin.x, room.origin.y + line}, {room.size.x, room.size.y - line}};
  const std::int64_t tag = block.gaussian ? kGaussianTag : 0;
  const SampleGrid grid(pane.pictures.shape(), kPriorSamples, below, draw.px(2), draw.px(kLargest));
  for (std::size_t i = 0; i < static_cast<std::size_t>(kPriorSamples); ++i) {
    const std::span<const float> code = row_of(z, i, pane.scene.latent());
    SampleItem item;
    item.label = label_of_sample(pane, i);
    const std::int64_t own = tag + static_cast<std::int64_t>(i);
    pane.samples.listed.push_back({own, {code.begin(), code.end()}, item.label});
    if (i >= grid.fits) continue;
    item.widget = fmt::format("prior_{}_{}", number, i);
    item.slot = pane.samples.pictures.of(own);
    item.z.assign(code.begin(), code.end());
    item.name = tr("draw {}", i + 1);
    const PlottedSamples& plotted = pane.latent.samples;
    item.is_pointed = plotted.pointed == i && pane.samples.plots_gaussian == block.gaussian;
    if (draw_sample(draw, pane, item, grid.place(i), grid.size)) {
      pane.samples.plots_gaussian = block.gaussian;
      pane.latent.samples.listed = i;
    }
  }
  if (pane.samples.plots_gaussian == block.gaussian)
    pane.latent.samples.z.assign(z.begin(), z.end());
}

}  // namespace

SampleGrid::SampleGrid(const ImageShape& shape, std::size_t count, const Rect& room, float between,
                       float most)
    : origin(room.origin), size{1, 1}, gap(between) {
  float best = 0;
  for (std::size_t wide = 1; wide <= count; ++wide) {
    const auto rows = static_cast<float>((count + wide - 1) / wide),
               across = static_cast<float>(wide);
    const float width = std::min((room.size.x + gap) / across - gap, most);
    const float height = std::min((room.size.y + gap) / rows - gap, most);
    if (width < 1 || height < 1) continue;
    const ImVec2 cell = picture_size(shape, width, height);
    if (cell.x * cell.y < best || cell.x > width + 1 || cell.y > height + 1) continue;
    best = cell.x * cell.y;
    size = cell;
    columns = wide;
  }
  const auto rows = std::floor((room.size.y + gap) / (size.y + gap));
  fits = best > 0 ? std::min(count, columns * static_cast<std::size_t>(std::max(rows, 0.0F))) : 0;
}

Vec2 SampleGrid::place(std::size_t number) const {
  return {std::floor(origin.x + static_cast<float>(number % columns) * (size.x + gap)),
          std::floor(origin.y + static_cast<float>(number / columns) * (size.y + gap))};
}

std::optional<std::size_t> point_in_hand(const SamplesPane& pane) {
  const std::optional<PointRef>& input = pane.hand.input();
  if (!input || pane.points.empty() || pane.points.codes()->latent != pane.scene.latent())
    return {};
  return pane.points.find(*input);
}

void draw_sample_picture(const Pictures& pictures, PictureSlot slot, Vec2 low, ImVec2 size,
                         ImU32 tint) {
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (is_vector(pictures.shape())) {
    const std::array<VectorSeries, 1> series{VectorSeries{slot, tint}};
    draw_vectors(list, pictures, series, {low, size});
  } else {
    draw_picture(list, pictures, slot, low, low + Vec2{size.x, size.y});
  }
}

bool draw_sample(const SamplesDraw& draw, SamplesPane& pane, const SampleItem& item, Vec2 low,
                 ImVec2 size) {
  const Theme& theme = draw.theme();
  ImGui::SetCursorScreenPos(low);
  if (ImGui::InvisibleButton(item.widget.c_str(), size) && !item.z.empty()) {
    pane.scene.add_pin(item.z, std::nullopt, item.label);
    pane.latent.layers.show(Layer::pins);
  }
  draw.frame.widgets.note(item.widget);
  const bool hovered = ImGui::IsItemHovered();
  draw_sample_picture(pane.pictures, item.slot, low, size, output_tint());
  if (hovered) {
    pane.samples.hovered = HoveredSample{item.z, item.label, item.name};
    std::string tip = item.name;
    if (pane.scene.labels() > 0) {
      tip = fmt::format("{}\n{}", tip, label_name(pane.snapshot, item.label));
    }
    if (!item.tip.empty()) tip = fmt::format("{}\n{}", tip, item.tip);
    tooltip(theme, tr("{}\nClick to pin it.", tip).c_str());
  }
  const bool lit = hovered || item.is_pointed;
  if (lit || item.is_marked) {
    ImGui::GetWindowDrawList()->AddRect(
        {low.x - 1, low.y - 1}, {low.x + size.x + 1, low.y + size.y + 1},
        lit ? color::kText : color::kAccent, 0, 0, theme.px(lit ? 1.0F : 1.5F));
  }
  return hovered;
}

void draw_posterior_samples(const SamplesDraw& draw, const Rect& room) {
  SamplesPane& pane = draw.pane;
  const std::size_t point = *point_in_hand(pane);
  const Codes& codes = *pane.points.codes();
  if (codes.sigma.empty()) {
    draw_centred(draw.theme(), room, tr("These codes came without σ"));
    return;
  }
  const std::span<const float> mean = pane.points.mean(point);
  const std::span<const float> sigma = row_of(codes.sigma, point, codes.latent);
  const std::vector<float> noise = posterior_noise(draw.state.draw, codes.latent);
  const std::vector<float> z = reparameterised(mean, sigma, noise);
  pane.latent.samples.input = pane.hand.input();
  pane.latent.samples.z = z;
  const int label = std::max(pane.points.label(point), 0);
  const SampleGrid grid(pane.pictures.shape(), kPosteriorSamples + 1, room, draw.px(4),
                        draw.px(kLargest));
  const auto tell = [](std::span<const float> values) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(values.size(), 4); ++i) {
      text += fmt::format("{}{:+.3f}", i == 0 ? "" : ", ", values[i]);
    }
    return values.size() > 4 ? fmt::format("{}, …", text) : text;
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(kPosteriorSamples) + 1; ++i) {
    SampleItem item;
    const bool is_mean = i == 0;
    const std::int64_t tag = is_mean ? kMeanTag : static_cast<std::int64_t>(i) - 1;
    const std::span<const float> code = is_mean ? mean : row_of(z, i - 1, codes.latent);
    pane.samples.listed.push_back({tag, {code.begin(), code.end()}, label});
    if (i >= grid.fits) continue;
    item.widget = is_mean ? "posterior_mean" : fmt::format("posterior_{}", i - 1);
    item.slot = pane.samples.pictures.of(tag);
    item.z.assign(code.begin(), code.end());
    item.label = label;
    item.name = is_mean ? tr("μ of this input") : tr("draw {}", i);
    if (is_mean) {
      item.tip = fmt::format("μ = {}\nσ = {}", tell(mean), tell(sigma));
    } else {
      item.tip =
          fmt::format("ε = {}\nz = {}", tell(row_of(noise, i - 1, codes.latent)), tell(code));
      item.is_pointed = pane.latent.samples.pointed == i - 1;
    }
    item.is_marked = is_mean;
    if (draw_sample(draw, pane, item, grid.place(i), grid.size) && !is_mean) {
      pane.latent.samples.listed = i - 1;
    }
  }
  pane.samples.choice_of({0, static_cast<std::int64_t>(draw.state.draw),
                          static_cast<std::int64_t>(pane.hand.revision())});
}

void draw_prior_samples(const SamplesDraw& draw, const Rect& room) {
  std::vector<PriorBlock> blocks;
  for (SamplesPane& pane : draw.panes) {
    if (!pane.decoder || pane.scene.latent() == 0) continue;
    const bool has_prior = pane.model.spec.has_prior();
    blocks.push_back({&pane, false, tr("{}: z ~ N(0, I)", pane.name),
                      has_prior ? tr("Draws from the prior, decoded.")
                                : tr("This model has no prior: nothing has drawn its codes to "
                                     "N(0, I), so that these places may lie between them.")});
    if (!has_prior) {
      blocks.push_back({&pane, true, tr("{}: the Gaussian of its codes", pane.name),
                        tr("The same ε, mapped to the Gaussian with the mean and the covariance of "
                           "the codes in the plot: what stands in for a prior.")});
    } else {
      pane.samples.plots_gaussian = false;
    }
  }
  const float gap = draw.px(18);
  const auto count = static_cast<float>(std::max<std::size_t>(blocks.size(), 1));
  const float width = (room.size.x - (count - 1) * gap) / count;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    SamplesPane& pane = *blocks[i].pane;
    const Rect place{
        {std::round(room.origin.x + static_cast<float>(i) * (width + gap)), room.origin.y},
        {std::floor(width), room.size.y}};
    std::vector<float> z = prior_noise(draw.state.seed, pane.scene.latent());
    if (blocks[i].gaussian) {
      const CodesPtr& codes = codes_shown(pane.model, pane.latent.split);
      const CodeGaussian* fitted = pane.samples.gaussian.update(codes, draw.frame.time_s);
      if (!fitted || fitted->latent != pane.scene.latent()) {
        draw_centred(draw.theme(), place, tr("The Gaussian comes with the first codes"));
        continue;
      }
      z = fitted->drawn(z);
    }
    draw_prior_block(draw, blocks[i], place, z, i);
    pane.samples.choice_of({1, static_cast<std::int64_t>(draw.state.seed)});
  }
}

std::vector<Command> draw_samples_panel(std::span<SamplesPane> panes, std::size_t active,
                                        SamplesPanelState& state, LowerTab& tab,
                                        const PanelFrame& frame) {
  std::vector<Command> commands;
  SamplesPane& pane = panes[active];
  const SamplesDraw draw{{frame}, pane, panes, state, commands};
  begin_panel("##samples", frame, kNoScroll);
  draw_lower_tabs(pane.snapshot, tab, false, frame);
  const Rect whole = below_tabs(frame);
  for (SamplesPane& each : panes) {
    each.samples.hovered.reset();
    each.samples.listed.clear();
    each.samples.inputs.begin_frame(each.snapshot.data);
    // The dot under the pointer is the plot's to tell.
    const auto pointed = each.latent.samples.pointed;
    each.latent.samples.clear();
    each.latent.samples.pointed = pointed;
  }
  const Rect column{whole.origin, {draw.px(kColumn), whole.size.y}};
  draw_views(draw, column);
  const float views = 2 * (height_of(frame.theme.small) + draw.px(9)) + draw.px(kBetween);
  float top = column.origin.y + views;
  top += draw_again(draw, {column.origin.x, top}, column.size.x - draw.px(kGap));
  const float left = column.high().x + draw.px(kGap);
  const Rect room{{left, whole.origin.y}, {whole.high().x - left, whole.size.y}};
  if (const std::string why = why_nothing(draw); !why.empty()) {
    draw_centred(frame.theme, room, why.c_str());
  } else if (state.view == SamplesView::posterior) {
    draw_posterior_samples(draw, room);
  } else if (state.view == SamplesView::prior) {
    draw_prior_samples(draw, room);
  } else if (state.view == SamplesView::dimensions) {
    draw_dimension_strips(draw, room);
  } else {
    draw_input_jacobian(draw, room);
  }
  if (needs_input(state.view)) {
    draw_hand(draw, {{column.origin.x, top}, {column.size.x, column.high().y - top}});
  }
  for (SamplesPane& each : panes) finish(each, commands, frame.time_s);
  ImGui::End();
  return commands;
}

}  // namespace zscape
