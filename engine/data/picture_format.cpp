#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/child_pictures.h"
#include "engine/data/formats.h"
#include "engine/data/metadata.h"
#include "engine/data/names.h"
#include "engine/data/parallel.h"
#include "engine/data/picture_file.h"
#include "engine/data/picture_fit.h"
#include "engine/data/picture_list.h"
#include "engine/data/pixel_map.h"
#include "engine/data/scratch_file.h"
#include "engine/data/side_table.h"
#include "engine/data_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr double kHeadersShare = 0.1;  // of the time that loading takes
constexpr double kOwnHeadersShare = 0.05;
constexpr std::size_t kLeastRead = 20;  // one of so many pictures may be broken
constexpr std::size_t kMostNamed = 3;   // of the broken ones

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string size_text(const ImageSize& size) {
  return fmt::format("{}×{}", size.height, size.width);
}

// A picture on its way from the list to the inputs.
struct Listed {
  std::string path;
  std::int64_t place = 0;  // among all of the list
  std::int64_t label = -1;
  bool is_test = false;
  bool by_child = false;  // WebP and TIFF
  PictureInfo info;
  std::string problem = {};  // why it cannot be read; empty: nothing is known against it
  bool transparent = false;

  ImageSize size() const { return {info.height, info.width}; }
};

std::vector<Listed> listed(const PictureFolder& found) {
  std::vector<Listed> pictures;
  const auto add = [&](const PictureList& list, bool is_test) {
    for (std::size_t i = 0; i < list.paths.size(); ++i) {
      pictures.push_back({list.paths[i],
                          std::ssize(pictures),
                          list.labels.empty() ? -1 : list.labels[i],
                          is_test,
                          false,
                          {}});
    }
  };
  add(found.train, false);
  if (found.test) add(*found.test, true);
  return pictures;
}

// Refuses broken pictures where they are many, or all of their class or part: what is missing must
// not go unnoticed. class_names: empty without labels.
Expected<void> check_broken(const std::vector<Listed>& pictures,
                            const std::vector<std::string>& class_names) {
  const auto is_broken = [](const Listed& picture) { return !picture.problem.empty(); };
  const auto broken = static_cast<std::size_t>(std::ranges::count_if(pictures, is_broken));
  if (broken == 0) return {};
  const Listed& first = *std::ranges::find_if(pictures, is_broken);
  if (broken * kLeastRead > pictures.size()) {
    if (broken == 1) return fail(first.problem);
    return fail(tr("{} of {} pictures cannot be read, and one in {} may be left out; the first: {}",
                   broken, pictures.size(), kLeastRead, first.problem));
  }
  for (const bool is_test : {false, true}) {
    for (std::int64_t label = -1; label < std::ssize(class_names); ++label) {
      const auto is_in = [&](const Listed& picture) {
        return picture.is_test == is_test && picture.label == label;
      };
      if (std::ranges::none_of(pictures, is_in) ||
          std::ranges::any_of(pictures, [&](const Listed& picture) {
            return is_in(picture) && !is_broken(picture);
          })) {
        continue;
      }
      const Listed& one = *std::ranges::find_if(pictures, is_in);
      if (label < 0) return fail(one.problem);
      return fail(tr("no picture of the class {} can be read: {}",
                     class_names[static_cast<std::size_t>(label)], one.problem));
    }
  }
  return {};
}

