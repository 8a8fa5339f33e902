#include "engine/data/child_reader.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/data/names.h"
#include "engine/json_text.h"
#include "engine/physical_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr std::size_t kMostArrays = 10'000;
constexpr std::size_t kMostDims = 32;
// Compression by more than this is a file made to fill memory.
constexpr std::uint64_t kMostGrowth = 8192;
constexpr std::uint64_t kSmallArray = std::uint64_t{1} << 26U;
constexpr std::size_t kPicturesAtOnce = 256;

struct ItemType {
  std::string_view name;
  std::size_t size;
};
constexpr std::array<ItemType, 14> kTypes = {{{"bool", 1},
                                              {"uint8", 1},
                                              {"int8", 1},
                                              {"uint16", 2},
                                              {"int16", 2},
                                              {"float16", 2},
                                              {"uint32", 4},
                                              {"int32", 4},
                                              {"float32", 4},
                                              {"uint64", 8},
                                              {"int64", 8},
                                              {"float64", 8},
                                              {"text", 0},
                                              {"picture", 0}}};

std::string text_from(const json& value) {
  const auto& text = value.get_ref<const std::string&>();
  if (!is_utf8(text) || text.find('\0') != std::string::npos) {
    throw json::other_error::create(501, tr("a text is not UTF-8"), &value);
  }
  return text;
}

ChildArray array_from(const json& value) {
  ChildArray array;
  array.name = text_from(value.at("name"));
  array.type = text_from(value.at("type"));
  const auto type = std::ranges::find(kTypes, array.type, &ItemType::name);
  if (type == kTypes.end()) throw json::other_error::create(501, tr("an unknown type"), &value);
  array.item_size = type->size;
  for (const json& dim : value.at("shape")) array.shape.push_back(count_from(dim));
  for (const json& name : value.value("class_names", json::array())) {
    array.class_names.push_back(text_from(name));
  }
  if (array.shape.size() > kMostDims || !product(array.shape)) {
    throw json::other_error::create(501, tr("an impossible shape"), &value);
  }
  return array;
}

// A damaged file may have a library compute without end; a small one says so soon.
int seconds_for(std::uint64_t bytes) {
  constexpr std::uint64_t kBytesASecond = 20'000'000;
  return static_cast<int>(std::min<std::uint64_t>(2 + bytes / kBytesASecond, 3600));
}

// What one array may take, of the size of the file. Numbers that do not fit into memory may go to a
// disk; all texts are read at once.
std::uint64_t most_bytes(std::uint64_t file_size, bool are_numbers) {
  const std::uint64_t memory = physical_memory();
  const std::uint64_t grown =
      file_size > UINT64_MAX / kMostGrowth ? UINT64_MAX : file_size * kMostGrowth;
  const bool bounded = memory > 0 && !are_numbers;
  return std::max(kSmallArray, bounded ? std::min(grown, memory) : grown);
}

Expected<ChildPicture> picture_from(ChildProcess& child, bool pixels, const Progress& progress) {
  const auto text = child.receive_json(progress);
  if (!text) return tl::unexpected(text.error());
  ChildPicture picture;
  try {
    const json head = json_from(*text);
    picture.width = whole_from<int>(head.at("width"));
    picture.height = whole_from<int>(head.at("height"));
    picture.channels = whole_from<int>(head.at("channels"));
    picture.bits = whole_from<int>(head.at("bits"));
  } catch (const json::exception& problem) {
    return child.nonsense(problem.what());
  }
  const auto [width, height, channels, bits] =
      std::tuple(picture.width, picture.height, picture.channels, picture.bits);
  if (width < 1 || height < 1 || channels < 1 || channels > 4 ||
      (bits != 8 && bits != 16 && !(bits == 32 && channels == 1)) ||
      static_cast<std::size_t>(height) > kMostPicturePixels / static_cast<std::size_t>(width)) {
    return child.nonsense(tr("a picture's size"));
  }
  if (!pixels) return picture;
  picture.bytes.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                       static_cast<std::size_t>(channels * bits / 8));
  if (auto done = child.receive_bytes(std::as_writable_bytes(std::span(picture.bytes)), progress);
      !done) {
    return tl::unexpected(done.error());
  }
  return picture;
}

}  // namespace

std::size_t ChildArray::row_items() const {
  // open() has refused shapes without a product.
  return shape.empty() ? 1 : *product(std::span(shape).subspan(1));
}

Expected<void> ChildReader::describe(const std::string& text) {
  try {
    const json description = json_from(text);
    for (const json& value : description.at("arrays")) arrays_.push_back(array_from(value));
    for (const json& note : description.at("notes")) notes_.push_back(text_from(note));
  } catch (const json::exception& problem) {
    return process_.nonsense(problem.what());
  }
  std::set<std::string> names;
  for (const ChildArray& array : arrays_) names.insert(array.name);
  if (arrays_.size() > kMostArrays || names.size() < arrays_.size()) {
    return process_.nonsense(tr("its list of arrays"));
  }
  return {};
}

Expected<void> ChildReader::check_sizes(std::uint64_t file_size) const {
  for (const ChildArray& array : arrays_) {
    const std::uint64_t most = most_bytes(file_size, array.item_size > 0);
    const std::uint64_t items = product(array.shape).value_or(0);
    const std::size_t size = std::max<std::size_t>(array.item_size, 1);
    // Rows without numbers and numbers without rows are counted as one, too.
    if (items <= most / size && static_cast<std::uint64_t>(array.rows()) <= most) continue;
    return fail(
        tr("'{}' says that '{}' is an array {} of {}, which a file of {} bytes on a machine "
           "of {} GB cannot hold; it is damaged, or too large for this machine",
           path(), array.name, dims_text(array.shape), array.type, file_size,
           physical_memory() >> 30U));
  }
  return {};
}

