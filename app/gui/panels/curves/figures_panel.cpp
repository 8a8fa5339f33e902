#include "app/gui/panels/curves/figures_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/gui/panels/curves/compare_figures.h"
#include "app/gui/panels/curves/evaluation_strip.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr ImU32 kSigmaTint = color::rgb(0xd9a25f);
constexpr float kFacts = 206, kMostFacts = 330, kBetween = 18, kNarrowest = 120;  // pixels
constexpr float kFactGap = 10;  // between a label and its value, at least

std::vector<Tick> dimension_labels(int latent, float width, const Theme& theme) {
  // Every 1st, 2nd, 5th, 10th, … dimension, so that the labels stay apart.
  int step = 1;
  for (int scale = 1; width / theme.px(30) < static_cast<float>(latent) / static_cast<float>(step);
       scale *= 10) {
    for (const int factor : {1, 2, 5}) {
      step = factor * scale;
      if (width / theme.px(30) >= static_cast<float>(latent) / static_cast<float>(step)) break;
    }
  }
  std::vector<Tick> labels;
  for (int i = 0; i < latent; i += step) labels.push_back({i + 0.5, fmt::format("z{}", i + 1)});
  return labels;
}

// The figure that is drawn as a bar for each dimension: the first in the table that the model has.
const Figure& dimension_figure(const Figures& figures) {
  const auto table = figure_table();
  const auto has = [&](const Figure& row) {
    return row.values && row.in_window && !row.values(figures).empty();
  };
  const auto found = std::ranges::find_if(table, has);
  return found == table.end() ? table.back() : *found;
}

// All figures of one dimension.
std::string tell_dimension(const Figures& figures, int i) {
  const auto at = static_cast<std::size_t>(i);
  std::string text = fmt::format("z{}", i + 1);
  for (const Figure& row : figure_table()) {
    if (!row.values || !row.in_window || at >= row.values(figures).size()) continue;
    const std::vector<double>& values = row.values(figures);
    if (row.is_share) {
      const auto end = values.begin() + i + 1;
      text += tr("\n{}  {:.2f} %, {:.2f} % with those before it", row.label, 100 * values[at],
                 100 * std::accumulate(values.begin(), end, 0.0));
    } else {
      text += fmt::format("\n{}  {} {}", row.label, format_value(values[at], 3), row.unit);
    }
  }
  if (figures.codes.active_units && !(figures.codes.variance[at] > kActiveVariance)) {
    text += tr("\nnot an active unit");
  }
  return text;
}

std::optional<int> draw_dimensions(const ModelView& view, const Figures& figures, const Rect& rect,
                                   const PanelFrame& frame) {
  const Figure& row = dimension_figure(figures);
  std::vector<double> values = row.values(figures);
  if (row.is_share) {
    for (double& value : values) value *= 100;
  }
  Bars bars;
  bars.widget = "bars_dimensions";
  bars.places = dimension_labels(figures.codes.latent, rect.size.x, frame.theme);
  bars.tell = [&figures](int i) { return tell_dimension(figures, i); };
  bars.title = row.label;
  bars.unit = row.is_share ? "%" : row.unit;
  const std::string help = row.tooltip();
  bars.help = help.c_str();
  bars.values = values;
  if (view.spec.has_prior()) bars.least_top = 0.5;  // a shrinking axis would hide a collapse
  return draw_bars(bars, rect, frame);
}

void draw_sigmas(const CodeFigures& figures, std::optional<int> dimension, const Rect& rect,
                 const PanelFrame& frame) {
  const std::vector<double> shares = figures.sigma_shares(dimension);
  const std::string title = dimension ? tr("σ of z{}", *dimension + 1) : "σ";
  Bars bars;
  bars.widget = "bars_sigma";
  bars.title = title.c_str();
  bars.unit = tr("% of the posteriors");
  bars.help =
      tr("The distribution of the standard deviations of q(z|x), on a logarithmic scale. σ near 1 "
         "is that of the prior: the code says nothing about x. σ near 0 makes the code a point, as "
         "in an autoencoder.");
  bars.values = shares;
  bars.tint = kSigmaTint;
  bars.touching = true;
  for (const double decade : {1e-3, 1e-2, 1e-1, 1.0}) {
    bars.places.push_back({static_cast<double>(sigma_bin(decade)), format_setting(decade)});
  }
  bars.tell = [&shares](int bin) {
    return fmt::format("σ {} … {}\n{:.1f} %", format_value(sigma_at(bin), 2),
                       format_value(sigma_at(bin + 1), 2), shares[static_cast<std::size_t>(bin)]);
  };
  draw_bars(bars, rect, frame);
}

