#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/array_columns.h"
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
      const std::int64_t rows = matrix->shape.front();
      if (!array.name.starts_with(kColumns) || !is_column(array, rows)) continue;
      known_.push_back(array);
      if (may_label(array)) columns_.push_back(array);
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
    for (const NamedArray& column : known_) {
      const auto& shape = chosen.train.shape;
      if (column.name == labels || shape.empty() || !is_column(column, shape.front())) continue;
      chosen.metadata.push_back(column);
      chosen.metadata.back().name = short_name(column);
    }
    auto data = raw_data_from(std::move(chosen));
    if (!data) return data;
    data->assumed.insert(data->assumed.begin(),
                         labels.empty()
                             ? tr("{} holds the inputs", inputs)
                             : tr("{} holds the inputs, {} their labels", inputs, labels));
    data->left_out.insert(data->left_out.end(), set_.left_out.begin(), set_.left_out.end());
    return data;
  }

 private:
  // Not the names of the cells themselves.
  static bool may_label(const NamedArray& array) {
    return array.type == ElementType::text && short_name(array) != "_index" &&
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
  std::vector<NamedArray> known_;    // columns of obs
  std::vector<NamedArray> columns_;  // those that may be labels
};

Expected<RawData> open_file(const DataRequest& request, const Progress& progress) {
  const auto [path, key] = split_key(request.source);
  const auto reader = ChildReader::open("hdf5", path, progress);
  if (!reader) return tl::unexpected(reader.error());
  ArraySet set = array_set_of(*reader);
  set.sequences = request.sequence;
  if (CellFile::is_one(set)) return CellFile(std::move(set)).open(key);
  return raw_data_from(std::move(set), key);
}

}  // namespace

DataFormat hdf5_format() {
  return {.source = tr("an HDF5 file"),
          .contents = tr("data sets of inputs and labels, found by their names; FILE.h5:KEY names "
                         "the inputs. An .h5ad file: X, dense or sparse, and a column of obs as "
                         "labels; FILE.h5ad:COLUMN names it; the others come along as metadata"),
          .endings = {".h5", ".hdf5", ".h5ad"},
          .reads_sequences = true,
          .can_open =
              [](const std::string& source) { return looks_like_hdf5(split_key(source).first); },
          .open = open_file};
}

}  // namespace zscape
