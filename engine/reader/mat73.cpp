#include "engine/reader/mat73.h"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/reader/column_major.h"
#include "engine/reader/hdf5_handle.h"
#include "engine/reader/hdf5_items.h"
#include "engine/reader/sparse.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostVariables = 5000;
constexpr const char* kClass = "MATLAB_class";
constexpr const char* kSparse = "MATLAB_sparse";  // how many rows such a matrix has

herr_t collect(hid_t, const char* name, const H5L_info_t* link, void* names) {
  auto& all = *static_cast<std::vector<std::string>*>(names);
  // What cells and objects refer to lies in #refs# and #subsystem#.
  if (link->type == H5L_TYPE_HARD && name[0] != '#') all.emplace_back(name);
  return all.size() < kMostVariables ? 0 : 1;
}

// Its variables: data sets, whose axes stand in the reverse of MATLAB's order, and groups that are
// sparse matrices.
class Mat73Reader : public FileReader {
 public:
  Mat73Reader(std::string path, Hdf5Id file) : path_(std::move(path)), file_(std::move(file)) {}

  Expected<FileInfo> list() override {
    FileInfo info;
    std::vector<std::string> names;
    hsize_t position = 0;
    H5Literate(file_.get(), H5_INDEX_NAME, H5_ITER_INC, &position, collect, &names);
    for (const std::string& name : names) {
      const Hdf5Id object(H5Oopen(file_.get(), name.c_str(), H5P_DEFAULT));
      const std::string why = add(object, name, info);
      if (!why.empty()) info.notes.push_back(tr("'{}' is left out: {}", name, why));
    }
    arrays_ = info.arrays;
    return with_variables(std::move(info), path_);
  }

  Expected<void> read(std::size_t array, std::size_t axis, std::int64_t first, std::int64_t rows,
                      const Sink& sink) override {
    const ArrayInfo& wanted = arrays_.at(array);
    if (axis >= wanted.shape.size() || first < 0 || rows < 0 || first > wanted.shape[axis] ||
        rows > wanted.shape[axis] - first) {
      return fail(tr("'{}:{}' has fewer rows", path_, wanted.name));
    }
    const auto done = is_sparse_[array] ? read_sparse(wanted, axis, first, rows, sink)
                                        : read_dense(wanted, axis, first, rows, sink);
    if (done) return done;
    return fail(tr("'{}:{}' cannot be read: {}", path_, wanted.name, done.error().message));
  }

  Expected<std::vector<std::string>> read_text(std::size_t) override {
    return fail(tr("'{}' holds no texts", path_));
  }

 private:
  // Why it is no array of numbers; empty: it is one.
  std::string add(const Hdf5Id& object, const std::string& name, FileInfo& info) {
    if (!object) return tr("it is damaged");
    const std::string none = tr("it is no array of real numbers");
    const auto kind = text_attribute(object.get(), kClass);
    const auto rows = whole_attribute(object.get(), kSparse);
    if (H5Iget_type(object.get()) == H5I_GROUP) {
      if (!rows || rows->size() != 1 || rows->front() < 0) return none;
      const Hdf5Id starts(H5Oopen(object.get(), "jc", H5P_DEFAULT));
      const auto lines = shape_of(starts);
      if (!lines || lines->size() != 1 || lines->front() < 1) return tr("it is damaged");
      info.arrays.push_back(
          {name, kind == "logical" ? "bool" : "float64", {rows->front(), lines->front() - 1}});
      is_sparse_.push_back(true);
      return {};
    }
    if (H5Iget_type(object.get()) != H5I_DATASET) return none;
    const Hdf5Id file_type(H5Dget_type(object.get()));
    std::string type = type_of_items(file_type.get()).name;
    auto shape = shape_of(object);
    if (type.empty() || type == "text" || !shape || shape->empty()) return none;
    if (kind) {
      const bool is_number = *kind == "double" || *kind == "single" || kind->starts_with("int") ||
                             kind->starts_with("uint") || *kind == "logical";
      if (!is_number) return none;
      if (H5Aexists(object.get(), "MATLAB_empty") > 0) return tr("it is empty");
      if (*kind == "logical" && type == "uint8") type = "bool";
    }
    if (std::string why = why_unreadable(object.get()); !why.empty()) return why;
    std::ranges::reverse(*shape);
    if (shape->size() == 1) shape->push_back(1);
    info.arrays.push_back({name, type, std::move(*shape)});
    is_sparse_.push_back(false);
    return {};
  }

  static std::optional<std::vector<std::int64_t>> shape_of(const Hdf5Id& data_set) {
    if (!data_set || H5Iget_type(data_set.get()) != H5I_DATASET) return std::nullopt;
    const Hdf5Id space(H5Dget_space(data_set.get()));
    return space ? shape_of_space(space.get()) : std::nullopt;
  }

