#include "engine/data/prepare.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "engine/random.h"
#include "engine/sequences.h"

namespace zscape {
namespace {

bool lies_in_unit_interval(const InputBlock<float>& values) {
  return std::ranges::all_of(values, [](float value) { return value >= 0 && value <= 1; });
}

// The mean over the rows of term(value, column), [inputs].
template <class Term>
std::vector<double> column_means(const Split& split, std::size_t inputs, Term term) {
  std::vector<double> means(inputs);
  for (std::size_t i = 0; i < split.values.size(); i += inputs) {
    for (std::size_t j = 0; j < inputs; ++j) means[j] += term(split.values[i + j], j);
  }
  for (double& mean : means) mean /= static_cast<double>(split.count);
  return means;
}

// Which inputs have one value in all rows: rounding may give them a tiny variance.
std::vector<bool> constant_columns(const Split& split, std::size_t inputs) {
  std::vector<bool> constant(inputs, true);
  for (std::size_t i = inputs; i < split.values.size(); i += inputs) {
    for (std::size_t j = 0; j < inputs; ++j) {
      if (split.values[i + j] != split.values[j]) constant[j] = false;
    }
  }
  return constant;
}

// Not a run's seed: the split must not depend on the model.
constexpr std::uint64_t kSplitSeed = 0x7A73'6361'7065'0001;
constexpr std::int64_t kRowsPerTestRow = 7;

// Reorders rows in place so that row i becomes the old row order[i]: follows one cycle of the
// permutation after the other, with room for one row.
template <class T>
void put_in_order(std::vector<T>& values, const std::vector<std::int64_t>& order,
                  std::size_t width) {
  const auto row = [&](std::int64_t i) {
    return values.begin() + i * static_cast<std::ptrdiff_t>(width);
  };
  std::vector<bool> placed(order.size());
  std::vector<T> first(width);
  for (std::size_t start = 0; start < order.size(); ++start) {
    if (placed[start]) continue;
    auto to = static_cast<std::int64_t>(start);
    std::copy_n(row(to), width, first.begin());
    for (;;) {
      placed[static_cast<std::size_t>(to)] = true;
      const std::int64_t from = order[static_cast<std::size_t>(to)];
      if (from == static_cast<std::int64_t>(start)) break;
      std::copy_n(row(from), width, row(to));
      to = from;
    }
    std::ranges::copy(first, row(to));
  }
}

}  // namespace

std::shared_ptr<const Scaling> find_scaling(const Dataset& data) {
  const auto& offset = data.train.offset;
  if (!offset && lies_in_unit_interval(data.train.values) &&
      lies_in_unit_interval(data.test.values)) {
    return nullptr;
  }
  const auto inputs = static_cast<std::size_t>(data.inputs());
  const auto means =
      column_means(data.train, inputs, [](float value, std::size_t) { return double{value}; });
  const auto variances = column_means(data.train, inputs, [&](float value, std::size_t j) {
    return (value - means[j]) * (value - means[j]);
  });
  const auto constant = constant_columns(data.train, inputs);

  auto scaling = std::make_shared<Scaling>();
  for (std::size_t j = 0; j < inputs; ++j) {
    const auto deviation = static_cast<float>(std::sqrt(variances[j]));
    const bool usable = !constant[j] && deviation >= std::numeric_limits<float>::min();
    scaling->mean.push_back(static_cast<float>(means[j]) + (offset ? (*offset)[j] : 0));
    scaling->deviation.push_back(usable ? deviation : 1.0F);
    scaling->constant.push_back(usable ? 0 : 1);
  }
  // Where no input changes, a loss of none would say nothing.
  if (std::ranges::count(scaling->constant, 0) == 0) scaling->constant.clear();
  return scaling;
}

RowSplit split_rows(std::int64_t count) {
  assert(count >= 2);
  const std::int64_t test = std::max<std::int64_t>(1, count / kRowsPerTestRow);
  const auto order = permutation(count, kSplitSeed, Stream::order, 0);
  const auto border = order.begin() + static_cast<std::ptrdiff_t>(count - test);
  return {{order.begin(), border}, {border, order.end()}};
}

void hold_out_test_part(Dataset& data) {
  const std::int64_t length = sequence_length(data);
  const RowSplit rows = split_rows(data.train.count / length);
  std::vector<std::int64_t> order = rows.train;
  order.insert(order.end(), rows.test.begin(), rows.test.end());
  const auto divide = [&](auto& train, auto& test) {
    if (train.empty()) return;
    const std::size_t width = train.size() / order.size();
    put_in_order(train, order, width);
    const auto border = train.begin() + static_cast<std::ptrdiff_t>(rows.train.size() * width);
    test.assign(border, train.end());
    train.erase(border, train.end());
  };
  divide(data.train.pixels.own(), data.test.pixels.own());
  divide(data.train.values.own(), data.test.values.own());
  divide(data.train.labels, data.test.labels);
  divide(data.train.factors, data.test.factors);
  divide(data.train.files, data.test.files);
  for (MetadataColumn& column : data.train.metadata) {
    MetadataColumn& test = data.test.metadata.emplace_back(column.name);
    test.texts = column.texts;
    divide(column.numbers, test.numbers);
    divide(column.places, test.places);
  }
  data.test.offset = data.train.offset;
  data.train.rows = steps_of(rows.train, length);
  data.test.rows = steps_of(rows.test, length);
  data.train.count = static_cast<std::int64_t>(data.train.rows.size());
  data.test.count = static_cast<std::int64_t>(data.test.rows.size());
}

}  // namespace zscape
