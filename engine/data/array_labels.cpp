#include "engine/data/array_labels.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <type_traits>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/physical_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kChunkValues = std::size_t{1} << 18U;
constexpr double kMostExact = 9007199254740992.0;  // 2^53: whole numbers beyond are not exact

// The place of the only 1 among zeros; nothing: the row is another.
template <class Value>
std::optional<std::int64_t> hot(std::span<const Value> row) {
  std::optional<std::int64_t> found;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == Value{0}) continue;
    if (row[i] != Value{1} || found) return std::nullopt;
    found = static_cast<std::int64_t>(i);
  }
  return found;
}

Expected<void> add_one_hot(const ArrayValues& values, std::size_t width, ReadLabels& labels) {
  return std::visit(
      [&](const auto& numbers) -> Expected<void> {
        using Value = typename std::decay_t<decltype(numbers)>::value_type;
        if constexpr (std::is_same_v<Value, std::string>) {
          return fail(tr("'{}' holds {} texts a row; labels need one", labels.where, width));
        } else {
          for (std::size_t i = 0; i + width <= numbers.size(); i += width) {
            const auto place = hot(std::span(numbers).subspan(i, width));
            if (!place) {
              return fail(tr(
                  "'{}' has a row that is not one 1 among zeros, row {} (counted from 0); labels "
                  "are [count], [count, 1] or one-hot",
                  labels.where, labels.numbers.size()));
            }
            labels.numbers.push_back(*place);
          }
          return {};
        }
      },
      values);
}

Expected<void> add_plain(ArrayValues values, ReadLabels& labels) {
  return std::visit(
      [&](auto& items) -> Expected<void> {
        using Value = typename std::decay_t<decltype(items)>::value_type;
        if constexpr (std::is_same_v<Value, std::string>) {
          std::ranges::move(items, std::back_inserter(labels.texts));
        } else {
          for (const Value item : items) {
            if constexpr (std::is_floating_point_v<Value>) {
              if (!(std::abs(item) <= kMostExact) || item != std::floor(item)) {
                return fail(tr(
                    "'{}' has the label {:g} in row {} (counted from 0); labels are whole numbers "
                    "or text",
                    labels.where, item, labels.numbers.size()));
              }
            }
            labels.numbers.push_back(static_cast<std::int64_t>(item));
          }
        }
        return {};
      },
      values);
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || rest != end) return std::nullopt;
  return value;
}

// Numbers that text spells.
bool become_numbers(ReadLabels& labels) {
  std::vector<std::int64_t> numbers;
  for (const std::string& text : labels.texts) {
    const auto number = whole_number(text);
    if (!number) return false;
    numbers.push_back(*number);
  }
  labels.numbers = std::move(numbers);
  return true;
}

// Where an array of labels could also be one-hot, with as many classes as a sequence has steps, it
// is one of labels for each step.
bool has_one_a_step(std::span<const std::int64_t> shape, std::int64_t sequences,
                    std::int64_t steps) {
  const bool is_flat = shape.size() == 2 || (shape.size() == 3 && shape[2] == 1);
  return is_flat && shape[0] == sequences && shape[1] == steps;
}

template <class Value>
std::vector<Value> repeated(const std::vector<Value>& values, std::int64_t times) {
  std::vector<Value> all;
  all.reserve(values.size() * static_cast<std::size_t>(times));
  for (const Value& value : values) all.insert(all.end(), static_cast<std::size_t>(times), value);
  return all;
}

}  // namespace

std::int64_t label_count(std::span<const std::int64_t> shape) {
  // PCam's are [count, 1, 1, 1].
  while (shape.size() > 2 && shape.back() == 1) shape = shape.first(shape.size() - 1);
  if (shape.size() == 1) return shape[0];
  if (shape.size() != 2) return -1;
  return shape[0] == 1 ? shape[1] : shape[0];
}

bool are_hidden(std::span<const std::int64_t> labels) {
  return !labels.empty() && std::ranges::all_of(labels, [](auto label) { return label == -1; });
}

