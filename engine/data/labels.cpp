#include "engine/data/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/data/utf8.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestNamesFile = 16U << 20U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr const char* kBlanks = " \t\r\v\f";

std::int32_t largest_label(const Dataset& data) {
  std::int32_t largest = -1;
  for (const Split* split : {&data.train, &data.test}) {
    for (const std::int32_t label : split->labels) largest = std::max(largest, label);
  }
  return largest;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string> lines_of(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> lines;
  while (!text.empty()) {
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
    return fail(fmt::format("'{}' cannot be read: {}", path.string(), problem.message()));
  }
  if (size > kLargestNamesFile) {
    return fail(fmt::format("'{}' has {} bytes; a list of class names, one a line, is shorter",
                            path.string(), size));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file.is_open() || file.bad()) {
    return fail(fmt::format("'{}' cannot be read", path.string()));
  }
  return text;
}

}  // namespace

std::vector<std::string> numbered_class_names(const Dataset& data) {
  std::vector<std::string> names;
  for (std::int32_t label = 0; label <= largest_label(data); ++label) {
    names.push_back(std::to_string(label));
  }
  return names;
}

Expected<std::vector<std::string>> read_class_names(const fs::path& folder) {
  const fs::path path = folder / kClassNamesFile;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::vector<std::string>{};
  const auto text = read_text(path);
  if (!text) return tl::unexpected(text.error());
  std::vector<std::string> names = lines_of(*text);
  if (names.empty()) {
    return fail(
        fmt::format("'{}' is empty; it needs the name of each class, one a line", path.string()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty() || !is_utf8(names[i])) {
      return fail(
          fmt::format("'{}' has a line {} that is {}; it needs the name of each class, one "
                      "a line",
                      path.string(), i + 1, names[i].empty() ? "blank" : "not UTF-8"));
    }
  }
  return names;
}

Expected<void> name_classes(Dataset& data, const fs::path& folder) {
  data.class_names.clear();
  const std::int32_t largest = largest_label(data);
  if (largest < 0) return {};
  auto names = read_class_names(folder);
  if (!names) return tl::unexpected(names.error());
  if (names->empty()) {
    data.class_names = numbered_class_names(data);
    return {};
  }
  if (names->size() <= static_cast<std::size_t>(largest)) {
    return fail(
        fmt::format("'{}' names {} classes, and the largest label is {}; it needs {} names, "
                    "one a line",
                    (folder / kClassNamesFile).string(), names->size(), largest, largest + 1));
  }
  data.class_names = std::move(*names);
  return {};
}

}  // namespace zscape
