#include "app/gui/panels/curves/figures_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/gui/panels/curves/bars.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/curves/reconstruction_panel.h"
#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

constexpr ImU32 kSigmaTint = color::rgb(0xd9a25f);
constexpr float kFacts = 172, kBetween = 18;  // pixels

std::vector<Tick> dimension_labels(int latent, float width, const Theme& theme) {
  // So many that their labels stay apart: each 1st, 2nd, 5th, 10th, …
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

std::string tell_dimension(const CodeFigures& figures, int i) {
  const auto at = static_cast<std::size_t>(i);
  std::string text = fmt::format("z{}", i + 1);
  if (!figures.kl.empty()) text += fmt::format("\nKL  {} nats", format_value(figures.kl[at], 3));
  text += fmt::format("\nvariance of μ  {}{}", format_value(figures.variance[at], 3),
                      figures.variance[at] < kActiveVariance ? "  (not active)" : "");
  return text;
}

// The bars of each dimension: KL, or explained variance, or the variance of the codes.
std::optional<int> draw_dimensions(const ModelView& view, const CodeFigures& figures,
                                   const Rect& rect, const PanelFrame& frame) {
  Bars bars;
  bars.widget = "bars_dimensions";
  bars.places = dimension_labels(figures.latent, rect.size.x, frame.theme);
  bars.tell = [&figures](int i) { return tell_dimension(figures, i); };
  bars.empty = "nothing is measured yet";
  std::vector<double> percent;
  if (view.spec.kind == ModelKind::pca) {
    const auto explained =
        view.weights ? view.weights->explained_variance() : std::span<const double>();
    for (const double share : explained) percent.push_back(100 * share);
    bars.title = "Explained variance";
    bars.unit = "%";
    bars.help = "The share of the training inputs' variance along each principal axis.";
    bars.values = percent;
    bars.empty = "the axes are being fitted";
    bars.tell = [&percent](int i) {
      const auto end = percent.begin() + i + 1;
      return fmt::format("z{}\n{:.2f} %, {:.2f} % with those before it", i + 1,
                         percent[static_cast<std::size_t>(i)],
                         std::accumulate(percent.begin(), end, 0.0));
    };
  } else if (view.spec.has_prior()) {
    bars.title = "KL of each dimension";
    bars.unit = "nats";
    bars.help =
        "The mean over a sample of inputs of ½ (μ² + σ² − log σ² − 1): how much each "
        "dimension tells the decoder. 0: nothing, its posterior is the prior.";
    bars.values = figures.kl;
    bars.least_top = 0.5;  // an axis that shrinks with a collapse would hide it
  } else {
    bars.title = "Variance of the codes";
    bars.help = "The variance of each dimension's code over a sample of inputs.";
    bars.values = figures.variance;
  }
  return draw_bars(bars, rect, frame);
}

void draw_sigmas(const CodeFigures& figures, std::optional<int> dimension, const Rect& rect,
                 const PanelFrame& frame) {
  std::vector<double> counts(kSigmaBins);
  const auto add = [&](std::size_t of) {
    for (std::size_t bin = 0; bin < kSigmaBins; ++bin) {
      counts[bin] += static_cast<double>(figures.sigma_counts[of * kSigmaBins + bin]);
    }
  };
  for (int i = 0; i < figures.latent; ++i) {
    if (!dimension || *dimension == i) add(static_cast<std::size_t>(i));
  }
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  for (double& count : counts) count *= 100 / std::max(all, 1.0);
  const std::string title = dimension ? fmt::format("σ of z{}", *dimension + 1) : "σ";
  Bars bars;
  bars.widget = "bars_sigma";
  bars.title = title.c_str();
  bars.unit = "% of the posteriors";
  bars.help =
      "How the standard deviations of q(z|x) are spread, on a logarithmic scale. Near 1: "
      "the prior's own, nothing is told. Near 0: a point, as in an autoencoder.";
  bars.values = counts;
  bars.tint = kSigmaTint;
  bars.touching = true;
  for (const double decade : {1e-3, 1e-2, 1e-1, 1.0}) {
    bars.places.push_back({static_cast<double>(sigma_bin(decade)), format_setting(decade)});
  }
  bars.tell = [&counts](int bin) {
    return fmt::format("σ {} … {}\n{:.1f} %", format_value(sigma_at(bin), 2),
                       format_value(sigma_at(bin + 1), 2), counts[static_cast<std::size_t>(bin)]);
  };
  draw_bars(bars, rect, frame);
}

void draw_fact(const Rect& rect, int row, const char* widget, const char* name,
               const std::string& value, const char* help, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float y = rect.origin.y + static_cast<float>(row) * theme.px(19);
  ImGui::SetCursorScreenPos({rect.origin.x, y});
  ImGui::PushFont(theme.small);
  const float width = ImGui::CalcTextSize(value.c_str()).x;
  ImGui::Dummy({rect.size.x, ImGui::GetFontSize()});
  frame.widgets.note(widget);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText({rect.origin.x, y}, color::kMuted, name);
  list.AddText({rect.origin.x + rect.size.x - width, y}, color::kText, value.c_str());
  ImGui::PopFont();
  tooltip(theme, help);
}

void draw_facts(const ModelView& view, const CodeFigures& figures, const Rect& rect,
                const PanelFrame& frame) {
  int row = 0;
  const auto fact = [&](const char* widget, const char* name, const std::string& value,
                        const char* help) {
    draw_fact(rect, row++, widget, name, value, help, frame);
  };
  if (view.spec.has_prior()) {
    fact("fact_active", "Active units",
         fmt::format("{} of {}", figures.active_units, figures.latent),
         "Dimensions whose μ varies over the inputs by more than 0.01 (Burda et al. 2016).");
    fact("fact_kl", "KL",
         format_value(std::accumulate(figures.kl.begin(), figures.kl.end(), 0.0), 3) + " nats",
         "KL of q(z|x) to the prior, all dimensions together: ½ Σ (μ² + σ² − log σ² − 1).");
    fact("fact_sigma", "Mean σ", format_value(figures.mean_sigma, 3),
         "The mean standard deviation of q(z|x). The prior's is 1.");
  }
  fact("fact_spread", "Spread of μ", format_value(figures.spread, 3),
       "The root mean square of the codes. A standard normal has 1.");
  if (figures.aggregate_kl) {
    fact("fact_aggregate", "Aggregate KL", format_value(*figures.aggregate_kl, 3) + " nats",
         "How far all codes together are from the prior: KL of the Gaussian with their mean and "
         "covariance, ½ (tr S + mᵀm − k − log det S) with S = Cov μ + E σ². Large: samples from "
         "the prior fall where no codes are.");
  }
  fact("fact_count", "Sample", fmt::format("{} inputs", format_count(figures.count)),
       "What these figures are taken over: a fixed sample of the test split.");
}

// At the right of the tabs.
void draw_warning(const CodeWarning& warning, float left, float right, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::PushFont(theme.small);
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
  ImGui::PopFont();
  tooltip(theme, warning.detail.c_str());
}

}  // namespace

