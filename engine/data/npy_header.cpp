#include "engine/data/npy_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace zscape {
namespace {

constexpr std::string_view kTypeWanted = "uint8, float32 or float64";

// The few pieces of Python in a header, taken from its text one after the other. Each function
// returns nothing, and takes nothing but blanks, where something else comes.
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

  // A whole number ≥ 0; Python 2 wrote an L behind it.
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

tl::unexpected<Error> damaged(const std::string& path, std::string_view what) {
  return fail(fmt::format("'{}' is damaged: its NPY header {}", path, what));
}

// Reads NumPy's short form of a type: byte order, kind, size, as in <f4.
Expected<void> read_type(std::string_view text, const std::string& path, NpyHeader& header) {
  constexpr std::string_view kOrders = "<>|=";
  if (text.empty() || kOrders.find(text.front()) == std::string_view::npos || text.size() < 2) {
    return damaged(path, fmt::format("has a type '{}' that is not NumPy's", text));
  }
  if (text[1] == 'O') {
    return fail(
        fmt::format("'{}' holds Python objects, which zscape does not unpickle; save an "
                    "array of {}",
                    path, kTypeWanted));
  }
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data() + 2, end, header.item_size);
  const bool has_unit = text[1] == 'M' || text[1] == 'm';  // as in <M8[ns]
  if (problem != std::errc() || (rest != end && !has_unit) || header.item_size == 0 ||
      header.item_size > 1U << 20U || std::isalpha(static_cast<unsigned char>(text[1])) == 0) {
    return damaged(path, fmt::format("has a type '{}' that is not NumPy's", text));
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
      return fail(fmt::format("'{}' holds records with several fields; save a plain array of {}",
                              path, kTypeWanted));
    }
    const auto type = scanner.string();
    if (!type) return damaged(path, "has no type behind 'descr'");
    return read_type(*type, path, header);
  }
  if (key == "fortran_order") {
    const auto order = scanner.boolean();
    if (!order) return damaged(path, "has neither True nor False behind 'fortran_order'");
    header.fortran_order = *order;
    return {};
  }
  if (key == "shape") {
    auto shape = scanner.tuple();
    if (!shape) return damaged(path, "has no dimensions behind 'shape'");
    header.shape = std::move(*shape);
    return {};
  }
  return damaged(path, "has a key that NumPy does not write");
}

}  // namespace

Expected<NpyHeader> parse_npy_header(std::string_view text, const std::string& path) {
  Scanner scanner(text);
  if (!scanner.take('{')) return damaged(path, "is not a dictionary");
  NpyHeader header;
  std::vector<std::string> keys;
  bool comma = true;
  while (!scanner.take('}')) {
    auto key = comma ? scanner.string() : std::nullopt;
    if (!key || !scanner.take(':')) return damaged(path, "is not a dictionary");
    if (auto read = read_entry(*key, scanner, path, header); !read) {
      return tl::unexpected(read.error());
    }
    keys.push_back(std::move(*key));
    comma = scanner.take(',');
  }
  std::ranges::sort(keys);
  if (keys != std::vector<std::string>{"descr", "fortran_order", "shape"}) {
    return damaged(path, "does not have the keys 'descr', 'fortran_order' and 'shape' once each");
  }
  if (!scanner.at_end()) return damaged(path, "goes on after its dictionary");
  return header;
}

std::string npy_type_name(const NpyHeader& header) {
  const std::size_t bits = 8 * header.item_size;
  switch (header.kind) {
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
      return fmt::format("'{}{}'", header.kind, header.item_size);
  }
}

}  // namespace zscape
