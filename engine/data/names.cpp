#include "engine/data/names.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestNamesFile = 16U << 20U;
constexpr std::size_t kMostNames = kLargestLabel + 1;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr const char* kBlanks = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> lines_of(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() <= kMostNames) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(trimmed(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

Expected<std::string> read_text(const fs::path& path) {
  std::error_code problem;
  const std::uintmax_t size = fs::file_size(path, problem);
  if (problem) {
    return fail(tr("'{}' cannot be read: {}", path.string(), problem.message()));
  }
  if (size > kLargestNamesFile) {
    return fail(tr("'{}' has {} bytes; a list of class names, one a line, is shorter",
                   path.string(), size));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    return fail(
        tr("'{}' cannot be read: {}", path.string(), std::strerror(errno != 0 ? errno : EIO)));
  }
  return text;
}

// The names in labels.txt; empty if there is no such file.
Expected<std::vector<std::string>> read_class_names(const fs::path& folder) {
  const fs::path path = folder / kClassNamesFile;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::vector<std::string>{};
  const auto text = read_text(path);
  if (!text) return tl::unexpected(text.error());
  std::vector<std::string> names = lines_of(*text);
  if (names.empty()) {
    return fail(tr("'{}' is empty; it needs the name of each class, one a line", path.string()));
  }
  if (names.size() > kMostNames) {
    return fail(tr("'{}' has more than {} lines; it needs the name of each class, one a line",
                   path.string(), kMostNames));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) {
      return fail(
          tr("'{}' has a line {} that is blank; it needs the name of each class, one a line",
             path.string(), i + 1));
    }
    if (!is_utf8(names[i])) {
      return fail(
          tr("'{}' has a line {} that is not UTF-8; it needs the name of each class, one a line",
             path.string(), i + 1));
    }
  }
  return names;
}

// The length of the first character; 0 if text does not begin with one.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t length = 4;
  if (lead < 0xE0) {
    length = 2;
  } else if (lead < 0xF0) {
    length = 3;
  }
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const std::uint8_t second = byte(1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second >= 0xA0;
  const bool beyond = lead == 0xF4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

Expected<std::vector<std::string>> class_names(std::int64_t largest,
                                               const std::vector<std::string>& of_format,
                                               const fs::path& folder) {
  if (largest < 0) return std::vector<std::string>{};
  if (!folder.empty()) {
    auto names = read_class_names(folder);
    if (!names) return names;
    const auto count = static_cast<std::int64_t>(names->size());
    if (count > 0 && !of_format.empty() && names->size() != of_format.size()) {
      return fail(
          tr("'{}' names {} classes, and the data have {}; it needs one name for each, one a line",
             (folder / kClassNamesFile).string(), count, of_format.size()));
    }
    if (count > 0 && count <= largest) {
      return fail(
          tr("'{}' names {} classes, and the largest label is {}; it needs {} names, one a line",
             (folder / kClassNamesFile).string(), count, largest, largest + 1));
    }
    if (count > 0) return names;
  }
  if (!of_format.empty()) return of_format;
  std::vector<std::string> numbers;
  for (std::int64_t label = 0; label <= largest; ++label) numbers.push_back(std::to_string(label));
  return numbers;
}

bool is_utf8(std::string_view text) {
  return as_utf8(text) == text;
}

std::string as_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    valid += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

}  // namespace zscape
