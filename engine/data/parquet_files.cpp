#include "engine/data/parquet_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/data/names.h"
#include "engine/data/table_columns.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".parquet";

bool is_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> begin{};
  return file.read(begin.data(), begin.size()) &&
         std::string_view(begin.data(), begin.size()) == "PAR1";
}

// The files in a folder, in its sub-folders and in theirs: data/train-00000-of-00002.parquet,
// default/train/0000.parquet.
std::vector<fs::path> files_in(const fs::path& folder) {
  constexpr int kDeepest = 2;
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::recursive_directory_iterator entry(folder, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    std::error_code ignored;
    const std::string name = entry->path().filename().string();
    if (entry->is_directory(ignored) && (name.starts_with('.') || entry.depth() == kDeepest)) {
      entry.disable_recursion_pending();
    }
    if (!name.starts_with('.') && entry->path().extension() == kEnding &&
        entry->is_regular_file(ignored)) {
      files.push_back(entry->path());
    }
  }
  std::ranges::sort(files);
  return files;
}

bool has_files(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder, ignored) && !files_in(folder).empty();
}

// "train", "test", "validation": from the name of the file or of its folder; empty: none of these.
std::string part_of_file(const fs::path& file) {
  for (const fs::path& name : {file.stem(), file.parent_path().filename()}) {
    std::string word = in_small_letters(name.string());
    word = word.substr(0, word.find_first_of("-_."));
    if (word == "val" || word == "valid" || word == "dev") return "validation";
    if (word == "train" || word == "test" || word == "validation") return word;
  }
  return "";
}

}  // namespace

bool is_parquet(const std::string& path) {
  return is_file(path) || has_files(path);
}

Expected<ParquetFiles> find_parquet_files(const std::string& source) {
  ParquetFiles files;
  std::error_code ignored;
  if (!fs::is_directory(source, ignored)) {
    files.train.paths = {source};
    return files;
  }
  ParquetShards validation, others;
  for (const fs::path& file : files_in(source)) {
    const std::string part = part_of_file(file);
    ParquetShards& shards = part == "train"        ? files.train
                            : part == "test"       ? files.test
                            : part == "validation" ? validation
                                                   : others;
    shards.paths.push_back(file.string());
  }
  if (files.test.paths.empty() && !validation.paths.empty()) {
    files.test = std::exchange(validation, {});
    files.assumed.push_back(tr("the test part is the files named validation"));
  }
  if (files.train.paths.empty()) {
    if (others.paths.empty()) {
      return fail(tr("'{}' holds Parquet files for testing, and none whose name begins with train",
                     source));
    }
    files.train = std::exchange(others, {});
  }
  for (const ParquetShards* shards : {&validation, &others}) {
    for (const std::string& path : shards->paths) {
      files.left_out.push_back(tr("{}: it belongs to neither train nor test",
                                  as_utf8(fs::path(path).lexically_relative(source).string())));
    }
  }
  return files;
}

}  // namespace zscape
