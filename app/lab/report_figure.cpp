#include "app/lab/report_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

#include "app/lab/gnuplot.h"
#include "engine/csv.h"
#include "engine/lab/column_words.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostTics = 12;
constexpr std::size_t kMostLetters = 45;  // of a label
constexpr std::size_t kPlotHeight = 370;  // with the words of the axes, without the key

// What each script begins with. Bars erase what lies below their points unless the box of points is
// as good as none; 0 would mean 1.
constexpr const char* kHead =
    "# Draws {0}.svg from {0}.csv:  gnuplot {0}.gp\n"                          // not for people
    "# {0}.pdf, for a paper:        gnuplot -e paper=1 {0}.gp\n"               // not for people
    "set encoding utf8\n"                                                      // not for people
    "if (exists('paper')) {{\n"                                                // not for people
    "  set terminal pdfcairo noenhanced size {1}cm,{2:.1f}cm font 'sans,9'\n"  // not for people
    "  set output '{0}.pdf'\n"                                                 // not for people
    "}} else {{\n"                                                             // not for people
    "  set terminal svg noenhanced size 560,{3} font 'Inter,sans-serif,15'\n"  // not for people
    "  if (!exists('to_stdout')) {{ set output '{0}.svg' }}\n"                 // not for people
    "}}\n"                                                                     // not for people
    "set datafile separator comma\n"                                           // not for people
    "set border 3\n"                                                           // not for people
    "set pointintervalbox 0.001\n"                                             // not for people
    "set tics nomirror\n"                                                      // not for people
    "set grid linecolor rgb '#c8ccd0'\n"                                       // not for people
    "set format '%g'\n"                                                        // not for people
    "set key outside bottom center horizontal maxcols {4}\n"                   // not for people
    "set xrange [{5:.6g}:{6:.6g}]\n"                                           // not for people
    "set yrange [{7:.6g}:{8:.6g}]\n";                                          // not for people
constexpr const char* kXLabel = "set xlabel {}\n";                             // not for people
constexpr const char* kYLabel = "set ylabel {}\n";                             // not for people
constexpr const char* kKeyTitle = "set key title {} left\n";                   // not for people
constexpr const char* kTics = "set xtics ({})\n";                              // not for people
constexpr const char* kPart =
    "'{}.csv' skip 1 using ($1 == {} ? $2 + {:.2f} : NaN):{} {}";  // not for people
constexpr const char* kYBars =
    "with yerrorbars pointsize 0 linecolor rgb '{}' notitle";  // not for people
constexpr const char* kXBars =
    "with xerrorbars pointsize 0 linecolor rgb '{}' notitle";  // not for people
constexpr const char* kPoints =
    "with {} linewidth 1.5 pointtype {} pointsize {} linecolor rgb '{}' {}";  // not for people

template <class... Values>
std::string format(const char* line, const Values&... values) {
  return fmt::format(fmt::runtime(line), values...);
}

// Told apart by shape too, where paper has no colours; each is clear on white and, inverted with
// its hue kept, on black.
constexpr std::array<const char*, 8> kColours = {"#1f6fb4", "#c8500a", "#22875a", "#9b4fb0",
                                                 "#b02a3a", "#6b6b00", "#00798c", "#5a5f66"};
constexpr std::array<int, 8> kShapes = {7, 5, 9, 13, 11, 6, 4, 8};

bool shows(const ReportFigure& figure, const FigurePoint& point) {
  return std::isfinite(point.x) && std::isfinite(point.y) && !(figure.log_x && point.x <= 0) &&
         !(figure.log_y && point.y <= 0);
}

const std::string& value_at(const LabPlace& place, std::string_view axis) {
  static const std::string none;
  for (const AxisPlace& one : place) {
    if (one.axis == axis) return one.value;
  }
  return none;
}

const AxisValue* value_of(const LabAxis& axis, std::string_view label) {
  for (const AxisValue& value : axis.values) {
    if (value.label == label) return &value;
  }
  return nullptr;
}

std::string words_at(const LabPlace& place, const std::vector<const LabAxis*>& axes) {
  std::string words;
  for (const LabAxis* axis : axes) {
    if (!words.empty()) words += ", ";
    const std::string& value = value_at(place, axis->name);
    // One axis is named above the values.
    words += axes.size() == 1 ? value : fmt::format("{} {}", axis->label, value);
  }
  return words;
}

