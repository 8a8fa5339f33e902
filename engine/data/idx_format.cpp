#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/idx.h"
#include "engine/data/names.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 1000;  // of a folder that are looked at

// What the name of an IDX file says: emnist-letters-test-labels-idx1-ubyte.gz.
struct IdxName {
  std::string set;  // "emnist letters"; empty: the folder's only one
  bool is_test = false;
  bool are_labels = false;
};

// Nothing: no name of an IDX file.
std::optional<IdxName> read_name(const fs::path& path) {
  std::vector<std::string> words(1);
  for (const char c : path.filename().string()) {
    const auto code = static_cast<unsigned char>(c);
    if (std::isalnum(code) != 0) {
      words.back() += static_cast<char>(std::tolower(code));
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  IdxName name;
  bool is_idx = false, has_content = false;
  for (const std::string& word : words) {
    if (word.starts_with("idx")) {
      is_idx = true;
    } else if (word == "images" || word == "image" || word == "labels" || word == "label") {
      has_content = true;
      name.are_labels = word.starts_with("label");
    } else if (word == "test" || word == "t10k") {
      name.is_test = true;
    } else if (!word.empty() && word != "train" && word != "ubyte" && word != "byte" &&
               word != "int" && word != "gz") {
      name.set += name.set.empty() ? word : " " + word;
    }
  }
  if (!is_idx || !has_content) return std::nullopt;
  return name;
}

// The files of one set.
struct IdxSet {
  std::string train, train_labels, test, test_labels;

  std::string& file(const IdxName& name) {
    if (name.is_test) return name.are_labels ? test_labels : test;
    return name.are_labels ? train_labels : train;
  }
};

std::map<std::string, IdxSet> sets_in(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    if (paths.size() == kMostFiles) break;
    if (it->is_regular_file(problem)) paths.push_back(it->path());
  }
  std::ranges::sort(paths);  // of a plain and a compressed file, the plain one comes first
  std::map<std::string, IdxSet> sets;
  for (const fs::path& path : paths) {
    const auto name = read_name(path);
    if (!name) continue;
    std::string& file = sets[name->set].file(*name);
    if (file.empty()) file = path.string();
  }
  std::erase_if(
      sets, [](const auto& set) { return set.second.train.empty() && set.second.test.empty(); });
  return sets;
}

// Labels of two dimensions have the class in their first column, as QMNIST's have.
NamedArray first_column(NamedArray labels, bool& was_table) {
  if (labels.shape.size() != 2 || labels.shape[1] < 2) return labels;
  was_table = true;
  const auto width = static_cast<std::size_t>(labels.shape[1]);
  labels.shape.pop_back();
  labels.read = [read = labels.read, width](std::int64_t first,
                                            std::int64_t count) -> Expected<ArrayValues> {
    auto values = read(first, count);
    if (!values) return values;
    std::visit(
        [&](auto& items) {
          for (std::size_t i = 0; i * width < items.size(); ++i) items[i] = items[i * width];
          items.resize(items.size() / width);
        },
        *values);
    return values;
  };
  return labels;
}

Expected<RawData> open_set(const IdxSet& set, const std::string& folder) {
  const bool has_train = !set.train.empty();
  ChosenArrays arrays;
  bool was_table = false;
  const auto open = [&](const std::string& path, bool are_labels) {
    return open_idx_array(path).map([&](NamedArray array) {
      return are_labels ? first_column(std::move(array), was_table) : array;
    });
  };
  auto inputs = open(has_train ? set.train : set.test, false);
  if (!inputs) return tl::unexpected(inputs.error());
  arrays.train = *std::move(inputs);
  const std::string& labels = has_train ? set.train_labels : set.test_labels;
  const bool has_test = has_train && !set.test.empty();
  if (has_test && set.train_labels.empty() != set.test_labels.empty()) {
    return fail(tr("'{}' has labels of only one part; it needs both or neither",
                   fs::path(set.train).parent_path().string()));
  }
  if (has_test) {
    auto test = open(set.test, false);
    if (!test) return tl::unexpected(test.error());
    arrays.test = *std::move(test);
  }
  if (!labels.empty()) {
    auto read = open(labels, true);
    if (!read) return tl::unexpected(read.error());
    arrays.train_labels = *std::move(read);
  }
  if (has_test && !set.test_labels.empty()) {
    auto read = open(set.test_labels, true);
    if (!read) return tl::unexpected(read.error());
    arrays.test_labels = *std::move(read);
  }
  auto data = raw_data_from(std::move(arrays));
  if (!data) return data;
  data->class_names_folder = folder;
  if (was_table) data->assumed.push_back(tr("the first column of the labels is the class"));
  return data;
}

Expected<RawData> open_folder(const DataRequest& request, const Progress&) {
  if (has_idx_folder_names(request.source)) return open_idx_folder(request.source);
  const auto sets = sets_in(request.source);
  if (sets.size() == 1) return open_set(sets.begin()->second, request.source);
  std::vector<std::string> files;
  for (const auto& [name, set] : sets) {
    files.push_back(fs::path(set.train.empty() ? set.test : set.train).filename().string());
  }
  return fail(tr("'{}' holds several sets of IDX files; name the images of one: {}", request.source,
                 fmt::join(files, ", ")));
}

// A file by itself, with the others of its set beside it where the names say so.
Expected<RawData> open_file(const DataRequest& request, const Progress&) {
  const fs::path path = request.source;
  const auto name = read_name(path);
  IdxSet set;
  set.train = request.source;
  if (!name || name->are_labels) return open_set(set, "");
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  set = sets_in(folder)[name->set];
  set.file(*name) = request.source;
  if (name->is_test) set.train = set.train_labels = "";  // it was named by itself
  auto data = open_set(set, "");
  if (!data) return data;
  for (const std::string& other : {set.train_labels, set.test, set.test_labels}) {
    if (other.empty() || other == request.source) continue;
    data->assumed.push_back(
        tr("{} beside it belongs to it", as_utf8(fs::path(other).filename().string())));
  }
  return data;
}

}  // namespace

DataFormat idx_format() {
  return {
      .source = tr("a folder of IDX files"),
      .contents = tr("train-images-idx3-ubyte and t10k-images-idx3-ubyte, plain or .gz, with "
                     "train-labels-idx1-ubyte and t10k-labels-idx1-ubyte where there are labels; "
                     "or files of one set whose names say the same in another way "
                     "(emnist-letters-test-images-idx3-ubyte)"),
      .can_open =
          [](const std::string& source) {
            std::error_code ignored;
            return has_idx_folder_names(source) ||
                   (fs::is_directory(source, ignored) && !sets_in(source).empty());
          },
      .reads = [](const fs::path& file) { return read_name(file).has_value(); },
      .open = open_folder};
}

DataFormat idx_file_format() {
  return {.source = tr("an IDX file"),
          .contents = tr("one array of inputs, with the labels and the test part beside it that "
                         "its name tells"),
          .endings = {".gz", ".idx3-ubyte"},
          .can_open = [](const std::string& source) { return looks_like_idx(source); },
          .open = open_file};
}

}  // namespace zscape
