#include "app/gui/panels/curves/compare_figures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/frame/pane_colors.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kName = 132, kColumn = 74, kRow = 18, kLeastRow = 14.5f;  // pixels

// "+1.23", of two values that compare.
std::string signed_text(double difference) {
  if (!std::isfinite(difference)) return {};
  const char* sign = difference > 0 ? "+" : difference < 0 ? "−" : "";
  return sign + format_value(std::abs(difference), 3);
}

// Why figures of two models are not to be subtracted, whatever they are.
std::string why_apart(const ComparedModel& one, const ComparedModel& other) {
  const bool past = one.model.past_decoder != nullptr;
  if (past == (other.model.past_decoder != nullptr)) return {};
  return tr("One model is shown in the past, the other as it is now.");
}

// A measured loss of the test split, at the step that is shown.
struct LossesKnown {
  const CurvePoint* point = nullptr;
  bool is_sample = false;
};

LossesKnown newest(const Curve& curve, const ModelView& view, bool is_sample) {
  for (std::size_t i = curve.size(); i-- > 0;) {
    if (curve[i].step <= view.position.step) return {&curve[i], is_sample};
  }
  return {};
}

// Of the fixed sample, which is measured often, or else of the whole split.
LossesKnown measured(const ModelView& view) {
  const LossesKnown sample = newest(view.curves.test_sample, view, true);
  return sample.point ? sample : newest(view.curves.test, view, false);
}

using Value = std::function<std::optional<double>(const ComparedModel&)>;
using WhyNot = std::function<std::string(const ComparedModel&, const ComparedModel&)>;

ComparedFigure row_of(std::span<const ComparedModel> models, const Value& value,
                      const std::function<std::string(const ComparedModel&, double)>& text,
                      const WhyNot& why_not) {
  ComparedFigure row;
  for (const ComparedModel& model : models) {
    const auto known = value(model);
    row.values.push_back(known ? text(model, *known) : "–");
  }
  for (std::size_t i = 0; i + 1 < models.size(); ++i) {
    const auto one = value(models[i]), other = value(models[i + 1]);
    std::string why = why_apart(models[i], models[i + 1]);
    if (why.empty()) why = why_not(models[i], models[i + 1]);
    if (why.empty() && (!one || !other)) why = tr("One of them does not have this figure.");
    row.differences.push_back(why.empty() ? signed_text(*one - *other) : std::string());
    row.why_not.push_back(std::move(why));
  }
  return row;
}

// λ of the measured loss; 0 where the kind has no KL term.
double objective_weight(const ComparedModel& model) {
  const LossesKnown known = measured(model.model);
  return known.point && model.model.spec.has_prior() ? known.point->kl_weight : 0;
}

ComparedFigure loss_row(std::span<const ComparedModel> models, bool whole) {
  bool one_unit = true;
  for (const ComparedModel& model : models) {
    one_unit = one_unit && std::string_view(term_unit(model.model.spec)) ==
                               term_unit(models.front().model.spec);
  }
  const Value value = [whole](const ComparedModel& model) -> std::optional<double> {
    const LossesKnown known = measured(model.model);
    if (!known.point) return std::nullopt;
    return whole ? known.point->loss : known.point->reconstruction;
  };
  const auto text = [one_unit](const ComparedModel& model, double known) {
    const std::string number = format_value(known);
    return one_unit ? number : fmt::format("{} {}", number, term_unit(model.model.spec));
  };
  const WhyNot why_not = [whole](const ComparedModel& one, const ComparedModel& other) {
    const std::string why = why_not_shared(one.model.spec, other.model.spec);
    if (!why.empty()) return tr("{}: no difference can be taken.", why);
    if (whole && std::abs(objective_weight(one) - objective_weight(other)) > 0) {
      return std::string(tr("Each minimises a loss of its own: their λ differ."));
    }
    const bool same_inputs = measured(one.model).is_sample == measured(other.model).is_sample;
    return same_inputs ? std::string() : tr("They are measured on other test inputs.");
  };
  ComparedFigure row = row_of(models, value, text, why_not);
  row.key = whole ? "loss" : "reconstruction";
  const bool is_sample = std::ranges::any_of(
      models, [](const ComparedModel& model) { return measured(model.model).is_sample; });
  const char* name = whole ? (is_sample ? tr("Loss, sample") : tr("Test loss"))
                           : (is_sample ? tr("Reconstruction, sample") : tr("Test reconstruction"));
  row.name = one_unit ? tr("{}, {}", name, term_unit(models.front().model.spec)) : name;
  std::vector<std::string> steps;
  for (const ComparedModel& model : models) {
    const LossesKnown known = measured(model.model);
    if (!known.point) continue;
    steps.push_back(
        tr("{} at step {}", short_name_of(model.model.spec), format_count(known.point->step)));
  }
  row.help = whole ? tr("What the model minimises, on a fixed sample of the test split: "
                        "reconstruction + λ · KL, or the reconstruction alone without a prior.")
                   : tr("The reconstruction term on a fixed sample of the test split.");
  row.help = tr("{}\nMeasured: {}.", row.help, fmt::join(steps, ", "));
  return row;
}

