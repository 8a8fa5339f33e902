#include "engine/program/archive.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "engine/data/zip.h"
#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLargestText = std::uint64_t{64} << 20U;
constexpr std::uint64_t kLargestConstants = std::uint64_t{64} << 20U;
const std::string kWeights = "data/weights/";
const std::string kConstants = "data/constants/";

// How to export what zscape opens, for those who bring another kind of file.
std::string how_to_export() {
  return tr(
      "torch.export.save(torch.export.export(encoder.eval(), (x,), dynamic_shapes=({0: "
      "torch.export.Dim.DYNAMIC},)), \"encoder.pt2\")");
}

class Archive {
 public:
  Archive(std::string path, std::string where, std::vector<ZipEntry> entries)
      : path_(std::move(path)), where_(std::move(where)), entries_(std::move(entries)) {
    // The entries lie under one folder.
    constexpr std::string_view kMark = "/archive_format";
    for (const ZipEntry& entry : entries_) {
      if (entry.name == kMark.substr(1)) break;
      if (entry.name.ends_with(kMark) && entry.name.find('/') == entry.name.size() - kMark.size()) {
        folder_ = entry.name.substr(0, entry.name.size() - kMark.size() + 1);
      }
    }
  }

  const std::string& where() const { return where_; }
  const std::vector<ZipEntry>& entries() const { return entries_; }

  const ZipEntry* find(const std::string& name) const {
    const auto found = std::ranges::find(entries_, folder_ + name, &ZipEntry::name);
    return found == entries_.end() ? nullptr : &*found;
  }

  bool has_folder(const std::string& name) const {
    return std::ranges::any_of(
        entries_, [&](const ZipEntry& entry) { return entry.name.starts_with(folder_ + name); });
  }

  // The model's name where the archive has exactly one.
  std::vector<std::string> models() const {
    const std::string begin = folder_ + "models/", end = ".json";
    std::vector<std::string> names;
    for (const ZipEntry& entry : entries_) {
      if (!entry.name.starts_with(begin) || !entry.name.ends_with(end) ||
          entry.name.size() <= begin.size() + end.size()) {
        continue;
      }
      names.push_back(
          entry.name.substr(begin.size(), entry.name.size() - begin.size() - end.size()));
    }
    return names;
  }

  Expected<void> read(const ZipEntry& entry, std::span<std::byte> bytes) const {
    const auto source = open_zip_entry(path_, entry, where_ + ": " + entry.name);
    if (!source) return tl::unexpected(source.error());
    const auto got = (*source)->read(bytes);
    if (!got) return tl::unexpected(got.error());
    if (*got != bytes.size()) return fail(tr("{}: '{}' is cut short", where_, entry.name));
    return {};
  }

  Expected<json> read_json(const std::string& name) const {
    const ZipEntry* entry = find(name);
    if (entry == nullptr) return fail(tr("{}: it lacks {}", where_, name));
    if (entry->size > kLargestText) return fail(tr("{}: {} is beyond 64 MB", where_, name));
    std::string text(entry->size, '\0');
    if (auto done = read(*entry, std::as_writable_bytes(std::span(text))); !done) {
      return tl::unexpected(done.error());
    }
    json value = json_or_discarded(text);
    if (value.is_discarded()) return fail(tr("{}: {} is no JSON", where_, name));
    return value;
  }

 private:
  std::string path_;
  std::string where_;
  std::vector<ZipEntry> entries_;
  std::string folder_;  // "archive/"; empty: none
};

std::int64_t whole(const json& size) {
  return whole_from<std::int64_t>(size.at("as_int"));
}

std::vector<std::int64_t> wholes(const json& sizes) {
  std::vector<std::int64_t> numbers;
  for (const json& size : sizes) numbers.push_back(whole(size));
  return numbers;
}

