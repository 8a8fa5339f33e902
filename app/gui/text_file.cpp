#include "app/gui/text_file.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>

#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {

namespace fs = std::filesystem;

Expected<std::string> read_text(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 1 << 16> piece{};
  // In pieces: a device or a pipe does not tell how long it is.
  while (file && text.size() <= kLongestText) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (text.size() > kLongestText) {
    return fail(
        tr("the file has more than the {} MB that zscape reads of a text", kLongestText >> 20));
  }
  if (file.eof()) return text;
  return fail(tr("the file cannot be read ({})", std::strerror(errno != 0 ? errno : EIO)));
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