std::vector<Command> draw_figures_panel(const Snapshot& snapshot, ModelId model,
                                        const FiguresPanelInput& input, FiguresPanelState& state,
                                        LowerTab& tab, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::vector<Command> commands;
  begin_panel("##figures", frame,
              ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
  draw_lower_tabs(frame, tab, false);
  const ModelView* view = snapshot.find(model);
  const ImVec2 padding = ImGui::GetStyle().WindowPadding;
  const float left = frame.rect.origin.x + padding.x;
  const float right = frame.rect.origin.x + frame.rect.size.x - padding.x;
  const float top = frame.rect.origin.y + padding.y + height_of(theme.title) + theme.px(12);
  const float bottom = frame.rect.origin.y + frame.rect.size.y - padding.y + theme.px(4);
  if (!view || !input.figures || input.figures->count == 0) {
    draw_centred(theme, {{left, top}, {right - left, bottom - top}},
                 "figures come with the first codes");
    end_panel();
    return commands;
  }
  const CodeFigures& figures = *input.figures;
  if (const auto warning = code_warning(figures, *view)) {
    draw_warning(*warning, left + theme.px(300), right, frame);
  }
  const float height = bottom - top, between = theme.px(kBetween);
  float end = right;
  const bool restores = view->spec.kind == ModelKind::dae || view->spec.kind == ModelKind::mae;
  if (restores) {
    const float width =
        std::min(reconstruction_width(view->spec.shape, height, theme), 0.55f * (right - left));
    commands = draw_reconstruction(*view, input, state.strip, {{end - width, top}, {width, height}},
                                   frame);
    end -= width + between;
  }
  const float facts = theme.px(kFacts);
  draw_facts(*view, figures, {{end - facts, top}, {facts, height}}, frame);
  end -= facts + between;
  const bool sigmas = !figures.sigma_counts.empty();
  const float bars = sigmas ? (end - left - between) / 2 : end - left;
  state.hovered_bar = draw_dimensions(*view, figures, {{left, top}, {bars, height}}, frame);
  if (sigmas) {
    draw_sigmas(figures, state.hovered_bar, {{left + bars + between, top}, {bars, height}}, frame);
  }
  end_panel();
  return commands;
}

}  // namespace zscape
