#include "app/gui/text_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <system_error>

#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {

namespace fs = std::filesystem;

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) return std::nullopt;
  return text.str();
}

Expected<void> write_text(const std::string& path, const std::string& text) {
  std::error_code ignored;  // writing says what is wrong
  fs::create_directories(fs::path(path).parent_path(), ignored);
  return write_file_atomically(path, std::as_bytes(std::span(text)));
}

std::string set_aside(const std::string& path) {
  std::error_code error;
  std::string aside = path + ".broken";
  for (int number = 2; fs::exists(aside, error); ++number) {
    aside = fmt::format("{}.broken{}", path, number);
  }
  fs::rename(path, aside, error);
  if (error) return tr("the file cannot be set aside either ({})", error.message());
  return tr("the file was set aside as {}", aside);
}

}  // namespace zscape