ComparedFigure figure_row(std::span<const ComparedModel> models, const Figure& figure) {
  const Value value = [&figure](const ComparedModel& model) -> std::optional<double> {
    return model.figures ? figure.value(model.figures->figures) : std::nullopt;
  };
  const auto text = [&figure](const ComparedModel&, double known) {
    return figure.decimals == 0 || figure.of ? format_count(std::llround(known))
                                             : format_value(known, 3);
  };
  const WhyNot why_not = [](const ComparedModel& one, const ComparedModel& other) -> std::string {
    if (!one.figures || !other.figures) return tr("The codes are not there yet.");
    const bool same_inputs = one.figures->split == other.figures->split &&
                             one.figures->figures.images == other.figures->figures.images;
    return same_inputs ? std::string() : tr("They are of other inputs.");
  };
  ComparedFigure row = row_of(models, value, text, why_not);
  row.key = figure.key;
  row.name = *figure.unit == '\0' ? figure.label : tr("{}, {}", figure.label, figure.unit);
  row.help = figure.tooltip();
  return row;
}

using StepOf = std::function<std::optional<std::int64_t>(const ComparedModel&)>;

// The steps that the rows below are of; nothing where they are equal.
std::optional<ComparedFigure> step_row(std::span<const ComparedModel> models, const char* key,
                                       const char* name, const char* help, const StepOf& step) {
  ComparedFigure row{key, name, help, {}, {}, {}, true};
  bool differ = false;
  for (const ComparedModel& model : models) {
    const auto known = step(model);
    row.values.push_back(known ? format_count(*known) : "–");
  }
  for (std::size_t i = 0; i + 1 < models.size(); ++i) {
    const auto one = step(models[i]), other = step(models[i + 1]);
    const bool differs = one && other && *one != *other;
    differ = differ || differs;
    const std::string apart = differs ? format_count(std::abs(*one - *other)) : "";
    row.differences.push_back(!differs ? "" : *one > *other ? "+" + apart : "−" + apart);
    row.why_not.emplace_back(!differs ? ""
                                      : tr("One model has learned for more steps than the "
                                           "other: part of the differences below is that."));
  }
  return differ ? std::optional(std::move(row)) : std::nullopt;
}

bool has_value(const ComparedFigure& row) {
  for (const std::string& value : row.values) {
    if (value != "–") return true;
  }
  return false;
}

// Right-aligned in a column that ends there, at most so wide.
void draw_cell(float right, float y, ImU32 tint, const std::string& whole, float most) {
  const std::string text = beginning_that_fits(whole, most);
  const float width = ImGui::CalcTextSize(text.c_str()).x;
  ImGui::GetWindowDrawList()->AddText({std::round(right - width), y}, tint, text.c_str());
}

}  // namespace

