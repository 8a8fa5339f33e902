#include <array>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/formats.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr ImageShape kShape = {32, 32, 3};
constexpr std::size_t kPlane = 32 * 32;
constexpr std::size_t kRow = 1 + 3 * kPlane;  // a label, then red, green and blue planes
constexpr int kTrainFiles = 5;

std::string train_file(const fs::path& folder, int number) {
  return (folder / ("data_batch_" + std::to_string(number) + ".bin")).string();
}

// Adds the rows of one file to a part's labels and, with pixels, to its inputs.
Expected<void> read_file(const std::string& path, RawPart& part,
                         std::vector<std::uint8_t>* pixels) {
  std::error_code problem;
  const auto size = fs::file_size(path, problem);
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  if (size == 0 || size % kRow != 0) {
    return fail(tr("'{}' has {} bytes; a CIFAR-10 file has {} for each picture", path, size, kRow));
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, kRow> row{};
  for (std::uintmax_t i = 0; i < size / kRow; ++i) {
    if (!file.read(row.data(), kRow)) return fail(tr("'{}' cannot be read to its end", path));
    if (pixels == nullptr) part.labels.push_back(static_cast<std::uint8_t>(row[0]));
    for (std::size_t at = 0; pixels != nullptr && at < 3 * kPlane; ++at) {
      pixels->push_back(static_cast<std::uint8_t>(row[1 + (at % 3) * kPlane + at / 3]));
    }
  }
  return {};
}

Expected<RawPart> open_part(std::vector<std::string> files) {
  RawPart part;
  part.path = part.labels_path = files.front();
  part.shape = kShape;
  for (const std::string& file : files) {
    if (auto read = read_file(file, part, nullptr); !read) return tl::unexpected(read.error());
  }
  part.count = static_cast<std::int64_t>(part.labels.size());
  part.read = [files = std::move(files)](const Progress& progress) -> Expected<RawInputs> {
    std::vector<std::uint8_t> pixels;
    RawPart ignored;
    for (std::size_t i = 0; i < files.size(); ++i) {
      if (auto read = read_file(files[i], ignored, &pixels); !read) {
        return tl::unexpected(read.error());
      }
      if (!report(progress, static_cast<double>(i + 1) / static_cast<double>(files.size()))) {
        return fail(tr("reading '{}' was cancelled", files[i]), ErrorCode::cancelled);
      }
    }
    return pixels;
  };
  return part;
}

Expected<RawData> open_cifar(const DataRequest& request, const Progress&) {
  std::vector<std::string> train_files;
  std::error_code ignored;
  for (int number = 1; number <= kTrainFiles; ++number) {
    if (std::string file = train_file(request.source, number); fs::exists(file, ignored)) {
      train_files.push_back(std::move(file));
    }
  }
  auto train = open_part(std::move(train_files));
  if (!train) return tl::unexpected(train.error());
  auto test = open_part({(fs::path(request.source) / "test_batch.bin").string()});
  if (!test) return tl::unexpected(test.error());
  RawData data;
  data.train = std::move(*train);
  data.test = std::move(*test);
  data.class_names = {"airplane", "automobile", "bird",  "cat",  "deer",
                      "dog",      "frog",       "horse", "ship", "truck"};
  data.class_names_folder = request.source;
  return data;
}

}  // namespace

DataFormat cifar_format() {
  return {.source = tr("a folder of CIFAR-10 files"),
          .contents = tr("data_batch_1.bin (to data_batch_5.bin) and test_batch.bin, as the binary "
                         "version of CIFAR-10 has them"),
          .can_open =
              [](const std::string& source) {
                std::error_code ignored;
                return fs::is_regular_file(train_file(source, 1), ignored);
              },
          .open = open_cifar};
}

}  // namespace zscape
