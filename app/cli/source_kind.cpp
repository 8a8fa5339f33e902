#include "app/cli/source_kind.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "engine/io/safetensors.h"

namespace zscape {

Expected<SourceKind> source_kind(const std::string& source) {
  if (source == "synthetic") return SourceKind::data;
  std::error_code error;
  const auto status = std::filesystem::status(source, error);
  if (!std::filesystem::exists(status)) {
    return fail(
        fmt::format("{}: no such file or folder; name a model, a data folder or "
                    "'synthetic'",
                    source));
  }
  if (std::filesystem::is_directory(status)) return SourceKind::data;
  if (looks_like_safetensors(source)) return SourceKind::model;
  return fail(
      fmt::format("{} is neither a model (a safetensors file) nor a folder with data", source));
}

}  // namespace zscape
