#include "app/files/source_kind.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "engine/data/named_sets.h"
#include "engine/data/npy.h"
#include "engine/io/safetensors.h"

namespace zscape {

Expected<SourceKind> source_kind(const std::string& source) {
  if (source == "synthetic" || find_named_set(source) != nullptr) return SourceKind::data;
  std::error_code error;
  const auto status = std::filesystem::status(source, error);
  if (!std::filesystem::exists(status)) {
    return fail(
        fmt::format("{}: no such file or folder; name a model, a data folder, an NPY file, mnist, "
                    "fashion-mnist, kmnist or synthetic",
                    source));
  }
  if (std::filesystem::is_directory(status) || looks_like_npy(source)) return SourceKind::data;
  if (looks_like_safetensors(source)) return SourceKind::model;
  return fail(fmt::format(
      "{} is neither a model (a safetensors file) nor data (a folder or an NPY file)", source));
}

}  // namespace zscape
