#include "engine/data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>

#include "engine/data/labels.h"
#include "engine/data/parallel.h"
#include "engine/data/part_progress.h"
#include "engine/data/picture_file.h"
#include "engine/data/split_rows.h"
#include "engine/data/utf8.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrain = "train";
constexpr const char* kTest = "test";
constexpr int kLargestOwnSide = 64;
constexpr ImageSize kUsualSize = {28, 28};
constexpr std::size_t kMostClasses = static_cast<std::size_t>(kLargestLabel) + 1;
constexpr double kHeadersShare = 0.1;  // of the time that loading takes

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// What lies in a folder, by names, sorted, without hidden things.
struct Listing {
  std::vector<fs::path> pictures;
  std::vector<fs::path> folders;
};

Expected<Listing> list_folder(const fs::path& folder) {
  Listing listing;
  std::error_code problem;
  for (auto entry = fs::directory_iterator(folder, problem);
       !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      listing.folders.push_back(entry->path());
    } else if (has_picture_name(name) && entry->is_regular_file(ignored)) {
      listing.pictures.push_back(entry->path());
    }
  }
  if (problem) {
    return fail(
        fmt::format("the folder '{}' cannot be read: {}", folder.string(), problem.message()));
  }
  std::ranges::sort(listing.pictures);
  std::ranges::sort(listing.folders);
  return listing;
}

void append(PictureList& list, const std::vector<fs::path>& pictures) {
  for (const fs::path& path : pictures) list.paths.push_back(path.string());
}

// One set of pictures: those of a folder, or of its sub-folders.
Expected<PictureList> list_pictures(const fs::path& folder) {
  const auto listing = list_folder(folder);
  if (!listing) return tl::unexpected(listing.error());
  PictureList list;
  append(list, listing->pictures);
  for (const fs::path& inner : listing->folders) {
    const auto inner_listing = list_folder(inner);
    if (!inner_listing) return tl::unexpected(inner_listing.error());
    if (inner_listing->pictures.empty()) continue;
    if (!listing->pictures.empty()) {
      return fail(
          fmt::format("'{}' holds pictures both directly ('{}') and in its sub-folder '{}'; "
                      "put each picture into a sub-folder for its class, or none",
                      folder.string(), listing->pictures.front().filename().string(),
                      inner.filename().string()));
    }
    list.labels.insert(list.labels.end(), inner_listing->pictures.size(),
                       static_cast<std::int32_t>(list.class_names.size()));
    list.class_names.push_back(as_utf8(inner.filename().string()));
    append(list, inner_listing->pictures);
  }
  if (list.class_names.size() > kMostClasses) {
    return fail(fmt::format("'{}' has {} sub-folders with pictures; zscape takes up to {} classes",
                            folder.string(), list.class_names.size(), kMostClasses));
  }
  return list;
}

// Refuses a class that only one of train and test has.
Expected<void> check_classes(const PictureFolder& pictures, const fs::path& folder) {
  const auto lacks = [](const PictureList& list, const std::string& name) {
    return std::ranges::find(list.class_names, name) == list.class_names.end();
  };
  const auto complain = [&](const char* holder, const char* lacking, const std::string& name) {
    return fail(
        fmt::format("'{}' has pictures in {}/{}, and none in {}/{}; both need the same "
                    "classes",
                    folder.string(), holder, name, lacking, name));
  };
  for (const std::string& name : pictures.train.class_names) {
    if (lacks(pictures.test, name)) return complain(kTrain, kTest, name);
  }
  for (const std::string& name : pictures.test.class_names) {
    if (lacks(pictures.train, name)) return complain(kTest, kTrain, name);
  }
  return {};
}

Expected<std::optional<PictureFolder>> find_two_sets(const fs::path& folder) {
  auto train = list_pictures(folder / kTrain);
  if (!train) return tl::unexpected(train.error());
  auto test = list_pictures(folder / kTest);
  if (!test) return tl::unexpected(test.error());
  if (train->paths.empty() && test->paths.empty()) return std::nullopt;
  for (const auto& [list, name] : {std::pair{&*train, kTrain}, std::pair{&*test, kTest}}) {
    if (list->paths.empty()) {
      return fail(
          fmt::format("'{}' holds no pictures in its sub-folder {}", folder.string(), name));
    }
  }
  PictureFolder pictures{std::move(*train), std::move(*test), false};
  if (auto alike = check_classes(pictures, folder); !alike) return tl::unexpected(alike.error());
  return pictures;
}