Expected<std::shared_ptr<ChildReader>> ChildReader::open(const std::string& format,
                                                         const std::string& path,
                                                         const Progress& progress,
                                                         const ChildLimits& limits) {
  std::error_code problem;
  const std::uint64_t file_size = std::filesystem::file_size(path, problem);
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  ChildLimits own = limits;
  own.seconds = std::min(limits.seconds, seconds_for(file_size));
  auto process = ChildProcess::start(path, own);
  if (!process) return tl::unexpected(process.error());
  std::shared_ptr<ChildReader> reader(new ChildReader(std::move(*process)));
  reader->format_ = format;
  reader->memory_ = limits.memory;
  reader->file_size_ = file_size;
  // A path may hold any bytes; JSON holds characters, so each byte becomes one.
  const json request = {
      {"do", "list"}, {"format", format}, {"path", std::vector<int>(path.begin(), path.end())}};
  if (auto asked = reader->process_.ask(request.dump(), progress); !asked) {
    return tl::unexpected(asked.error());
  }
  const auto text = reader->process_.receive_json(progress);
  if (!text) return tl::unexpected(text.error());
  if (auto done = reader->describe(*text); !done) return tl::unexpected(done.error());
  if (auto fine = reader->check_sizes(file_size); !fine) return tl::unexpected(fine.error());
  return reader;
}

void ChildReader::put_first(std::size_t array, std::size_t axis) {
  ChildArray& chosen = arrays_.at(array);
  const auto begin = chosen.shape.begin();
  std::rotate(begin, begin + static_cast<std::ptrdiff_t>(axis),
              begin + static_cast<std::ptrdiff_t>(axis) + 1);
  chosen.axis = axis;
}

Expected<void> ChildReader::read(std::size_t array, std::int64_t first, std::int64_t rows,
                                 std::span<std::byte> bytes, const Progress& progress) {
  const ChildArray& chosen = arrays_.at(array);
  if (bytes.size() != static_cast<std::size_t>(rows) * chosen.row_bytes()) {
    return fail(tr("'{}': {} bytes are not {} rows", path(), bytes.size(), rows));
  }
  if (bytes.empty()) return {};
  // libmatio and our own lines of a sparse matrix hold a whole variable.
  process_.allow_seconds(
      seconds_for(file_size_ + static_cast<std::uint64_t>(chosen.rows()) * chosen.row_bytes()));
  const std::uint64_t whole = static_cast<std::uint64_t>(chosen.rows()) * chosen.row_bytes();
  const std::uint64_t machine = physical_memory();
  process_.allow_memory(memory_ + 2 * (machine > 0 ? std::min(whole, machine) : whole));
  const json request = {
      {"do", "read"}, {"array", array}, {"axis", chosen.axis}, {"first", first}, {"rows", rows}};
  if (auto asked = process_.ask(request.dump(), progress); !asked) return asked;
  return process_.receive_bytes(bytes, progress);
}

Expected<std::vector<std::string>> ChildReader::read_text(std::size_t array,
                                                          const Progress& progress) {
  const ChildArray& chosen = arrays_.at(array);
  const json request = {{"do", "read"}, {"array", array}};
  if (auto asked = process_.ask(request.dump(), progress); !asked) {
    return tl::unexpected(asked.error());
  }
  const auto text = process_.receive_json(progress);
  if (!text) return tl::unexpected(text.error());
  std::vector<std::string> items;
  try {
    for (const json& item : json_from(*text)) items.push_back(text_from(item));
  } catch (const json::exception& problem) {
    return process_.nonsense(problem.what());
  }
  if (items.size() != product(chosen.shape)) return process_.nonsense(tr("the number of texts"));
  return items;
}

Expected<void> read_child_pictures(
    std::span<const std::string> paths, bool pixels,
    const std::function<Expected<void>(std::size_t, Expected<ChildPicture>)>& take,
    const Progress& progress, const ChildLimits& limits, bool deep) {
  std::optional<ChildProcess> child;
  const auto all = static_cast<double>(paths.size());
  for (std::size_t first = 0; first < paths.size();) {
    const std::size_t last = std::min(paths.size(), first + kPicturesAtOnce);
    if (!child || !child->is_running()) {
      auto started = ChildProcess::start(paths[first], limits);
      if (!started) return tl::unexpected(started.error());
      child = std::move(*started);
    }
    json names = json::array();
    for (const std::string& path : paths.subspan(first, last - first)) {
      names.push_back(std::vector<int>(path.begin(), path.end()));
    }
    const json request = {{"do", "pictures"}, {"paths", names}, {"pixels", pixels}, {"deep", deep}};
    child->set_subject(paths[first]);
    auto asked = child->ask(request.dump(), progress);
    while (first < last && child->is_running()) {
      child->set_subject(paths[first]);
      const double share = static_cast<double>(first) / all;
      const Progress rest = part_of(progress, share, share);
      Expected<ChildPicture> picture =
          asked ? picture_from(*child, pixels, rest) : tl::unexpected(asked.error());
      if (!picture && picture.error().code == ErrorCode::cancelled) {
        return tl::unexpected(picture.error());
      }
      if (auto taken = take(first++, std::move(picture)); !taken) return taken;
      if (!asked) return asked;
    }
  }
  return {};
}

}  // namespace zscape
