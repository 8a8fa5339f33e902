#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/child_arrays.h"
#include "engine/data/child_reader.h"
#include "engine/text.h"

namespace zscape {
namespace {

using namespace std::string_view_literals;

constexpr auto kSignature = "\x89HDF\r\n\x1a\n"sv;
constexpr auto kColumns = "obs/"sv;  // of an .h5ad file: what is known of each row of X
// Columns that name cells, the first that is there.
constexpr std::array kUsualColumns = {"cell_type"sv, "celltype"sv, "cell_types"sv, "labels"sv,
                                      "label"sv,     "louvain"sv,  "leiden"sv,     "clusters"sv};

// The signature lies at the beginning, or behind a block of the user's own. MATLAB's files, which
// have such a block, are another format.
bool looks_like_hdf5(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  constexpr auto kMatlab = "MATLAB 7.3"sv;
  std::array<char, kMatlab.size()> begin{};
  if (!file.read(begin.data(), begin.size())) return false;
  if (std::string_view(begin.data(), begin.size()) == kMatlab) return false;
  for (const int place : {0, 512, 1024, 2048}) {
    std::array<char, kSignature.size()> bytes{};
    file.seekg(place);
    if (!file.read(bytes.data(), bytes.size())) return false;
    if (std::string_view(bytes.data(), bytes.size()) == kSignature) return true;
  }
  return false;
}

const NamedArray* find(const ArraySet& set, const std::string& name) {
  const auto found = std::ranges::find(set.arrays, name, &NamedArray::name);
  return found == set.arrays.end() ? nullptr : &*found;
}

// anndata's files: a matrix X of cells, and columns about each.
class CellFile {
 public:
  explicit CellFile(ArraySet set) : set_(std::move(set)) {
    const NamedArray* matrix = find(set_, "X");
    if (matrix == nullptr || matrix->shape.size() != 2) return;
    for (const NamedArray& array : set_.arrays) {
      if (is_column(array, matrix->shape.front())) columns_.push_back(array);
    }
  }

  static bool is_one(const ArraySet& set) {
    return find(set, "X") != nullptr && std::ranges::any_of(set.arrays, [](const auto& array) {
             return array.name.starts_with(kColumns);
           });
  }

  // key: inputs, or the column that labels them.
  Expected<RawData> open(const std::string& key) && {
    std::string labels, inputs = "X";
    for (const NamedArray& column : columns_) {
      if (!key.empty() && (column.name == key || short_name(column) == key)) labels = column.name;
    }
    if (labels.empty() && !key.empty()) {
      if (find(set_, key) == nullptr) return raw_data_from(std::move(set_), key);  // says so
      inputs = key;
    }
    if (labels.empty()) labels = usual_labels();
    ChosenArrays chosen = {.train = *find(set_, inputs), .sequences = set_.sequences};
    if (!labels.empty()) chosen.train_labels = *find(set_, labels);
    auto data = raw_data_from(std::move(chosen));
    if (!data) return data;
    data->assumed.insert(data->assumed.begin(),
                         labels.empty()
                             ? tr("{} holds the inputs", inputs)
                             : tr("{} holds the inputs, {} their labels", inputs, labels));
    for (const NamedArray& column : columns_) {
      if (column.name != labels) {
        data->left_out.push_back(tr("{}; FILE:{} takes it as labels", column.name, column.name));
      }
    }
    data->left_out.insert(data->left_out.end(), set_.left_out.begin(), set_.left_out.end());
    return data;
  }

 private:
  // Not the names of the cells themselves.
  static bool is_column(const NamedArray& array, std::int64_t rows) {
    return array.name.starts_with(kColumns) && array.type == ElementType::text &&
           array.shape == std::vector{rows} && short_name(array) != "_index" &&
           short_name(array) != "index";
  }

  static std::string short_name(const NamedArray& column) {
    return column.name.substr(kColumns.size());
  }

  std::string usual_labels() const {
    for (const std::string_view name : kUsualColumns) {
      for (const NamedArray& column : columns_) {
        if (short_name(column) == name) return column.name;
      }
    }
    return columns_.size() == 1 ? columns_.front().name : "";
  }

  ArraySet set_;
  std::vector<NamedArray> columns_;
};

// Whether rows, as far as a look at the first of them tells, name one of several classes each.
bool is_one_hot(const NamedArray& array) {
  constexpr std::int64_t kRows = 256;
  const auto values = array.read(0, std::min(kRows, array.shape.front()));
  if (!values) return true;  // reading them as labels says why
  return std::visit(
      [](const auto& numbers) {
        using Value = typename std::decay_t<decltype(numbers)>::value_type;
        if constexpr (std::is_same_v<Value, std::string>) {
          return true;
        } else {
          return std::ranges::all_of(numbers,
                                     [](Value x) { return x == Value{0} || x == Value{1}; });
        }
      },
      *values);
}

// Several numbers for each input, as 3dshapes has them: they are of the labels' name, and none.
void leave_out_factors(ArraySet& set) {
  std::erase_if(set.arrays, [&](const NamedArray& array) {
    if (array.name != "labels" || array.shape.size() != 2 || array.shape[1] < 2) return false;
    if (is_one_hot(array)) return false;
    set.left_out.push_back(
        tr("{}: {} numbers for each input, which are no classes", array.name, array.shape[1]));
    return true;
  });
}

Expected<RawData> open_file(const DataRequest& request, const Progress& progress) {
  const auto [path, key] = split_key(request.source);
  const auto reader = ChildReader::open("hdf5", path, progress);
  if (!reader) return tl::unexpected(reader.error());
  ArraySet set = array_set_of(*reader);
  set.sequences = request.sequence;
  if (CellFile::is_one(set)) return CellFile(std::move(set)).open(key);
  if (key != "labels") leave_out_factors(set);
  return raw_data_from(std::move(set), key);
}

}  // namespace

DataFormat hdf5_format() {
  return {.source = tr("an HDF5 file"),
          .contents = tr("data sets of inputs and labels, found by their names; FILE.h5:KEY names "
                         "the inputs. An .h5ad file: X, dense or sparse, and a column of obs as "
                         "labels; FILE.h5ad:COLUMN names it"),
          .endings = {".h5", ".hdf5", ".h5ad"},
          .reads_sequences = true,
          .can_open =
              [](const std::string& source) { return looks_like_hdf5(split_key(source).first); },
          .open = open_file};
}

}  // namespace zscape
