#include "app/files/file_type.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "app/files/source_kind.h"
#include "engine/checkpoint.h"
#include "engine/io/pytorch_file.h"
#include "engine/io/safetensors.h"
#include "engine/text.h"

namespace zscape {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBeginning = 4096;

// Two zeros, the code of a number type, the number of dimensions.
bool begins_as_idx(std::string_view bytes) {
  constexpr auto kTypes = "\x08\x09\x0B\x0C\x0D\x0E"sv;
  constexpr char kMostDims = 8;
  return bytes.size() >= 4 && bytes.starts_with("\0\0"sv) &&
         kTypes.find(bytes[2]) != std::string_view::npos && bytes[3] >= 1 && bytes[3] <= kMostDims;
}

bool is_text(std::string_view bytes) {
  return std::ranges::none_of(bytes, [](char letter) {
    const bool is_blank = letter == '\t' || letter == '\n' || letter == '\r';
    return static_cast<unsigned char>(letter) < 0x20 && !is_blank;
  });
}

FileType type_of_safetensors(const std::string& path) {
  const auto metadata = read_safetensors_metadata(path);
  if (!metadata) return FileType::other_safetensors;
  if (metadata->contains(kCheckpointKey)) return FileType::checkpoint;
  return metadata->contains(kModelKey) ? FileType::model : FileType::other_safetensors;
}

}  // namespace

FileType file_type(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return FileType::none;
  std::array<char, kBeginning> buffer{};
  std::ifstream file(path, std::ios::binary);
  file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(file.gcount()));
  if (bytes.empty()) return FileType::none;

  struct Beginning {
    std::string_view bytes;
    FileType type;
  };
  constexpr std::array kBeginnings = {
      Beginning{"\x89PNG\r\n\x1a\n"sv, FileType::png},
      Beginning{"GIF8"sv, FileType::gif},
      Beginning{"\x93NUMPY"sv, FileType::npy},
      Beginning{"\xFF\xD8\xFF"sv, FileType::other_picture},
      Beginning{"BM"sv, FileType::other_picture},
      Beginning{"II*\0"sv, FileType::other_picture},
      Beginning{"MM\0*"sv, FileType::other_picture},
      Beginning{"RIFF"sv, FileType::other_picture},
      Beginning{"\x1f\x8b"sv, FileType::archive},
      Beginning{"PK\x03\x04"sv, FileType::archive},
  };
  // A safetensors file begins with its header's length, which may look like anything.
  if (looks_like_safetensors(path)) return type_of_safetensors(path);
  if (is_text(bytes)) {
    if (looks_like_session(path)) return FileType::session;
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    const bool is_json = first != std::string_view::npos && bytes[first] == '{';
    return is_json ? FileType::json : FileType::text;
  }
  if (looks_like_program(path)) return FileType::program;
  for (const auto& [beginning, type] : kBeginnings) {
    if (bytes.starts_with(beginning)) return type;
  }
  return begins_as_idx(bytes) ? FileType::idx : FileType::unknown;
}

std::string name_of(FileType type) {
  switch (type) {
    case FileType::none:
      return tr("an empty file");
    case FileType::model:
      return tr("a model");
    case FileType::checkpoint:
      return tr("the checkpoint of a run");
    case FileType::other_safetensors:
      return tr("a safetensors file of another program");
    case FileType::program:
      return tr("a PyTorch program");
    case FileType::png:
      return tr("a PNG picture");
    case FileType::gif:
      return tr("a GIF animation");
    case FileType::npy:
      return tr("an NPY array");
    case FileType::idx:
      return tr("an IDX file");
    case FileType::other_picture:
      return tr("a picture");
    case FileType::archive:
      return tr("a compressed file");
    case FileType::session:
      return tr("a session");
    case FileType::json:
      return tr("a file of JSON");
    case FileType::text:
      return tr("a text or table");
    case FileType::unknown:
      break;
  }
  return tr("a file that zscape does not know");
}

}  // namespace zscape