// What was done to bring pictures of other sizes to one.
std::optional<std::string> size_note(const std::vector<Listed>& pictures, const ImageSize& size,
                                     const PictureRules& rules) {
  std::set<std::pair<int, int>> sizes;
  std::int64_t count = 0;
  double lost = 0;
  for (const Listed& picture : pictures) {
    if (picture.size() == size) continue;
    sizes.emplace(picture.info.height, picture.info.width);
    lost = std::max(lost, share_lost(picture.info.width, picture.info.height, size, rules.fit));
    ++count;
  }
  if (count == 0) return std::nullopt;
  const std::string from = sizes.size() == 1
                               ? size_text({sizes.begin()->first, sizes.begin()->second})
                               : tr("{} sizes", sizes.size());
  const std::string to = size_text(size);
  const auto percent = static_cast<int>(std::lround(100 * lost));
  if (rules.fit == Fit::stretch) {
    return tr(
        "pictures brought from {} to {}: {}, stretched; --fit crop or pad keeps their "
        "proportions",
        from, to, count);
  }
  if (percent == 0) {
    return tr("pictures brought from {} to {}: {}; --image-size names another size", from, to,
              count);
  }
  if (rules.fit == Fit::crop) {
    return tr(
        "pictures brought from {} to {}: {}, their middle, up to {} % cut off; --fit pad "
        "keeps all, --image-size names another size",
        from, to, count, percent);
  }
  return rules.ground == Ground::white
             ? tr("pictures brought from {} to {}: {}, up to {} % white at both ends; --fit crop "
                  "takes their middle, --image-size names another size",
                  from, to, count, percent)
             : tr("pictures brought from {} to {}: {}, up to {} % black at both ends; --fit crop "
                  "takes their middle, --image-size names another size",
                  from, to, count, percent);
}

std::vector<std::string> assumed_of(const std::vector<Listed>& pictures, const ImageSize& size,
                                    const PictureRules& rules, const DeepRange& deep) {
  std::vector<std::string> notes;
  const auto count = [&](auto&& has) { return std::ranges::count_if(pictures, has); };
  if (const auto note = size_note(pictures, size, rules)) notes.push_back(*note);
  if (const auto some = count([](const Listed& each) { return each.info.orientation > 1; })) {
    notes.push_back(tr("pictures turned upright, as their EXIF says: {}", some));
  }
  if (const auto some = count(&Listed::transparent)) {
    notes.push_back(
        rules.ground == Ground::white
            ? tr("transparent pictures laid over white: {}; --ground black lays them over black",
                 some)
            : tr("transparent pictures laid over black: {}; --ground white lays them over white",
                 some));
  }
  if (const auto some = count([](const Listed& each) { return each.info.deep; })) {
    notes.push_back(
        deep
            ? tr("pictures of 16 bits read as 8 bits, {:g} as black and {:g} as white: {}; --range "
                 "LOW,HIGH names others",
                 deep->low, deep->high, some)
            : tr("pictures of 16 bits read as 8 bits, their upper ones: {}", some));
  }
  if (const auto some = count([](const Listed& each) { return each.info.floats; })) {
    const PixelRange range = deep.value_or(PixelRange{});
    notes.push_back(
        tr("pictures of floats read as 8 bits, {:g} as black and {:g} as white: {}; --range "
           "LOW,HIGH names others, and an .npy file of them keeps all their digits",
           range.low, range.high, some));
  }
  return notes;
}

// Takes the broken pictures out of the list, and says which.
void leave_out_broken(std::vector<Listed>& pictures, std::vector<std::string>& notes) {
  const std::size_t all = pictures.size();
  std::string problems;
  std::size_t broken = 0;
  for (const Listed& picture : pictures) {
    if (picture.problem.empty() || ++broken > kMostNamed) continue;
    if (!problems.empty()) problems += "; ";
    problems += picture.problem;
  }
  if (broken == 0) return;
  std::erase_if(pictures, [](const Listed& picture) { return !picture.problem.empty(); });
  notes.push_back(broken > kMostNamed
                      ? tr("pictures left out, since they cannot be read: {} of {}: {}; …", broken,
                           all, problems)
                      : tr("pictures left out, since they cannot be read: {} of {}: {}", broken,
                           all, problems));
}

// Does work(picture) for each that this process reads; one that fails is broken, and the others go
// on.
Expected<void> for_each_own(std::span<Listed> pictures, const char* if_cancelled,
                            const Progress& progress,
                            const std::function<Expected<void>(Listed&)>& work) {
  return for_each_index(pictures.size(), if_cancelled, progress,
                        [&](std::size_t i) -> Expected<void> {
                          Listed& picture = pictures[i];
                          if (picture.by_child || !picture.problem.empty()) return {};
                          if (const auto done = work(picture); !done) {
                            picture.problem = done.error().message;
                          }
                          return {};
                        });
}

