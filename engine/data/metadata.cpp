#include "engine/data/metadata.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "engine/data/names.h"
#include "engine/data/table.h"
#include "engine/data/table_columns.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

std::string_view trimmed(std::string_view cell) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = cell.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return cell.substr(first, cell.find_last_not_of(kBlanks) - first + 1);
}

// Words for a value that is not there, in columns of numbers.
bool is_missing_number(std::string_view text) {
  constexpr std::array<std::string_view, 8> kWords = {"",     "na",   "n/a", "nan",
                                                      "null", "none", "-",   "?"};
  return std::ranges::find(kWords, in_small_letters(text)) != kWords.end();
}

std::size_t bytes_of(const MetadataColumn& column) {
  std::size_t bytes = column.numbers.size() * sizeof(double) +
                      column.places.size() * sizeof(std::int32_t) + column.name.size();
  if (column.texts) {
    for (const std::string& text : *column.texts) bytes += sizeof(std::string) + text.size();
  }
  return bytes;
}

bool says_nothing(const MetadataColumn& column) {
  return column.is_text() ? std::ranges::all_of(column.places, [](auto place) { return place < 0; })
                          : std::ranges::all_of(column.numbers,
                                                [](double number) { return std::isnan(number); });
}

// No longer than the bound, and no character cut in two.
std::string shortened(std::string_view cell) {
  std::string text = as_utf8(std::string(cell.substr(0, kLongestMetadataText + 4)));
  if (cell.size() <= kLongestMetadataText) return text;
  std::size_t end = std::min(text.size(), kLongestMetadataText);
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

void MetadataTexts::add(std::string_view cell) {
  if (is_too_large()) return;
  cell = trimmed(cell);
  std::string text = shortened(cell);
  const auto next = static_cast<std::int32_t>(texts_.size());
  const auto [found, is_new] = known_.try_emplace(std::move(text), next);
  if (is_new) {
    texts_.push_back(found->first);
    bytes_ += 3 * sizeof(std::string) + 2 * found->first.size();
  }
  places_.push_back(found->second);
}

MetadataColumn MetadataTexts::column(std::string name, bool decimal_comma,
                                     const std::vector<std::int64_t>* rows) const {
  MetadataColumn column;
  column.name = std::move(name);
  const std::size_t count = rows != nullptr ? rows->size() : places_.size();
  const auto place_of = [&](std::size_t i) {
    return places_[rows != nullptr ? static_cast<std::size_t>((*rows)[i]) : i];
  };
  std::vector<char> occurs(texts_.size(), 0);  // a header's word may be left over
  for (std::size_t i = 0; i < count; ++i) occurs[static_cast<std::size_t>(place_of(i))] = 1;
  std::vector<double> numbers(texts_.size(), kNoNumber);
  bool are_numbers = true, any = false;
  for (std::size_t i = 0; i < texts_.size() && are_numbers; ++i) {
    if (occurs[i] == 0 || is_missing_number(texts_[i])) continue;
    const auto number = number_in(texts_[i], decimal_comma);
    are_numbers = number.has_value();
    any = true;
    numbers[i] = number.value_or(kNoNumber);
  }
  if (any && are_numbers) {
    column.numbers.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      column.numbers.push_back(numbers[static_cast<std::size_t>(place_of(i))]);
    }
    return column;
  }
  // An empty text, and what stands for none in HDF5's categories, are missing.
  std::vector<std::int32_t> places(texts_.size(), -1);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (occurs[i] != 0 && !texts_[i].empty() && texts_[i] != "nan") texts.push_back(texts_[i]);
  }
  std::ranges::sort(texts);
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const auto found = std::ranges::lower_bound(texts, texts_[i]);
    if (found != texts.end() && *found == texts_[i]) {
      places[i] = static_cast<std::int32_t>(found - texts.begin());
    }
  }
  column.places.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    column.places.push_back(places[static_cast<std::size_t>(place_of(i))]);
  }
  column.texts = std::make_shared<const std::vector<std::string>>(std::move(texts));
  return column;
}

void MetadataColumns::add(MetadataColumn column) {
  if (says_nothing(column)) return leave_out(column.name, tr("it is empty"));
  if (columns_.size() == kMostMetadataColumns) {
    return leave_out(column.name, tr("{} columns come along at most", kMostMetadataColumns));
  }
  const std::size_t bytes = bytes_of(column);
  if (bytes > kMostMetadataBytes - bytes_) {
    return leave_out(column.name, tr("the columns that come along take {} MB of memory at most",
                                     kMostMetadataBytes >> 20U));
  }
  bytes_ += bytes;
  columns_.push_back(std::move(column));
}

