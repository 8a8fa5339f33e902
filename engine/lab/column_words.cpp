#include "engine/lab/column_words.h"

#include <algorithm>
#include <array>
#include <cstddef>

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

// "by the code" alone says too little, and some measures call several of their figures the same.
std::string label_of(const Measure& measure, std::string_view figure, const char* label,
                     std::ptrdiff_t with_this_label) {
  if (with_this_label > 1) {
    std::string words(figure);
    std::ranges::replace(words, '_', ' ');
    return words;
  }
  const std::string whole = lower_first(measure.label), part = lower_first(label);
  return whole == part ? whole : fmt::format("{}: {}", whole, part);
}

// Whether a column is of this figure: its name, or that with a value of an option behind.
bool is_of(std::string_view column, std::string_view figure, std::string_view per) {
  return column == figure ||
         (!per.empty() && column.starts_with(figure) && column[figure.size()] == '_');
}

void add_words_of_measure(std::string_view column, ColumnWords& words) {
  std::string_view longest;  // "gradient_variance_batch_4" is not of gradient_variance
  const auto take = [&](const Measure& measure, const auto& part, const auto& all) {
    if (part.name.size() <= longest.size() || !is_of(column, part.name, part.per)) return false;
    longest = part.name;
    const auto same = std::ranges::count_if(
        all, [&](const auto& other) { return std::string_view(other.label) == part.label; });
    words.label = label_of(measure, part.name, part.label, same);
    if (column != part.name) {
      words.label =
          fmt::format("{}, {} {}", words.label, part.per, column.substr(part.name.size() + 1));
    }
    return true;
  };
  for (const Measure& measure : measure_table()) {
    for (const MeasureFigure& figure : measure.figures) {
      if (!take(measure, figure, measure.figures)) continue;
      words.unit = figure.unit;
      words.help = figure.help;
    }
    for (const MeasureCurve& curve : measure.curves) {
      if (take(measure, curve, measure.curves)) words.unit = words.help = {};
    }
  }
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
  add_words_of_measure(name, words);
  return words;
}

}  // namespace zscape