// The same for those that child processes read. Fails where there are no such processes.
Expected<void> for_each_of_child(
    std::span<Listed> pictures, bool pixels, bool deep, const char* if_cancelled,
    const Progress& progress,
    const std::function<Expected<void>(Listed&, const ChildPicture&)>& work) {
  constexpr std::size_t kOfOneChild = 64;
  std::vector<Listed*> left;
  std::vector<std::string> paths;
  for (Listed& picture : pictures) {
    if (!picture.by_child || !picture.problem.empty()) continue;
    left.push_back(&picture);
    paths.push_back(picture.path);
  }
  const std::size_t shares = (paths.size() + kOfOneChild - 1) / kOfOneChild;
  return for_each_index(shares, if_cancelled, progress, [&](std::size_t share) {
    const std::size_t first = share * kOfOneChild;
    const auto own = std::span(paths).subspan(first, std::min(kOfOneChild, paths.size() - first));
    return read_child_pictures(
        own, pixels,
        [&](std::size_t i, Expected<ChildPicture> read) -> Expected<void> {
          Listed& picture = *left[first + i];
          const auto done =
              read.and_then([&](const ChildPicture& decoded) { return work(picture, decoded); });
          if (!done) picture.problem = done.error().message;
          return {};
        },
        {}, {}, deep);
  });
}

// Fills Listed::info.
Expected<void> read_headers(std::span<Listed> pictures, const Progress& progress) {
  const char* if_cancelled = tr("looking at the pictures was cancelled");
  auto done =
      for_each_own(pictures, if_cancelled, part_of(progress, 0, kOwnHeadersShare),
                   [](Listed& picture) -> Expected<void> {
                     picture.by_child = is_for_child(picture.path);
                     if (picture.by_child) return {};
                     return read_picture_info(picture.path).map([&](const PictureInfo& info) {
                       picture.info = info;
                     });
                   });
  if (!done) return done;
  return for_each_of_child(pictures, false, false, if_cancelled,
                           part_of(progress, kOwnHeadersShare, kHeadersShare),
                           [](Listed& picture, const ChildPicture& header) -> Expected<void> {
                             picture.info = info_of(header, picture.path);
                             return {};
                           });
}

// Pictures of floats go with none of another kind.
void refuse_mixed_floats(std::span<Listed> pictures) {
  const auto is_whole = [](const Listed& picture) {
    return picture.problem.empty() && !picture.info.floats;
  };
  if (std::ranges::none_of(pictures, is_whole)) return;
  for (Listed& picture : pictures) {
    if (!picture.problem.empty() || !picture.info.floats) continue;
    picture.problem =
        tr("'{}' holds floats, and others of the pictures whole numbers; all must be "
           "of one kind",
           picture.path);
  }
}

// Which floats are black and white: those asked for, else what fits the training pictures.
Expected<DeepRange> float_range(std::span<const Listed> pictures, const DataRequest& request,
                                const Progress& progress) {
  if (request.range) return request.range;
  if (request.usual_range) return PixelRange{};
  std::mutex mutex;
  PixelRange ends{std::numeric_limits<double>::infinity(),
                  -std::numeric_limits<double>::infinity()};
  const auto done =
      for_each_index(pictures.size(), tr("looking at the pictures was cancelled"), progress,
                     [&](std::size_t i) -> Expected<void> {
                       if (pictures[i].is_test || !pictures[i].problem.empty()) return {};
                       const auto found = read_child_picture_ends(pictures[i].path);
                       if (!found) return {};  // decoding says why
                       const std::scoped_lock lock(mutex);
                       ends = {std::min(ends.low, found->low), std::max(ends.high, found->high)};
                       return {};
                     });
  if (!done) return tl::unexpected(done.error());
  if (!(ends.low < ends.high)) return PixelRange{};
  return range_from(ends.low, ends.high, PixelType::fractions).value_or(PixelRange{});
}

