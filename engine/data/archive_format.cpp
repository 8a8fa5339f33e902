#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/child_archive.h"
#include "engine/data/formats.h"
#include "engine/data/names.h"
#include "engine/data/picture_file.h"
#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr double kUnpackShare = 0.5;  // of the loading time
constexpr std::array kEndings = {".zip"sv,     ".tar"sv,    ".tar.gz"sv, ".tgz"sv,
                                 ".tar.bz2"sv, ".tar.xz"sv, ".tar.zst"sv};

// A single file that is packed, as pandas writes data.csv.gz.
bool is_packed_file(const fs::path& path) {
  constexpr std::array kPacked = {".gz"sv, ".bz2"sv, ".xz"sv, ".zst"sv};
  constexpr std::array kHeld = {".csv"sv,  ".tsv"sv, ".txt"sv,    ".data"sv, ".dat"sv,
                                ".npy"sv,  ".npz"sv, ".h5"sv,     ".hdf5"sv, ".h5ad"sv,
                                ".amat"sv, ".mat"sv, ".parquet"sv};
  return std::ranges::find(kPacked, path.extension()) != kPacked.end() &&
         std::ranges::find(kHeld, path.stem().extension()) != kHeld.end();
}

bool looks_like_archive(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) &&
         (is_packed_file(path) ||
          std::ranges::any_of(kEndings, [&](auto ending) { return path.ends_with(ending); }));
}

