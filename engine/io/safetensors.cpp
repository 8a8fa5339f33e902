#include "engine/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>

#include "engine/io/pytorch_file.h"
#include "engine/physical_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "the file format is little endian");

constexpr std::size_t kLengthBytes = 8;  // before the header
// Read as JSON, it takes up to 16 times as much memory. The reference implementation allows 100 MB.
constexpr std::uint64_t kLongestHeader = std::uint64_t{32} << 20;
constexpr std::size_t kAlignment = 8;  // of the data in the file
constexpr std::string_view kMetadataKey = "__metadata__";

struct TypeRow {
  TensorType type;
  std::string_view name;
  std::size_t size;
};
constexpr std::array kTypes = {
    TypeRow{TensorType::f16, "F16", 2},
    TypeRow{TensorType::bf16, "BF16", 2},
    TypeRow{TensorType::f32, "F32", 4},
    TypeRow{TensorType::f64, "F64", 8},
};

const TypeRow& row_of(TensorType type) {
  return *std::ranges::find(kTypes, type, &TypeRow::type);
}

// The header's length from the file's first eight bytes, checked against the file's size.
Expected<std::size_t> header_length(std::span<const std::byte> first, std::uint64_t file_size,
                                    const std::string& name) {
  if (first.size() < kLengthBytes) {
    return fail(
        tr("{} is not a safetensors file: it has {} bytes, and the header's length alone takes 8",
           name, first.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, first.data(), kLengthBytes);
  if (length > kLongestHeader) {
    return fail(
        tr("{} is not a safetensors file that zscape reads: its header would have {} bytes, and "
           "{} MB are the most",
           name, length, kLongestHeader >> 20));
  }
  if (length > file_size - kLengthBytes) {
    return fail(tr("{} is truncated: its header has {} bytes, and the file ends after {}", name,
                   length, file_size - kLengthBytes));
  }
  if (length == 0) return fail(tr("{} is not a safetensors file: no header", name));
  return static_cast<std::size_t>(length);
}

// The header as JSON. Refuses deeper nesting than the format needs, and a repeated key, of which
// JSON itself would silently keep the last.
Expected<json> parse_header(std::string_view text, const std::string& name) {
  constexpr int kDeepest = 3;  // header, tensor, shape
  std::vector<std::set<std::string>> keys;
  std::string duplicate;
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) {
      keys.resize(std::min<std::size_t>(static_cast<std::size_t>(depth), kDeepest) + 1);
      keys.back().clear();
    }
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
      if (depth >= kDeepest) too_deep = true;
      return depth < kDeepest;
    }
    if (event == json::parse_event_t::key && depth >= 1 && depth <= kDeepest) {
      auto key = value.get<std::string>();
      keys.resize(static_cast<std::size_t>(depth));
      if (!keys.back().insert(key).second) duplicate = std::move(key);
    }
    return true;
  };
  json header = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (text.front() != '{' || !header.is_object() || too_deep) {
    return fail(tr(
        "{} is not a safetensors file: its header is not the JSON object that the format asks for",
        name));
  }
  if (!duplicate.empty()) {
    return fail(tr("{} is broken: its header names {} twice", name, duplicate));
  }
  return header;
}

Expected<std::map<std::string, std::string>> read_metadata(const json& value,
                                                           const std::string& name) {
  std::map<std::string, std::string> metadata;
  if (!value.is_object()) return fail(tr("{} is broken: its metadata is no map", name));
  for (const auto& [key, text] : value.items()) {
    if (!text.is_string()) {
      return fail(tr("{} is broken: its metadata {} is not a string", name, key));
    }
    metadata[key] = text.get<std::string>();
  }
  return metadata;
}

// What the header says about one tensor.
struct Claim {
  std::string name;
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// type size × shape; nothing if that does not fit 63 bits.
std::optional<std::uint64_t> byte_count(TensorType type, const std::vector<std::int64_t>& shape) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::uint64_t count = size_of(type);
  for (const std::int64_t side : shape) {
    const auto factor = static_cast<std::uint64_t>(side);
    if (factor != 0 && count > kMost / factor) return std::nullopt;
    count *= factor;
  }
  return count;
}

