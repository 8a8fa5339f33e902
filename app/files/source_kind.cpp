#include "app/files/source_kind.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "engine/data/array_set.h"
#include "engine/data/formats.h"
#include "engine/data/picture_file.h"
#include "engine/io/pytorch_file.h"
#include "engine/io/safetensors.h"
#include "engine/text.h"

namespace zscape {

Expected<SourceKind> source_kind(const std::string& source) {
  if (is_data_name(source)) return SourceKind::data;
  std::error_code error;
  const auto status = std::filesystem::status(source, error);
  if (!std::filesystem::exists(status)) {
    // An array of a file: data.npz:images.
    if (!split_key(source).second.empty() && find_data_format(source) != nullptr) {
      return SourceKind::data;
    }
    return fail(tr("{}: no such file or folder; name a model, a session or data ({})", source,
                   data_sources_text()));
  }
  if (std::filesystem::is_directory(status)) return SourceKind::data;  // loading fails if it is not
  if (looks_like_safetensors(source) || looks_like_program(source)) return SourceKind::model;
  if (looks_like_session(source)) return SourceKind::session;
  // Before archives of data, since most of them are ZIP files.
  if (auto refusal = refusal_of_pytorch(source)) return tl::unexpected(*std::move(refusal));
  if (find_data_format(source) != nullptr) return SourceKind::data;
  if (has_picture_name(source)) return SourceKind::picture;
  return fail(tr(
      "{} is neither a model (a safetensors file or a PyTorch program) nor a session nor data ({})",
      source, data_sources_text()));
}

Expected<void> check_is_data(const std::string& source) {
  const Expected<SourceKind> kind = source_kind(source);
  if (!kind) return {};
  switch (*kind) {
    case SourceKind::data:
      break;
    case SourceKind::model:
      return fail(
          tr("--data: {} holds a model or a checkpoint; give {}", source, data_sources_text()));
    case SourceKind::session:
      return fail(tr("--data: {} is a session; give {}", source, data_sources_text()));
    case SourceKind::picture:
      return fail(tr("--data: {} is one picture; give {}", source, data_sources_text()));
  }
  return {};
}

bool names_data(const std::string& source) {
  return is_data_name(source);
}

std::string data_help() {
  return data_formats_help();
}

std::vector<std::string> openable_endings() {
  std::vector<std::string> endings = {".safetensors", ".pt2", ".json"};
  for (const DataFormat& format : data_formats()) {
    endings.insert(endings.end(), format.endings.begin(), format.endings.end());
  }
  return endings;
}

bool looks_like_session(const std::string& path) {
  // We write the key first; an editor may have moved it a little.
  std::array<char, 4096> begin{};
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  const std::string_view text(begin.data(), static_cast<std::size_t>(file.gcount()));
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' &&
         text.find(kSessionKey) != std::string_view::npos;
}

}  // namespace zscape
