#include "app/files/source_kind.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "engine/data/named_sets.h"
#include "engine/data/npy.h"
#include "engine/data/picture_file.h"
#include "engine/io/safetensors.h"

namespace zscape {

Expected<SourceKind> source_kind(const std::string& source) {
  if (source == "synthetic" || find_named_set(source) != nullptr) return SourceKind::data;
  std::error_code error;
  const auto status = std::filesystem::status(source, error);
  if (!std::filesystem::exists(status)) {
    return fail(
        fmt::format("{}: no such file or folder; name a model, a session, a data folder, an NPY "
                    "file, mnist, fashion-mnist, kmnist or synthetic",
                    source));
  }
  if (std::filesystem::is_directory(status) || looks_like_npy(source)) return SourceKind::data;
  if (looks_like_safetensors(source)) return SourceKind::model;
  if (looks_like_session(source)) return SourceKind::session;
  if (has_picture_name(source)) return SourceKind::picture;
  return fail(
      fmt::format("{} is neither a model (a safetensors file) nor a session nor data (a folder or "
                  "an NPY file)",
                  source));
}

bool looks_like_session(const std::string& path) {
  // The key stands first in what we write; a person's editor may have moved it a little.
  std::array<char, 4096> begin{};
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  const std::string_view text(begin.data(), static_cast<std::size_t>(file.gcount()));
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' &&
         text.find(kSessionKey) != std::string_view::npos;
}

}  // namespace zscape