std::string axis_title(const std::string& column) {
  const ColumnWords words = words_of(column);
  return words.unit.empty() ? words.label : fmt::format("{} ({})", words.label, words.unit);
}

// What the points of a curve count, such as epochs.
std::string curve_over(const LabTable& table, const LabPlot& plot) {
  for (const LabResult& result : table.results) {
    if (const LabCurve* curve = result.curve(plot.y)) return curve->over;
  }
  return plot.x;
}

void place_on_axis(ReportFigure& figure, const LabAxis& axis) {
  bool are_numbers = true, are_positive = true;
  for (const std::size_t i : axis.chosen) {
    are_numbers = are_numbers && axis.values[i].number.has_value();
    are_positive = are_positive && axis.values[i].number.value_or(0) > 0;
  }
  figure.x_label = axis.label;
  figure.log_x = figure.log_x && are_numbers && are_positive;
  if (are_numbers && !(figure.log_x && axis.chosen.size() <= kMostTics)) return;
  for (std::size_t i = 0; i < axis.chosen.size(); ++i) {
    const AxisValue& value = axis.values[axis.chosen[i]];
    figure.tics.emplace_back(are_numbers ? *value.number : static_cast<double>(i + 1), value.label);
  }
  figure.are_names = !are_numbers;
}

double place_of(const ReportFigure& figure, const LabAxis& axis, const std::string& label) {
  for (const auto& [x, tic] : figure.tics) {
    if (tic == label) return x;
  }
  const AxisValue* value = value_of(axis, label);
  return value != nullptr ? value->number.value_or(std::nan("")) : std::nan("");
}

FigureSeries& series_named(ReportFigure& figure, const std::string& label) {
  for (FigureSeries& series : figure.series) {
    if (series.label == label) return series;
  }
  return figure.series.emplace_back(FigureSeries{.label = label, .points = {}});
}

std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

std::string label_of(const std::vector<const LabAxis*>& axes) {
  return axes.size() == 1 ? axes[0]->label : std::string();
}

// The beginning of a long text: a key or axis that does not fit would not be drawn at all. The CSV
// holds all of it.
std::string shortened(const std::string& text, std::size_t longest) {
  std::size_t letters = 0;
  for (std::size_t byte = 0; byte < text.size(); ++byte) {
    if ((static_cast<unsigned char>(text[byte]) & 0xC0) == 0x80) continue;  // goes on
    if (++letters > longest) return text.substr(0, byte) + "…";
  }
  return text;
}

std::string label_text(const std::string& text, std::size_t longest = kMostLetters) {
  return gnuplot_text(shortened(text, longest));
}

// A range of an axis that leaves some room around the points; a share of it for each place.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  bool is_log = false;

  void take(double value) {
    if (!std::isfinite(value) || (is_log && value <= 0)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double place(double value) const { return is_log ? std::log10(value) : value; }
  double share(double value) const {
    return (place(value) - place(low)) / (place(high) - place(low));
  }
  void widen() {
    const double from = place(low), to = place(high);
    const double room = to > from ? 0.05 * (to - from)
                        : is_log  ? 0.5
                                  : std::max(1e-6, std::abs(to) / 10);
    low = is_log ? std::pow(10, from - room) : from - room;
    high = is_log ? std::pow(10, to + room) : to + room;
  }
};

struct Ranges {
  Range x, y;
};

Ranges ranges_of(const ReportFigure& figure) {
  Ranges ranges;
  ranges.x.is_log = figure.log_x;
  ranges.y.is_log = figure.log_y;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!shows(figure, point)) continue;
      for (const double sign : {-1.0, 0.0, 1.0}) {
        ranges.x.take(sign == 0 ? point.x : point.x + sign * point.x_error);
        ranges.y.take(sign == 0 ? point.y : point.y + sign * point.y_error);
      }
    }
  }
  // Names stand half a step from the edges, so that series beside each other have room.
  if (figure.are_names) {
    ranges.x.take(0.5);
    ranges.x.take(static_cast<double>(figure.tics.size()) + 0.5);
  } else {
    ranges.x.widen();
  }
  ranges.y.widen();
  return ranges;
}

