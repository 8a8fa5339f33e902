#include "engine/reader/column_major.h"

namespace zscape {

void write_column_major(std::span<const std::byte> data, std::size_t item,
                        const std::vector<std::int64_t>& shape, std::size_t axis,
                        std::int64_t first, std::int64_t rows, const Sink& sink) {
  constexpr std::size_t kBytesAtOnce = std::size_t{1} << 22U;
  // The axes of a row, the last one fastest, and how far apart their items lie.
  std::vector<std::size_t> lengths, strides;
  std::size_t stride = item, row_stride = 0, row_items = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto length = static_cast<std::size_t>(shape[i]);
    if (i == axis) {
      row_stride = stride;
    } else {
      lengths.push_back(length);
      strides.push_back(stride);
      row_items *= length;
    }
    stride *= length;
  }
  if (row_items == 0) return;
  std::vector<std::byte> out;
  out.reserve(kBytesAtOnce);
  std::vector<std::size_t> place(lengths.size(), 0);
  for (std::int64_t row = first; row < first + rows; ++row) {
    std::size_t from = static_cast<std::size_t>(row) * row_stride;
    for (std::size_t done = 0; done < row_items; ++done) {
      const auto value = data.subspan(from, item);
      out.insert(out.end(), value.begin(), value.end());
      if (out.size() + item > kBytesAtOnce) {
        sink(out);
        out.clear();
      }
      for (std::size_t i = lengths.size(); i-- > 0;) {
        from += strides[i];
        if (++place[i] < lengths[i]) break;
        from -= strides[i] * lengths[i];
        place[i] = 0;
      }
    }
  }
  sink(out);
}

}  // namespace zscape
