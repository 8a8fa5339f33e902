#include "engine/data/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersionBytes = 2;
constexpr std::uint64_t kLongestHeader = 1U << 20U;
constexpr std::size_t kDataAlignment = 64;  // in files that we write
constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;

bool read_exactly(std::istream& file, void* bytes, std::size_t size) {
  file.read(static_cast<char*>(bytes), static_cast<std::streamsize>(size));
  return static_cast<std::size_t>(file.gcount()) == size;
}

// Reads the header's dictionary and leaves the file at its data. Takes no more memory than the
// file.
Expected<std::string> read_header_text(std::istream& file, std::uintmax_t file_size,
                                       const std::string& path) {
  std::array<char, kMagic.size() + kVersionBytes> start{};
  if (!read_exactly(file, start.data(), start.size()) ||
      std::string_view(start.data(), kMagic.size()) != kMagic) {
    return fail(
        tr("'{}' is not an NPY file: it does not begin with \\x93NUMPY and a version", path));
  }
  const auto version = static_cast<unsigned char>(start[kMagic.size()]);
  if (version < 1 || version > 3) {
    return fail(tr("'{}' is of version {} of the NPY format; zscape reads 1 to 3", path, version));
  }
  std::array<std::uint8_t, 4> word{};
  const std::size_t word_size = version == 1 ? 2 : 4;
  if (!read_exactly(file, word.data(), word_size)) {
    return fail(tr("'{}' is cut short: it ends in its header", path));
  }
  const std::uint64_t length = std::uint64_t{word[0]} | std::uint64_t{word[1]} << 8U |
                               std::uint64_t{word[2]} << 16U | std::uint64_t{word[3]} << 24U;
  if (length > file_size) {
    return fail(tr("'{}' is cut short: its header promises to be {} bytes long", path, length));
  }
  if (length > kLongestHeader) {
    return fail(tr(
        "'{}' is damaged: its NPY header would be {} bytes long; a plain array needs less than 200",
        path, length));
  }
  std::string text(length, '\0');
  if (!read_exactly(file, text.data(), text.size())) {
    return fail(tr("'{}' is cut short: it ends in its header", path));
  }
  return text;
}

// The C-order place of each item of a row in Fortran order. dims: those of one row.
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

// Walks through a file's items and gives the place of each in C order.
class Cursor {
 public:
  Cursor(const NpyHeader& header, std::size_t row_size)
      : rows_(static_cast<std::size_t>(header.shape.front())), row_size_(row_size) {
    if (header.fortran_order) {
      columns_ = c_order_columns(std::span(header.shape).subspan(1), row_size);
    }
  }

  std::size_t place() const {
    return columns_.empty() ? next_ : row_ * row_size_ + columns_[next_];
  }

  void advance() {
    if (columns_.empty()) {
      ++next_;
    } else if (++row_ == rows_) {
      row_ = 0;
      ++next_;
    }
  }

 private:
  std::size_t rows_;
  std::size_t row_size_;
  std::vector<std::size_t> columns_;  // in Fortran order; empty: C order
  std::size_t row_ = 0;
  std::size_t next_ = 0;  // place or, in Fortran order, index into columns_
};

// Which places of a row float32 would spoil.
class ColumnRanges {
 public:
  explicit ColumnRanges(std::size_t columns)
      : low_(columns, std::numeric_limits<double>::infinity()),
        high_(columns, -std::numeric_limits<double>::infinity()) {}

  void add(std::size_t column, double value) {
    low_[column] = std::min(low_[column], value);
    high_[column] = std::max(high_[column], value);
  }

  // The least value of each such place, else 0; empty: there is none, or all lies in [0, 1], where
  // nothing is standardised.
  std::vector<double> offset() const {
    constexpr double kSpoilt = 64;  // times as large as its range: 6 of 24 bits are lost
    if (std::ranges::min(low_) >= 0 && std::ranges::max(high_) <= 1) return {};
    std::vector<double> offset(low_.size());
    bool any = false;
    for (std::size_t i = 0; i < low_.size(); ++i) {
      const double range = high_[i] - low_[i];
      const double size = std::max(std::abs(low_[i]), std::abs(high_[i]));
      if (!(range > 0) || !(size > kSpoilt * range)) continue;
      offset[i] = low_[i];
      any = true;
    }
    return any ? offset : std::vector<double>();
  }

 private:
  std::vector<double> low_, high_;
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

// Reads the few pieces of Python in a header one after the other. A function that finds something
// else returns nothing and skips only blanks.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool take(char wanted) {
    skip_blanks();
    if (text_.empty() || text_.front() != wanted) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool comes(char wanted) {
    skip_blanks();
    return !text_.empty() && text_.front() == wanted;
  }

