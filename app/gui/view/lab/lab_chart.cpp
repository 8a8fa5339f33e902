#include "app/gui/view/lab/lab_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "app/gui/view/frame/format.h"
#include "engine/lab/column_words.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::string_view kCurve = "curve:";
constexpr double kNone = LabDot::kNone;

const std::string* value_on(const LabPlace& place, std::string_view axis) {
  const auto found = std::ranges::find(place, axis, &AxisPlace::axis);
  return found == place.end() ? nullptr : &found->value;
}

// The chosen values of an axis, by their labels.
std::vector<const AxisValue*> chosen_of(const LabAxis& axis) {
  std::vector<const AxisValue*> values;
  for (const std::size_t i : axis.chosen) values.push_back(&axis.values[i]);
  return values;
}

std::string title_of(const LabAxis& axis) {
  return axis.label.empty() ? axis.name : axis.label;
}

// The name of a series: the values of all axes but that of x.
std::string name_without(const LabPlace& place, std::string_view x, std::string_view first) {
  std::vector<std::string> parts;
  for (const AxisPlace& each : place) {
    if (each.axis == x) continue;
    const std::string part = tr("{} {}", each.axis, each.value);
    if (each.axis == first) {
      parts.insert(parts.begin(), part);
    } else {
      parts.push_back(part);
    }
  }
  return fmt::to_string(fmt::join(parts, ", "));
}

LabSeries& series_named(LabChart& chart, const std::string& name) {
  const auto found = std::ranges::find(chart.series, name, &LabSeries::name);
  if (found != chart.series.end()) return *found;
  return chart.series.emplace_back(LabSeries{name, {}});
}

// Where the values of an axis lie: at their numbers if all have one, else side by side.
struct XAxis {
  std::vector<std::pair<std::string, double>> places;
  bool are_numbers = false, is_log = false;

  std::optional<double> of(const std::string& value) const {
    const auto found = std::ranges::find(places, value, &std::pair<std::string, double>::first);
    if (found == places.end()) return std::nullopt;
    return found->second;
  }
};

XAxis places_of(const LabAxis& axis, bool log) {
  const auto values = chosen_of(axis);
  const bool are_numbers =
      std::ranges::all_of(values, [](const AxisValue* each) { return each->number.has_value(); });
  XAxis result;
  result.are_numbers = are_numbers;
  result.is_log = log && are_numbers &&
                  std::ranges::all_of(values, [](const AxisValue* e) { return *e->number > 0; });
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double at = !are_numbers    ? static_cast<double>(i)
                      : result.is_log ? std::log10(*values[i]->number)
                                      : *values[i]->number;
    result.places.emplace_back(values[i]->label, at);
  }
  return result;
}

LabSpan with_room(double low, double high, double part) {
  if (!(low <= high)) return {0, 1};
  const double room = high > low ? part * (high - low) : std::max(1e-6, 0.05 * std::abs(high));
  return {low - room, high + room};
}

struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

// The ends of a bar on an axis; on a logarithmic one, where they are above 0.
void set_bar(double mean, double error, bool log, double& low, double& high) {
  low = high = kNone;
  if (!std::isfinite(error)) return;
  low = mean - error;
  high = mean + error;
  if (!log) return;
  low = low > 0 ? std::log10(low) : std::log10(mean) - 1;
  high = std::log10(high);
}

// Turns the numbers of all dots into places, now that it is known whether logarithms can be taken.
void place_dots(LabChart& chart) {
  const auto all_above_0 = [&chart](double LabDot::*value) {
    return std::ranges::all_of(chart.series, [value](const LabSeries& series) {
      return std::ranges::all_of(series.dots,
                                 [value](const LabDot& dot) { return dot.*value > 0; });
    });
  };
  chart.log_y = chart.log_y && all_above_0(&LabDot::y_value);
  if (chart.x_is_figure) chart.log_x = chart.log_x && all_above_0(&LabDot::x_value);
  Extent x, y;
  for (LabSeries& series : chart.series) {
    for (LabDot& dot : series.dots) {
      dot.y = chart.log_y ? std::log10(dot.y_value) : dot.y_value;
      set_bar(dot.y_value, dot.y_error, chart.log_y, dot.y_low, dot.y_high);
      if (chart.x_is_figure) {
        dot.x = chart.log_x ? std::log10(dot.x_value) : dot.x_value;
        set_bar(dot.x_value, dot.x_error, chart.log_x, dot.x_low, dot.x_high);
      }
      for (const double value : {dot.y, dot.y_low, dot.y_high}) y.add(value);
      for (const double value : {dot.x, dot.x_low, dot.x_high}) x.add(value);
    }
    if (!chart.x_is_figure) std::ranges::stable_sort(series.dots, {}, &LabDot::x);
  }
  for (const LabTick& tick : chart.x_ticks) x.add(tick.at);
  chart.x = with_room(x.low, x.high, 0.05);
  chart.y = with_room(y.low, y.high, 0.08);
}

LabDot dot_of(const LabTable& table, const LabRow& row) {
  LabDot dot;
  dot.place = row.place;
  dot.failed = row.failed;
  dot.missing = row.missing;
  for (const std::size_t run : row.runs) {
    if (table.runs[run].result) dot.runs.push_back(run);
  }
  return dot;
}

