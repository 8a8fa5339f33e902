#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/results.h"

namespace zscape {

// What a plot of a lab shows, worked out of its table: dots with error bars, in series. Places are
// as they are drawn, so that a logarithmic axis has logarithms to base ten.

struct LabDot {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  double x = 0, y = 0;                      // means over the seeds
  double x_error = kNone, y_error = kNone;  // standard errors; NaN: fewer than two seeds
  double y_low = kNone, y_high = kNone;     // the ends of the bar, as drawn
  double x_low = kNone, x_high = kNone;
  double y_value = 0, x_value = 0;  // the means as numbers for people
  int seeds = 0;
  int failed = 0, missing = 0;    // runs that are not behind the mean
  LabPlace place;                 // a value of every axis
  std::vector<std::size_t> runs;  // in LabTable::runs, a seed each
};

struct LabSeries {
  std::string name;          // "depth 2"; empty: there is only one
  std::vector<LabDot> dots;  // from left to right, unless nothing joins them
};

struct LabTick {
  double at = 0;
  std::string label;
};

struct LabSpan {
  double low = 0, high = 1;
};

struct LabChart {
  std::string title, x_label, y_label;
  bool log_x = false, log_y = false;  // asked for, and every number is above 0
  bool x_is_figure = false;           // over another figure, not over an axis or an epoch
  bool joined = true;                 // a line through the dots of a series
  std::vector<LabTick> x_ticks;       // of the values of an axis; empty: round numbers
  LabSpan x, y;                       // what the axes show
  std::vector<LabSeries> series;

  bool is_empty() const;  // no dot yet
};

// A figure's name for people with its unit: "test loss", "rate, nats".
std::string label_of_column(std::string_view column);

// The plot as the experiment describes it. Without any result it has its axes and no dots.
LabChart chart_of(const LabTable& table, const LabPlot& plot);

// One figure over another, a dot for each place and a series for each value of the first axis.
LabChart map_of(const LabTable& table, const std::string& x, const std::string& y);

// The columns that a map begins with: KL and reconstruction where the lab has them.
struct LabPair {
  std::string x, y;
};
LabPair first_pair(std::span<const std::string> columns);

// The dot nearest to a place, by distances that `pixels` gives; nothing within `reach`.
struct LabHit {
  std::size_t series = 0, dot = 0;
};

const LabDot* dot_at(const LabChart& chart, const std::optional<LabHit>& hit);

// "latent 8, depth PCA\nmse 0.0123 ± 0.0004 (5 seeds)" and what is missing.
std::string text_of_dot(const LabChart& chart, const LabDot& dot);

}  // namespace zscape