std::vector<ComparedFigure> compared_figures(std::span<const ComparedModel> models) {
  std::vector<ComparedFigure> rows;
  const auto measured_at = [](const ComparedModel& model) -> std::optional<std::int64_t> {
    const LossesKnown known = measured(model.model);
    return known.point ? std::optional(known.point->step) : std::nullopt;
  };
  const auto encoded_at = [](const ComparedModel& model) -> std::optional<std::int64_t> {
    return model.figures ? std::optional(model.figures->figures.codes.step) : std::nullopt;
  };
  if (auto steps =
          step_row(models, "loss_step", tr("Step of the losses"),
                   tr("The steps at which the two losses below were measured."), measured_at)) {
    rows.push_back(*std::move(steps));
  }
  rows.push_back(loss_row(models, true));
  rows.push_back(loss_row(models, false));
  if (auto steps = step_row(models, "codes_step", tr("Step of the codes"),
                            tr("The steps whose codes the figures below are of."), encoded_at)) {
    rows.push_back(*std::move(steps));
  }
  for (const Figure& figure : figure_table()) {
    if (!figure.in_window || !figure.value || std::string_view(figure.key) == "images") continue;
    rows.push_back(figure_row(models, figure));
  }
  std::erase_if(rows, [](const ComparedFigure& row) { return !has_value(row); });
  // First what can be compared: a low panel shows the first rows only.
  std::ranges::stable_partition(rows, [](const ComparedFigure& row) {
    return row.key == "loss" || row.key == "reconstruction" || row.warns ||
           std::ranges::any_of(row.differences, [](const auto& each) { return !each.empty(); });
  });
  return rows;
}

std::string difference_name(const ModelView& one, const ModelView& other) {
  const std::string first = name_with_lambda(one), second = name_with_lambda(other);
  const std::string first_step = step_text(one), second_step = step_text(other);
  if (first_step == second_step) return tr("{} − {}", first, second);
  return tr("{} at step {} − {} at step {}", first, first_step, second, second_step);
}

float compared_width(std::size_t models, const Theme& theme) {
  return theme.px(kName + kColumn * static_cast<float>(2 * models - 1));
}

void draw_compared_figures(std::span<const ComparedModel> models, const Rect& rect,
                           const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const Styled styled(theme.small);
  const std::vector<ComparedFigure> rows = compared_figures(models);
  const float even = rect.size.y / static_cast<float>(rows.size() + 1);
  const float row_height = std::clamp(even, theme.px(kLeastRow), theme.px(kRow));
  const float column = theme.px(kColumn), most = column - theme.px(6);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const auto right_of = [&](std::size_t cell) {
    return rect.origin.x + theme.px(kName) + column * static_cast<float>(cell + 1);
  };
  for (std::size_t i = 0; i < models.size(); ++i) {
    draw_cell(right_of(2 * i), rect.origin.y, pane_color(models[i].model.id.value),
              name_with_lambda(models[i].model), most);
    if (i == 0) continue;
    draw_cell(right_of(2 * i - 1), rect.origin.y, color::kMuted, tr("difference"), most);
    ImGui::SetCursorScreenPos({right_of(2 * i - 1) - column, rect.origin.y});
    ImGui::Dummy({column, ImGui::GetFontSize()});
    tooltip(theme, tr("The left model's figure minus the right one's"));
  }
  float y = rect.origin.y + row_height;
  for (const ComparedFigure& row : rows) {
    if (y + ImGui::GetFontSize() > rect.high().y) break;
    ImGui::SetCursorScreenPos({rect.origin.x, y});
    ImGui::Dummy({theme.px(kName), ImGui::GetFontSize()});
    frame.widgets.note("compared_" + row.key);
    tooltip(theme, row.help.c_str());
    const float first = right_of(0) - width_of(theme.small, row.values.front().c_str());
    const std::string name = beginning_that_fits(row.name, first - rect.origin.x - theme.px(8));
    list.AddText({rect.origin.x, y}, color::kMuted, name.c_str());
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      draw_cell(right_of(2 * i), y, color::kText, row.values[i], most);
    }
    for (std::size_t i = 0; i < row.differences.size(); ++i) {
      const float right = right_of(2 * i + 1);
      draw_cell(right, y, row.warns ? color::kSecond : color::kMuted, row.differences[i], most);
      ImGui::SetCursorScreenPos({right - column, y});
      ImGui::Dummy({column, ImGui::GetFontSize()});
      if (row.why_not[i].empty()) continue;
      frame.widgets.note(fmt::format("compared_{}_why_{}", row.key, i));
      tooltip(theme, row.why_not[i].c_str());
    }
    y += row_height;
  }
}

}  // namespace zscape
