#include "app/gui/view/latent/metadata_matches.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

// Capitals of ASCII alone: other letters are searched as they are typed.
std::string in_small_letters(std::string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return small;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// Inputs that have the text in a column, or, if it is a number, that number.
std::vector<std::uint8_t> rows_found(const Split& split, const std::string& search) {
  std::vector<std::uint8_t> found(static_cast<std::size_t>(split.count), 0);
  const std::string wanted = in_small_letters(search);
  double number = 0;
  const bool is_number = parse_number(search, number);
  const auto has = [&](const std::string& text) {
    return in_small_letters(text).find(wanted) != std::string::npos;
  };
  for (const MetadataColumn& column : split.metadata) {
    if (!column.is_text()) {
      for (std::size_t row = 0; is_number && row < found.size(); ++row) {
        if (column.numbers[row] == number) found[row] = 1;
      }
      continue;
    }
    std::vector<std::uint8_t> texts(column.texts->size());
    std::ranges::transform(*column.texts, texts.begin(),
                           [&](const std::string& text) { return has(text) ? 1 : 0; });
    for (std::size_t row = 0; row < found.size(); ++row) {
      const std::int32_t place = column.places[row];
      if (place >= 0 && texts[static_cast<std::size_t>(place)] != 0) found[row] = 1;
    }
  }
  for (std::size_t row = 0; row < split.files.size(); ++row) {
    if (has(split.files[row])) found[row] = 1;
  }
  return found;
}

std::int64_t count_of(const std::vector<std::uint8_t>& rows) {
  return std::ranges::count(rows, std::uint8_t{1});
}

}  // namespace

std::vector<std::uint8_t> rows_shown(const Split& split, const MetadataFilter& filter) {
  std::vector<std::uint8_t> shown;
  if (filter.column < 0 || filter.column >= std::ssize(split.metadata)) return shown;
  const MetadataColumn& column = split.metadata[static_cast<std::size_t>(filter.column)];
  shown.resize(static_cast<std::size_t>(split.count));
  const std::size_t missing = missing_entry(column);
  for (std::size_t row = 0; row < shown.size(); ++row) {
    if (column.is_text()) {
      const std::int32_t place = column.places[row];
      shown[row] = filter.hidden[place < 0 ? missing : text_entry(place)] ? 0 : 1;
    } else {
      const double number = column.numbers[row];
      shown[row] = number >= filter.low && number <= filter.high ? 1 : 0;
    }
  }
  return shown;
}

void follow_data(MetadataChoice& choice, const Dataset* data) {
  if (choice.data == data) return;
  choice = {};
  choice.data = data;
}

std::size_t text_entry(std::int32_t place) {
  return static_cast<std::size_t>(std::min(place, std::int32_t{kMaxLabels - 2}));
}

std::size_t missing_entry(const MetadataColumn& column) {
  const std::size_t texts = column.texts ? column.texts->size() : 0;
  return std::min(texts, std::size_t{kMaxLabels - 1});
}

std::string value_text(const MetadataColumn& column, std::int64_t row) {
  const auto i = static_cast<std::size_t>(row);
  if (column.is_text()) {
    const std::int32_t place = column.places[i];
    return place < 0 ? std::string() : (*column.texts)[static_cast<std::size_t>(place)];
  }
  const double number = column.numbers[i];
  if (std::isnan(number)) return {};
  constexpr double kWhole = 1e15;
  const bool is_whole = number == std::floor(number) && std::abs(number) < kWhole;
  return is_whole ? fmt::format("{}", static_cast<std::int64_t>(number)) : format_value(number, 6);
}

void MetadataMatches::update(const Points& points, const Dataset& data,
                             const MetadataChoice& choice) {
  const Codes* codes = points.codes();
  const Indices indices = codes ? codes->indices : nullptr;
  const SplitName which = codes ? codes->split : SplitName::train;
  if (choice == choice_ && indices == indices_ && which == split_) return;
  choice_ = choice;
  indices_ = indices;
  split_ = which;
  ++revision_;
  left_out_.clear();
  found_.clear();
  found_points_.clear();
  const Split& split = data.split(which);
  shown_inputs_ = split.count;
  found_inputs_ = 0;
  const std::string search = trimmed(choice.search);
  const std::vector<std::uint8_t> shown = rows_shown(split, choice.filter);
  std::vector<std::uint8_t> found =
      search.empty() ? std::vector<std::uint8_t>() : rows_found(split, search);
  if (!shown.empty()) {
    shown_inputs_ = count_of(shown);
    for (std::size_t row = 0; row < found.size(); ++row) found[row] &= shown[row];
  }
  found_inputs_ = count_of(found);
  const std::size_t count = points.count();
  if (!shown.empty()) left_out_.resize(count);
  if (!found.empty()) found_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = static_cast<std::size_t>((*indices)[i]);
    if (!shown.empty()) left_out_[i] = shown[row] == 0 ? 1 : 0;
    if (found.empty() || found[row] == 0) continue;
    found_[i] = 1;
    found_points_.push_back(i);
  }
}

}  // namespace zscape