Expected<ReadLabels> read_labels(const NamedArray& array, std::int64_t count) {
  if (array.type == ElementType::other) {
    return fail(tr("'{}' holds {}; labels are whole numbers or text (numpy's astype converts)",
                   array.where, array_text(array)));
  }
  if (label_count(array.shape) < 0) {
    return fail(tr("'{}' is an array {}; labels are [count], [count, 1] or one-hot", array.where,
                   dims_text(array.shape)));
  }
  const std::int64_t rows = array.shape.front();
  const std::int64_t width = array.shape.size() > 1 ? array.shape[1] : 1;
  ReadLabels labels{.where = array.where, .numbers = {}, .texts = {}};
  labels.one_hot = width > 1 && !(rows == 1 && width == count);
  if (width < 1) return labels;
  constexpr std::uint64_t kNumber = sizeof(std::int64_t);
  if (const std::uint64_t memory = physical_memory();
      memory > 0 && static_cast<std::uint64_t>(rows) > memory / kNumber) {
    return fail(tr("'{}' holds {} labels, which this machine's memory ({} MB) cannot hold",
                   array.where, rows, memory >> 20));
  }
  const std::int64_t step =
      array.reads_slices
          ? std::max<std::int64_t>(1, static_cast<std::int64_t>(kChunkValues) / width)
          : rows;
  for (std::int64_t first = 0; first < rows; first += step) {
    auto values = array.read(first, std::min(step, rows - first));
    if (!values) return tl::unexpected(values.error());
    const auto added = labels.one_hot
                           ? add_one_hot(*values, static_cast<std::size_t>(width), labels)
                           : add_plain(*std::move(values), labels);
    if (!added) return tl::unexpected(added.error());
  }
  return labels;
}

Expected<ReadLabels> read_labels_of(const NamedArray& array, const RawPart& part) {
  if (part.steps == 0) return read_labels(array, part.count);
  const std::int64_t sequences = part.count / part.steps;
  if (has_one_a_step(array.shape, sequences, part.steps)) {
    NamedArray flat = array;
    flat.shape = {part.count};
    flat.reads_slices = false;
    flat.read = [read = array.read, sequences](std::int64_t, std::int64_t) {
      return read(0, sequences);
    };
    auto labels = read_labels(flat, part.count);
    if (labels) labels->by_step = true;
    return labels;
  }
  auto labels = read_labels(array, sequences);
  if (!labels) return labels;
  const std::size_t count = std::max(labels->numbers.size(), labels->texts.size());
  if (count != static_cast<std::size_t>(sequences)) {
    return fail(
        tr("'{}' holds {} labels for the {} sequences of '{}'; there must be one each, or "
           "one for each of their steps: [{}, {}]",
           array.where, count, sequences, part.path, sequences, part.steps));
  }
  labels->numbers = repeated(labels->numbers, part.steps);
  labels->texts = repeated(labels->texts, part.steps);
  return labels;
}

void put_labels(RawData& data, ReadLabels train, std::optional<ReadLabels> test) {
  std::vector<std::pair<ReadLabels*, RawPart*>> parts = {{&train, &data.train}};
  if (test && data.test) parts.emplace_back(&*test, &*data.test);
  if (train.by_step) data.assumed.push_back(tr("each step has a label of its own"));
  if (train.one_hot) data.assumed.push_back(tr("the labels are one-hot: one column a class"));

  bool all_numbers = true;
  for (auto& [labels, part] : parts) {
    for (std::string& text : labels->texts) text = trimmed(text);
    if (!labels->texts.empty() && !become_numbers(*labels)) all_numbers = false;
  }
  if (!all_numbers) {
    std::vector<std::string> names;
    for (auto& [labels, part] : parts) {
      for (const std::int64_t number :
           labels->texts.empty() ? labels->numbers : std::vector<std::int64_t>()) {
        labels->texts.push_back(std::to_string(number));
      }
      names.insert(names.end(), labels->texts.begin(), labels->texts.end());
      std::ranges::sort(names);
      const auto twice = std::ranges::unique(names);
      names.erase(twice.begin(), twice.end());
    }
    for (auto& [labels, part] : parts) {
      labels->numbers.clear();
      for (const std::string& text : labels->texts) {
        labels->numbers.push_back(std::ranges::lower_bound(names, text) - names.begin());
      }
    }
    data.class_names = std::move(names);
  }
  for (auto& [labels, part] : parts) {
    part->labels_path = labels->where;
    part->labels = std::move(labels->numbers);
  }
}

}  // namespace zscape
