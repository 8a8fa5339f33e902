#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/formats.h"
#include "engine/data/names.h"
#include "engine/data/parallel.h"
#include "engine/data/picture_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrain = "train";
constexpr const char* kTest = "test";
constexpr int kLargestOwnSide = 64;
constexpr ImageSize kUsualSize = {28, 28};
constexpr double kHeadersShare = 0.1;  // of the time that loading takes

// Pictures sorted by path, so that those of a class stand together.
struct PictureList {
  std::vector<std::string> paths;
  std::vector<std::int64_t> labels;      // [paths]; empty: no labels
  std::vector<std::string> class_names;  // the sub-folders' names, 2 before 10; empty: no labels
};

// The pictures of a folder: one set, or a training and a test set of the same classes.
struct PictureFolder {
  PictureList train;
  std::optional<PictureList> test;
};

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// The length of the digits at the start of a text, and where they begin after zeros.
std::pair<std::size_t, std::size_t> digits_of(std::string_view text) {
  std::size_t length = 0, first = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  while (first < length && text[first] == '0') ++first;
  return {length, first};
}

// The order in which people count: 1, 2, 10.
bool comes_before(std::string_view one, std::string_view other) {
  std::string_view a = one, b = other;
  while (!a.empty() && !b.empty()) {
    const auto [a_length, a_first] = digits_of(a);
    const auto [b_length, b_first] = digits_of(b);
    if (a_length > 0 && b_length > 0) {
      const auto a_digits = a.substr(a_first, a_length - a_first);
      const auto b_digits = b.substr(b_first, b_length - b_first);
      if (a_digits.size() != b_digits.size()) return a_digits.size() < b_digits.size();
      if (a_digits != b_digits) return a_digits < b_digits;
      a.remove_prefix(a_length);
      b.remove_prefix(b_length);
      continue;
    }
    if (a.front() != b.front()) return a.substr(0, 1) < b.substr(0, 1);
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() != b.empty() ? a.empty() : one < other;
}

// A folder's pictures, sorted by name, and its sub-folders as people count them, without hidden
// ones.
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
    return fail(tr("the folder '{}' cannot be read: {}", folder.string(), problem.message()));
  }
  std::ranges::sort(listing.pictures);
  std::ranges::sort(listing.folders, [](const fs::path& a, const fs::path& b) {
    return comes_before(a.filename().native(), b.filename().native());
  });
  return listing;
}

void append(PictureList& list, const std::vector<fs::path>& pictures) {
  for (const fs::path& path : pictures) list.paths.push_back(path.string());
}

// The pictures of a folder or of its sub-folders.
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
          tr("'{}' holds pictures both directly ('{}') and in its sub-folder '{}'; put each "
             "picture into a sub-folder for its class, or none",
             folder.string(), listing->pictures.front().filename().string(),
             inner.filename().string()));
    }
    list.labels.insert(list.labels.end(), inner_listing->pictures.size(),
                       static_cast<std::int64_t>(list.class_names.size()));
    list.class_names.push_back(as_utf8(inner.filename().string()));
    append(list, inner_listing->pictures);
  }
  return list;
}

// Refuses a class that `other` does not have.
Expected<void> check_classes(const PictureList& holder, const char* holder_name,
                             const PictureList& other, const char* other_name,
                             const fs::path& folder) {
  for (const std::string& name : holder.class_names) {
    if (std::ranges::find(other.class_names, name) != other.class_names.end()) continue;
    return fail(tr("'{}' has pictures in {}/{}, and none in {}/{}; both need the same classes",
                   folder.string(), holder_name, name, other_name, name));
  }
  return {};
}

// The pictures of the sub-folders train and test; nothing if both hold none.
Expected<std::optional<PictureFolder>> find_two_sets(const fs::path& folder) {
  auto train = list_pictures(folder / kTrain);
  if (!train) return tl::unexpected(train.error());
  auto test = list_pictures(folder / kTest);
  if (!test) return tl::unexpected(test.error());
  if (train->paths.empty() && test->paths.empty()) return std::nullopt;
  for (const auto& [list, name] : {std::pair{&*train, kTrain}, std::pair{&*test, kTest}}) {
    if (list->paths.empty()) {
      return fail(tr("'{}' holds no pictures in its sub-folder {}", folder.string(), name));
    }
  }
  if (auto fine = check_classes(*train, kTrain, *test, kTest, folder); !fine) {
    return tl::unexpected(fine.error());
  }
  if (auto fine = check_classes(*test, kTest, *train, kTrain, folder); !fine) {
    return tl::unexpected(fine.error());
  }
  return PictureFolder{std::move(*train), std::move(*test)};
}