// Labels of points, those that would lie on another one left out.
std::string point_labels(const ReportFigure& figure, const Ranges& ranges) {
  std::string script;
  std::vector<std::pair<double, double>> taken;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (point.label.empty() || !shows(figure, point)) continue;
      const std::pair place(ranges.x.share(point.x), ranges.y.share(point.y));
      if (std::ranges::any_of(taken, [&](const auto& other) {
            return std::abs(place.first - other.first) < 0.1 &&
                   std::abs(place.second - other.second) < 0.1;
          })) {
        continue;
      }
      taken.push_back(place);
      script += fmt::format("set label {} at {}, {} offset 0.7, 0.6\n",  // not for people
                            label_text(point.label, kMostLetters / 3), point.x, point.y);
    }
  }
  return script;
}

// Numbers along a logarithmic axis that is too short for powers of ten alone.
std::string log_tics(char axis, const Range& range) {
  if (!range.is_log || std::log10(range.high / range.low) > 2.5) return {};
  std::vector<std::string> tics;
  for (int power = static_cast<int>(std::floor(std::log10(range.low)));
       std::pow(10, power) <= range.high; ++power) {
    for (const int digit : {1, 2, 5}) {
      const double tic = digit * std::pow(10, power);
      if (tic >= range.low && tic <= range.high) tics.push_back(fmt::format("{:g}", tic));
    }
  }
  return fmt::format("set {}tics ({})\n", axis, fmt::join(tics, ", "));  // not for people
}

// The key below the plot: how many columns of it fit, and how much higher that makes the picture.
struct KeySize {
  std::size_t columns = 1;
  std::size_t pixels = 0;
};

KeySize key_size(const ReportFigure& figure) {
  constexpr std::size_t kWidth = 520, kLetter = 9, kSample = 70, kLine = 22;
  std::size_t longest = 0;
  for (const FigureSeries& series : figure.series) {
    longest = std::max(longest, std::min(series.label.size(), kMostLetters));
  }
  KeySize key;
  key.columns = std::clamp<std::size_t>(kWidth / (longest * kLetter + kSample), 1, 6);
  const std::size_t lines = (figure.series.size() + key.columns - 1) / key.columns;
  key.pixels = longest > 0 ? kLine * (lines + (figure.series_label.empty() ? 0 : 1)) : 0;
  return key;
}

std::string colour(std::size_t series) {
  return kColours[series % kColours.size()];
}

}  // namespace

bool ReportFigure::is_drawable() const {
  return std::ranges::any_of(series, [&](const FigureSeries& one) {
    return std::ranges::any_of(one.points,
                               [&](const FigurePoint& point) { return shows(*this, point); });
  });
}

int ReportFigure::left_out() const {
  int count = 0;
  for (const FigureSeries& one : series) {
    for (const FigurePoint& point : one.points) {
      count += std::isfinite(point.x) && std::isfinite(point.y) && !shows(*this, point) ? 1 : 0;
    }
  }
  return count;
}

ReportFigure report_figure(const LabTable& table, const LabPlot& plot) {
  const Experiment& experiment = table.experiment;
  const std::vector<std::string> columns = columns_of(table);
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(columns, name) - columns.begin());
  };
  const bool is_curve = plot.y.starts_with("curve:");
  const LabAxis* x_axis = is_curve ? nullptr : experiment.axis(plot.x);

  ReportFigure figure;
  figure.title = plot.title;
  figure.log_x = plot.log_x;
  figure.log_y = plot.log_y;
  figure.is_curve = is_curve;
  figure.are_points_named = x_axis == nullptr && !figure.is_curve;
  figure.y_label = axis_title(plot.y);
  if (x_axis != nullptr) {
    place_on_axis(figure, *x_axis);
  } else {
    figure.x_label = figure.is_curve ? curve_over(table, plot) : axis_title(plot.x);
  }

  // A line each for all values of the series axis, and of every axis that is neither x nor that,
  // unless the points of a line have names: then these axes run along the line.
  std::vector<const LabAxis*> of_series, of_points;
  for (const LabAxis& axis : experiment.axes) {
    if (&axis == x_axis || axis.chosen.size() < 2) continue;
    const bool is_series = axis.name == plot.series || !figure.are_points_named;
    (is_series ? of_series : of_points).push_back(&axis);
  }

  figure.series_label = label_of(of_series);
  figure.point_label = label_of(of_points);

  for (const LabRow& row : rows_of(table)) {
    FigureSeries& series = series_named(figure, words_at(row.place, of_series));
    if (figure.is_curve) {
      for (const LabCurvePoint& point : curve_at(table, row.place, plot.y)) {
        series.points.push_back({.x = point.x,
                                 .y = point.y.mean,
                                 .y_error = point.y.standard_error,
                                 .seeds = point.y.seeds,
                                 .label = {}});
      }
      continue;
    }
    FigurePoint point;
    point.label = words_at(row.place, of_points);
    if (const std::size_t y = column(plot.y); y < row.means.size()) {
      point.y = row.means[y].mean;
      point.y_error = row.means[y].standard_error;
      point.seeds = row.means[y].seeds;
    }
    if (x_axis != nullptr) {
      const std::string& value = value_at(row.place, x_axis->name);
      point.x = place_of(figure, *x_axis, value);
      point.label = value;
    } else if (const std::size_t x = column(plot.x); x < row.means.size()) {
      point.x = row.means[x].mean;
      point.x_error = row.means[x].standard_error;
    }
    series.points.push_back(std::move(point));
  }
  if (x_axis != nullptr) {
    for (FigureSeries& series : figure.series) {
      std::ranges::stable_sort(series.points, {}, &FigurePoint::x);
    }
  }
  return figure;
}