std::string value_text(const Figure& row, const Figures& figures, double value,
                       std::optional<double> error) {
  if (error) {
    const std::string both = format_with_error(value, error);
    return *row.unit == '\0' ? both : fmt::format("{} {}", both, row.unit);
  }
  if (row.of) return tr("{} of {}", format_count(std::llround(value)), row.of(figures));
  if (row.decimals == 0) return format_count(std::llround(value));
  return *row.unit == '\0' ? format_value(value, 3)
                           : fmt::format("{} {}", format_value(value, 3), row.unit);
}

float width_of(const Fact& fact, const Theme& theme) {
  return zscape::width_of(theme.small, fact.row->label) + theme.px(kFactGap) +
         zscape::width_of(theme.small, fact.text.c_str());
}

// How wide the facts are, in steps, so that they stand still while the numbers change.
float width_of(std::span<const Fact> facts, const Theme& theme) {
  float widest = theme.px(kFacts);
  for (const Fact& fact : facts) widest = std::max(widest, width_of(fact, theme));
  const float step = theme.px(24), least = theme.px(kFacts);
  return std::min(least + std::ceil((widest - least) / step) * step, theme.px(kMostFacts));
}

// rect: the place of this line.
void draw_fact(const Rect& rect, const Fact& fact, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float y = std::round(rect.origin.y);
  ImGui::SetCursorScreenPos({rect.origin.x, y});
  const Styled styled(theme.small);
  const bool fits = width_of(fact, theme) <= rect.size.x;
  const float label = ImGui::CalcTextSize(fact.row->label).x + theme.px(kFactGap);
  const std::string text =
      fits ? fact.text : beginning_that_fits(fact.short_text, rect.size.x - label);
  const float width = ImGui::CalcTextSize(text.c_str()).x;
  ImGui::Dummy({rect.size.x, ImGui::GetFontSize()});
  frame.widgets.note(fmt::format("fact_{}", fact.row->key));
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText({rect.origin.x, y}, color::kMuted, fact.row->label);
  list.AddText({rect.high().x - width, y}, color::kText, text.c_str());
  const std::string help = fits ? fact.help : fact.text + "\n" + fact.help;
  tooltip(theme, help.c_str());
}

// At the right of the tabs.
void draw_warning(const CodeWarning& warning, float left, float right, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const Styled styled(theme.small);
  const ImVec2 size = ImGui::CalcTextSize(warning.text.c_str());
  const float dot = theme.px(12);
  const float x = std::max(right - size.x, left + dot);
  const float y = ImGui::GetWindowPos().y + ImGui::GetStyle().WindowPadding.y + theme.px(3);
  ImGui::SetCursorScreenPos({x - dot, y});
  ImGui::Dummy({size.x + dot, size.y});
  frame.widgets.note("code_warning");
  const ImU32 tint = warning.serious ? color::kError : color::kMuted;
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (warning.serious) {
    list.AddCircleFilled({x - theme.px(7), y + size.y / 2}, theme.px(3), tint, 12);
  }
  list.AddText({x, y}, tint, warning.text.c_str());
  tooltip(theme, warning.detail.c_str());
}

}  // namespace

std::vector<Fact> facts_of(const ShownFigures& shown, std::int64_t all) {
  const Figures& figures = shown.figures;
  const bool is_sample = figures.images < all;
  std::vector<Fact> facts;
  for (const Figure& row : figure_table()) {
    if (!row.in_window || !row.value) continue;
    const auto value = row.value(figures);
    if (!value) continue;
    const auto error = is_sample && row.error ? row.error(shown.errors) : std::nullopt;
    Fact& fact = facts.emplace_back(&row, value_text(row, figures, *value, error), row.tooltip());
    fact.short_text = row.decimals == 0 || row.of ? fact.text : format_value(*value, 3);
    if (error) fact.help = tr("{}\n± the standard error: these inputs are a sample", fact.help);
    if (std::string_view(row.key) != "images") continue;
    const bool train = shown.split == SplitName::train;
    fact.text = !is_sample ? (train ? tr("{} (train)", fact.text) : tr("{} (test)", fact.text))
                : train    ? tr("{} of {} (train)", fact.text, format_count(all))
                           : tr("{} of {} (test)", fact.text, format_count(all));
  }
  return facts;
}