std::string text_in(const fs::path& path) {
  constexpr std::size_t kMost = 1 << 16;
  std::string text(kMost, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(text.data(), kMost);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

// WebDataset: files of one key, such as 000012.png with 000012.cls, which holds its class, or
// 000012.json, which may.
class KeyedPictures {
 public:
  KeyedPictures(fs::path folder, const std::vector<std::string>& names)
      : folder_(std::move(folder)) {
    for (const std::string& name : names) {
      const auto [key, ending] = split(name);
      if (has_picture_name(name)) pictures_[key] = name;
      if (ending == ".cls") add(key, text_in(folder_ / name));
      if (ending == ".json") add_json(key, text_in(folder_ / name));
    }
  }

  bool has_labels() const { return !pictures_.empty() && !labels_.empty(); }

  // Moves each picture into a folder of its class; where these lie.
  Expected<fs::path> sort_by_class(const std::string& archive) const {
    const fs::path sorted = folder_ / "zscape-classes";
    std::error_code problem;
    for (const auto& [key, name] : pictures_) {
      const auto label = labels_.find(key);
      if (label == labels_.end()) {
        return fail(tr("'{}' holds classes (.cls or .json) of some pictures, and none of '{}'",
                       archive, as_utf8(name)));
      }
      std::string flat = name;
      std::ranges::replace(flat, '/', '_');
      fs::create_directories(sorted / label->second, problem);
      if (!problem) fs::rename(folder_ / name, sorted / label->second / flat, problem);
      if (problem) {
        return fail(tr("the picture '{}' of '{}' cannot be put into its class '{}': {}",
                       as_utf8(name), archive, as_utf8(label->second), problem.message()));
      }
    }
    return sorted;
  }

 private:
  // A key ends at the first dot of a file's name: a.seg.png is of the key a.
  static std::pair<std::string, std::string> split(const std::string& name) {
    const auto slash = name.rfind('/');
    const auto dot = name.find('.', slash == std::string::npos ? 0 : slash + 1);
    if (dot == std::string::npos) return {name, ""};
    return {name.substr(0, dot), name.substr(dot)};
  }

  void add(const std::string& key, std::string label) {
    const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
    while (!label.empty() && is_space(label.back())) label.pop_back();
    while (!label.empty() && is_space(label.front())) label.erase(0, 1);
    constexpr std::size_t kMost = 200;
    if (label.empty() || label.size() > kMost || !is_utf8(label)) return;
    if (label.find_first_of("/\0"sv) != std::string::npos || label.starts_with('.')) return;
    labels_[key] = label;
  }

  void add_json(const std::string& key, const std::string& text) {
    const auto json = json_or_discarded(text);
    if (!json.is_object()) return;
    for (const char* name : {"cls", "label", "class"}) {
      const auto value = json.find(name);
      if (value == json.end()) continue;
      if (value->is_number_integer()) return add(key, value->dump());
      if (value->is_string()) return add(key, value->get<std::string>());
    }
  }

  fs::path folder_;
  std::map<std::string, std::string> pictures_, labels_;
};

// The folder in which the files lie: archives often hold a single one.
fs::path innermost(fs::path folder) {
  while (true) {
    std::error_code ignored;
    const std::vector<fs::directory_entry> entries{fs::directory_iterator(folder, ignored), {}};
    if (entries.size() != 1 || !entries.front().is_directory(ignored)) return folder;
    folder = entries.front().path();
  }
}

// What of an unpacked archive is the data set: its folder, or the one file that is of a format.
Expected<std::string> source_in(const fs::path& folder, const std::vector<std::string>& names,
                                const std::string& archive) {
  const fs::path inner = innermost(folder);
  if (find_data_format(inner.string()) != nullptr) return inner.string();
  std::vector<std::string> found;
  for (const std::string& name : names) {
    const std::string path = (folder / name).string();
    if (!has_picture_name(name) && !looks_like_archive(path) && find_data_format(path) != nullptr) {
      found.push_back(path);
    }
    if (found.size() > 1) break;
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return fail(
        tr("'{}' holds nothing that zscape reads: neither pictures nor a file of one of its "
           "formats",
           archive));
  }
  return fail(tr("'{}' holds several files of data, such as '{}' and '{}'; unpack it and give one",
                 archive, fs::path(found[0]).lexically_relative(folder).string(),
                 fs::path(found[1]).lexically_relative(folder).string()));
}

// Sentences name the archive, not the folder of ours that goes with us.
class Renamed {
 public:
  Renamed(std::string folder, std::string archive)
      : folder_(std::move(folder)), archive_(std::move(archive)) {}

  void operator()(std::string& text) const {
    for (std::size_t place = 0; (place = text.find(folder_, place)) != std::string::npos;) {
      text.replace(place, folder_.size(), archive_);
      place += archive_.size();
    }
  }
  tl::unexpected<Error> operator()(Error error) const {
    (*this)(error.message);
    return tl::unexpected(std::move(error));
  }

 private:
  std::string folder_, archive_;
};

void put_renamed(RawPart& part, const Renamed& renamed,
                 const std::shared_ptr<PrivateFolder>& folder) {
  renamed(part.path);
  renamed(part.labels_path);
  part.read = [read = std::move(part.read), renamed,
               folder](const Progress& progress) -> Expected<RawInputs> {
    auto inputs = read(progress);
    if (!inputs) return renamed(inputs.error());
    return inputs;
  };
  if (!part.stream) return;
  part.stream = [stream = std::move(part.stream), renamed](
                    const TakePiece& take, const Progress& progress) -> Expected<void> {
    auto done = stream(take, progress);
    if (!done) return renamed(done.error());
    return done;
  };
}

Expected<RawData> open_archive(const DataRequest& request, const Progress& progress) {
  const auto [path, key] = split_key(request.source);
  const auto folder = PrivateFolder::make();
  if (!folder) return tl::unexpected(folder.error());
  const fs::path root = (*folder)->path() / "files";
  std::error_code problem;
  fs::create_directory(root, problem);
  const auto names = unpack_archive(path, root, part_of(progress, 0, kUnpackShare));
  if (!names) return tl::unexpected(names.error());
  const Renamed renamed(root.string(), path);

  DataRequest inner = request;
  const KeyedPictures keyed(root, *names);
  if (keyed.has_labels()) {
    const auto sorted = keyed.sort_by_class(path);
    if (!sorted) return renamed(sorted.error());
    inner.source = sorted->string();
  } else {
    const auto source = source_in(root, *names, path);
    if (!source) return renamed(source.error());
    inner.source = *source + (key.empty() ? "" : ":" + key);
  }
  const DataFormat* format = find_data_format(inner.source);
  if (format == nullptr) return fail(tr("'{}' holds nothing that zscape reads", path));
  if (auto fits = check_reads_sequences(*format, inner); !fits) return renamed(fits.error());
  auto data = format->open(inner, part_of(progress, kUnpackShare, 1));
  if (!data) return renamed(data.error());
  data->opened_share = kUnpackShare + (1 - kUnpackShare) * data->opened_share;
  // The folder goes with the functions that read it.
  put_renamed(data->train, renamed, *folder);
  if (data->test) put_renamed(*data->test, renamed, *folder);
  for (auto* sentences : {&data->assumed, &data->left_out}) {
    for (std::string& sentence : *sentences) renamed(sentence);
  }
  return data;
}

}  // namespace

DataFormat archive_format() {
  return {
      .source = tr("a zip or tar archive"),
      .contents = tr("what one of these folders holds, or a single file of one of these formats; "
                     "also .tar.gz, .tgz, .tar.bz2, .tar.xz and .tar.zst; WebDataset's "
                     "pictures with their classes in .cls or .json files; also a single packed "
                     "file, as pandas' .csv.gz"),
      .endings = {".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst"},
      .reads_sequences = true,  // what it holds may
      .can_open =
          [](const std::string& source) { return looks_like_archive(split_key(source).first); },
      .open = open_archive};
}

}  // namespace zscape
