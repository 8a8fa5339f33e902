#include "engine/data/table_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <functional>
#include <iterator>
#include <system_error>

#include "engine/text.h"

namespace zscape {

std::string in_small_letters(std::string_view text) {
  std::string small;
  for (const char c : text) {
    small += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return small;
}

void TableColumn::add_number(double number, std::int64_t row) {
  if (numbers == 0) first = number;
  counts_rows =
      counts_rows && number == first + static_cast<double>(row) && (first == 0 || first == 1);
  whole = whole && number == std::floor(number) && std::isfinite(number);
  in_bytes = in_bytes && whole && number >= 0 && number <= 255;
  ++numbers;
}

void TableColumn::add_text(std::string_view text) {
  constexpr std::size_t kMany = 65536;
  ++texts;
  if (different.size() < kMany) different.insert(std::hash<std::string_view>()(text));
}

bool TableColumn::names_rows() const {
  constexpr std::int64_t kFew = 20;  // of which nobody can tell
  return texts > kFew && 2 * std::ssize(different) > texts;
}

std::optional<int> side_of_pictures(std::size_t inputs) {
  const auto side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(inputs))));
  constexpr int kLeast = 8;
  if (side < kLeast || static_cast<std::size_t>(side) * static_cast<std::size_t>(side) != inputs) {
    return std::nullopt;
  }
  return side;
}

bool look_like_pixels(const ColumnTable& table, std::span<const std::size_t> inputs) {
  if (!side_of_pictures(inputs.size())) return false;
  return std::ranges::all_of(inputs, [&](std::size_t i) {
    const TableColumn& column = table.columns[i];
    const std::string name = in_small_letters(column.name);
    const bool has_name = name.starts_with("p") || name.find('x') != std::string::npos;
    return column.in_bytes && (!table.has_header || has_name);
  });
}

namespace {

constexpr std::array<std::string_view, 9> kLabelNames = {
    "label", "labels", "class", "target", "y", "species", "category", "variety", "digit"};

Expected<std::size_t> named_column(const ColumnTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name, &TableColumn::name);
  if (found != table.columns.end()) {
    return static_cast<std::size_t>(found - table.columns.begin());
  }
  std::size_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, problem] = std::from_chars(name.data(), end, number);
  if (problem == std::errc() && rest == end && number >= 1 && number <= table.columns.size()) {
    return number - 1;
  }
  constexpr std::size_t kShown = 20;
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns) {
    if (names.size() < kShown) names.push_back(column.name);
  }
  if (names.size() < table.columns.size()) names.emplace_back("…");
  return fail(
      tr("'{}' has no column '{}'; its columns: {}", table.path, name, fmt::join(names, ", ")));
}

std::optional<std::size_t> find_labels(const ColumnTable& table, ColumnChoice& choice) {
  for (const std::string_view name : kLabelNames) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const TableColumn& column = table.columns[i];
      if (in_small_letters(column.name) != name) continue;
      if (!column.is_numeric() || column.whole) {
        choice.assumed.push_back(tr("the column {} holds the labels", column.name));
        return i;
      }
      choice.assumed.push_back(tr("the column {} is an input, as it holds fractions", column.name));
    }
  }
  std::vector<std::size_t> texts;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (!column.is_numeric() && !column.names_rows()) texts.push_back(i);
  }
  if (texts.size() == 1) {
    choice.assumed.push_back(tr("the column {} holds the labels, as the only one of text",
                                table.columns[texts.front()].name));
    return texts.front();
  }
  // Digits as Kaggle has them: the label first.
  std::vector<std::size_t> rest;
  for (std::size_t i = 1; i < table.columns.size(); ++i) rest.push_back(i);
  const TableColumn& first = table.columns.front();
  if (!table.has_header && texts.empty() && first.in_bytes && look_like_pixels(table, rest)) {
    choice.assumed.push_back(tr("the first column holds the labels"));
    return 0;
  }
  return std::nullopt;
}

}  // namespace

Expected<ColumnChoice> choose_labels(const ColumnTable& table, const std::string& label_column) {
  ColumnChoice choice;
  if (!label_column.empty()) {
    const auto named = named_column(table, label_column);
    if (!named) return tl::unexpected(named.error());
    choice.labels = *named;
  } else {
    choice.labels = find_labels(table, choice);
  }
  return choice;
}

Expected<ColumnChoice> choose_columns(const ColumnTable& table, const std::string& label_column) {
  auto chosen = choose_labels(table, label_column);
  if (!chosen) return chosen;
  ColumnChoice& choice = *chosen;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (choice.labels == i) continue;
    const TableColumn& column = table.columns[i];
    const std::string name = in_small_letters(column.name);
    const bool is_index =
        table.has_header && column.counts_rows &&
        (name.empty() || name == "#" || name == "id" || name == "index" || name == "unnamed: 0");
    if (!column.is_numeric()) {
      choice.metadata.push_back(i);
    } else if (is_index) {
      choice.left_out.push_back(column.name.empty()
                                    ? tr("the column without a name: it counts the rows")
                                    : tr("the column {}: it counts the rows", column.name));
    } else {
      choice.inputs.push_back(i);
    }
  }
  if (choice.inputs.empty()) {
    return fail(tr("'{}' has no column of numbers that may be inputs", table.path));
  }
  return chosen;
}

}  // namespace zscape
