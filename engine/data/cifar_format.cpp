#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/names.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

// A record of CIFAR-10's binary files: a byte of the label, then red, green and blue, row by row.
constexpr std::int64_t kSide = 32, kChannels = 3;
constexpr std::int64_t kRecord = 1 + kSide * kSide * kChannels;
constexpr std::int64_t kClasses = 10;

// data_batch_1.bin, data_batch_2.bin … for training, test_batch.bin for testing.
std::vector<std::string> batches_in(const fs::path& folder, const std::string& name) {
  std::vector<std::string> paths;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    const std::string file = it->path().filename().string();
    if (file.starts_with(name) && file.ends_with(".bin")) paths.push_back(it->path().string());
  }
  std::ranges::sort(paths);
  return paths;
}

// Records of several files, one after the other.
class Records {
 public:
  static Expected<std::shared_ptr<Records>> open(const std::vector<std::string>& paths) {
    auto records = std::make_shared<Records>();
    for (const std::string& path : paths) {
      std::error_code problem;
      const auto size = static_cast<std::int64_t>(fs::file_size(path, problem));
      if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
      if (size == 0 || size % kRecord != 0) {
        return fail(
            tr("'{}' has {} bytes, which are no whole records of {}, a label and a picture "
               "of 32×32 in colour",
               path, size, kRecord));
      }
      records->files_.push_back({path, records->count_, size / kRecord});
      records->count_ += size / kRecord;
    }
    return records;
  }

  std::int64_t count() const { return count_; }

  // Calls take(place, record) for each of these records.
  template <class Take>
  Expected<void> for_each(std::int64_t first, std::int64_t count, const Take& take) const {
    std::array<char, kRecord> record{};
    for (const File& file : files_) {
      const std::int64_t begin = std::max(first, file.first);
      const std::int64_t end = std::min(first + count, file.first + file.count);
      if (begin >= end) continue;
      std::ifstream stream(file.path, std::ios::binary);
      stream.seekg((begin - file.first) * kRecord);
      for (std::int64_t i = begin; i < end; ++i) {
        stream.read(record.data(), kRecord);
        if (stream.gcount() != kRecord) {
          return fail(tr("'{}' cannot be read to its end: it became shorter, or its disk fails",
                         file.path));
        }
        if (auto taken = take(file.path, i - file.first, record); !taken) return taken;
      }
    }
    return {};
  }

 private:
  struct File {
    std::string path;
    std::int64_t first;  // of its records among all
    std::int64_t count;
  };
  std::vector<File> files_;
  std::int64_t count_ = 0;
};

NamedArray pictures_of(const std::shared_ptr<Records>& records, const std::string& where) {
  NamedArray array{.name = "", .where = where, .type = ElementType::uint8};
  array.shape = {records->count(), kChannels, kSide, kSide};
  array.read = [records](std::int64_t first, std::int64_t count) -> Expected<ArrayValues> {
    std::vector<std::uint8_t> bytes;
    const auto done = records->for_each(
        first, count,
        [&](const std::string&, std::int64_t, std::span<const char> record) -> Expected<void> {
          bytes.insert(bytes.end(), record.begin() + 1, record.end());
          return {};
        });
    if (!done) return tl::unexpected(done.error());
    return bytes;
  };
  return array;
}

NamedArray labels_of(const std::shared_ptr<Records>& records, const std::string& where) {
  NamedArray array{.name = "", .where = where, .type = ElementType::uint8};
  array.shape = {records->count()};
  array.read = [records](std::int64_t first, std::int64_t count) -> Expected<ArrayValues> {
    std::vector<std::uint8_t> labels;
    const auto done = records->for_each(
        first, count,
        [&](const std::string& path, std::int64_t row,
            std::span<const char> record) -> Expected<void> {
          const auto label = static_cast<std::uint8_t>(record.front());
          if (label >= kClasses) {
            return fail(
                tr("'{}' has the label {} in record {} (counted from 0); CIFAR-10 has 0 to "
                   "9",
                   path, label, row));
          }
          labels.push_back(label);
          return {};
        });
    if (!done) return tl::unexpected(done.error());
    return labels;
  };
  return array;
}

// The classes' names, one a line; empty where the file is missing or holds others.
std::vector<std::string> names_in(const fs::path& folder) {
  std::ifstream file(folder / "batches.meta.txt");
  std::vector<std::string> names;
  std::string line;
  while (names.size() <= static_cast<std::size_t>(kClasses) && std::getline(file, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) names.push_back(as_utf8(line));
  }
  if (names.size() != static_cast<std::size_t>(kClasses)) names.clear();
  return names;
}

Expected<RawData> open_cifar(const DataRequest& request, const Progress&) {
  const fs::path folder = request.source;
  ChosenArrays arrays;
  const auto train = Records::open(batches_in(folder, "data_batch_"));
  if (!train) return tl::unexpected(train.error());
  arrays.train = pictures_of(*train, request.source);
  arrays.train_labels = labels_of(*train, request.source);
  if (const auto paths = batches_in(folder, "test_batch"); !paths.empty()) {
    const auto test = Records::open(paths);
    if (!test) return tl::unexpected(test.error());
    arrays.test = pictures_of(*test, paths.front());
    arrays.test_labels = labels_of(*test, paths.front());
  }
  auto data = raw_data_from(std::move(arrays));
  if (!data) return data;
  data->has_open_range = false;
  data->assumed.clear();  // the format's own order of channels is no guess
  data->class_names = names_in(folder);
  if (data->class_names.empty()) data->class_names_folder = request.source;
  return data;
}

}  // namespace

DataFormat cifar_format() {
  return {.source = tr("a folder of CIFAR-10's binary files"),
          .contents = tr("data_batch_1.bin …, with test_batch.bin and batches.meta.txt where they "
                         "are"),
          .can_open =
              [](const std::string& source) { return !batches_in(source, "data_batch_").empty(); },
          .reads =
              [](const fs::path& file) {
                const std::string name = file.filename().string();
                return name == "batches.meta.txt" || name == "readme.html" ||
                       (name.ends_with(".bin") &&
                        (name.starts_with("data_batch_") || name.starts_with("test_batch")));
              },
          .open = open_cifar};
}

}  // namespace zscape
