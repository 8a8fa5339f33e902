#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/lab/results.h"

namespace zscape {

// A plot of an experiment with its measured points, for people and for gnuplot.

// A mean over seeds at one place; NaN where there is none.
struct FigurePoint {
  double x = std::numeric_limits<double>::quiet_NaN();
  double y = std::numeric_limits<double>::quiet_NaN();
  double x_error = std::numeric_limits<double>::quiet_NaN();  // standard errors
  double y_error = std::numeric_limits<double>::quiet_NaN();
  int seeds = 0;
  std::string label;  // where it is on the axes that make neither x nor the series
};

struct FigureSeries {
  std::string label;                // "depth 2"; empty: the only one
  std::vector<FigurePoint> points;  // in the order of the lines between them
};

struct ReportFigure {
  std::string title, x_label, y_label;
  std::string series_label;  // of the axis that tells series apart; empty: none, or several do
  std::string point_label;   // likewise of points that have a name
  bool log_x = false, log_y = false;
  bool are_points_named = false;  // x is a figure
  bool is_curve = false;          // x counts what a curve goes over
  bool are_names = false;         // x has names, not numbers: no line leads from one to the next
  std::vector<std::pair<double, std::string>> tics;  // of x; empty: gnuplot's own
  std::vector<FigureSeries> series;

  bool is_drawable() const;  // whether there is a point to draw
  int left_out() const;      // points that a logarithmic axis cannot show
};

ReportFigure report_figure(const LabTable& table, const LabPlot& plot);

// The points of a figure: a line of names, then one a point.
std::string figure_csv(const ReportFigure& figure);

// A script of gnuplot that draws NAME.csv into NAME.svg, or prints the SVG where `to_stdout` is
// defined, or draws NAME.pdf where `paper` is. name: of a file, and the program's own.
std::string figure_script(const ReportFigure& figure, const std::string& name);

}  // namespace zscape