  // All numbers of a data set as `type`, or as they are.
  Expected<std::vector<std::byte>> numbers_of(const std::string& path, Hdf5Type type = {}) {
    const Hdf5Id data_set(H5Oopen(file_.get(), path.c_str(), H5P_DEFAULT));
    const auto shape = shape_of(data_set);
    if (!shape || shape->empty()) return fail(tr("'{}' is missing", path));
    if (auto why = why_unreadable(data_set.get()); !why.empty()) return fail(why);
    if (type.size == 0) {
      const Hdf5Id file_type(H5Dget_type(data_set.get()));
      type = type_of_items(file_type.get());
    }
    if (type.size == 0) return fail(tr("its header is damaged"));
    std::vector<std::byte> bytes;
    if (auto read = read_rows(data_set.get(), type, 0, shape->front(), bytes); !read) {
      return tl::unexpected(read.error());
    }
    return bytes;
  }

  Expected<void> read_dense(const ArrayInfo& wanted, std::size_t axis, std::int64_t first,
                            std::int64_t rows, const Sink& sink) {
    if (held_name_ != wanted.name) {
      auto numbers = numbers_of(wanted.name);
      if (!numbers) return tl::unexpected(numbers.error());
      held_ = std::move(*numbers);
      held_name_ = wanted.name;
    }
    std::size_t items = 1;
    for (const std::int64_t length : wanted.shape) items *= static_cast<std::size_t>(length);
    if (items == 0) return {};
    write_column_major(held_, held_.size() / items, wanted.shape, axis, first, rows, sink);
    return {};
  }

  Expected<std::vector<std::int64_t>> wholes_of(const std::string& path) {
    const auto bytes =
        numbers_of(path, {"int64", sizeof(std::int64_t), Hdf5Id(H5Tcopy(H5T_NATIVE_INT64))});
    if (!bytes) return tl::unexpected(bytes.error());
    std::vector<std::int64_t> numbers(bytes->size() / sizeof(std::int64_t));
    if (!numbers.empty()) std::memcpy(numbers.data(), bytes->data(), bytes->size());
    return numbers;
  }

  Expected<void> read_sparse(const ArrayInfo& wanted, std::size_t axis, std::int64_t first,
                             std::int64_t rows, const Sink& sink) {
    const auto starts = wholes_of(wanted.name + "/jc");
    if (!starts) return tl::unexpected(starts.error());
    std::vector<std::int64_t> indices;
    std::vector<std::byte> values;
    const bool is_logical = wanted.type == "bool";
    if (starts->back() != 0) {  // else both are missing
      auto read = wholes_of(wanted.name + "/ir");
      if (!read) return tl::unexpected(read.error());
      indices = std::move(*read);
      Hdf5Type type = is_logical ? Hdf5Type{"uint8", 1, Hdf5Id(H5Tcopy(H5T_NATIVE_UINT8))}
                                 : Hdf5Type{"float64", 8, Hdf5Id(H5Tcopy(H5T_NATIVE_DOUBLE))};
      auto numbers = numbers_of(wanted.name + "/data", std::move(type));
      if (!numbers) return tl::unexpected(numbers.error());
      values = std::move(*numbers);
    }
    const auto matrix =
        SparseMatrix::make(axis == 0, wanted.shape[axis], wanted.shape[1 - axis],
                           is_logical ? 1 : 8, std::move(values), std::move(indices), *starts);
    if (!matrix) return tl::unexpected(matrix.error());
    return matrix->write_rows(first, rows, sink);
  }

  std::string path_;
  Hdf5Id file_;
  std::vector<ArrayInfo> arrays_;
  std::vector<bool> is_sparse_;
  std::string held_name_;
  std::vector<std::byte> held_;  // the variable that is being read
};

}  // namespace

Expected<FileInfo> with_variables(FileInfo info, const std::string& path) {
  if (!info.arrays.empty() || !info.notes.empty()) return info;
  return fail(tr("'{}' holds no variable; it is empty, damaged or cut short", path));
}

bool is_mat73(const std::string& path) {
  constexpr std::string_view kBegin = "MATLAB 7.3";
  std::ifstream file(path, std::ios::binary);
  std::array<char, kBegin.size()> begin{};
  return file.read(begin.data(), begin.size()) &&
         std::string_view(begin.data(), begin.size()) == kBegin;
}

Expected<std::unique_ptr<FileReader>> open_mat73(const std::string& path) {
  Hdf5Id file = open_hdf5_file(path);
  if (!file) {
    return fail(tr("'{}' cannot be opened as a MAT file; it is damaged or cut short", path));
  }
  return std::make_unique<Mat73Reader>(path, std::move(file));
}

}  // namespace zscape
