// MATLAB's files, versions 4 and 5; mat73.cpp reads 7.3. Arrays are described as MATLAB shows them;
// their first axis varies fastest in the file.

#include <matio.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/reader/column_major.h"
#include "engine/reader/file_reader.h"
#include "engine/reader/mat73.h"
#include "engine/reader/sparse.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostVariables = 5000;

struct FreeVariable {
  void operator()(matvar_t* variable) const { Mat_VarFree(variable); }
};
using Variable = std::unique_ptr<matvar_t, FreeVariable>;

struct CloseMat {
  void operator()(mat_t* file) const { Mat_Close(file); }
};

// Of a value of a sparse matrix: MATLAB has them of double and of truths.
std::size_t size_of_item(const matvar_t& variable) {
  return variable.isLogical != 0 ? 1 : sizeof(double);
}

// NumPy's name; empty for what is no array of plain numbers.
std::string type_of(const matvar_t& variable) {
  if (variable.isComplex != 0) return {};
  switch (variable.class_type) {
    case MAT_C_DOUBLE:
      return "float64";
    case MAT_C_SINGLE:
      return "float32";
    case MAT_C_INT8:
      return "int8";
    case MAT_C_UINT8:
      return variable.isLogical != 0 ? "bool" : "uint8";
    case MAT_C_INT16:
      return "int16";
    case MAT_C_UINT16:
      return "uint16";
    case MAT_C_INT32:
      return "int32";
    case MAT_C_UINT32:
      return "uint32";
    case MAT_C_INT64:
      return "int64";
    case MAT_C_UINT64:
      return "uint64";
    case MAT_C_SPARSE:
      return size_of_item(variable) == 1 ? "bool" : "float64";
    default:
      return {};
  }
}

// Refuses a file of version 5 that ends inside of a variable, whose rest libmatio would pass over:
// labels could be lost in silence.
Expected<void> check_length(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = static_cast<std::uint64_t>(std::max<std::streamoff>(file.tellg(), 0));
  constexpr std::uint64_t kHead = 128;  // its last two bytes tell the order of bytes
  std::array<char, kHead> head{};
  file.seekg(0);
  if (!file.read(head.data(), head.size())) return {};
  if (std::string_view(head.data(), 10) != "MATLAB 5.0") return {};
  const bool is_little = head[kHead - 2] == 'I';
  const auto number = [&](const unsigned char* bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8U | bytes[is_little ? 3 - i : i];
    return value;
  };
  for (std::uint64_t place = kHead; place + 8 <= size;) {
    std::array<unsigned char, 8> tag{};
    file.seekg(static_cast<std::streamoff>(place));
    if (!file.read(reinterpret_cast<char*>(tag.data()), tag.size())) return {};
    const std::uint32_t type = number(tag.data());
    if (type != MAT_T_MATRIX && type != MAT_T_COMPRESSED) return {};
    place += 8 + std::uint64_t{number(tag.data() + 4)};
    if (place > size) {
      return fail(
          tr("'{}' is cut short: it has {} bytes, and a variable ends at {}", path, size, place));
    }
  }
  return {};
}

class MatReader : public FileReader {
 public:
  MatReader(std::string path, mat_t* file) : path_(std::move(path)), file_(file) {}

  Expected<FileInfo> list() override {
    FileInfo info;
    Mat_Rewind(file_.get());
    for (std::size_t i = 0; i < kMostVariables; ++i) {
      const Variable variable(Mat_VarReadNextInfo(file_.get()));
      if (!variable) break;
      if (variable->name == nullptr) continue;
      const std::string name = variable->name;
      if (std::ranges::find(info.arrays, name, &ArrayInfo::name) != info.arrays.end()) continue;
      const std::string type = type_of(*variable);
      if (type.empty()) {
        info.notes.push_back(tr("'{}' is left out: it is no array of real numbers", name));
        continue;
      }
      std::vector<std::int64_t> shape;
      for (int axis = 0; axis < variable->rank; ++axis) {
        shape.push_back(static_cast<std::int64_t>(
            std::min<std::size_t>(variable->dims[axis], std::size_t{1} << 53U)));
      }
      info.arrays.push_back({name, type, std::move(shape)});
    }
    arrays_ = info.arrays;
    return with_variables(std::move(info), path_);
  }