std::string figure_csv(const ReportFigure& figure) {
  std::string csv = "series_number,x,y,x_standard_error,y_standard_error,seeds,point,series\n";
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    for (const FigurePoint& point : figure.series[i].points) {
      csv += fmt::format("{},{},{},{},{},{},{},{}\n", i, number(point.x), number(point.y),
                         number(point.x_error), number(point.y_error), point.seeds,
                         csv_field(point.label), csv_field(figure.series[i].label));
    }
  }
  return csv;
}

std::string figure_script(const ReportFigure& figure, const std::string& name) {
  const Ranges ranges = ranges_of(figure);
  const KeySize key = key_size(figure);
  // Texts of the experiment stand in single quotes here and nowhere else, not in a comment either.
  std::string script =
      format(kHead, name, 12, 0.021 * static_cast<double>(kPlotHeight + key.pixels),
             kPlotHeight + key.pixels, key.columns, ranges.x.low, ranges.x.high, ranges.y.low,
             ranges.y.high);
  script += format(kXLabel, label_text(figure.x_label));
  script += format(kYLabel, label_text(figure.y_label, kMostLetters * 2 / 3));
  if (!figure.series_label.empty()) script += format(kKeyTitle, label_text(figure.series_label));
  if (figure.log_x) script += "set logscale x\n";  // not for people
  if (figure.log_y) script += "set logscale y\n";  // not for people
  if (figure.tics.empty()) script += log_tics('x', ranges.x);
  script += log_tics('y', ranges.y);
  if (!figure.tics.empty()) {
    const std::size_t most = std::max<std::size_t>(4, kMostLetters / figure.tics.size());
    std::vector<std::string> tics;
    for (const auto& [x, label] : figure.tics) {
      tics.push_back(fmt::format("{} {}", gnuplot_tic_text(shortened(label, most)), x));
    }
    script += format(kTics, fmt::format("{}", fmt::join(tics, ", ")));
  }
  if (figure.are_points_named) script += point_labels(figure, ranges);

  // Bars first: the points lie over them.
  std::vector<std::string> parts;
  const auto part = [&](std::size_t series, std::string_view using_columns,
                        const std::string& style) {
    // Over a name, series stand side by side.
    const double shift = figure.are_names
                             ? 0.08 * (static_cast<double>(series) -
                                       static_cast<double>(figure.series.size() - 1) / 2)
                             : 0;
    parts.push_back(format(kPart, name, series, shift, using_columns, style));
  };
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    part(i, "3:5", format(kYBars, colour(i)));
    if (figure.are_points_named) part(i, "3:4", format(kXBars, colour(i)));
  }
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const std::string& label = figure.series[i].label;
    part(i, "3",
         format(kPoints, figure.are_names ? "points" : "linespoints", kShapes[i % kShapes.size()],
                figure.is_curve ? 0.5 : 0.9, colour(i),
                label.empty() ? "notitle" : "title " + label_text(label)));
  }
  script += fmt::format("plot {}\n", fmt::join(parts, ", \\\n  "));
  return script;
}

}  // namespace zscape
