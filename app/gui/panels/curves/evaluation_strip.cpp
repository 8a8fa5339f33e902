#include "app/gui/panels/curves/evaluation_strip.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <vector>

#include "app/gui/panels/curves/certificate_panel.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kLine = 22, kBetween = 18;  // pixels

std::string losses_text(const Losses& losses) {
  if (!std::isfinite(losses.kl)) return format_value(losses.loss);
  return tr("{} = {} + λ · {}", format_value(losses.loss), format_value(losses.reconstruction),
            format_value(losses.kl));
}

std::string figure_text(const Figure& row, const Figures& figures) {
  if (row.values) {
    std::vector<std::string> texts;
    for (const double value : row.values(figures)) texts.push_back(format_value(value, 3));
    return texts.empty() ? "–" : fmt::format("{}", fmt::join(texts, " "));
  }
  const auto value = row.value(figures);
  if (!value) return "–";
  return row.decimals == 0 ? format_count(std::llround(*value))
                           : fmt::format("{:.{}f} {}", *value, row.decimals, row.unit);
}

// Every figure of `zscape eval`.
std::string all_figures(const Evaluation& evaluation) {
  std::string text = tr("As zscape eval gives them with --importance-samples {} --seed {}:",
                        evaluation.figures.importance_samples, evaluation.seed);
  if (evaluation.figures.importance_samples == 0) text = tr("As zscape eval gives them:");
  for (const Figure& row : figure_table()) {
    if (row.is_left_out(evaluation.figures)) continue;
    text += fmt::format("\n{}  {}", row.label, figure_text(row, evaluation.figures));
  }
  return text;
}

// Small text with a tooltip, its right end or its left end there.
void fact(const PanelFrame& frame, const char* name, const std::string& text, ImVec2 at,
          const std::string& help) {
  ImGui::SetCursorScreenPos(at);
  small_text(frame.theme, text.c_str(), color::kText);
  frame.widgets.note(name);
  tooltip(frame.theme, help.c_str());
}

}  // namespace

std::string file_losses_text(const ModelView& view) {
  if (!view.opened) return {};
  const FileLosses& file = *view.opened;
  const std::string saved = format_count(file.saved_step);
  if (!std::isfinite(file.test.loss)) {
    return file.data.empty() ? tr("The file names no losses")
                             : tr("Saved at step {}, not measured", saved);
  }
  const std::string losses =
      file.other_data ? tr("{} on {}", losses_text(file.test), file.data) : losses_text(file.test);
  if (file.step == file.saved_step) return tr("Saved at step {}: test loss {}", saved, losses);
  if (file.step < 0) {
    return tr("Saved at step {}: test loss {}, of an earlier step perhaps", saved, losses);
  }
  return tr("Saved at step {}: test loss {}, of step {}", saved, losses, format_count(file.step));
}

std::string evaluation_text(const ModelView& view) {
  if (!view.evaluation) return {};
  const Figures& figures = view.evaluation->figures;
  const std::string inputs = tr("{} test inputs", format_count(figures.images));
  std::string text;
  if (figures.elbo) {
    const std::string elbo = format_with_error(*figures.elbo, figures.elbo_standard_error);
    text = figures.log_likelihood ? tr("ELBO {}   log p(x) {}   {}", elbo,
                                       fmt::format("{:.2f}", *figures.log_likelihood), inputs)
                                  : tr("ELBO {}   {}", elbo, inputs);
  } else if (figures.probabilistic_pca) {
    const ProbabilisticPca& pca = *figures.probabilistic_pca;
    text = tr("log p(x) {}   mean squared error {}   {}",
              format_with_error(pca.log_likelihood, pca.standard_error),
              fmt::format("{:.6f}", figures.mse), inputs);
  } else {
    text = tr("mean squared error {}   {}", fmt::format("{:.6f}", figures.mse), inputs);
  }
  if (figures.is_mere_score) text = tr("{}   a score, no density", text);
  const std::int64_t now = view.steps_before + view.position.step;
  if (view.evaluation->step == now) return text;
  return tr("{}   at step {}", text, format_count(view.evaluation->step));
}

std::optional<Command> draw_evaluation_strip(const ModelView& view, StripLines most, Rect& room,
                                             const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  std::string file = file_losses_text(view);
  const std::string found = evaluation_text(view);
  const char* label = view.is_evaluating ? tr("Evaluating …") : tr("Evaluate");
  const float evaluate_width = width_of(theme.small, label) + theme.px(20);
  // Who has asked for figures may ask how far log p(x) can be trusted.
  const bool can_certify = view.evaluation && why_no_certificate(view).empty();
  const char* certify = tr("Certify");
  const float certify_width =
      can_certify ? width_of(theme.small, certify) + theme.px(20) + theme.px(6) : 0;
  const float button_width = evaluate_width + certify_width;
  const float right = room.high().x, gap = theme.px(kBetween), line = theme.px(kLine);
  const float found_width = width_of(theme.small, found.c_str());
  const float needed = width_of(theme.small, file.c_str()) + found_width + button_width + 2 * gap;
  const bool fits_both = needed <= room.size.x;
  std::string hidden;  // what the tooltip says instead
  if (!fits_both && !found.empty() && most == StripLines::one) {
    hidden = file.empty() ? file : file + "\n";
    file.clear();
  }
  const bool fits = fits_both || file.empty() || found.empty();
  const float lower = (line - height_of(theme.small)) / 2;
  const Vec2 low = room.origin;

  std::optional<Command> command;
  {
    Styled styled(theme.small);
    styled.var(ImGuiStyleVar_FramePadding, {theme.px(6), theme.px(2)});
    ImGui::SetCursorScreenPos({right - evaluate_width, low.y});
    if (button(frame, "evaluate", label, evaluate_width,
               tr("Measure the test inputs as zscape eval does: ELBO with its standard error and "
                  "log p(x) by 64 importance samples. Training goes on meanwhile."),
               view.is_evaluating ? tr("It is at work. The line below the panels shows how far it "
                                       "is, and its cross ends it.")
               : shows_given_codes(view) ? kCodesAlone
               : !view.weights           ? tr("Return to now: the past keeps its decoder alone.")
                                         : "")) {
      command = Evaluate{view.id};
    }
    if (can_certify) {
      // To the left, so that a second click on Evaluate is one on Evaluate.
      ImGui::SetCursorScreenPos({right - button_width, low.y});
      if (button(
              frame, "certify", certify, certify_width - theme.px(6),
              tr("Find out how well log p(x) is known: prior, importance and annealed importance "
                 "sampling of 100 test inputs with more and more effort, and both bounds on "
                 "inputs drawn from the model. Takes minutes; training goes on meanwhile."),
              view.is_certifying ? tr("It is at work: see the tab log p(x).") : "")) {
        command = Certify{view.id, {}};
      }
    }
  }
  if (!file.empty()) {
    fact(frame, "file_losses", file, {low.x, low.y + lower},
         tr("What the file of this model says: the loss and its terms over the test inputs of {}, "
            "by its own λ. Evaluate measures them again, on the data that are open.",
            view.opened->data.empty() ? tr("its data") : view.opened->data));
  }
  const float found_y = low.y + lower + (fits ? 0 : line);
  const float found_x = file.empty() || !fits ? low.x : right - button_width - gap - found_width;
  if (!found.empty()) {
    fact(frame, "evaluation", found, {found_x, found_y}, hidden + all_figures(*view.evaluation));
  }
  const float taken = theme.px(6) + (fits ? line : 2 * line);
  room.origin.y += taken;
  room.size.y -= taken;
  return command;
}

}  // namespace zscape