// The tensor that a description makes of an entry's bytes, with memory of its own.
Expected<at::Tensor> tensor_from(const std::vector<std::byte>& bytes, const json& meta,
                                 const std::string& what) {
  const auto type = scalar_type_from(meta.at("dtype"));
  if (!type) return fail(tr("{} has a type of numbers that zscape does not read", what));
  const std::vector<std::int64_t> sizes = wholes(meta.at("sizes"));
  const std::vector<std::int64_t> strides = wholes(meta.at("strides"));
  const std::int64_t offset = whole(meta.at("storage_offset"));
  const auto unit = static_cast<std::int64_t>(c10::elementSize(*type));
  const std::int64_t held = static_cast<std::int64_t>(bytes.size()) / unit;
  std::int64_t numbers = 1;
  std::int64_t last = offset;
  bool fits = sizes.size() == strides.size() && offset >= 0 && sizes.size() <= 8;
  for (std::size_t i = 0; fits && i < sizes.size(); ++i) {
    fits = sizes[i] >= 0 && strides[i] >= 0 && sizes[i] <= held && strides[i] <= held;
    if (!fits || sizes[i] == 0) {
      numbers = 0;
      continue;
    }
    numbers *= sizes[i];
    std::int64_t reach = 0;
    fits = !__builtin_mul_overflow(sizes[i] - 1, strides[i], &reach) && reach <= held;
    if (!fits) break;
    last += reach;
    // Strides of 0 would make more numbers than the file has.
    fits = numbers <= held && last < held;
  }
  if (!fits || (numbers > 0 && last >= held)) {
    return fail(tr("{} is larger than its bytes in the file", what));
  }
  if (numbers == 0) return at::zeros(sizes, *type);
  at::Tensor all = at::empty({held}, *type);
  std::copy_n(bytes.data(), held * unit, static_cast<std::byte*>(all.data_ptr()));
  return all.as_strided(sizes, strides, offset).contiguous().clone();
}

// The tensors that a configuration names.
Expected<void> read_tensors(const Archive& archive, const std::string& folder,
                            const std::string& config_name, std::uint64_t most,
                            std::map<std::string, at::Tensor>& tensors, ExportedArchive& result) {
  const auto config = archive.read_json(folder + config_name);
  if (!config) return tl::unexpected(config.error());
  std::uint64_t total = 0;
  std::map<std::string, std::vector<std::byte>> read;
  for (const auto& [name, payload] : config->at("config").items()) {
    if (payload.value("use_pickle", true)) {
      return fail(
          tr("{}: '{}' is a pickle, which zscape does not read since reading one runs its code; "
             "make it a plain tensor in Python before you export",
             archive.where(), name));
    }
    const auto file = payload.at("path_name").get<std::string>();
    const ZipEntry* entry = archive.find(folder + file);
    if (entry == nullptr) return fail(tr("{}: it lacks {}", archive.where(), folder + file));
    const auto known = read.find(file);
    if (known == read.end()) {
      if (entry->compressed) {
        return fail(tr("{}: '{}' is compressed; torch.export.save stores it as it is",
                       archive.where(), entry->name));
      }
      total += entry->size;
      if (total > most) return fail(tr("{}: its {} are too large", archive.where(), folder));
      std::vector<std::byte> bytes(entry->size);
      if (auto done = archive.read(*entry, bytes); !done) return done;
      read[file] = std::move(bytes);
    }
    const json& meta = payload.at("tensor_meta");
    auto tensor = tensor_from(read[file], meta, archive.where() + ": " + name);
    if (!tensor) return tl::unexpected(tensor.error());
    tensors[name] = *std::move(tensor);
    if (&tensors == &result.weights) {
      result.places[name] = file + meta.at("storage_offset").dump() + meta.at("sizes").dump() +
                            meta.at("strides").dump();
      result.meta[name] = {{"is_param", payload.at("is_param").get<bool>()},
                           {"requires_grad", meta.at("requires_grad").get<bool>()}};
    }
  }
  return {};
}

