#include "engine/data/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numeric>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersionBytes = 2;
constexpr std::uint64_t kLongestHeader = 1U << 20U;
constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;

bool read_exactly(std::istream& file, void* bytes, std::size_t size) {
  file.read(static_cast<char*>(bytes), static_cast<std::streamsize>(size));
  return static_cast<std::size_t>(file.gcount()) == size;
}

// The dictionary's text; the file then stands at its data. Takes memory for what the file holds.
Expected<std::string> read_header_text(std::istream& file, std::uintmax_t file_size,
                                       const std::string& path) {
  std::array<char, kMagic.size() + kVersionBytes> start{};
  if (!read_exactly(file, start.data(), start.size()) ||
      std::string_view(start.data(), kMagic.size()) != kMagic) {
    return fail(
        fmt::format("'{}' is not an NPY file: it does not begin with \\x93NUMPY and a "
                    "version",
                    path));
  }
  const auto version = static_cast<unsigned char>(start[kMagic.size()]);
  if (version < 1 || version > 3) {
    return fail(
        fmt::format("'{}' is of version {} of the NPY format; zscape reads 1 to 3", path, version));
  }
  std::array<std::uint8_t, 4> word{};
  const std::size_t word_size = version == 1 ? 2 : 4;
  if (!read_exactly(file, word.data(), word_size)) {
    return fail(fmt::format("'{}' is cut short: it ends in its header", path));
  }
  const std::uint64_t length = std::uint64_t{word[0]} | std::uint64_t{word[1]} << 8U |
                               std::uint64_t{word[2]} << 16U | std::uint64_t{word[3]} << 24U;
  if (length > file_size) {
    return fail(
        fmt::format("'{}' is cut short: its header promises to be {} bytes long", path, length));
  }
  if (length > kLongestHeader) {
    return fail(
        fmt::format("'{}' is damaged: its NPY header would be {} bytes long; a plain array "
                    "needs less than 200",
                    path, length));
  }
  std::string text(length, '\0');
  if (!read_exactly(file, text.data(), text.size())) {
    return fail(fmt::format("'{}' is cut short: it ends in its header", path));
  }
  return text;
}

// The product of factors, or nothing where it passes what memory can address.
std::optional<std::uint64_t> product(std::span<const std::int64_t> factors) {
  if (std::ranges::find(factors, 0) != factors.end()) return 0;
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max());
  std::uint64_t result = 1;
  for (const std::int64_t value : factors) {
    const auto factor = static_cast<std::uint64_t>(value);
    if (result > kMost / factor) return std::nullopt;
    result *= factor;
  }
  return result;
}

// Where the items of a row belong that lie in the file's order, in C order. dims: a row's.
std::vector<std::size_t> c_order_columns(std::span<const std::int64_t> dims, std::size_t row_size) {
  std::vector<std::size_t> columns(row_size);
  std::vector<std::int64_t> index(dims.size());
  for (std::size_t& column : columns) {
    column = 0;
    for (std::size_t d = 0; d < dims.size(); ++d) {
      column = column * static_cast<std::size_t>(dims[d]) + static_cast<std::size_t>(index[d]);
    }
    for (std::size_t d = 0; d < dims.size() && ++index[d] == dims[d]; ++d) index[d] = 0;
  }
  return columns;
}

// Counts (row, column) up in the order in which a file's items lie.
class Cursor {
 public:
  Cursor(const NpyHeader& header, std::size_t row_size)
      : rows_(static_cast<std::size_t>(header.shape.front())), row_size_(row_size) {
    if (header.fortran_order)
      columns_ = c_order_columns(std::span(header.shape).subspan(1), row_size);
  }

  std::size_t row() const { return row_; }
  std::size_t column() const { return columns_.empty() ? column_ : columns_[column_]; }

  void advance() {
    if (columns_.empty()) {
      if (++column_ < row_size_) return;
      column_ = 0;
      ++row_;
    } else {
      if (++row_ < rows_) return;
      row_ = 0;
      ++column_;
    }
  }

 private:
  std::size_t rows_;
  std::size_t row_size_;
  std::vector<std::size_t> columns_;  // of Fortran order; empty: C order
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

template <class Item>
Item item_at(const char* bytes, bool swapped) {
  std::array<char, sizeof(Item)> own{};
  std::memcpy(own.data(), bytes, sizeof(Item));
  if (swapped) std::ranges::reverse(own);
  Item item{};
  std::memcpy(&item, own.data(), sizeof(Item));
  return item;
}

}  // namespace

bool looks_like_npy(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  std::ifstream file(path, std::ios::binary);
  std::array<char, kMagic.size()> start{};
  return read_exactly(file, start.data(), start.size()) &&
         std::string_view(start.data(), start.size()) == kMagic;
}

