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
#include <fstream>
#include <functional>
#include <numeric>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/data/names.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersionBytes = 2;
constexpr std::uint64_t kLongestHeader = 1U << 20U;
constexpr std::size_t kDataAlignment = 64;  // in files that we write
constexpr std::size_t kChunkBytes = std::size_t{1} << 20U;

Expected<bool> read_exactly(ByteSource& source, void* bytes, std::size_t size) {
  return source.read(std::span(static_cast<std::byte*>(bytes), size)).map([&](std::size_t count) {
    return count == size;
  });
}

tl::unexpected<Error> ends_in_header(const std::string& path) {
  return fail(tr("'{}' is cut short: it ends in its header", path));
}

// A header's dictionary, and where the data begin.
struct HeaderText {
  std::string text;
  std::uint64_t end = 0;
};

// Takes no more memory than the file.
Expected<HeaderText> read_header_text(ByteSource& source, const std::string& path) {
  std::array<char, kMagic.size() + kVersionBytes> start{};
  const auto has_start = read_exactly(source, start.data(), start.size());
  if (!has_start) return tl::unexpected(has_start.error());
  if (!*has_start || std::string_view(start.data(), kMagic.size()) != kMagic) {
    return fail(
        tr("'{}' is not an NPY file: it does not begin with \\x93NUMPY and a version", path));
  }
  const auto version = static_cast<unsigned char>(start[kMagic.size()]);
  if (version < 1 || version > 3) {
    return fail(tr("'{}' is of version {} of the NPY format; zscape reads 1 to 3", path, version));
  }
  std::array<std::uint8_t, 4> word{};
  const std::size_t word_size = version == 1 ? 2 : 4;
  const auto has_word = read_exactly(source, word.data(), word_size);
  if (!has_word) return tl::unexpected(has_word.error());
  if (!*has_word) return ends_in_header(path);
  const std::uint64_t length = std::uint64_t{word[0]} | std::uint64_t{word[1]} << 8U |
                               std::uint64_t{word[2]} << 16U | std::uint64_t{word[3]} << 24U;
  if (length > source.size()) {
    return fail(tr("'{}' is cut short: its header promises to be {} bytes long", path, length));
  }
  if (length > kLongestHeader) {
    return fail(tr(
        "'{}' is damaged: its NPY header would be {} bytes long; a plain array needs less than 200",
        path, length));
  }
  HeaderText header{std::string(length, '\0'), start.size() + word_size + length};
  const auto has_text = read_exactly(source, header.text.data(), header.text.size());
  if (!has_text) return tl::unexpected(has_text.error());
  if (!*has_text) return ends_in_header(path);
  return header;
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

void append_utf8(std::string& text, std::uint32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
    return;
  }
  if (code < 0x800) {
    add(0xC0 | code >> 6U);
  } else {
    if (code < 0x10000) {
      add(0xE0 | code >> 12U);
    } else {
      add(0xF0 | code >> 18U);
      add(0x80 | (code >> 12U & 0x3FU));
    }
    add(0x80 | (code >> 6U & 0x3FU));
  }
  add(0x80 | (code & 0x3FU));
}

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

// One text of a fixed length, filled up with zeros: Latin-1 or UTF-8 bytes, or code points.
std::string text_of(std::span<const std::byte> item, const NpyHeader& header) {
  std::string text;
  if (header.kind != 'U') {
    for (const std::byte byte : item) text += static_cast<char>(byte);
  } else {
    const ArrayValues codes = values_of(ElementType::uint32, item, header.swapped);
    for (const std::int64_t code : std::get<std::vector<std::int64_t>>(codes)) {
      append_utf8(text, static_cast<std::uint32_t>(code));
    }
  }
  text.resize(text.find_last_not_of('\0') + 1);  // npos + 1 is 0
  return as_utf8(text);
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
  file.read(start.data(), start.size());
  return static_cast<std::size_t>(file.gcount()) == start.size() &&
         std::string_view(start.data(), start.size()) == kMagic;
}

ElementType NpyFile::type() const {
  struct Row {
    char kind;
    std::size_t size;
    ElementType type;
  };
  constexpr std::array<Row, 12> kTypes = {{{'b', 1, ElementType::boolean},
                                           {'i', 1, ElementType::int8},
                                           {'i', 2, ElementType::int16},
                                           {'i', 4, ElementType::int32},
                                           {'i', 8, ElementType::int64},
                                           {'u', 1, ElementType::uint8},
                                           {'u', 2, ElementType::uint16},
                                           {'u', 4, ElementType::uint32},
                                           {'u', 8, ElementType::uint64},
                                           {'f', 2, ElementType::float16},
                                           {'f', 4, ElementType::float32},
                                           {'f', 8, ElementType::float64}}};
  if (header_.kind == 'S' || header_.kind == 'a' || header_.kind == 'U') return ElementType::text;
  const auto found = std::ranges::find_if(kTypes, [&](const Row& row) {
    return row.kind == header_.kind && row.size == header_.item_size;
  });
  return found == kTypes.end() ? ElementType::other : found->type;
}