bool is_count(const json& value) {
  return value.is_number_unsigned() &&
         value.get<std::uint64_t>() <=
             static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

Expected<Claim> read_claim(const std::string& tensor, const json& value, std::uint64_t data_size,
                           const std::string& name) {
  if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets")) {
    return fail(tr("{} is broken: tensor {}: the header must give dtype, shape and data_offsets",
                   name, tensor));
  }
  const json& dtype = value["dtype"];
  const json& shape = value["shape"];
  const json& offsets = value["data_offsets"];

  Claim claim;
  claim.name = tensor;
  if (!dtype.is_string()) {
    return fail(tr("{} is broken: tensor {}: dtype is not a string", name, tensor));
  }
  const auto type = std::ranges::find(kTypes, dtype.get<std::string>(), &TypeRow::name);
  if (type == kTypes.end()) {
    return fail(tr("{}: tensor {} has dtype {}; zscape reads F32, F64, F16 and BF16", name, tensor,
                   dtype.get<std::string>()));
  }
  claim.type = type->type;
  if (!shape.is_array() || !std::ranges::all_of(shape, is_count)) {
    return fail(tr("{} is broken: tensor {}: its shape is not a list of counts", name, tensor));
  }
  claim.shape = shape.get<std::vector<std::int64_t>>();
  if (!offsets.is_array() || offsets.size() != 2 || !std::ranges::all_of(offsets, is_count)) {
    return fail(tr("{} is broken: tensor {}: data_offsets are not two counts", name, tensor));
  }
  claim.begin = offsets[0].get<std::uint64_t>();
  claim.end = offsets[1].get<std::uint64_t>();
  if (claim.begin > claim.end) {
    return fail(tr("{} is broken: tensor {}: its data end before they begin", name, tensor));
  }
  if (claim.end > data_size) {
    return fail(tr("{} is truncated: tensor {} ends at byte {} of the data, which have {}", name,
                   tensor, claim.end, data_size));
  }
  if (byte_count(claim.type, claim.shape) != claim.end - claim.begin) {
    return fail(tr("{} is broken: tensor {}: its shape and its number of bytes do not agree", name,
                   tensor));
  }
  return claim;
}

Expected<std::vector<std::byte>> read_whole_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) return fail(tr("{}: no such file", path));
  if (!std::filesystem::is_regular_file(status)) {
    return fail(tr("{} is not a file; name a safetensors file", path));
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  const auto cannot_read = [&] {
    const std::error_code code(errno != 0 ? errno : EIO, std::generic_category());
    return fail(tr("{} cannot be read: {}", path, code.message()));
  };
  if (!stream) return cannot_read();
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return fail(tr("{} cannot be read: {}", path, error.message()));

  // The first bytes suffice to refuse a large file of another kind.
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(size, 8)));
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const Expected<std::size_t> length = header_length(bytes, size, path);
  if (!length) return tl::unexpected(length.error());
  if (const std::uint64_t memory = physical_memory(); memory > 0 && size > memory) {
    return fail(tr("{} has {} MB, which is more than this machine's memory ({} MB)", path,
                   size >> 20, memory >> 20));
  }
  bytes.resize(static_cast<std::size_t>(size));
  stream.read(reinterpret_cast<char*>(bytes.data() + kLengthBytes),
              static_cast<std::streamsize>(size - kLengthBytes));
  if (!stream) return cannot_read();
  return bytes;
}

float float_from_half(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {  // zero and subnormal numbers: fraction · 2⁻²⁴
    const float value = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t wide_exponent = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (fraction << 13));
}

template <class Stored, class Convert>
void convert(const std::vector<std::byte>& data, std::vector<float>& values, Convert to_float) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, data.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = to_float(stored);
  }
}

}  // namespace

std::string_view name_of(TensorType type) {
  return row_of(type).name;
}
std::size_t size_of(TensorType type) {
  return row_of(type).size;
}

const TensorEntry* TensorFile::find(std::string_view name) const {
  const auto entry = std::ranges::find(tensors, name, &TensorEntry::name);
  return entry == tensors.end() ? nullptr : &*entry;
}

TensorEntry float_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const float> values) {
  const auto bytes = std::as_bytes(values);
  return {std::move(name), TensorType::f32, std::move(shape), {bytes.begin(), bytes.end()}};
}

std::vector<float> to_floats(const TensorEntry& entry) {
  std::vector<float> values(entry.data.size() / size_of(entry.type));
  switch (entry.type) {
    case TensorType::f16:
      convert<std::uint16_t>(entry.data, values, float_from_half);
      break;
    case TensorType::bf16:
      convert<std::uint16_t>(entry.data, values, [](std::uint16_t bits) {
        return std::bit_cast<float>(std::uint32_t{bits} << 16);
      });
      break;
    case TensorType::f32:
      convert<float>(entry.data, values, [](float value) { return value; });
      break;
    case TensorType::f64:
      convert<double>(entry.data, values, [](double value) { return static_cast<float>(value); });
      break;
  }
  return values;
}

