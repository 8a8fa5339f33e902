#include "engine/data/array_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kChunkValues = std::int64_t{1} << 18U;

// Calls take(values) for slices of an array, in order.
template <class Take>
Expected<void> for_each_slice(const NamedArray& array, const Take& take) {
  const std::int64_t rows = array.shape.front();
  const std::int64_t width = array.shape.size() == 2 ? array.shape[1] : 1;
  const std::int64_t step =
      array.reads_slices
          ? std::max<std::int64_t>(1, kChunkValues / std::max<std::int64_t>(width, 1))
          : rows;
  for (std::int64_t first = 0; first < rows; first += step) {
    const auto values = array.read(first, std::min(step, rows - first));
    if (!values) return tl::unexpected(values.error());
    take(*values);
  }
  return {};
}

struct KnownFactor {
  const char* name;
  double least, greatest;
  bool whole = false;
};

// Burgess and Kim, 3D Shapes: the columns of its labels.
constexpr std::array<KnownFactor, 6> kShapes = {{{"floor_hue", 0, 0.95},
                                                 {"wall_hue", 0, 0.95},
                                                 {"object_hue", 0, 0.95},
                                                 {"scale", 0.74, 1.26},
                                                 {"shape", 0, 3, true},
                                                 {"orientation", -30.1, 30.1}}};
// Matthey et al., dSprites: the columns of its latents_values.
constexpr std::array<KnownFactor, 6> kSprites = {{{"color", 1, 1},
                                                  {"shape", 1, 3, true},
                                                  {"scale", 0.49, 1.01},
                                                  {"orientation", 0, 6.29},
                                                  {"position_x", 0, 1},
                                                  {"position_y", 0, 1}}};

bool fit(std::span<const KnownFactor> known, std::span<const float> numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const KnownFactor& factor = known[i % known.size()];
    const double number = numbers[i];
    if (!(number >= factor.least && number <= factor.greatest)) return false;
    if (factor.whole && number != std::floor(number)) return false;
  }
  return true;
}

}  // namespace

bool is_column(const NamedArray& array, std::int64_t count) {
  if (array.type == ElementType::other) return false;
  const auto& shape = array.shape;
  if (shape.size() == 1) return shape[0] == count;
  if (shape.size() != 2) return false;
  return (shape[0] == count && shape[1] == 1) || (shape[0] == 1 && shape[1] == count);
}

bool are_factors(const NamedArray& array, std::int64_t count) {
  constexpr std::int64_t kLooked = 256;
  if (array.type == ElementType::text || array.type == ElementType::other) return false;
  if (array.shape.size() != 2 || array.shape[0] != count || array.shape[1] < 2) return false;
  const auto values = array.read(0, array.reads_slices ? std::min(kLooked, count) : count);
  if (!values) return false;  // reading them as labels says why
  return std::visit(
      [](const auto& numbers) {
        using Value = typename std::decay_t<decltype(numbers)>::value_type;
        if constexpr (std::is_same_v<Value, std::string>) {
          return false;
        } else {
          return std::ranges::any_of(numbers,
                                     [](Value x) { return x != Value{0} && x != Value{1}; });
        }
      },
      *values);
}

Expected<std::vector<float>> read_factors(const NamedArray& array, std::int64_t count) {
  const std::size_t all = static_cast<std::size_t>(count * array.shape[1]);
  std::vector<float> factors;
  factors.reserve(std::min(all, array.likely_values.value_or(all)));
  const auto done = for_each_slice(array, [&](const ArrayValues& values) {
    std::visit(
        [&](const auto& numbers) {
          using Value = typename std::decay_t<decltype(numbers)>::value_type;
          if constexpr (!std::is_same_v<Value, std::string>) {
            for (const Value number : numbers) factors.push_back(static_cast<float>(number));
          }
        },
        values);
  });
  if (!done) return tl::unexpected(done.error());
  if (factors.size() != all) return fail(tr("'{}' cannot be read to its end", array.where));
  return factors;
}

std::vector<std::string> factor_names(const std::string& key, std::span<const float> numbers,
                                      std::size_t factors) {
  std::vector<std::string> names;
  for (const auto& known : {std::span<const KnownFactor>(kShapes), {kSprites}}) {
    if (known.size() != factors || !fit(known, numbers)) continue;
    for (const KnownFactor& factor : known) names.emplace_back(factor.name);
    return names;
  }
  for (std::size_t i = 1; i <= factors; ++i) names.push_back(fmt::format("{} {}", key, i));
  return names;
}

void read_column(const NamedArray& array, const std::string& name, std::int64_t count,
                 MetadataColumns& columns) {
  MetadataColumn column;
  column.name = name;
  MetadataTexts texts;
  const auto done = for_each_slice(array, [&](const ArrayValues& values) {
    std::visit(
        [&](const auto& items) {
          using Value = typename std::decay_t<decltype(items)>::value_type;
          for (const auto& item : items) {
            if constexpr (std::is_same_v<Value, std::string>) {
              texts.add(item);
            } else if (array.type == ElementType::boolean) {
              texts.add(item != 0 ? tr("true") : tr("false"));
            } else {
              column.numbers.push_back(static_cast<double>(item));
            }
          }
        },
        values);
  });
  if (!done) return columns.leave_out(name, done.error().message);
  if (texts.is_too_large()) return columns.leave_out(name, tr("its texts are too long"));
  if (texts.count() > 0) column = texts.column(name, false);
  const std::size_t held = column.is_text() ? column.places.size() : column.numbers.size();
  if (held != static_cast<std::size_t>(count)) {
    return columns.leave_out(name, tr("it cannot be read to its end"));
  }
  columns.add(std::move(column));
}

}  // namespace zscape
