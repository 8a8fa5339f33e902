#include "engine/data/prepare.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "engine/data/mapped_inputs.h"
#include "engine/random.h"
#include "engine/sequences.h"
#include "engine/text.h"

namespace zscape {
namespace {

bool lies_in_unit_interval(const InputBlock<float>& values) {
  return std::ranges::all_of(values, [](float value) { return value >= 0 && value <= 1; });
}

// Visits the values of a split, visit(numbers of a row); false: cancelled.
template <class Visit>
bool for_each_value_row(const Split& split, std::size_t inputs, const Progress& progress,
                        const Visit& visit) {
  if (split.values.empty()) return true;
  return for_each_row(split, split.values, inputs, progress, visit);
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
  return find_scaling(data, {}).value();
}

Expected<std::shared_ptr<const Scaling>> find_scaling(const Dataset& data,
                                                      const Progress& progress) {
  const auto& offset = data.train.offset;
  if (!offset && lies_in_unit_interval(data.train.values) &&
      lies_in_unit_interval(data.test.values)) {
    return nullptr;
  }
  const auto inputs = static_cast<std::size_t>(data.inputs());
  const auto count = static_cast<double>(data.train.count);
  const auto cancelled = [&] {
    return fail(tr("measuring {} was cancelled", data.name), ErrorCode::cancelled);
  };
  std::vector<double> means(inputs), variances(inputs);
  std::vector<bool> constant(inputs, true);  // rounding may give such an input a tiny variance
  std::vector<float> first;
  const bool is_summed = for_each_value_row(data.train, inputs, part_of(progress, 0, 0.5),
                                            [&](std::span<const float> row) {
                                              if (first.empty())
                                                first.assign(row.begin(), row.end());
                                              for (std::size_t j = 0; j < inputs; ++j) {
                                                means[j] += double{row[j]};
                                                if (row[j] != first[j]) constant[j] = false;
                                              }
                                            });
  if (!is_summed) return cancelled();
  for (double& mean : means) mean /= count;
  const bool is_measured = for_each_value_row(
      data.train, inputs, part_of(progress, 0.5, 1), [&](std::span<const float> row) {
        for (std::size_t j = 0; j < inputs; ++j) {
          variances[j] += (row[j] - means[j]) * (row[j] - means[j]);
        }
      });
  if (!is_measured) return cancelled();
  for (double& variance : variances) variance /= count;

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
  RowSplit rows = split_rows(data.train.count / length);
  const bool is_mapped = data.train.is_mapped();
  if (is_mapped) {
    std::ranges::sort(rows.train);
    std::ranges::sort(rows.test);
    data.test.pixels = data.train.pixels;
    data.test.values = data.train.values;
    data.train.places = steps_of(rows.train, length);
    data.test.places = steps_of(rows.test, length);
  }
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
  if (!is_mapped) {
    divide(data.train.pixels.own(), data.test.pixels.own());
    divide(data.train.values.own(), data.test.values.own());
  }
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