Expected<NpyFile> NpyFile::open(const std::string& path) {
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(path, problem);  // refuses folders, too
  if (problem) return fail(fmt::format("'{}' cannot be read: {}", path, problem.message()));
  NpyFile npy;
  npy.path_ = path;
  npy.file_.open(path, std::ios::binary);
  if (!npy.file_.is_open()) return fail(fmt::format("'{}' cannot be opened", path));
  const auto text = read_header_text(npy.file_, size, path);
  if (!text) return tl::unexpected(text.error());
  auto header = parse_npy_header(*text, path);
  if (!header) return tl::unexpected(header.error());
  npy.header_ = std::move(*header);

  const auto& shape = npy.header_.shape;
  if (shape.empty()) {
    return fail(fmt::format("'{}' holds a single number; zscape reads arrays", path));
  }
  std::vector<std::int64_t> factors(shape.begin(), shape.end());
  factors.push_back(static_cast<std::int64_t>(npy.header_.item_size));
  const auto claimed = product(factors);
  const auto row_size = product(std::span(shape).subspan(1));
  const std::uintmax_t held = size - static_cast<std::uintmax_t>(npy.file_.tellg());
  if (!claimed || *claimed > held || !row_size) {
    return fail(
        fmt::format("'{}' is cut short: its header promises an array [{}] of {}, and {} "
                    "bytes of it are there",
                    path, fmt::join(shape, ", "), npy.type_name(), held));
  }
  if (*claimed < held) {
    return fail(
        fmt::format("'{}' is damaged: it goes on for {} bytes after the array [{}] of {} "
                    "that its header promises",
                    path, held - *claimed, fmt::join(shape, ", "), npy.type_name()));
  }
  npy.row_size_ = static_cast<std::size_t>(*row_size);
  return npy;
}

bool NpyFile::holds_bytes() const {
  return header_.kind == 'u' && header_.item_size == 1;
}

bool NpyFile::holds_floats() const {
  return header_.kind == 'f' && (header_.item_size == 4 || header_.item_size == 8);
}

bool NpyFile::holds_integers() const {
  constexpr std::array<std::size_t, 4> kSizes = {1, 2, 4, 8};
  return (header_.kind == 'i' || header_.kind == 'u') &&
         std::ranges::find(kSizes, header_.item_size) != kSizes.end();
}

template <class Item, class Store>
Expected<void> NpyFile::read(const Progress& progress, Store store) {
  assert(sizeof(Item) == header_.item_size);
  const std::size_t total = static_cast<std::size_t>(rows()) * row_size_;
  std::vector<char> chunk(std::min(total * sizeof(Item), kChunkBytes));
  Cursor cursor(header_, row_size_);
  for (std::size_t done = 0; done < total;) {
    const std::size_t count = std::min(total - done, chunk.size() / sizeof(Item));
    if (!read_exactly(file_, chunk.data(), count * sizeof(Item))) {
      return fail(fmt::format("'{}' cannot be read to its end", path_));
    }
    for (std::size_t i = 0; i < count; ++i, cursor.advance()) {
      store(cursor.row(), cursor.column(),
            item_at<Item>(chunk.data() + i * sizeof(Item), header_.swapped));
    }
    done += count;
    if (!report(progress, static_cast<double>(done) / static_cast<double>(total))) {
      return fail(tr("reading '{}' was cancelled", path_), ErrorCode::cancelled);
    }
  }
  return {};
}

Expected<void> NpyFile::read_bytes(std::span<std::uint8_t* const> places,
                                   const Progress& progress) {
  assert(holds_bytes() && places.size() == static_cast<std::size_t>(rows()));
  return read<std::uint8_t>(progress, [&](std::size_t row, std::size_t column, std::uint8_t item) {
    places[row][column] = item;
  });
}

Expected<void> NpyFile::read_floats(std::span<float* const> places, const Progress& progress) {
  assert(holds_floats() && places.size() == static_cast<std::size_t>(rows()));
  const auto store = [&](std::size_t row, std::size_t column, auto item) {
    places[row][column] = static_cast<float>(item);
  };
  return header_.item_size == sizeof(float) ? read<float>(progress, store)
                                            : read<double>(progress, store);
}

Expected<std::vector<std::int64_t>> NpyFile::read_integers() {
  assert(holds_integers());
  std::vector<std::int64_t> items(static_cast<std::size_t>(rows()) * row_size_);
  const auto store = [&](std::size_t row, std::size_t column, auto item) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    items[row * row_size_ + column] =
        std::cmp_greater(item, kMost) ? kMost : static_cast<std::int64_t>(item);
  };
  const bool is_signed = header_.kind == 'i';
  const auto read_items = [&]() -> Expected<void> {
    switch (header_.item_size) {
      case 1:
        return is_signed ? read<std::int8_t>({}, store) : read<std::uint8_t>({}, store);
      case 2:
        return is_signed ? read<std::int16_t>({}, store) : read<std::uint16_t>({}, store);
      case 4:
        return is_signed ? read<std::int32_t>({}, store) : read<std::uint32_t>({}, store);
      default:
        return is_signed ? read<std::int64_t>({}, store) : read<std::uint64_t>({}, store);
    }
  };
  if (auto done = read_items(); !done) return tl::unexpected(done.error());
  return items;
}

}  // namespace zscape