// Which numbers of pictures that all have 16 bits are black and white: those asked for, else 0 and
// what fits into the bits that the training pictures use; nothing where these are all 16, or where
// the upper 8 are asked for.
Expected<DeepRange> deep_range(std::span<const Listed> pictures, const DataRequest& request,
                               const Progress& progress) {
  const auto is_other = [](const Listed& picture) {
    return picture.problem.empty() && !picture.info.deep;
  };
  if (std::ranges::any_of(pictures, [](const Listed& picture) {
        return picture.problem.empty() && picture.info.floats;
      })) {
    return float_range(pictures, request, progress);
  }
  if (request.usual_range || std::ranges::any_of(pictures, is_other)) return DeepRange();
  if (request.range) return request.range;
  std::atomic<int> most = 255;
  const auto done =
      for_each_index(pictures.size(), tr("looking at the pictures was cancelled"), progress,
                     [&](std::size_t i) -> Expected<void> {
                       const Listed& picture = pictures[i];
                       if (picture.is_test || !picture.problem.empty() || most == kLargestWord)
                         return {};
                       const auto peak = read_picture_peak(picture.path);
                       if (!peak) return {};  // decoding says why
                       for (int now = most; now < *peak && !most.compare_exchange_weak(now, *peak);)
                         continue;
                       return {};
                     });
  if (!done) return tl::unexpected(done.error());
  const auto bits = static_cast<unsigned>(std::bit_width(static_cast<unsigned>(most.load())));
  if (bits >= 16) return DeepRange();
  return PixelRange{0, static_cast<double>((1U << bits) - 1)};
}

// Brings all pictures to the shape: [pictures, shape].
Expected<std::vector<std::uint8_t>> decode(std::span<Listed> pictures, const ImageShape& shape,
                                           const PictureRules& rules, const DeepRange& deep,
                                           const Progress& progress) {
  const char* if_cancelled = tr("decoding the pictures was cancelled");
  const auto inputs = static_cast<std::size_t>(shape.size());
  std::vector<std::uint8_t> pixels(pictures.size() * inputs);
  const auto place = [&](const Listed& picture) {
    const auto i = static_cast<std::size_t>(&picture - pictures.data());
    return std::span(pixels).subspan(i * inputs, inputs);
  };
  const auto own = std::ranges::count(pictures, false, &Listed::by_child);
  const double border = static_cast<double>(own) / static_cast<double>(pictures.size());
  auto done =
      for_each_own(pictures, if_cancelled, part_of(progress, 0, border), [&](Listed& picture) {
        return read_picture(picture.path, picture.info, shape, rules, place(picture), deep)
            .map([&](bool transparent) { picture.transparent = transparent; });
      });
  if (done) {
    done = for_each_of_child(
        pictures, true, deep.has_value(), if_cancelled, part_of(progress, border, 1),
        [&](Listed& picture, const ChildPicture& decoded) {
          return finish_child_picture(decoded, picture.path, picture.info, shape, rules,
                                      place(picture), deep)
              .map([&](bool transparent) { picture.transparent = transparent; });
        });
  }
  if (!done) return tl::unexpected(done.error());
  return pixels;
}

// Takes the pixels of broken pictures out.
void drop_broken(std::span<const Listed> pictures, std::vector<std::uint8_t>& pixels) {
  const std::size_t inputs = pixels.size() / pictures.size();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (!pictures[i].problem.empty()) continue;
    if (kept != i) std::copy_n(&pixels[i * inputs], inputs, &pixels[kept * inputs]);
    ++kept;
  }
  pixels.resize(kept * inputs);
}

// The pixels of one part, without those of broken pictures.
struct PartPixels {
  std::vector<std::uint8_t> bytes;                   // [count, shape]; empty: see mapping
  std::shared_ptr<const InputMapping> mapping = {};  // of a scratch file
};

// Decodes one part into memory.
Expected<PartPixels> decode_to_memory(std::span<Listed> pictures, const ImageShape& shape,
                                      const PictureRules& rules, const DeepRange& deep,
                                      const Progress& progress) {
  auto pixels = decode(pictures, shape, rules, deep, progress);
  if (!pixels) return tl::unexpected(pixels.error());
  drop_broken(pictures, *pixels);
  return PartPixels{std::move(*pixels)};
}

