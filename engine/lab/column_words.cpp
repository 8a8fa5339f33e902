#include "engine/lab/column_words.h"

#include <array>

#include "engine/figures.h"
#include "engine/measures.h"
#include "engine/text.h"

namespace zscape {
namespace {

struct LossWords {
  std::string_view name;
  const char* label = "";
};

constexpr std::array kLossWords = {
    LossWords{"train_loss", tr("training loss")},
    LossWords{"train_reconstruction", tr("reconstruction term in training")},
    LossWords{"train_kl", tr("KL term in training")},
    LossWords{"test_loss", tr("test loss")},
    LossWords{"test_reconstruction", tr("reconstruction term of the test inputs")},
    LossWords{"test_kl", tr("KL term of the test inputs")},
    LossWords{"test_mse", tr("mean squared error of the test inputs")},
    LossWords{"validation_loss", tr("validation loss")},
    LossWords{"epochs", tr("epochs")},
    LossWords{"steps", tr("steps")},
};

std::string lower_first(std::string text) {
  // Not an abbreviation: "KL", "ELBO".
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

bool words_of_measure(std::string_view name, ColumnWords& words) {
  for (const Measure& measure : measure_table()) {
    for (const MeasureFigure& figure : measure.figures) {
      if (!name.starts_with(figure.name)) continue;
      std::string_view rest = name.substr(figure.name.size());
      if (!rest.empty() && (figure.per.empty() || rest[0] != '_')) continue;
      words = {.label = lower_first(figure.label), .unit = figure.unit, .help = figure.help};
      if (!rest.empty()) {
        words.label = fmt::format("{}, {} {}", words.label, figure.per, rest.substr(1));
      }
      return true;
    }
    for (const MeasureCurve& curve : measure.curves) {
      if (name != curve.name) continue;
      words = {.label = lower_first(curve.label), .unit = {}, .help = {}};
      return true;
    }
  }
  return false;
}

}  // namespace

ColumnWords words_of(std::string_view column) {
  constexpr std::string_view kCurve = "curve:";
  std::string_view name = column;
  if (name.starts_with(kCurve)) name.remove_prefix(kCurve.size());
  for (const LossWords& loss : kLossWords) {
    if (loss.name != name) continue;
    return {.label = loss.label,
            .unit = {},
            .help = name == column
                        ? tr("Of the epoch whose weights were kept: the last one, or the "
                             "best one where inputs are held out.")
                        : tr("One value an epoch.")};
  }
  for (const Figure& figure : figure_table()) {
    if (figure.key != name) continue;
    return {.label = lower_first(figure.label), .unit = figure.unit, .help = figure.help};
  }
  ColumnWords words{.label = std::string(column), .unit = {}, .help = {}};
  words_of_measure(name, words);
  return words;
}

}  // namespace zscape
