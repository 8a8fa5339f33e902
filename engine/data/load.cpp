#include "engine/data/load.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/data/idx_folder.h"
#include "engine/data/image_folder.h"
#include "engine/data/named_sets.h"
#include "engine/data/npy.h"
#include "engine/data/npy_folder.h"
#include "engine/data/synthetic.h"
#include "engine/data/utf8.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostPixels = 1 << 24;  // of one input

// Refuses a form that data of a size of their own do not have.
Expected<Dataset> of_size(Expected<Dataset> data, const std::optional<ImageSize>& size) {
  if (!data || !size || ImageSize{data->shape.height, data->shape.width} == *size) return data;
  return fail(
      fmt::format("data '{}' has images of {}x{}, not of {}x{}; only pictures in a folder "
                  "are resized",
                  data->source, data->shape.height, data->shape.width, size->height, size->width));
}

Expected<Dataset> load_folder(const fs::path& folder, const std::optional<ImageSize>& size,
                              const Progress& progress) {
  if (has_idx_files(folder)) {
    auto data = load_idx_folder(folder, progress);
    if (data) data->source = folder.string();
    return of_size(std::move(data), size);
  }
  if (has_npy_files(folder)) return load_npy_folder(folder, size, progress);
  const auto pictures = find_pictures(folder);
  if (!pictures) return tl::unexpected(pictures.error());
  if (*pictures) return load_pictures(**pictures, folder, size, progress);
  return fail(fmt::format(
      "'{}' holds no data set: it needs train-images-idx3-ubyte and t10k-images-idx3-ubyte (plain "
      "or .gz, with train-labels-idx1-ubyte and t10k-labels-idx1-ubyte where there are labels), or "
      "images.npy or train-images.npy and test-images.npy, or PNG, JPEG, BMP or TGA pictures, "
      "directly, in one sub-folder a class, or so in the sub-folders train and test",
      folder.string()));
}

Expected<Dataset> load_path(const DataRequest& request, const Progress& progress) {
  const std::string& source = request.source;
  std::error_code problem;
  const fs::file_status status = fs::status(source, problem);
  if (!fs::exists(status)) {
    return fail(fmt::format(
        "data '{}' {}; give 'synthetic', 'mnist', 'fashion-mnist', 'kmnist', a "
        "folder with data or an .npy file",
        source,
        status.type() == fs::file_type::not_found ? "does not exist"
                                                  : "cannot be read: " + problem.message()));
  }
  const bool is_folder = fs::is_directory(status);
  if (!is_folder && !looks_like_npy(source)) {
    return fail(
        fmt::format("data '{}' is a file, but no NPY array; give an .npy file or the folder "
                    "that holds the data",
                    source));
  }
  auto data = is_folder ? load_folder(source, request.image_size, progress)
                        : load_npy_file(source, request.image_size, progress);
  if (!data) return data;
  fs::path path = fs::canonical(source, problem);
  if (problem) path = fs::path(source);
  const fs::path name = is_folder ? path.filename() : path.stem();
  data->name = as_utf8(name.empty() ? path.string() : name.string());
  data->source = path.string();
  return data;
}

Expected<Dataset> load_any(const DataRequest& request, const Progress& progress) {
  if (const auto& size = request.image_size) {
    if (size->height < 1 || size->width < 1 || size->height > kMostPixels / size->width) {
      return fail(
          fmt::format("the image size {}x{} is not possible; sides are 1 or more, and an "
                      "image has up to {} pixels",
                      size->height, size->width, kMostPixels));
    }
  }
  if (request.source == "synthetic") {
    return of_size(
        make_synthetic(kSyntheticTrainCount, kSyntheticTestCount, kSyntheticSeed, progress),
        request.image_size);
  }
  if (const NamedSet* set = find_named_set(request.source)) {
    return of_size(load_named_set(*set, progress), request.image_size);
  }
  return load_path(request, progress);
}

}  // namespace

Expected<std::shared_ptr<const Dataset>> load_dataset(const DataRequest& request,
                                                      const Progress& progress) {
  auto data = load_any(request, progress);
  if (!data) return tl::unexpected(std::move(data.error()));
  return std::make_shared<const Dataset>(std::move(*data));
}

}  // namespace zscape
