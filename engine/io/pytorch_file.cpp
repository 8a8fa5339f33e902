#include "engine/io/pytorch_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/io/safetensors.h"
#include "engine/text.h"

namespace zscape {
namespace {

// A ZIP file ends with a record that says where its directory begins; a comment may follow it.
constexpr std::size_t kEndRecord = 22;
constexpr std::size_t kLongestComment = 65535;
constexpr std::size_t kEntry = 46;                      // of the directory, before its names
constexpr std::uint64_t kLongestDirectory = 64u << 20;  // some hundred thousand names
constexpr std::size_t kLocator64 = 20, kEndRecord64 = 56;

enum class PytorchFile { other, program, pickle, torchscript, inductor, old_program };

std::uint64_t number_at(std::span<const char> bytes, std::size_t place, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + place, size);  // both are little endian
  return value;
}

bool begins_with(std::span<const char> bytes, std::string_view mark) {
  return std::string_view(bytes.data(), bytes.size()).starts_with(mark);
}

std::vector<char> part_of(std::ifstream& file, std::uint64_t begin, std::uint64_t size) {
  std::vector<char> bytes(size);
  file.clear();
  file.seekg(static_cast<std::streamoff>(begin));
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!file) bytes.clear();
  return bytes;
}

struct Directory {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
};

// Where the directory of a whole ZIP file lies; nothing: it is none, or not whole.
std::optional<Directory> directory_of(std::ifstream& file, std::uint64_t file_size) {
  if (file_size < kEndRecord) return std::nullopt;
  const std::uint64_t tail_size =
      std::min<std::uint64_t>(file_size, kEndRecord + kLongestComment + kLocator64);
  const std::vector<char> tail = part_of(file, file_size - tail_size, tail_size);
  if (tail.size() < kEndRecord) return std::nullopt;
  for (std::size_t place = tail.size() - kEndRecord + 1; place-- > 0;) {
    const std::span<const char> record = std::span(tail).subspan(place);
    if (!begins_with(record, "PK\x05\x06")) continue;
    if (kEndRecord + number_at(record, 20, 2) != record.size()) continue;
    Directory found{number_at(record, 16, 4), number_at(record, 12, 4)};
    std::uint64_t end = file_size - record.size();
    // PyTorch writes a record of ZIP64 even where the directory needs none.
    if (place >= kLocator64 &&
        begins_with(std::span(tail).subspan(place - kLocator64), "PK\x06\x07")) {
      end = number_at(std::span(tail).subspan(place - kLocator64), 8, 8);
      if (end > file_size - std::min<std::uint64_t>(file_size, kEndRecord64)) return std::nullopt;
      const std::vector<char> record64 = part_of(file, end, kEndRecord64);
      if (record64.empty() || !begins_with(record64, "PK\x06\x06")) return std::nullopt;
      found = {number_at(record64, 48, 8), number_at(record64, 40, 8)};
    }
    if (found.size > kLongestDirectory || found.size > end || found.begin != end - found.size) {
      return std::nullopt;
    }
    return found;
  }
  return std::nullopt;
}

std::optional<Directory> directory_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return std::nullopt;
  return directory_of(file, size);
}

// Empty: no ZIP file, or a damaged one.
std::vector<std::string> names_in(const std::string& path) {
  const std::optional<Directory> place = directory_of(path);
  if (!place) return {};
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes = part_of(file, place->begin, place->size);
  std::vector<std::string> names;
  for (std::size_t at = 0; at + kEntry <= bytes.size();) {
    const std::span<const char> entry = std::span(bytes).subspan(at);
    if (!begins_with(entry, "PK\x01\x02")) return {};
    const std::size_t name = number_at(entry, 28, 2);
    const std::size_t whole = kEntry + name + number_at(entry, 30, 2) + number_at(entry, 32, 2);
    if (whole > entry.size()) return {};
    names.emplace_back(entry.data() + kEntry, name);
    at += whole;
  }
  return names;
}