std::optional<std::size_t> column_index(const std::vector<std::string>& columns,
                                        std::string_view column) {
  const auto found = std::ranges::find(columns, column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

// A figure over an axis or over another figure.
void add_rows(LabChart& chart, const LabTable& table, const LabPlot& plot, const XAxis* x_axis) {
  const auto columns = columns_of(table);
  const auto y = column_index(columns, plot.y);
  const auto x = x_axis ? std::nullopt : column_index(columns, plot.x);
  if (!y || (!x_axis && !x)) return;
  const std::size_t x_column = x.value_or(0);
  for (const LabRow& row : rows_of(table)) {
    const LabMean& mean = row.means[*y];
    if (!std::isfinite(mean.mean)) continue;
    LabDot dot = dot_of(table, row);
    dot.y_value = mean.mean;
    dot.y_error = mean.standard_error;
    dot.seeds = mean.seeds;
    if (x_axis) {
      const std::string* value = value_on(row.place, plot.x);
      const auto at = value ? x_axis->of(*value) : std::nullopt;
      if (!at) continue;
      dot.x = dot.x_value = *at;
    } else {
      dot.x_value = row.means[x_column].mean;
      dot.x_error = row.means[x_column].standard_error;
      if (!std::isfinite(dot.x_value)) continue;
    }
    // Where a figure lies over a figure, only the axis that is asked for tells series apart.
    std::string name;
    if (x_axis) {
      name = name_without(row.place, plot.x, plot.series);
    } else if (const std::string* value = value_on(row.place, plot.series)) {
      name = tr("{} {}", plot.series, *value);
    }
    series_named(chart, name).dots.push_back(std::move(dot));
  }
}

// A curve of each run, a series for each place.
void add_curves(LabChart& chart, const LabTable& table, const LabPlot& plot) {
  for (const LabRow& row : rows_of(table)) {
    for (const LabCurvePoint& point : curve_at(table, row.place, plot.y)) {
      if (!std::isfinite(point.y.mean) || (chart.log_x && !(point.x > 0))) continue;
      LabDot dot = dot_of(table, row);
      dot.x_value = point.x;
      dot.x = chart.log_x ? std::log10(point.x) : point.x;
      dot.y_value = point.y.mean;
      dot.y_error = point.y.standard_error;
      dot.seeds = point.y.seeds;
      series_named(chart, name_without(row.place, "", plot.series)).dots.push_back(std::move(dot));
    }
  }
}

// "0.0123 ± 0.0004 (5 seeds)".
std::string number_text(double value, double error, int seeds) {
  const std::string number =
      format_with_error(value, std::isfinite(error) ? std::optional(error) : std::nullopt);
  return seeds == 1 ? tr("{} (one seed)", number) : tr("{} ({} seeds)", number, seeds);
}

}  // namespace

bool LabChart::is_empty() const {
  return std::ranges::all_of(series, [](const LabSeries& each) { return each.dots.empty(); });
}

std::string label_of_column(std::string_view column) {
  const ColumnWords words = words_of(column);
  return words.unit.empty() ? words.label : tr("{}, {}", words.label, words.unit);
}

LabChart chart_of(const LabTable& table, const LabPlot& plot) {
  LabChart chart;
  chart.title = plot.title;
  chart.y_label = label_of_column(plot.y);
  chart.log_x = plot.log_x;
  chart.log_y = plot.log_y;
  const LabAxis* axis = table.experiment.axis(plot.x);
  if (axis != nullptr) {
    const XAxis places = places_of(*axis, plot.log_x);
    chart.log_x = places.is_log;
    chart.joined = places.are_numbers;
    chart.x_label = title_of(*axis);
    for (const auto& [label, at] : places.places) chart.x_ticks.push_back({at, label});
    add_rows(chart, table, plot, &places);
  } else if (plot.y.starts_with(kCurve)) {
    chart.x_label = label_of_column(plot.x);
    add_curves(chart, table, plot);
  } else {
    chart.x_label = label_of_column(plot.x);
    chart.joined = false;
    chart.x_is_figure = true;
    add_rows(chart, table, plot, nullptr);
  }
  place_dots(chart);
  return chart;
}

LabChart map_of(const LabTable& table, const std::string& x, const std::string& y) {
  const std::vector<LabAxis>& axes = table.experiment.axes;
  const LabPlot plot{"", x, y, axes.empty() ? std::string() : axes.front().name, false, false};
  LabChart chart;
  chart.x_label = label_of_column(x);
  chart.y_label = label_of_column(y);
  chart.joined = false;
  chart.x_is_figure = true;
  add_rows(chart, table, plot, nullptr);
  place_dots(chart);
  return chart;
}

LabPair first_pair(std::span<const std::string> columns) {
  if (columns.empty()) return {};
  const auto has = [columns](std::string_view name) {
    return std::ranges::find(columns, name) != columns.end();
  };
  constexpr std::array<std::pair<const char*, const char*>, 3> kPlanes = {
      {{"kl", "reconstruction"}, {"test_kl", "test_reconstruction"}, {"rate", "distortion"}}};
  for (const auto& [rate, distortion] : kPlanes) {
    if (has(rate) && has(distortion)) return {rate, distortion};
  }
  return {columns.front(), columns[columns.size() > 1 ? 1 : 0]};
}

const LabDot* dot_at(const LabChart& chart, const std::optional<LabHit>& hit) {
  if (!hit || hit->series >= chart.series.size()) return nullptr;
  const LabSeries& series = chart.series[hit->series];
  return hit->dot < series.dots.size() ? &series.dots[hit->dot] : nullptr;
}

std::string text_of_dot(const LabChart& chart, const LabDot& dot) {
  std::string text = place_text(dot.place);
  if (chart.x_is_figure) {
    text += tr("\n{}: {}", chart.x_label, number_text(dot.x_value, dot.x_error, dot.seeds));
  }
  text += tr("\n{}: {}", chart.y_label, number_text(dot.y_value, dot.y_error, dot.seeds));
  if (dot.failed > 0) text += tr("\nFailed runs: {}", dot.failed);
  if (dot.missing > 0) text += tr("\nRuns to come: {}", dot.missing);
  return text;
}

}  // namespace zscape
