#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/gui/view/lab/lab_chart.h"
#include "engine/lab/claim.h"

namespace zscape {

// The places along a plot's x axis that hold a drawn curve.
inline constexpr std::size_t kGuessPlaces = 96;

// What a person predicts of an experiment.
struct LabGuess {
  std::optional<std::size_t> choice = {};  // of LabPrediction::choices
  std::optional<double> number = {};
  // In [0, 1] from the plot's bottom to its top, at even places along x; NaN: not drawn. Empty or
  // kGuessPlaces of them.
  std::vector<double> curve = {};
  bool kept = false;     // the person stands by it, or wants to see without: figures may be shown
  bool skipped = false;  // kept without a prediction
  bool late = false;     // some runs were there before it was made
};

// Whether it answers what is asked. A curve is drawn over two thirds of the axis at least.
bool is_made(const LabGuess& guess, LabPrediction::Kind kind);

// Adds a stroke of the pen from one place to another, both in [0, 1]² of the plot, y upward.
struct GuessPlace {
  double x = 0, y = 0;
};
void draw_stroke(LabGuess& guess, GuessPlace from, GuessPlace to);

// The drawn height at this place of the axis, in [0, 1]; nothing where nothing is drawn.
std::optional<double> height_at(const LabGuess& guess, double x);

// The curve as a measured series is to be compared with: its shape on that series' scale, since
// nobody knows the scale before. Places and values of `chart`, from left to right; empty: none, or
// there is nothing to compare it with.
std::vector<GuessPlace> curve_on(const LabGuess& guess, const LabChart& chart,
                                 const LabSeries* measured);

// The series of a chart that a prediction is about; null: it has none yet.
const LabSeries* predicted_series(const LabChart& chart, const LabTable& table,
                                  const LabPrediction& prediction);

// What the person said, in a sentence; empty: nothing.
std::string text_of_guess(const LabGuess& guess, const LabPrediction& prediction);

// What the figures say to it, in a sentence; empty: there is no prediction.
std::string answer_to(const LabGuess& guess, const LabPrediction& prediction,
                      const LabTable& table);

}  // namespace zscape