  bool at_end() {
    skip_blanks();
    return text_.empty();
  }

  // 'text' or "text" without escapes.
  std::optional<std::string> string() {
    skip_blanks();
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) return std::nullopt;
    const std::size_t end = text_.find(text_.front(), 1);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view inside = text_.substr(1, end - 1);
    if (inside.find_first_of("\\\n") != std::string_view::npos) return std::nullopt;
    text_.remove_prefix(end + 1);
    return std::string(inside);
  }

  std::optional<bool> boolean() {
    skip_blanks();
    for (const auto& [word, value] :
         {std::pair{std::string_view("True"), true}, std::pair{std::string_view("False"), false}}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return value;
    }
    return std::nullopt;
  }

  // A whole number ≥ 0; Python 2 appended an L.
  std::optional<std::int64_t> number() {
    skip_blanks();
    std::int64_t value = 0;
    const char* end = text_.data() + text_.size();
    const auto [rest, problem] = std::from_chars(text_.data(), end, value);
    if (problem != std::errc() || value < 0) return std::nullopt;
    text_.remove_prefix(static_cast<std::size_t>(rest - text_.data()));
    if (text_.starts_with('L')) text_.remove_prefix(1);
    return value;
  }

  // (), (3,) or (3, 4) with or without a last comma.
  std::optional<std::vector<std::int64_t>> tuple() {
    if (!take('(')) return std::nullopt;
    std::vector<std::int64_t> values;
    bool comma = true;
    while (!take(')')) {
      const auto value = comma ? number() : std::nullopt;
      if (!value) return std::nullopt;
      values.push_back(*value);
      comma = take(',');
    }
    if (values.size() == 1 && !comma) return std::nullopt;  // (3) is no tuple
    return values;
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front())) != 0) {
      text_.remove_prefix(1);
    }
  }

  std::string_view text_;
};

tl::unexpected<Error> no_type(const std::string& path, std::string_view type) {
  return fail(
      tr("'{}' is damaged: its NPY header has a type '{}' that is not NumPy's", path, type));
}

tl::unexpected<Error> no_dictionary(const std::string& path) {
  return fail(tr("'{}' is damaged: its NPY header is not a dictionary", path));
}

// Reads NumPy's short form of a type: byte order, kind, size, as in <f4.
Expected<void> read_type(std::string_view text, const std::string& path, NpyHeader& header) {
  constexpr std::string_view kOrders = "<>|=";
  if (text.empty() || kOrders.find(text.front()) == std::string_view::npos || text.size() < 2) {
    return no_type(path, text);
  }
  if (text[1] == 'O') {
    return fail(
        tr("'{}' holds Python objects, which zscape does not unpickle; save an array of uint8, "
           "float32 or float64",
           path));
  }
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data() + 2, end, header.item_size);
  const bool has_unit = text[1] == 'M' || text[1] == 'm';  // as in <M8[ns]
  if (problem != std::errc() || (rest != end && !has_unit) || header.item_size == 0 ||
      header.item_size > 1U << 20U || std::isalpha(static_cast<unsigned char>(text[1])) == 0) {
    return no_type(path, text);
  }
  constexpr char kOther = std::endian::native == std::endian::little ? '>' : '<';
  header.kind = text[1];
  if (header.kind == 'U') header.item_size *= 4;  // counted in characters
  header.swapped = text.front() == kOther && header.item_size > 1;
  return {};
}

Expected<void> read_entry(const std::string& key, Scanner& scanner, const std::string& path,
                          NpyHeader& header) {
  if (key == "descr") {
    if (scanner.comes('[') || scanner.comes('(')) {
      return fail(tr(
          "'{}' holds records with several fields; save a plain array of uint8, float32 or float64",
          path));
    }
    const auto type = scanner.string();
    if (!type) return fail(tr("'{}' is damaged: its NPY header has no type behind 'descr'", path));
    return read_type(*type, path, header);
  }
  if (key == "fortran_order") {
    const auto order = scanner.boolean();
    if (!order) {
      return fail(
          tr("'{}' is damaged: its NPY header has neither True nor False behind 'fortran_order'",
             path));
    }
    header.fortran_order = *order;
    return {};
  }
  if (key == "shape") {
    auto shape = scanner.tuple();
    if (!shape) {
      return fail(tr("'{}' is damaged: its NPY header has no dimensions behind 'shape'", path));
    }
    header.shape = std::move(*shape);
    return {};
  }
  return fail(tr("'{}' is damaged: its NPY header has a key that NumPy does not write", path));
}