std::vector<Command> draw_figures_panel(const Snapshot& snapshot, ModelId model,
                                        const FiguresPanelInput& input, FiguresPanelState& state,
                                        LowerTab& tab, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::vector<Command> commands;
  begin_panel("##figures", frame, kNoScroll);
  draw_lower_tabs(snapshot, tab, false, frame);
  const ModelView* view = snapshot.find(model);
  Rect room = below_tabs(frame);
  if (view && snapshot.data) {
    if (auto asked = draw_evaluation_strip(*view, StripLines::one, room, frame)) {
      commands.push_back(*std::move(asked));
    }
  }
  const float left = room.origin.x, right = left + room.size.x, top = room.origin.y;
  if (!view || !input.figures || input.figures->figures.codes.count == 0 || !snapshot.data) {
    draw_centred(theme, room, tr("The figures come with the first codes"));
    ImGui::End();
    return commands;
  }
  const Figures& figures = input.figures->figures;
  if (const auto warning = code_warning(figures.codes, *view)) {
    draw_warning(*warning, left + theme.px(300), right, frame);
  }
  const float height = room.size.y, between = theme.px(kBetween);
  float end = right;
  const float table =
      input.compared.empty() ? 0 : compared_width(input.compared.size(), theme) + between;
  const float strip =
      std::min(reconstruction_width(view->spec.shape, height, theme), 0.55f * (right - left));
  // It is drawn by the present weights, which do not belong beside the past.
  const bool restores = view->spec.traits().corruption != Corruption::none && !view->past_decoder &&
                        (table == 0 || strip + between + table <= right - left);
  if (restores) {
    for (Command& command : draw_reconstruction(*view, input, state.strip,
                                                {{end - strip, top}, {strip, height}}, frame)) {
      commands.push_back(std::move(command));
    }
    end -= strip + between;
  }
  if (table > 0) {
    draw_compared_figures(input.compared, {{end - table + between, top}, {table - between, height}},
                          frame);
    end -= table;
  } else {
    const auto lines = facts_of(*input.figures, snapshot.data->split(input.figures->split).count);
    // Closer together where the panel is low, and in a list that scrolls where that is not enough.
    const float least = height_of(theme.small) + theme.px(1);
    const float even = std::min(theme.px(19), height / static_cast<float>(lines.size()));
    const bool scrolls = even < least;
    const float line = std::max(even, least), bar = scrolls ? ImGui::GetStyle().ScrollbarSize : 0;
    const float facts = std::min(width_of(lines, theme) + bar, std::max(end - left, theme.px(1)));
    ImGui::SetCursorScreenPos({end - facts, top});
    if (scrolls) {
      ImGui::BeginChild("facts", {facts, height}, false, ImGuiWindowFlags_NoBackground);
    }
    Vec2 at = ImGui::GetCursorScreenPos();
    for (const Fact& fact : lines) {
      draw_fact({at, {facts - bar, line}}, fact, frame);
      at.y += line;
    }
    if (scrolls) ImGui::EndChild();
    end -= facts + between;
  }
  state.hovered_bar.reset();
  if (end - left < theme.px(kNarrowest)) {
    ImGui::End();
    return commands;
  }
  const bool sigmas = !figures.codes.sigma_counts.empty() && end - left > theme.px(2 * kNarrowest);
  const float bars = sigmas ? (end - left - between) / 2 : end - left;
  state.hovered_bar = draw_dimensions(*view, figures, {{left, top}, {bars, height}}, frame);
  if (sigmas) {
    draw_sigmas(figures.codes, state.hovered_bar, {{left + bars + between, top}, {bars, height}},
                frame);
  }
  ImGui::End();
  return commands;
}

}  // namespace zscape