Expected<NpyFile> NpyFile::open(const std::string& path) {
  auto source = open_file_source(path);
  if (!source) return tl::unexpected(source.error());
  auto npy = open(*std::move(source), path);
  if (npy) npy->is_own_file_ = true;
  return npy;
}

Expected<NpyFile> NpyFile::open(std::unique_ptr<ByteSource> source, const std::string& where) {
  NpyFile npy;
  npy.where_ = where;
  npy.source_ = std::move(source);
  const auto text = read_header_text(*npy.source_, where);
  if (!text) return tl::unexpected(text.error());
  auto header = parse_npy_header(text->text, where);
  if (!header) return tl::unexpected(header.error());
  npy.header_ = std::move(*header);
  npy.begin_ = text->end;

  const auto& shape = npy.header_.shape;
  if (shape.empty()) {
    return fail(tr("'{}' holds a single number; zscape reads arrays", where));
  }
  std::vector<std::int64_t> factors = shape;
  factors.push_back(static_cast<std::int64_t>(npy.header_.item_size));
  const auto claimed = product(factors);
  const auto row_size = product(std::span(shape).subspan(1));
  const std::uint64_t held = npy.source_->size() - npy.begin_;
  if (!claimed || *claimed > held || !row_size) {
    return fail(
        tr("'{}' is cut short: its header promises an array {} of {}, and {} bytes of it are there",
           where, dims_text(shape), npy.type_name(), held));
  }
  if (*claimed < held) {
    return fail(
        tr("'{}' is damaged: it goes on for {} bytes after the array {} of {} that its header "
           "promises",
           where, held - *claimed, dims_text(shape), npy.type_name()));
  }
  npy.row_size_ = static_cast<std::size_t>(*row_size);
  return npy;
}

std::optional<FileBlock> NpyFile::block() const {
  const bool is_ours =
      type() == ElementType::uint8 ||
      (type() == ElementType::float32 && !header_.swapped && begin_ % sizeof(float) == 0);
  if (!is_own_file_ || !is_ours || header_.fortran_order) return std::nullopt;
  return FileBlock{where_, begin_};
}

// All rows of an array in Fortran order.
Expected<void> NpyFile::read_by_columns(std::span<std::byte> rows) {
  const std::size_t item = header_.item_size;
  std::vector<std::byte> chunk(std::min(rows.size(), std::max(item, kChunkBytes / item * item)));
  Cursor cursor(header_, row_size_);
  for (std::size_t done = 0; done < rows.size();) {
    const auto part = std::span(chunk).first(std::min(rows.size() - done, chunk.size()));
    const auto got = source_->read(part);
    if (!got) return tl::unexpected(got.error());
    if (*got < part.size()) break;
    for (std::size_t at = 0; at < part.size(); at += item, cursor.advance()) {
      std::ranges::copy(part.subspan(at, item), rows.subspan(cursor.place() * item).begin());
    }
    done += part.size();
    if (done == rows.size()) return {};
  }
  if (rows.empty()) return {};
  return fail(tr("'{}' cannot be read to its end: it became shorter, or its disk fails", where_));
}

Expected<ArrayValues> NpyFile::read_rows(std::int64_t first, std::int64_t count) {
  assert(reads_slices() || (first == 0 && count == rows()));
  const std::size_t row_bytes = row_size_ * header_.item_size;
  std::vector<std::byte> bytes(static_cast<std::size_t>(count) * row_bytes);
  const std::uint64_t place = begin_ + static_cast<std::uint64_t>(first) * row_bytes;
  if (auto there = source_->seek(place); !there) return tl::unexpected(there.error());
  if (!reads_slices()) {
    if (auto done = read_by_columns(bytes); !done) return tl::unexpected(done.error());
  } else {
    const auto got = source_->read(bytes);
    if (!got) return tl::unexpected(got.error());
    if (*got < bytes.size()) {
      return fail(
          tr("'{}' cannot be read to its end: it became shorter, or its disk fails", where_));
    }
  }
  if (type() != ElementType::text) return values_of(type(), bytes, header_.swapped);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < bytes.size(); at += header_.item_size) {
    texts.push_back(text_of(std::span(bytes).subspan(at, header_.item_size), header_));
  }
  return texts;
}

NamedArray array_of(NpyFile file, std::string name) {
  NamedArray array;
  array.name = std::move(name);
  array.where = file.where();
  array.type = file.type();
  array.type_name = file.type_name();
  array.shape = file.shape();
  array.reads_slices = file.reads_slices();
  array.block = file.block();
  array.read = [opened = std::make_shared<NpyFile>(std::move(file))](std::int64_t first,
                                                                     std::int64_t count) {
    return opened->read_rows(first, count);
  };
  return array;
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