  Expected<void> read(std::size_t array, std::size_t axis, std::int64_t first, std::int64_t rows,
                      const Sink& sink) override {
    const ArrayInfo& wanted = arrays_.at(array);
    if (!variable_ || name_ != wanted.name) {
      variable_.reset();
      variable_.reset(Mat_VarRead(file_.get(), wanted.name.c_str()));
      name_ = wanted.name;
    }
    const bool is_sparse = variable_ && variable_->class_type == MAT_C_SPARSE;
    if (!variable_ || (!is_sparse && !is_whole(*variable_, wanted))) {
      return fail(
          tr("'{}:{}' cannot be read; the file is damaged or cut short", path_, wanted.name));
    }
    if (axis >= wanted.shape.size() || first < 0 || rows < 0 || first > wanted.shape[axis] ||
        rows > wanted.shape[axis] - first) {
      return fail(tr("'{}:{}' has fewer rows", path_, wanted.name));
    }
    if (is_sparse) {
      const auto matrix = sparse_matrix(*variable_, wanted, axis);
      const auto done = matrix ? matrix->write_rows(first, rows, sink)
                               : Expected<void>(tl::unexpected(matrix.error()));
      if (done) return done;
      return fail(tr("'{}:{}' cannot be read: {}", path_, wanted.name, done.error().message));
    }
    const auto item = static_cast<std::size_t>(variable_->data_size);
    write_column_major({static_cast<const std::byte*>(variable_->data), variable_->nbytes}, item,
                       wanted.shape, axis, first, rows, sink);
    return {};
  }

  Expected<std::vector<std::string>> read_text(std::size_t) override {
    return fail(tr("'{}' holds no texts", path_));
  }

 private:
  static bool is_whole(const matvar_t& variable, const ArrayInfo& wanted) {
    if (variable.data == nullptr || variable.data_size <= 0 || type_of(variable) != wanted.type ||
        variable.rank != static_cast<int>(wanted.shape.size())) {
      return false;
    }
    auto bytes = static_cast<std::size_t>(variable.data_size);
    for (std::size_t axis = 0; axis < wanted.shape.size(); ++axis) {
      if (variable.dims[axis] != static_cast<std::size_t>(wanted.shape[axis])) return false;
      bytes *= variable.dims[axis];
    }
    return bytes == variable.nbytes;
  }

  // A sparse matrix by its columns, as MATLAB keeps it; rows along either axis.
  static Expected<SparseMatrix> sparse_matrix(const matvar_t& variable, const ArrayInfo& wanted,
                                              std::size_t axis) {
    const auto* held = static_cast<const mat_sparse_t*>(variable.data);
    const std::size_t item = size_of_item(variable);
    if (held == nullptr || item == 0 || wanted.shape.size() != 2) {
      return fail(tr("its sparse matrix is damaged"));
    }
    const auto bytes = std::span(static_cast<const std::byte*>(held->data), held->ndata * item);
    std::vector<std::int64_t> indices(held->ir, held->ir + held->nir);
    std::vector<std::int64_t> starts(held->jc, held->jc + held->njc);
    // Room for more values than there are may follow them.
    const auto count = static_cast<std::size_t>(starts.empty() ? 0 : starts.back());
    if (count > indices.size() || count > held->ndata) {
      return fail(tr("its sparse matrix is damaged"));
    }
    indices.resize(count);
    const auto used = bytes.first(count * item);
    return SparseMatrix::make(axis == 0, wanted.shape[axis], wanted.shape[1 - axis], item,
                              {used.begin(), used.end()}, std::move(indices), std::move(starts));
  }

  std::string path_;
  std::unique_ptr<mat_t, CloseMat> file_;
  std::vector<ArrayInfo> arrays_;
  std::string name_;
  Variable variable_;  // the one that is being read
};

}  // namespace

Expected<std::unique_ptr<FileReader>> open_mat(const std::string& path) {
  if (is_mat73(path)) return open_mat73(path);
  if (auto whole = check_length(path); !whole) return tl::unexpected(whole.error());
  mat_t* file = Mat_Open(path.c_str(), MAT_ACC_RDONLY);
  if (file == nullptr) {
    return fail(tr("'{}' cannot be opened as a MAT file; it is damaged or cut short", path));
  }
  return std::make_unique<MatReader>(path, file);
}

}  // namespace zscape
