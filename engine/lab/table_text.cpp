#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/lab/results.h"
#include "engine/text.h"

namespace zscape {
namespace {

std::string cell_text(const LabMean& mean) {
  if (mean.seeds == 0) return "-";
  if (!std::isfinite(mean.standard_error)) return fmt::format("{:.5g}", mean.mean);
  return fmt::format("{:.5g} ± {:.1g}", mean.mean, mean.standard_error);
}

// Letters on the screen, not bytes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char letter) { return (static_cast<unsigned char>(letter) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string table_text(const LabTable& table) {
  std::vector<std::vector<std::string>> lines(1);
  for (const LabAxis& axis : table.experiment.axes) lines[0].push_back(axis.name);
  for (const std::string& column : columns_of(table)) lines[0].push_back(column);
  lines[0].push_back(tr("seeds"));
  const std::size_t axes = table.experiment.axes.size();
  for (const LabRow& row : rows_of(table)) {
    std::vector<std::string> line;
    for (const AxisPlace& place : row.place) line.push_back(place.value);
    for (const LabMean& mean : row.means) line.push_back(cell_text(mean));
    const int there = static_cast<int>(row.runs.size()) - row.failed - row.missing;
    std::string seeds = fmt::format("{}", there);
    if (row.failed > 0) seeds = tr("{}, {} failed", seeds, row.failed);
    if (row.missing > 0) seeds = tr("{}, {} missing", seeds, row.missing);
    line.push_back(std::move(seeds));
    lines.push_back(std::move(line));
  }
  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string padding(widths[i] - width_of(line[i]), ' ');
      if (i > 0) row += "  ";
      row += i < axes || i + 1 == line.size() ? line[i] + padding : padding + line[i];
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

}  // namespace zscape