bool has_ending(const std::vector<std::string>& names, std::string_view ending) {
  return std::ranges::any_of(
      names, [&](const std::string& name) { return std::string_view(name).ends_with(ending); });
}

bool has_part(const std::vector<std::string>& names, std::string_view part) {
  return std::ranges::any_of(
      names, [&](const std::string& name) { return name.find(part) != std::string::npos; });
}

PytorchFile kind_of(const std::string& path) {
  std::error_code error;
  // A safetensors file may begin with the same two bytes: those of its header's length.
  if (!std::filesystem::is_regular_file(path, error) || looks_like_safetensors(path)) {
    return PytorchFile::other;
  }
  std::array<char, 256> first{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(first.data(), first.size());
  const std::string_view begin(first.data(), static_cast<std::size_t>(stream.gcount()));
  if (begin.starts_with("\x80\x02")) return PytorchFile::pickle;  // from before 2020
  if (!begin.starts_with("PK\x03\x04")) return PytorchFile::other;

  const std::vector<std::string> names = names_in(path);
  if (has_part(names, "data/aotinductor/")) return PytorchFile::inductor;
  if (has_ending(names, "/models/model.json") || has_ending(names, "decoder.pt2") ||
      has_ending(names, "encoder.pt2")) {
    return PytorchFile::program;
  }
  if (has_ending(names, "serialized_exported_program.json")) return PytorchFile::old_program;
  const bool is_pickle =
      has_ending(names, "data.pkl") || begin.find("data.pkl") != std::string_view::npos;
  if (!is_pickle) return PytorchFile::other;
  return has_part(names, "/code/") ? PytorchFile::torchscript : PytorchFile::pickle;
}

// The line of Python that exports to what opens.
std::string exports_to(const std::string& path) {
  const std::string to = std::filesystem::path(path).replace_extension().string();
  return tr(
      "import zscape_export; zscape_export.export(model.encoder, model.decoder, "
      "\"{}-zscape.pt2\", x=(1, 28, 28))",
      to);
}

}  // namespace

bool looks_like_program(const std::string& path) {
  return kind_of(path) == PytorchFile::program;
}

bool is_pickle_of_pytorch(const std::string& path) {
  return kind_of(path) == PytorchFile::pickle;
}

std::optional<Error> refusal_of_pytorch(const std::string& path) {
  switch (kind_of(path)) {
    case PytorchFile::other:
    case PytorchFile::program:
      break;
    case PytorchFile::pickle:
      return Error{
          tr("{} is a file of PyTorch's torch.save, a pickle, which zscape does not read since "
             "reading one runs its code; convert its state_dict in Python: import torch, "
             "safetensors.torch; safetensors.torch.save_file(torch.load(\"{}\", "
             "map_location=\"cpu\", weights_only=True), \"{}\")",
             path, path, std::filesystem::path(path).replace_extension(".safetensors").string())};
    case PytorchFile::torchscript:
      return Error{
          tr("{} is TorchScript, which PyTorch has given up and zscape does not run; export the "
             "model with the file python/zscape_export.py, where x is the shape of one input: {}",
             path, exports_to(path))};
    case PytorchFile::inductor:
      return Error{
          tr("{} is a package of AOTInductor, native code, which zscape does not run; export the "
             "model with the file python/zscape_export.py, where x is the shape of one input: {}",
             path, exports_to(path))};
    case PytorchFile::old_program:
      return Error{
          tr("{} was exported by a PyTorch older than 2.8, which writes its weights as a pickle; "
             "export the model with a newer one and the file python/zscape_export.py, where x is "
             "the shape of one input: {}",
             path, exports_to(path))};
  }
  return std::nullopt;
}

bool is_whole_model_file(const std::string& path) {
  return directory_of(path).has_value() || is_whole_safetensors(path);
}

}  // namespace zscape
