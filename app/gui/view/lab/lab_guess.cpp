#include "app/gui/view/lab/lab_guess.h"

#include <algorithm>
#include <cmath>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

using Kind = LabPrediction::Kind;

constexpr double kLastPlace = static_cast<double>(kGuessPlaces - 1);

std::size_t place_of(double x) {
  return static_cast<std::size_t>(std::lround(std::clamp(x, 0.0, 1.0) * kLastPlace));
}

double part_of(double value, LabSpan span) {
  return (value - span.low) / (span.high - span.low);
}

// How many pairs of measured dots differ by more than their errors, and how many of these the curve
// orders alike.
struct Order {
  int pairs = 0, alike = 0;
};

Order order_of(const std::vector<const LabDot*>& dots, const std::vector<double>& heights) {
  Order order;
  for (std::size_t i = 0; i < dots.size(); ++i) {
    for (std::size_t j = i + 1; j < dots.size(); ++j) {
      const double rise = dots[j]->y_value - dots[i]->y_value;
      const auto squared = [](double error) { return std::isfinite(error) ? error * error : 0; };
      if (std::abs(rise) <= std::sqrt(squared(dots[i]->y_error) + squared(dots[j]->y_error))) {
        continue;
      }
      ++order.pairs;
      if ((heights[j] - heights[i]) * rise > 0) ++order.alike;
    }
  }
  return order;
}

std::string answer_to_curve(const LabGuess& guess, const LabPrediction& prediction,
                            const LabTable& table) {
  if (prediction.plot >= table.experiment.plots.size()) return {};
  const LabChart chart = chart_of(table, table.experiment.plots[prediction.plot]);
  const LabSeries* measured = predicted_series(chart, table, prediction);
  std::vector<const LabDot*> dots;
  std::vector<double> heights;
  if (measured != nullptr) {
    for (const LabDot& dot : measured->dots) {
      const auto height = height_at(guess, part_of(dot.x, chart.x));
      if (!height) continue;
      dots.push_back(&dot);
      heights.push_back(*height);
    }
  }
  const Order order = order_of(dots, heights);
  if (order.pairs == 0) {
    return tr("No two measured points under your curve differ by more than their errors yet.");
  }
  return tr(
      "Of {} pairs of measured points that differ by more than their errors, your curve "
      "orders {} alike.",
      order.pairs, order.alike);
}

std::string answer_to_number(double said, const Quantity& asked, const LabTable& table) {
  const Estimate measured = estimate(asked, table);
  if (!std::isfinite(measured.mean)) {
    return measured.reason.empty() ? std::string(tr("It is not measured yet."))
                                   : tr("It is not known yet: {}.", measured.reason);
  }
  const bool has_width = std::isfinite(measured.half_width);
  const std::string value = format_with_error(
      measured.mean, has_width ? std::optional(measured.half_width) : std::nullopt);
  const double off = said - measured.mean;
  if (has_width && std::abs(off) <= measured.half_width) {
    return tr("Measured: {}. Your number lies within that.", value);
  }
  const std::string by = format_value(std::abs(off), 2);
  return off > 0 ? tr("Measured: {}. Your number is {} too large.", value, by)
                 : tr("Measured: {}. Your number is {} too small.", value, by);
}

std::string answer_to_choice(std::size_t chosen, const LabPrediction& prediction,
                             const LabTable& table) {
  const Judgement own = judge(prediction.choices[chosen].second, table);
  if (own.finding == Finding::confirmed) return tr("The figures agree. {}", own.sentence);
  for (const auto& [text, criterion] : prediction.choices) {
    const Judgement other = judge(criterion, table);
    if (other.finding == Finding::confirmed) {
      return tr("The figures say “{}”. {}", text, other.sentence);
    }
  }
  return own.finding == Finding::refuted ? tr("The figures refute it. {}", own.sentence)
                                         : tr("The figures do not decide it. {}", own.sentence);
}

}  // namespace

bool is_made(const LabGuess& guess, Kind kind) {
  switch (kind) {
    case Kind::choice:
      return guess.choice.has_value();
    case Kind::number:
      return guess.number.has_value();
    case Kind::curve:
      break;
  }
  const auto drawn =
      std::ranges::count_if(guess.curve, [](double height) { return !std::isnan(height); });
  return 3 * static_cast<std::size_t>(drawn) >= 2 * kGuessPlaces;
}