Expected<ExportedArchive> read_archive(const Archive& archive) {
  if (archive.find("archive_format") == nullptr) {
    if (archive.has_folder("code/") || archive.has_folder("constants.pkl")) {
      return fail(tr("{} is TorchScript, which zscape does not run; export the module instead: {}",
                     archive.where(), how_to_export()));
    }
    return fail(tr("{} is no archive of torch.export.save; make one in Python: {}", archive.where(),
                   how_to_export()));
  }
  const std::vector<std::string> models = archive.models();
  if (archive.has_folder("data/aotinductor/") || (models.empty() && archive.has_folder("data/"))) {
    return fail(
        tr("{} is a package of AOTInductor, native code that zscape does not run; export the "
           "module instead: {}",
           archive.where(), how_to_export()));
  }
  if (models.size() != 1) {
    return fail(tr("{} holds {} programs, not one; save each in a file of its own: {}",
                   archive.where(), models.size(), how_to_export()));
  }
  try {
    ExportedArchive result;
    auto program = archive.read_json("models/" + models.front() + ".json");
    if (!program) return tl::unexpected(program.error());
    result.program = *std::move(program);
    constexpr std::uint64_t kAny = std::uint64_t{1} << 40U;  // the file has as many bytes
    if (auto done = read_tensors(archive, kWeights, models.front() + "_weights_config.json", kAny,
                                 result.weights, result);
        !done) {
      return tl::unexpected(done.error());
    }
    if (auto done = read_tensors(archive, kConstants, models.front() + "_constants_config.json",
                                 kLargestConstants, result.constants, result);
        !done) {
      return tl::unexpected(done.error());
    }
    return result;
  } catch (const json::exception& error) {
    return fail(tr("{}: its description cannot be read: {}", archive.where(), error.what()));
  }
}

Expected<std::optional<ExportedArchive>> read_packed(const std::string& path, const Archive& packed,
                                                     const std::string& name) {
  const ZipEntry* entry = packed.find(name);
  if (entry == nullptr) return std::nullopt;
  const std::string where = fmt::format("{}: {}", path, name);
  if (entry->compressed) return fail(tr("{} is compressed; store it in the zip as it is", where));
  const auto extent = extent_of(path, *entry);
  if (!extent) return tl::unexpected(extent.error());
  auto entries = read_zip_directory(path, &*extent);
  if (!entries) return tl::unexpected(entries.error());
  auto read = read_archive(Archive(path, where, *std::move(entries)));
  if (!read) return tl::unexpected(read.error());
  return *std::move(read);
}

}  // namespace

std::optional<at::ScalarType> scalar_type_from(const json& number) {
  switch (whole_from<int>(number)) {
    case 1:
      return at::kByte;
    case 2:
      return at::kChar;
    case 3:
      return at::kShort;
    case 4:
      return at::kInt;
    case 5:
      return at::kLong;
    case 6:
      return at::kHalf;
    case 7:
      return at::kFloat;
    case 8:
      return at::kDouble;
    case 12:
      return at::kBool;
    case 13:
      return at::kBFloat16;
    default:
      return std::nullopt;
  }
}

Expected<ProgramFile> read_program_file(const std::string& path) {
  if (!looks_like_zip(path)) {
    return fail(
        tr("{} is no archive of torch.export.save; make one in Python: {}", path, how_to_export()));
  }
  auto entries = read_zip_directory(path);
  if (!entries) return tl::unexpected(entries.error());
  const Archive archive(path, path, *std::move(entries));
  ProgramFile file;
  if (archive.find("encoder.pt2") == nullptr && archive.find("decoder.pt2") == nullptr) {
    auto alone = read_archive(archive);
    if (!alone) return tl::unexpected(alone.error());
    file.alone = *std::move(alone);
    return file;
  }
  for (auto& [name, program] :
       {std::pair{"encoder.pt2", &file.encoder}, {"decoder.pt2", &file.decoder}}) {
    auto read = read_packed(path, archive, name);
    if (!read) return tl::unexpected(read.error());
    *program = *std::move(read);
  }
  if (archive.find("zscape.json") != nullptr) {
    auto sidecar = archive.read_json("zscape.json");
    if (!sidecar) return tl::unexpected(sidecar.error());
    if (!sidecar->is_object()) return fail(tr("{}: zscape.json is no object", path));
    file.sidecar = *std::move(sidecar);
  }
  return file;
}

}  // namespace zscape