Expected<TensorFile> parse_safetensors(std::span<const std::byte> bytes, const std::string& name) {
  const Expected<std::size_t> length = header_length(bytes, bytes.size(), name);
  if (!length) return tl::unexpected(length.error());
  const auto data = bytes.subspan(kLengthBytes + *length);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, *length);
  const Expected<json> header = parse_header(text, name);
  if (!header) return tl::unexpected(header.error());

  TensorFile file;
  std::vector<Claim> claims;
  for (const auto& [key, value] : header->items()) {
    if (key == kMetadataKey) {
      auto metadata = read_metadata(value, name);
      if (!metadata) return tl::unexpected(metadata.error());
      file.metadata = *std::move(metadata);
      continue;
    }
    auto claim = read_claim(key, value, data.size(), name);
    if (!claim) return tl::unexpected(claim.error());
    claims.push_back(*std::move(claim));
  }

  // The data of the tensors must follow each other without a gap or an overlap.
  std::ranges::sort(claims, [](const Claim& a, const Claim& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::uint64_t covered = 0;
  for (Claim& claim : claims) {
    if (claim.begin != covered) {
      return fail(
          tr("{} is broken: tensor {} begins at byte {} of the data, where the one before it ends "
             "at {}",
             name, claim.name, claim.begin, covered));
    }
    covered = claim.end;
    const auto part = data.subspan(static_cast<std::size_t>(claim.begin),
                                   static_cast<std::size_t>(claim.end - claim.begin));
    file.tensors.push_back(
        {std::move(claim.name), claim.type, std::move(claim.shape), {part.begin(), part.end()}});
  }
  if (covered != data.size()) {
    return fail(tr("{} is broken: its tensors cover {} bytes of the data, which have {}", name,
                   covered, data.size()));
  }
  return file;
}

Expected<TensorFile> read_safetensors(const std::string& path) {
  if (auto refusal = refusal_of_pytorch(path)) return tl::unexpected(*std::move(refusal));
  const auto bytes = read_whole_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_safetensors(*bytes, path);
}

std::vector<std::byte> safetensors_bytes(const TensorFile& file) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!file.metadata.empty()) header[std::string(kMetadataKey)] = file.metadata;
  std::size_t end = 0;
  for (const TensorEntry& tensor : file.tensors) {
    assert(!header.contains(tensor.name) && "tensor names differ");
    assert(byte_count(tensor.type, tensor.shape) == tensor.data.size() && "shape fits the data");
    const std::size_t begin = end;
    end += tensor.data.size();
    header[tensor.name] = {
        {"dtype", name_of(tensor.type)}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  // Names of files and folders may hold bytes that are not UTF-8.
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');

  const std::uint64_t length = text.size();
  std::vector<std::byte> bytes(kLengthBytes + text.size() + end);
  std::memcpy(bytes.data(), &length, kLengthBytes);
  std::memcpy(bytes.data() + kLengthBytes, text.data(), text.size());
  auto place = bytes.begin() + static_cast<std::ptrdiff_t>(kLengthBytes + text.size());
  for (const TensorEntry& tensor : file.tensors) place = std::ranges::copy(tensor.data, place).out;
  return bytes;
}

namespace {

struct FileHeader {
  json header;
  std::uint64_t data = 0;  // bytes of the file behind it
};

Expected<FileHeader> read_header(const std::string& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) return fail(tr("{} cannot be read: {}", path, error.message()));
  std::ifstream stream(path, std::ios::binary);
  std::array<std::byte, kLengthBytes> first{};
  stream.read(reinterpret_cast<char*>(first.data()), first.size());
  if (!stream) return fail(tr("{} is no safetensors file", path));
  const Expected<std::size_t> length = header_length(first, size, path);
  if (!length) return tl::unexpected(length.error());
  std::string text(*length, ' ');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream) return fail(tr("{} cannot be read", path));
  Expected<json> header = parse_header(text, path);
  if (!header) return tl::unexpected(header.error());
  return FileHeader{*std::move(header), size - kLengthBytes - *length};
}

}  // namespace

Expected<std::map<std::string, std::string>> read_safetensors_metadata(const std::string& path) {
  const Expected<FileHeader> read = read_header(path);
  if (!read) return tl::unexpected(read.error());
  const auto metadata = read->header.find(std::string(kMetadataKey));
  if (metadata == read->header.end()) return std::map<std::string, std::string>{};
  return read_metadata(*metadata, path);
}

bool is_whole_safetensors(const std::string& path) {
  if (!looks_like_safetensors(path)) return false;
  const Expected<FileHeader> read = read_header(path);
  if (!read) return false;
  std::uint64_t end = 0;
  for (const auto& [key, value] : read->header.items()) {
    if (key == kMetadataKey) continue;
    const auto claim = read_claim(key, value, read->data, path);
    if (!claim) return false;
    end = std::max(end, claim->end);
  }
  return end == read->data;
}

bool looks_like_safetensors(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  std::array<std::byte, kLengthBytes + 1> first{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(reinterpret_cast<char*>(first.data()), first.size());
  return stream.good() && !error && header_length(first, size, path) &&
         first.back() == std::byte{'{'};
}

}  // namespace zscape