void draw_stroke(LabGuess& guess, GuessPlace from, GuessPlace to) {
  guess.curve.resize(kGuessPlaces, std::numeric_limits<double>::quiet_NaN());
  if (from.x > to.x) std::swap(from, to);
  const std::size_t first = place_of(from.x), last = place_of(to.x);
  for (std::size_t i = first; i <= last; ++i) {
    const double at = static_cast<double>(i) / kLastPlace;
    const double part = to.x > from.x ? std::clamp((at - from.x) / (to.x - from.x), 0.0, 1.0) : 1.0;
    guess.curve[i] = std::clamp(from.y + part * (to.y - from.y), 0.0, 1.0);
  }
}

std::optional<double> height_at(const LabGuess& guess, double x) {
  if (guess.curve.size() != kGuessPlaces || !(x >= 0 && x <= 1)) return std::nullopt;
  // A short gap between strokes is bridged, as the eye does.
  const double at = x * kLastPlace;
  const auto seek = [&](double from, int step) -> std::optional<std::size_t> {
    for (auto i = static_cast<std::ptrdiff_t>(from);
         i >= 0 && i < static_cast<std::ptrdiff_t>(kGuessPlaces); i += step) {
      if (std::abs(static_cast<double>(i) - at) > 8) return std::nullopt;
      const auto place = static_cast<std::size_t>(i);
      if (!std::isnan(guess.curve[place])) return place;
    }
    return std::nullopt;
  };
  const auto left = seek(std::floor(at), -1), right = seek(std::ceil(at), 1);
  if (!left && !right) return std::nullopt;
  if (!left || !right) return guess.curve[left ? *left : *right];
  if (*left == *right) return guess.curve[*left];
  const double part = (at - static_cast<double>(*left)) / static_cast<double>(*right - *left);
  return guess.curve[*left] + part * (guess.curve[*right] - guess.curve[*left]);
}

std::vector<GuessPlace> curve_on(const LabGuess& guess, const LabChart& chart,
                                 const LabSeries* measured) {
  std::vector<GuessPlace> places;
  if (guess.curve.size() != kGuessPlaces) return places;
  double low = 1, high = 0;
  for (const double height : guess.curve) {
    if (std::isnan(height)) continue;
    low = std::min(low, height);
    high = std::max(high, height);
  }
  LabSpan scale = chart.y;  // nothing is measured yet: as it was drawn
  const bool is_scaled = measured != nullptr && measured->dots.size() > 1 && high > low;
  if (is_scaled) {
    const auto [least, most] = std::ranges::minmax(measured->dots, {}, &LabDot::y);
    scale = {least.y, most.y};
  }
  for (std::size_t i = 0; i < kGuessPlaces; ++i) {
    if (std::isnan(guess.curve[i])) continue;
    const double part = is_scaled ? (guess.curve[i] - low) / (high - low) : guess.curve[i];
    const double x = static_cast<double>(i) / kLastPlace;
    places.push_back({chart.x.low + x * (chart.x.high - chart.x.low),
                      scale.low + part * (scale.high - scale.low)});
  }
  return places;
}

const LabSeries* predicted_series(const LabChart& chart, const LabTable& table,
                                  const LabPrediction& prediction) {
  if (chart.series.empty()) return nullptr;
  if (prediction.series.empty()) return &chart.series.front();
  const std::string& axis = table.experiment.plots[prediction.plot].series;
  for (const LabSeries& series : chart.series) {
    if (series.dots.empty()) continue;
    for (const AxisPlace& each : series.dots.front().place) {
      if (each.axis == axis && each.value == prediction.series) return &series;
    }
  }
  return nullptr;
}

std::string text_of_guess(const LabGuess& guess, const LabPrediction& prediction) {
  if (guess.skipped || !is_made(guess, prediction.kind)) return {};
  std::string text;
  switch (prediction.kind) {
    case Kind::choice:
      if (*guess.choice >= prediction.choices.size()) return {};
      text = tr("You predicted “{}”.", prediction.choices[*guess.choice].first);
      break;
    case Kind::number:
      text = tr("You predicted {}.", format_value(*guess.number));
      break;
    case Kind::curve:
      text = tr("You drew the dashed curve; only its shape counts.");
      break;
  }
  return guess.late ? tr("{} Some results were there before.", text) : text;
}

std::string answer_to(const LabGuess& guess, const LabPrediction& prediction,
                      const LabTable& table) {
  if (guess.skipped || !is_made(guess, prediction.kind)) return {};
  switch (prediction.kind) {
    case Kind::choice:
      if (*guess.choice >= prediction.choices.size()) return {};
      return answer_to_choice(*guess.choice, prediction, table);
    case Kind::number:
      return answer_to_number(*guess.number, prediction.answer, table);
    case Kind::curve:
      break;
  }
  return answer_to_curve(guess, prediction, table);
}

}  // namespace zscape