Expected<NpyHeader> parse_npy_header(std::string_view text, const std::string& path) {
  Scanner scanner(text);
  if (!scanner.take('{')) return no_dictionary(path);
  NpyHeader header;
  std::vector<std::string> keys;
  bool comma = true;
  while (!scanner.take('}')) {
    auto key = comma ? scanner.string() : std::nullopt;
    if (!key || !scanner.take(':')) return no_dictionary(path);
    if (auto read = read_entry(*key, scanner, path, header); !read) {
      return tl::unexpected(read.error());
    }
    keys.push_back(std::move(*key));
    comma = scanner.take(',');
  }
  std::ranges::sort(keys);
  if (keys != std::vector<std::string>{"descr", "fortran_order", "shape"}) {
    return fail(
        tr("'{}' is damaged: its NPY header does not have the keys 'descr', 'fortran_order' and "
           "'shape' once each",
           path));
  }
  if (!scanner.at_end()) {
    return fail(tr("'{}' is damaged: its NPY header goes on after its dictionary", path));
  }
  return header;
}

static_assert(std::endian::native == std::endian::little, "npy_bytes writes little endian");

std::string python_tuple(std::span<const std::int64_t> shape) {
  return shape.size() == 1 ? fmt::format("({},)", shape.front())
                           : fmt::format("({})", fmt::join(shape, ", "));
}

}  // namespace