// Decodes one part, some pictures at a time, into a scratch file, and says so.
Expected<PartPixels> decode_to_disk(std::span<Listed> pictures, const ImageShape& shape,
                                    const PictureRules& rules, const DeepRange& deep,
                                    const std::string& folder, std::vector<std::string>& said,
                                    const Progress& progress) {
  constexpr std::size_t kBytesAtOnce = std::size_t{32} << 20U;
  const auto inputs = static_cast<std::size_t>(shape.size());
  const std::size_t at_once = std::max<std::size_t>(1, kBytesAtOnce / inputs);
  auto file = ScratchFile::make(pictures.size() * inputs, folder);
  if (!file) return tl::unexpected(file.error());
  const auto share = [&](std::size_t count) {
    return static_cast<double>(count) / static_cast<double>(pictures.size());
  };
  std::uint64_t end = 0;
  for (std::size_t first = 0; first < pictures.size(); first += at_once) {
    const auto some = pictures.subspan(first, std::min(at_once, pictures.size() - first));
    auto pixels = decode(some, shape, rules, deep,
                         part_of(progress, share(first), share(first + some.size())));
    if (!pixels) return tl::unexpected(pixels.error());
    drop_broken(some, *pixels);
    if (auto done = file->write(end, std::as_bytes(std::span(*pixels))); !done) {
      return tl::unexpected(done.error());
    }
    end += pixels->size();
  }
  if (end == 0) return PartPixels();  // all are broken, which the caller says
  said.push_back(
      tr("{} MB of pictures of '{}' were written to a nameless file in {}, as they do not fit into "
         "the memory for data (--memory); they are read from there",
         (end + (1U << 20U) - 1) >> 20U, folder, file->folder()));
  auto mapping = std::move(*file).map(end);
  if (!mapping) return tl::unexpected(mapping.error());
  return PartPixels{{}, std::move(*mapping)};
}

// The path of a picture from its folder on.
std::string short_path(const std::string& path, const std::string& folder) {
  return as_utf8(fs::path(path).lexically_relative(folder).string());
}

// The pictures of one part with their pixels, [part, shape]. metadata: of all that were listed.
RawPart part_of_pictures(const std::vector<Listed>& pictures, bool is_test, const ImageShape& shape,
                         const std::string& folder, PartPixels pixels,
                         const std::vector<MetadataColumn>& metadata) {
  RawPart part;
  part.path = folder;
  part.shape = shape;
  std::vector<std::int64_t> places;
  for (const Listed& picture : pictures) {
    if (picture.is_test != is_test) continue;
    ++part.count;
    places.push_back(picture.place);
    if (picture.label >= 0) {
      part.labels_path = folder;
      part.labels.push_back(picture.label);
    }
    part.files.push_back(short_path(picture.path, folder));
  }
  for (const MetadataColumn& column : metadata) part.metadata.push_back(rows_of(column, places));
  part.mapped = std::move(pixels.mapping);
  part.read = [own = std::move(pixels.bytes)](const Progress&) mutable -> Expected<RawInputs> {
    return std::move(own);
  };
  return part;
}

Expected<RawData> open_pictures(const DataRequest& request, const Progress& progress) {
  const auto found = find_pictures(request.source);
  if (!found) return tl::unexpected(found.error());
  if (!*found)
    return fail(tr("'{}' holds no pictures any more; they went while it was read", request.source));
  return raw_data_from(**found, request.source, request, progress);
}

// What a table in the folder, or beside it, says of each picture.
Expected<SideTable> side_table_of(const std::vector<Listed>& pictures, const std::string& folder) {
  fs::path whole = fs::absolute(folder).lexically_normal();
  if (whole.filename().empty()) whole = whole.parent_path();
  const std::vector<std::string> names = {kSideTable, whole.filename().string()};
  auto table = find_side_table(whole, names, true);
  if (!table) {
    table = find_side_table(whole.parent_path(), names, false);
    if (!table) return SideTable();
    table->is_meant = false;  // it may belong to others
  }
  std::vector<std::string> files;
  for (const Listed& picture : pictures) files.push_back(short_path(picture.path, folder));
  return read_side_table(*table, std::ssize(files), files);
}

}  // namespace