void MetadataColumns::leave_out(const std::string& name, const std::string& why) {
  left_out_.push_back(tr("the column {}: {}", name, why));
}

MetadataColumn rows_of(const MetadataColumn& column, std::span<const std::int64_t> rows) {
  MetadataColumn taken{.name = column.name, .texts = column.texts};
  for (const std::int64_t row : rows) {
    const auto i = static_cast<std::size_t>(row);
    if (column.is_text()) {
      taken.places.push_back(column.places[i]);
    } else {
      taken.numbers.push_back(column.numbers[i]);
    }
  }
  return taken;
}

std::vector<MetadataColumn> repeated(std::vector<MetadataColumn> columns, std::int64_t times) {
  if (times == 1) return columns;
  for (MetadataColumn& column : columns) {
    const std::size_t count = column.is_text() ? column.places.size() : column.numbers.size();
    std::vector<std::int64_t> rows;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(count) * times; ++i) {
      rows.push_back(i / times);
    }
    column = rows_of(column, rows);
  }
  return columns;
}

void unify_metadata(std::vector<MetadataColumn>& train, std::vector<MetadataColumn>& test,
                    std::vector<std::string>& left_out) {
  const auto partner = [](std::vector<MetadataColumn>& columns, const MetadataColumn& of) {
    return std::ranges::find_if(columns, [&](const MetadataColumn& column) {
      return column.name == of.name && column.is_text() == of.is_text();
    });
  };
  const auto drop_lone = [&](std::vector<MetadataColumn>& from, std::vector<MetadataColumn>& other,
                             const auto& sentence) {
    std::erase_if(from, [&](const MetadataColumn& column) {
      if (partner(other, column) != other.end()) return false;
      left_out.push_back(sentence(column.name));
      return true;
    });
  };
  drop_lone(train, test, [](const std::string& name) {
    return tr("the column {}: the test part has none like it", name);
  });
  drop_lone(test, train, [](const std::string& name) {
    return tr("the column {}: the training part has none like it", name);
  });
  std::vector<MetadataColumn> ordered;
  for (MetadataColumn& column : train) {
    MetadataColumn other = std::move(*partner(test, column));
    if (column.is_text()) {
      std::vector<std::string> texts = *column.texts;
      texts.insert(texts.end(), other.texts->begin(), other.texts->end());
      std::ranges::sort(texts);
      const auto twice = std::ranges::unique(texts);
      texts.erase(twice.begin(), twice.end());
      for (MetadataColumn* part : {&column, &other}) {
        for (std::int32_t& place : part->places) {
          if (place < 0) continue;
          const std::string& text = (*part->texts)[static_cast<std::size_t>(place)];
          place = static_cast<std::int32_t>(std::ranges::lower_bound(texts, text) - texts.begin());
        }
      }
      column.texts = other.texts =
          std::make_shared<const std::vector<std::string>>(std::move(texts));
    }
    ordered.push_back(std::move(other));
  }
  test = std::move(ordered);
}

std::vector<MetadataColumn> joined_metadata(std::vector<MetadataColumn> train,
                                            const std::vector<MetadataColumn>& test) {
  for (std::size_t i = 0; i < train.size(); ++i) {
    MetadataColumn& column = train[i];
    column.numbers.insert(column.numbers.end(), test[i].numbers.begin(), test[i].numbers.end());
    column.places.insert(column.places.end(), test[i].places.begin(), test[i].places.end());
  }
  return train;
}

MetadataFacts facts_of(const Dataset& data, std::size_t column) {
  MetadataFacts facts;
  facts.least = std::numeric_limits<double>::infinity();
  facts.greatest = -facts.least;
  std::vector<char> occurs;
  for (const Split* split : {&data.train, &data.test}) {
    const MetadataColumn& part = split->metadata[column];
    if (part.is_text()) occurs.resize(part.texts->size());
    for (const std::int32_t place : part.places) {
      if (place < 0) ++facts.missing;
      if (place >= 0) occurs[static_cast<std::size_t>(place)] = 1;
    }
    for (const double number : part.numbers) {
      if (std::isnan(number)) ++facts.missing;
      facts.least = std::fmin(facts.least, number);
      facts.greatest = std::fmax(facts.greatest, number);
    }
  }
  facts.different = static_cast<std::size_t>(std::ranges::count(occurs, 1));
  return facts;
}

std::string metadata_text(const Dataset& data, std::size_t column) {
  const MetadataColumn& of_train = data.train.metadata[column];
  const MetadataFacts facts = facts_of(data, column);
  if (of_train.is_text()) return tr("{} (text, {} different)", of_train.name, facts.different);
  return tr("{} (numbers, {:g} … {:g})", of_train.name, facts.least, facts.greatest);
}

}  // namespace zscape
