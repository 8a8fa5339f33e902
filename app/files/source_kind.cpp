#include "app/files/source_kind.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string_view>
#include <system_error>

#include "engine/data/array_set.h"
#include "engine/data/formats.h"
#include "engine/data/picture_file.h"
#include "engine/io/pytorch_file.h"
#include "engine/io/safetensors.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Whether a file begins as an object of JSON, with all these words among its first bytes.
bool begins_as_object_with(const std::string& path, std::size_t bytes,
                           std::initializer_list<std::string_view> words) {
  std::string text(bytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{' &&
         std::ranges::all_of(words, [&text](std::string_view word) {
           return text.find(word) != std::string::npos;
         });
}

}  // namespace

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
  if (std::filesystem::is_directory(status)) {  // loading fails if it is no data
    return looks_like_results(source) ? SourceKind::results : SourceKind::data;
  }
  if (looks_like_safetensors(source) || looks_like_program(source)) return SourceKind::model;
  if (looks_like_session(source)) return SourceKind::session;
  if (looks_like_experiment(source)) return SourceKind::experiment;
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
    case SourceKind::results:
      return fail(
          tr("--data: {} holds the results of a lab; give {}", source, data_sources_text()));
    case SourceKind::experiment:
      return fail(tr("--data: {} describes an experiment; give {}", source, data_sources_text()));
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
  return begins_as_object_with(path, 4096, {kSessionKey});
}

bool looks_like_results(const std::string& folder) {
  const std::filesystem::path place(folder);
  std::error_code error;
  return std::filesystem::is_regular_file(place / "experiment.json", error) &&
         std::filesystem::is_regular_file(place / "runs.json", error);
}

bool looks_like_experiment(const std::string& path) {
  return begins_as_object_with(path, 1 << 16, {"\"question\"", "\"axes\""});
}

}  // namespace zscape
