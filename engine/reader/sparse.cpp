#include "engine/reader/sparse.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kBytesAtOnce = std::size_t{1} << 22U;

}  // namespace

Expected<SparseMatrix> SparseMatrix::make(bool by_columns, std::int64_t rows, std::int64_t columns,
                                          std::size_t item_size, std::vector<std::byte> values,
                                          std::vector<std::int64_t> indices,
                                          std::vector<std::int64_t> starts) {
  const std::int64_t lines = by_columns ? columns : rows;
  const std::int64_t places = by_columns ? rows : columns;
  const auto count = static_cast<std::int64_t>(indices.size());
  if (values.size() != indices.size() * item_size) {
    return fail(tr("it has {} places for {} values", count, values.size() / item_size));
  }
  if (static_cast<std::int64_t>(starts.size()) - 1 != lines || starts.front() != 0 ||
      starts.back() != count || !std::ranges::is_sorted(starts)) {
    return fail(tr("where its {} lines begin is damaged", lines));
  }
  if (std::ranges::any_of(indices, [&](std::int64_t i) { return i < 0 || i >= places; })) {
    return fail(tr("a value stands outside of its {} × {} places", rows, columns));
  }
  SparseMatrix matrix;
  matrix.rows_ = rows;
  matrix.columns_ = columns;
  matrix.item_size_ = item_size;
  matrix.values_ = std::move(values);
  matrix.indices_ = std::move(indices);
  matrix.starts_ = std::move(starts);
  if (by_columns) matrix.make_rows_of_columns();
  return matrix;
}

void SparseMatrix::make_rows_of_columns() {
  std::vector<std::int64_t> starts(static_cast<std::size_t>(rows_) + 1, 0);
  for (const std::int64_t row : indices_) ++starts[static_cast<std::size_t>(row) + 1];
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  std::vector<std::int64_t> next = starts;
  std::vector<std::int64_t> indices(indices_.size());
  std::vector<std::byte> values(values_.size());
  for (std::int64_t column = 0; column < columns_; ++column) {
    const auto from = static_cast<std::size_t>(starts_[static_cast<std::size_t>(column)]);
    const auto to = static_cast<std::size_t>(starts_[static_cast<std::size_t>(column) + 1]);
    for (std::size_t i = from; i < to; ++i) {
      const auto place = static_cast<std::size_t>(next[static_cast<std::size_t>(indices_[i])]++);
      indices[place] = column;
      std::memcpy(values.data() + place * item_size_, values_.data() + i * item_size_, item_size_);
    }
  }
  starts_ = std::move(starts);
  indices_ = std::move(indices);
  values_ = std::move(values);
}

Expected<void> SparseMatrix::write_rows(std::int64_t first, std::int64_t rows,
                                        const Sink& sink) const {
  if (first < 0 || rows < 0 || first > rows_ || rows > rows_ - first) {
    return fail(tr("it has fewer rows"));
  }
  const std::size_t row_size = static_cast<std::size_t>(columns_) * item_size_;
  if (row_size == 0) return {};
  const auto at_once = static_cast<std::int64_t>(std::max<std::size_t>(1, kBytesAtOnce / row_size));
  std::vector<std::byte> dense;
  for (std::int64_t done = 0; done < rows;) {
    const std::int64_t now = std::min(at_once, rows - done);
    dense.assign(static_cast<std::size_t>(now) * row_size, std::byte{0});
    for (std::int64_t row = 0; row < now; ++row) {
      const auto line = static_cast<std::size_t>(first + done + row);
      std::byte* out = dense.data() + static_cast<std::size_t>(row) * row_size;
      for (auto i = static_cast<std::size_t>(starts_[line]);
           i < static_cast<std::size_t>(starts_[line + 1]); ++i) {
        std::memcpy(out + static_cast<std::size_t>(indices_[i]) * item_size_,
                    values_.data() + i * item_size_, item_size_);
      }
    }
    sink(dense);
    done += now;
  }
  return {};
}

}  // namespace zscape