// Brings all pictures to one shape: the requested or usual size, else one that suits them; grey if
// every file is grey, else RGB. Pictures are decoded here, since a broken one may show only then.
Expected<RawData> raw_data_from(const PictureFolder& found, const std::string& folder,
                                const DataRequest& request, const Progress& progress) {
  RawData data;
  data.class_names = found.train.class_names;
  data.class_names_folder = folder;
  data.opened_share = 1;
  const PictureRules rules{request.fit.value_or(Fit::crop), request.ground.value_or(Ground::black)};
  data.pictures = rules;

  std::vector<Listed> pictures = listed(found);
  SideTable table;
  if (found.metadata.empty()) {
    auto read = side_table_of(pictures, folder);
    if (!read) return tl::unexpected(read.error());
    table = *std::move(read);
  }
  const std::vector<MetadataColumn>& metadata =
      found.metadata.empty() ? table.columns : found.metadata;
  auto done = read_headers(pictures, progress);
  if (done) refuse_mixed_floats(pictures);
  if (done) done = check_broken(pictures, data.class_names);
  if (!done) return tl::unexpected(done.error());

  std::vector<ImageSize> sizes;
  bool is_grey = true;
  for (const Listed& picture : pictures) {
    if (!picture.problem.empty()) continue;
    sizes.push_back(picture.size());
    is_grey = is_grey && picture.info.grey;
  }
  const ImageSize size = request.image_size   ? *request.image_size
                         : request.usual_size ? *request.usual_size
                                              : size_for(sizes, rules.fit);
  const ImageShape shape{size.height, size.width, is_grey ? 1 : 3};
  const auto inputs = static_cast<std::size_t>(shape.size());
  const auto deep = deep_range(pictures, request, part_of(progress, kHeadersShare, kHeadersShare));
  if (!deep) return tl::unexpected(deep.error());
  data.range = *deep;
  // A range of 16 bits, as a model keeps it, says nothing of pictures of 8.
  if (!*deep && request.range && request.range->high > 255) data.range = request.range;
  // As many as there are at most: a broken one may show only when it is decoded.
  const bool on_disk = pictures.size() * inputs > data_memory(request);
  const auto of_train =
      static_cast<std::size_t>(std::ranges::count(pictures, false, &Listed::is_test));
  const double border = kHeadersShare + (1 - kHeadersShare) * static_cast<double>(of_train) /
                                            static_cast<double>(pictures.size());
  std::vector<std::string> said;
  std::array<PartPixels, 2> pixels;  // for training and for testing
  for (const bool is_test : {false, true}) {
    const auto part =
        is_test ? std::span(pictures).subspan(of_train) : std::span(pictures).first(of_train);
    if (part.empty()) continue;
    const Progress rest =
        is_test ? part_of(progress, border, 1) : part_of(progress, kHeadersShare, border);
    auto decoded = on_disk ? decode_to_disk(part, shape, rules, *deep, folder, said, rest)
                           : decode_to_memory(part, shape, rules, *deep, rest);
    if (!decoded) return tl::unexpected(decoded.error());
    pixels[is_test ? 1 : 0] = std::move(*decoded);
  }
  done = check_broken(pictures, data.class_names);
  if (!done) return tl::unexpected(done.error());

  data.left_out = found.left_out;
  leave_out_broken(pictures, data.left_out);
  data.assumed = assumed_of(pictures, size, rules, *deep);
  if (!found.assumed.empty()) data.assumed.push_back(found.assumed);
  data.assumed.insert(data.assumed.end(), table.assumed.begin(), table.assumed.end());
  data.left_out.insert(data.left_out.end(), table.left_out.begin(), table.left_out.end());
  data.assumed.insert(data.assumed.end(), said.begin(), said.end());
  data.train = part_of_pictures(pictures, false, shape, folder, std::move(pixels[0]), metadata);
  if (found.test) {
    data.test = part_of_pictures(pictures, true, shape, folder, std::move(pixels[1]), metadata);
  }
  return data;
}

DataFormat picture_format() {
  return {.source = tr("a folder of pictures"),
          .contents =
              tr("PNG, JPEG, WebP, TIFF, BMP, TGA, GIF, PGM or PPM pictures, directly, in one "
                 "sub-folder a "
                 "class, or one level deeper, or so in the sub-folders train and test; kept as "
                 "they are up to 64×64 if alike; --image-size 28x28 and --fit crop, pad or stretch "
                 "bring them to a size"),
          .can_open =
              [](const std::string& source) {
                if (!is_folder(source)) return false;
                const auto found = find_pictures(source);
                return !found || found->has_value();  // open() tells what is wrong
              },
          .reads =
              [](const fs::path& file) {
                return has_picture_name(file.string()) || is_side_table_name(file);
              },
          .open = open_pictures};
}

}  // namespace zscape