// Finds the pictures of a folder by their file names. They stand directly in the folder (no labels)
// or in one sub-folder for each class. If the folder has sub-folders train and test, only these
// count; both have this form and the same classes. Nothing if there are no pictures.
Expected<std::optional<PictureFolder>> find_pictures(const fs::path& folder) {
  if (is_folder(folder / kTrain) && is_folder(folder / kTest)) {
    auto two = find_two_sets(folder);
    if (!two || *two) return two;
  }
  auto list = list_pictures(folder);
  if (!list) return tl::unexpected(list.error());
  if (list->paths.empty()) return std::nullopt;
  return PictureFolder{std::move(*list), std::nullopt};
}

// The shape for all pictures, chosen from their headers.
Expected<ImageShape> common_shape(const std::vector<std::string>& paths,
                                  const std::optional<ImageSize>& size, const Progress& progress) {
  std::vector<PictureInfo> infos(paths.size());
  auto done = for_each_index(paths.size(), tr("looking at the pictures was cancelled"), progress,
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

Expected<RawInputs> decode(const std::vector<std::string>& paths, const ImageShape& shape,
                           const Progress& progress) {
  const auto inputs = static_cast<std::size_t>(shape.size());
  std::vector<std::uint8_t> pixels(paths.size() * inputs);
  auto done = for_each_index(
      paths.size(), tr("decoding the pictures was cancelled"), progress, [&](std::size_t i) {
        return read_picture(paths[i], shape, std::span(pixels).subspan(i * inputs, inputs));
      });
  if (!done) return tl::unexpected(done.error());
  return pixels;
}

RawPart part_of_pictures(PictureList list, const ImageShape& shape, const std::string& folder) {
  RawPart part;
  part.path = folder;
  part.count = static_cast<std::int64_t>(list.paths.size());
  part.shape = shape;
  if (!list.labels.empty()) part.labels_path = folder;
  part.labels = std::move(list.labels);
  for (const std::string& path : list.paths) {
    part.files.push_back(as_utf8(fs::path(path).lexically_relative(folder).string()));
  }
  part.read = [paths = std::move(list.paths), shape](const Progress& progress) {
    return decode(paths, shape, progress);
  };
  return part;
}

// Resizes all pictures to the requested size; without one, keeps a common size of up to 64×64, else
// takes 28×28. Grey if every file is grey, else RGB.
Expected<RawData> open_pictures(const DataRequest& request, const Progress& progress) {
  auto found = find_pictures(request.source);
  if (!found) return tl::unexpected(found.error());
  if (!*found)
    return fail(tr("'{}' holds no pictures any more; they went while it was read", request.source));
  auto& [train, test] = **found;
  std::vector<std::string> paths = train.paths;
  if (test) paths.insert(paths.end(), test->paths.begin(), test->paths.end());
  const auto shape = common_shape(paths, request.image_size, part_of(progress, 0, kHeadersShare));
  if (!shape) return tl::unexpected(shape.error());

  RawData data;
  data.class_names = train.class_names;
  data.class_names_folder = request.source;
  data.opened_share = kHeadersShare;
  data.train = part_of_pictures(std::move(train), *shape, request.source);
  if (test) data.test = part_of_pictures(std::move(*test), *shape, request.source);
  return data;
}

}  // namespace

DataFormat picture_format() {
  return {.source = tr("a folder of pictures"),
          .contents = tr("PNG, JPEG, BMP or TGA pictures, directly, in one sub-folder a class, or "
                         "so in the sub-folders train and test; --image-size 28x28 resizes"),
          .can_open =
              [](const std::string& source) {
                if (!is_folder(source)) return false;
                const auto found = find_pictures(source);
                return !found || found->has_value();  // open() tells what is wrong
              },
          .open = open_pictures};
}

}  // namespace zscape