// The form to bring all pictures to, from their headers.
Expected<ImageShape> common_shape(const std::vector<std::string>& paths,
                                  const std::optional<ImageSize>& size, const Progress& progress) {
  std::vector<PictureInfo> infos(paths.size());
  auto done = for_each_index(paths.size(), "looking at the pictures", progress,
                             [&](std::size_t i) -> Expected<void> {
                               const auto info = read_picture_info(paths[i]);
                               if (!info) return tl::unexpected(info.error());
                               infos[i] = *info;
                               return {};
                             });
  if (!done) return tl::unexpected(done.error());

  const PictureInfo& first = infos.front();
  const bool alike = std::ranges::all_of(infos, [&](const PictureInfo& info) {
    return info.width == first.width && info.height == first.height;
  });
  const bool grey = std::ranges::all_of(infos, &PictureInfo::grey);
  ImageSize chosen = kUsualSize;
  if (size) {
    chosen = *size;
  } else if (alike && first.width <= kLargestOwnSide && first.height <= kLargestOwnSide) {
    chosen = {first.height, first.width};
  }
  return ImageShape{chosen.height, chosen.width, grey ? 1 : 3};
}

std::vector<std::int32_t> labels_of(const PictureList& list,
                                    const std::vector<std::int64_t>& rows) {
  std::vector<std::int32_t> labels;
  if (list.labels.empty()) return labels;
  for (const std::int64_t row : rows) labels.push_back(list.labels[static_cast<std::size_t>(row)]);
  return labels;
}

// labels.txt renames the sub-folders' classes.
Expected<std::vector<std::string>> class_names(const PictureFolder& pictures,
                                               const fs::path& folder) {
  const auto& own = pictures.train.class_names;
  if (own.empty()) return own;
  auto names = read_class_names(folder);
  if (!names) return names;
  if (names->empty()) return own;
  if (names->size() != own.size()) {
    return fail(
        fmt::format("'{}' names {} classes, and {} sub-folders hold pictures; it needs one "
                    "name for each",
                    (folder / kClassNamesFile).string(), names->size(), own.size()));
  }
  return names;
}

// Makes room for the pictures of both lists, in this order, and says where each goes.
std::vector<std::uint8_t*> make_places(const PictureFolder& pictures, Dataset& data) {
  const auto count = static_cast<std::int64_t>(pictures.train.paths.size());
  RowSplit rows;
  if (pictures.one_set) {
    rows = split_rows(count);
    data.test.labels = labels_of(pictures.train, rows.test);
  } else {
    rows = whole_rows(count, SplitName::train);
    const auto test_count = static_cast<std::int64_t>(pictures.test.paths.size());
    for (std::int64_t i = 0; i < test_count; ++i) rows.test.push_back(count + i);
    data.test.labels = pictures.test.labels;
  }
  data.train.labels = labels_of(pictures.train, rows.train);
  data.train.count = static_cast<std::int64_t>(rows.train.size());
  data.test.count = static_cast<std::int64_t>(rows.test.size());
  return row_places(rows, static_cast<std::size_t>(data.inputs()), data.train.pixels,
                    data.test.pixels);
}

}  // namespace

Expected<std::optional<PictureFolder>> find_pictures(const fs::path& folder) {
  if (is_folder(folder / kTrain) && is_folder(folder / kTest)) {
    auto two = find_two_sets(folder);
    if (!two || *two) return two;
  }
  auto list = list_pictures(folder);
  if (!list) return tl::unexpected(list.error());
  if (list->paths.empty()) return std::nullopt;
  if (list->paths.size() < 2) {
    return fail(
        fmt::format("'{}' holds a single picture; zscape needs one at least for training "
                    "and one for testing",
                    folder.string()));
  }
  return PictureFolder{std::move(*list), {}, true};
}

Expected<Dataset> load_pictures(const PictureFolder& pictures, const fs::path& folder,
                                const std::optional<ImageSize>& size, const Progress& progress) {
  Dataset data;
  auto names = class_names(pictures, folder);
  if (!names) return tl::unexpected(names.error());
  data.class_names = std::move(*names);

  std::vector<std::string> paths = pictures.train.paths;
  paths.insert(paths.end(), pictures.test.paths.begin(), pictures.test.paths.end());
  const auto shape = common_shape(paths, size, part_of(progress, 0, kHeadersShare));
  if (!shape) return tl::unexpected(shape.error());
  data.shape = *shape;

  const auto places = make_places(pictures, data);
  const auto inputs = static_cast<std::size_t>(data.inputs());
  auto done =
      for_each_index(paths.size(), "decoding the pictures", part_of(progress, kHeadersShare, 1),
                     [&](std::size_t i) {
                       return read_picture(paths[i], data.shape, std::span(places[i], inputs));
                     });
  if (!done) return tl::unexpected(done.error());
  return data;
}

}  // namespace zscape
