#include "app/lab/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <span>
#include <system_error>

#include "app/lab/gnuplot.h"
#include "app/lab/report_figure.h"
#include "app/lab/report_page.h"
#include "app/lab/run_times.h"
#include "engine/csv.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

Expected<void> write(const fs::path& path, const std::string& text) {
  return write_file_atomically(path.string(), std::as_bytes(std::span(text)));
}

// Every run with its figures, for other programs.
std::string runs_csv(const LabTable& table) {
  const std::vector<std::string> columns = columns_of(table);
  std::string csv;
  for (const LabAxis& axis : table.experiment.axes) csv += csv_field(axis.name) + ',';
  csv += "seed";
  for (const std::string& column : columns) csv += ',' + csv_field(column);
  csv += ",error\n";
  for (const LabTableRun& run : table.runs) {
    for (const AxisPlace& place : run.axes) csv += csv_field(place.value) + ',';
    csv += fmt::format("{}", run.seed);
    const LabResult* result = run.result ? &table.results[*run.result] : nullptr;
    for (const std::string& column : columns) {
      csv += ',';
      const auto value = result != nullptr ? result->figure(column) : std::nullopt;
      if (value) csv += fmt::format("{}", *value);
    }
    csv += ',' + (result != nullptr ? csv_field(result->error) : std::string()) + '\n';
  }
  return csv;
}

// What an earlier report left and this one has not written.
void remove_others(const fs::path& folder, const std::vector<std::string>& kept) {
  static const std::regex ours(R"(figure-\d+\.(gp|csv|svg))");
  std::error_code problem;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, problem)) {
    const std::string path = entry.path().string();
    if (!std::regex_match(entry.path().filename().string(), ours)) continue;
    if (std::ranges::find(kept, path) == kept.end()) fs::remove(entry.path(), problem);
  }
}

}  // namespace

Expected<ReportFiles> write_report(const LabTable& table, const std::string& folder) {
  const fs::path place = fs::path(folder) / "report";
  std::error_code problem;
  fs::create_directories(place, problem);
  if (problem) return fail(tr("'{}' cannot be made: {}", place.string(), problem.message()));

  ReportFiles files;
  const auto put = [&](const std::string& name, const std::string& text) -> Expected<void> {
    const std::string path = (place / name).string();
    files.others.push_back(path);
    return write(path, text);
  };

  const std::string gnuplot = find_gnuplot();
  if (gnuplot.empty() && !table.experiment.plots.empty()) {
    files.note =
        tr("There are no figures, since gnuplot is not installed: ./dev with gnuplot, or the "
           "package gnuplot-nox. Then write the report again.");
  }
  std::vector<PageFigure> figures;
  for (const LabPlot& plot : table.experiment.plots) {
    const std::string name = fmt::format("figure-{}", figures.size() + 1);
    PageFigure& figure = figures.emplace_back(PageFigure{report_figure(table, plot), name, {}});
    if (!figure.plot.is_drawable()) continue;
    if (auto done = put(name + ".csv", figure_csv(figure.plot)); !done) {
      return tl::unexpected(done.error());
    }
    if (auto done = put(name + ".gp", figure_script(figure.plot, name)); !done) {
      return tl::unexpected(done.error());
    }
    if (gnuplot.empty()) continue;
    auto svg = run_gnuplot(gnuplot, place.string(), name + ".gp");
    if (!svg) {
      files.note = svg.error().message;
      continue;
    }
    if (auto done = put(name + ".svg", *svg); !done) return tl::unexpected(done.error());
    figure.svg = std::move(*svg);
  }
  if (auto done = put("runs.csv", runs_csv(table)); !done) return tl::unexpected(done.error());
  remove_others(place, files.others);

  files.page = (place / "report.html").string();
  const std::string page = report_page(table, figures, read_run_times(folder), files.note);
  if (auto done = write(files.page, page); !done) return tl::unexpected(done.error());
  return files;
}

}  // namespace zscape