std::string NpyFile::type_name() const {
  const std::size_t bits = 8 * header_.item_size;
  switch (header_.kind) {
    case 'b':
      return "bool";
    case 'u':
      return fmt::format("uint{}", bits);
    case 'i':
      return fmt::format("int{}", bits);
    case 'f':
      return fmt::format("float{}", bits);
    case 'c':
      return fmt::format("complex{}", bits);
    case 'S':
    case 'a':
    case 'U':
      return "text";
    case 'M':
    case 'm':
      return "times";
    default:
      return fmt::format("'{}{}'", header_.kind, header_.item_size);
  }
}

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
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  NpyFile npy;
  npy.path_ = path;
  npy.file_.open(path, std::ios::binary);
  if (!npy.file_.is_open()) {
    return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
  }
  const auto text = read_header_text(npy.file_, size, path);
  if (!text) return tl::unexpected(text.error());
  auto header = parse_npy_header(*text, path);
  if (!header) return tl::unexpected(header.error());
  npy.header_ = std::move(*header);

  const auto& shape = npy.header_.shape;
  if (shape.empty()) {
    return fail(tr("'{}' holds a single number; zscape reads arrays", path));
  }
  std::vector<std::int64_t> factors = shape;
  factors.push_back(static_cast<std::int64_t>(npy.header_.item_size));
  const auto claimed = product(factors);
  const auto row_size = product(std::span(shape).subspan(1));
  const std::uintmax_t held = size - static_cast<std::uintmax_t>(npy.file_.tellg());
  if (!claimed || *claimed > held || !row_size) {
    return fail(
        tr("'{}' is cut short: its header promises an array {} of {}, and {} bytes of it are there",
           path, dims_text(shape), npy.type_name(), held));
  }
  if (*claimed < held) {
    return fail(
        tr("'{}' is damaged: it goes on for {} bytes after the array {} of {} that its header "
           "promises",
           path, held - *claimed, dims_text(shape), npy.type_name()));
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

// Calls put(place in C order, item) for each item.
template <class Item, class Put>
Expected<void> NpyFile::read_items(const Put& put, const Progress& progress) {
  assert(sizeof(Item) == header_.item_size);
  const std::size_t total = static_cast<std::size_t>(rows()) * row_size_;
  std::vector<char> chunk(std::min(total * sizeof(Item), kChunkBytes));
  Cursor cursor(header_, row_size_);
  for (std::size_t done = 0; done < total;) {
    const std::size_t count = std::min(total - done, chunk.size() / sizeof(Item));
    if (!read_exactly(file_, chunk.data(), count * sizeof(Item))) {
      return fail(
          tr("'{}' cannot be read to its end: it became shorter, or its disk fails", path_));
    }
    for (std::size_t i = 0; i < count; ++i, cursor.advance()) {
      put(cursor.place(), item_at<Item>(chunk.data() + i * sizeof(Item), header_.swapped));
    }
    done += count;
    if (!report(progress, static_cast<double>(done) / static_cast<double>(total))) {
      return fail(tr("reading '{}' was cancelled", path_), ErrorCode::cancelled);
    }
  }
  return {};
}

template <class Item, class Value>
Expected<void> NpyFile::read(std::vector<Value>& values, const Progress& progress) {
  values.resize(static_cast<std::size_t>(rows()) * row_size_);
  return read_items<Item>(
      [&](std::size_t place, Item item) {
        if constexpr (std::is_same_v<Item, std::uint64_t>) {
          constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
          values[place] = static_cast<Value>(std::min(item, kMost));
        } else {
          values[place] = static_cast<Value>(item);
        }
      },
      progress);
}

template <class Item>
Expected<void> NpyFile::read_less(const std::vector<double>& offset, std::vector<float>& values,
                                  const Progress& progress) {
  if (offset.empty()) return read<Item>(values, progress);
  values.resize(static_cast<std::size_t>(rows()) * row_size_);
  return read_items<Item>(
      [&](std::size_t place, Item item) {
        values[place] = static_cast<float>(item - offset[place % row_size_]);
      },
      progress);
}

Expected<std::vector<std::uint8_t>> NpyFile::read_bytes(const Progress& progress) {
  assert(holds_bytes());
  std::vector<std::uint8_t> values;
  if (auto done = read<std::uint8_t>(values, progress); !done) return tl::unexpected(done.error());
  return values;
}

Expected<std::vector<float>> NpyFile::read_floats(const Progress& progress) {
  assert(holds_floats());
  std::vector<float> values;
  const auto done = header_.item_size == sizeof(float) ? read<float>(values, progress)
                                                       : read<double>(values, progress);
  if (!done) return tl::unexpected(done.error());
  return values;
}

Expected<std::vector<float>> NpyFile::read_floats(std::vector<double>& offset, bool choose,
                                                  const Progress& progress) {
  assert(holds_floats());
  std::vector<float> values;
  const bool is_double = header_.item_size == sizeof(double);
  if (is_double && choose) {
    const std::streampos begin = file_.tellg();
    ColumnRanges ranges(row_size_);
    values.resize(static_cast<std::size_t>(rows()) * row_size_);
    const auto done = read_items<double>(
        [&](std::size_t place, double item) {
          ranges.add(place % row_size_, item);
          values[place] = static_cast<float>(item);
        },
        progress);
    if (!done) return tl::unexpected(done.error());
    offset = ranges.offset();
    if (offset.empty()) return values;
    file_.clear();
    file_.seekg(begin);
  }
  const auto done = is_double ? read_less<double>(offset, values, progress)
                              : read_less<float>(offset, values, progress);
  if (!done) return tl::unexpected(done.error());
  return values;
}

Expected<std::vector<std::int64_t>> NpyFile::read_integers() {
  assert(holds_integers());
  std::vector<std::int64_t> values;
  const bool is_signed = header_.kind == 'i';
  const auto read_all = [&]() -> Expected<void> {
    switch (header_.item_size) {
      case 1:
        return is_signed ? read<std::int8_t>(values, {}) : read<std::uint8_t>(values, {});
      case 2:
        return is_signed ? read<std::int16_t>(values, {}) : read<std::uint16_t>(values, {});
      case 4:
        return is_signed ? read<std::int32_t>(values, {}) : read<std::uint32_t>(values, {});
      default:
        return is_signed ? read<std::int64_t>(values, {}) : read<std::uint64_t>(values, {});
    }
  };
  if (auto done = read_all(); !done) return tl::unexpected(done.error());
  return values;
}

namespace {

template <class Value>
std::vector<std::byte> array_bytes(std::string_view type, std::span<const std::int64_t> shape,
                                   std::span<const Value> values) {
  assert(std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()) ==
         static_cast<std::int64_t>(values.size()));
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type,
                                   python_tuple(shape));
  const std::size_t before = kMagic.size() + kVersionBytes + 2;  // 2: of the length
  const std::size_t used = before + header.size() + 1;           // a line's end closes the header
  header.append((kDataAlignment - used % kDataAlignment) % kDataAlignment, ' ');
  header += '\n';
  assert(header.size() < 1U << 16U);

  std::string start(kMagic);
  start += std::string_view("\x01\x00", kVersionBytes);
  start += static_cast<char>(header.size() & 0xFFU);
  start += static_cast<char>(header.size() >> 8U);
  start += header;
  std::vector<std::byte> bytes(start.size() + values.size_bytes());
  std::memcpy(bytes.data(), start.data(), start.size());
  if (!values.empty()) {
    std::memcpy(bytes.data() + start.size(), values.data(), values.size_bytes());
  }
  return bytes;
}

}  // namespace

std::vector<std::byte> npy_bytes(std::span<const std::int64_t> shape,
                                 std::span<const float> values) {
  return array_bytes("<f4", shape, values);
}

std::vector<std::byte> npy_double_bytes(std::span<const std::int64_t> shape,
                                        std::span<const double> values) {
  return array_bytes("<f8", shape, values);
}

}  // namespace zscape
