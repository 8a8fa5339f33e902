// HDF5 files: data sets, and the sparse matrices and categories of anndata (.h5ad).

#include <hdf5.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "engine/reader/file_reader.h"
#include "engine/reader/hdf5_handle.h"
#include "engine/reader/hdf5_items.h"
#include "engine/reader/lzf.h"
#include "engine/reader/sparse.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kDeepest = 12;  // of groups in groups
constexpr std::size_t kMostObjects = 5000;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 22U;
constexpr std::size_t kMostCache = std::size_t{1} << 27U;

enum class Kind {
  numbers,
  texts,
  sparse,       // a group with data, indices and indptr
  categorical,  // a group with codes and categories
  nullable,     // a group with values and a mask of those that are missing
  old_codes     // a data set of codes; their categories lie in __categories beside it
};

struct Entry {
  Kind kind{};
  std::string path;
};

struct Link {
  std::string name;
  haddr_t address = HADDR_UNDEF;
};

struct Names {
  std::vector<Link> hard;
  bool has_others = false;
};

herr_t collect(hid_t, const char* name, const H5L_info_t* link, void* names) {
  auto& all = *static_cast<Names*>(names);
  if (link->type == H5L_TYPE_HARD) {
    all.hard.push_back({name, link->u.address});
  } else {
    all.has_others = true;
  }
  return all.hard.size() < kMostObjects ? 0 : 1;
}

// The links of a group that lead to what the file itself holds.
Names names_in(hid_t group) {
  Names names;
  hsize_t position = 0;
  H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, collect, &names);
  return names;
}

// Whether a group has a hard link of this name.
bool has(hid_t group, const char* name) {
  H5L_info_t link{};
  return H5Lexists(group, name, H5P_DEFAULT) > 0 &&
         H5Lget_info(group, name, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_HARD;
}

Hdf5Id open_data_set(hid_t place, const std::string& name) {
  Hdf5Id object(H5Oopen(place, name.c_str(), H5P_DEFAULT));
  if (!object || H5Iget_type(object.get()) != H5I_DATASET) return {};
  return object;
}

// A data set whose cache holds one row of its chunks, so that reading by slices unpacks each once.
Hdf5Id reopened_with_cache(hid_t file, const std::string& path) {
  Hdf5Id data_set = open_data_set(file, path);
  if (!data_set) return {};
  const Hdf5Id list(H5Dget_create_plist(data_set.get()));
  if (!list || H5Pget_layout(list.get()) != H5D_CHUNKED) return data_set;
  const Hdf5Id space(H5Dget_space(data_set.get()));
  const Hdf5Id type(H5Dget_type(data_set.get()));
  const auto shape = shape_of_space(space.get());
  if (!shape || shape->empty()) return data_set;
  std::vector<hsize_t> chunk(shape->size());
  if (H5Pget_chunk(list.get(), static_cast<int>(chunk.size()), chunk.data()) < 0) return data_set;
  std::size_t bytes = H5Tget_size(type.get());
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const auto whole = static_cast<hsize_t>((*shape)[i]);
    const hsize_t chunks = i == 0 || chunk[i] == 0 ? 1 : (whole + chunk[i] - 1) / chunk[i];
    const hsize_t length = std::max<hsize_t>(1, chunk[i] * chunks);
    if (length > kMostCache / bytes) return data_set;
    bytes *= length;
  }
  const Hdf5Id access(H5Pcreate(H5P_DATASET_ACCESS));
  constexpr std::size_t kSlots = 12'421;
  H5Pset_chunk_cache(access.get(), kSlots, std::max<std::size_t>(bytes, 1U << 20U), 1);
  data_set = {};
  return Hdf5Id(H5Dopen(file, path.c_str(), access.get()));
}

class Hdf5Reader : public FileReader {
 public:
  Hdf5Reader(std::string path, Hdf5Id file) : path_(std::move(path)), file_(std::move(file)) {}

  Expected<FileInfo> list() override {
    FileInfo info;
    H5O_info_t root{};
    if (H5Oget_info(file_.get(), &root) >= 0) seen_.insert(root.addr);
    walk(file_.get(), "", 0, info);
    return info;
  }

  Expected<void> read(std::size_t array, std::size_t axis, std::int64_t first, std::int64_t rows,
                      const Sink& sink) override {
    const Entry& entry = entries_.at(array);
    if (axis != 0) return fail(tr("'{}': rows of HDF5 lie along the first axis", path_));
    auto done = entry.kind == Kind::sparse     ? read_sparse(entry.path, first, rows, sink)
                : entry.kind == Kind::nullable ? read_nullable(entry.path, first, rows, sink)
                                               : read_numbers(entry.path, first, rows, sink);
    if (done) return done;
    return fail(tr("'{}:{}' cannot be read: {}", path_, entry.path, done.error().message));
  }

  Expected<std::vector<std::string>> read_text(std::size_t array) override {
    const Entry& entry = entries_.at(array);
    auto texts = entry.kind == Kind::texts      ? texts_of(entry.path)
                 : entry.kind == Kind::nullable ? nullable_texts(entry.path)
                 : entry.kind == Kind::categorical
                     ? categories(entry.path + "/codes", entry.path + "/categories")
                     : categories(entry.path, old_categories(entry.path));
    if (texts) return texts;
    return fail(tr("'{}:{}' cannot be read: {}", path_, entry.path, texts.error().message));
  }

 private:
  static std::string old_categories(const std::string& path) {
    const auto slash = path.rfind('/');
    return path.substr(0, slash) + "/__categories" + path.substr(slash);
  }

  void add(FileInfo& info, Kind kind, const std::string& path, const std::string& type,
           std::vector<std::int64_t> shape) {
    entries_.push_back({kind, path});
    info.arrays.push_back({path, type, std::move(shape)});
  }

  void leave_out(FileInfo& info, const std::string& path, const std::string& why) {
    constexpr std::size_t kMostNotes = 10;
    if (info.notes.size() < kMostNotes) {
      info.notes.push_back(tr("'{}' is left out: {}", path, why));
    }
  }

  void walk(hid_t group, const std::string& path, int depth, FileInfo& info) {
    const Names names = names_in(group);
    if (names.has_others) {
      leave_out(info, path.empty() ? "/" : path, tr("its links to other places are not followed"));
    }
    for (const auto& [name, address] : names.hard) {
      if (!seen_.insert(address).second) continue;  // under another name
      if (seen_.size() > kMostObjects) return;
      const std::string inner = path.empty() ? name : path + '/' + name;
      if (name == "__categories") continue;
      const Hdf5Id object(H5Oopen(group, name.c_str(), H5P_DEFAULT));
      if (!object) {
        leave_out(info, inner, tr("it is damaged"));
      } else if (H5Iget_type(object.get()) == H5I_DATASET) {
        add_data_set(object.get(), group, name, inner, info);
      } else if (H5Iget_type(object.get()) == H5I_GROUP) {
        if (add_sparse(object.get(), inner, info) || add_categorical(object.get(), inner, info) ||
            add_nullable(object.get(), inner, info)) {
          continue;
        }
        if (depth < kDeepest) walk(object.get(), inner, depth + 1, info);
      }
    }
  }

  void add_data_set(hid_t data_set, hid_t group, const std::string& name, const std::string& path,
                    FileInfo& info) {
    const Hdf5Id file_type(H5Dget_type(data_set));
    const Hdf5Id space(H5Dget_space(data_set));
    if (!file_type || !space) return leave_out(info, path, tr("its header is damaged"));
    const auto shape = shape_of_space(space.get());
    if (!shape) return;  // of nothing
    const Hdf5Type type = type_of_items(file_type.get());
    if (type.name.empty()) {
      return leave_out(info, path, tr("it holds neither plain numbers nor texts"));
    }
    if (const std::string why = why_unreadable(data_set); !why.empty()) {
      return leave_out(info, path, why);
    }
    if (type.name == "text") return add(info, Kind::texts, path, "text", *shape);
    const bool is_whole = H5Tget_class(file_type.get()) == H5T_INTEGER;
    if (is_whole && has(group, "__categories")) {
      const Hdf5Id named(H5Oopen(group, "__categories", H5P_DEFAULT));
      if (named && H5Iget_type(named.get()) == H5I_GROUP && has(named.get(), name.c_str())) {
        return add(info, Kind::old_codes, path, "text", *shape);
      }
    }
    add(info, Kind::numbers, path, type.name, *shape);
  }

  bool add_sparse(hid_t group, const std::string& path, FileInfo& info) {
    auto kind = text_attribute(group, "encoding-type");
    if (!kind) kind = text_attribute(group, "h5sparse_format");
    if (!kind || !(kind->starts_with("csr") || kind->starts_with("csc"))) return false;
    auto shape = whole_attribute(group, "shape");
    if (!shape) shape = whole_attribute(group, "h5sparse_shape");
    const Hdf5Id data = has(group, "data") ? open_data_set(group, "data") : Hdf5Id();
    if (!shape || shape->size() != 2 || std::ranges::min(*shape) < 0 || !data) {
      leave_out(info, path, tr("its sparse matrix lacks a shape or data"));
      return true;
    }
    const Hdf5Id file_type(H5Dget_type(data.get()));
    const Hdf5Type type = type_of_items(file_type.get());
    if (type.size == 0) {
      leave_out(info, path, tr("it holds no plain numbers"));
      return true;
    }
    add(info, Kind::sparse, path, type.name, *shape);
    return true;
  }

  bool add_categorical(hid_t group, const std::string& path, FileInfo& info) {
    if (text_attribute(group, "encoding-type") != "categorical") return false;
    const Hdf5Id codes = has(group, "codes") ? open_data_set(group, "codes") : Hdf5Id();
    if (!codes || !has(group, "categories")) {
      leave_out(info, path, tr("its categories lack codes or names"));
      return true;
    }
    const Hdf5Id space(H5Dget_space(codes.get()));
    const auto shape = shape_of_space(space.get());
    if (shape) add(info, Kind::categorical, path, "text", *shape);
    return true;
  }

  // pandas' columns with missing values, as anndata writes them: numbers, truths or texts.
  bool add_nullable(hid_t group, const std::string& path, FileInfo& info) {
    const auto kind = text_attribute(group, "encoding-type");
    if (!kind || !kind->starts_with("nullable-")) return false;
    const Hdf5Id values = has(group, "values") ? open_data_set(group, "values") : Hdf5Id();
    const Hdf5Id mask = has(group, "mask") ? open_data_set(group, "mask") : Hdf5Id();
    const Hdf5Id type(values ? H5Dget_type(values.get()) : H5I_INVALID_HID);
    const Hdf5Id space(values ? H5Dget_space(values.get()) : H5I_INVALID_HID);
    const auto shape = space ? shape_of_space(space.get()) : std::nullopt;
    if (!mask || !shape || shape->size() != 1) {
      leave_out(info, path, tr("its values or the mask of missing ones are damaged"));
      return true;
    }
    const std::string name = type_of_items(type.get()).name;
    if (name.empty()) {
      leave_out(info, path, tr("it holds neither plain numbers nor texts"));
    } else {
      add(info, Kind::nullable, path, name == "text" || name == "bool" ? "text" : "float64",
          *shape);
    }
    return true;
  }

  Expected<void> read_nullable(const std::string& path, std::int64_t first, std::int64_t rows,
                               const Sink& sink) {
    const Hdf5Type floats = {"float64", 8, Hdf5Id(H5Tcopy(H5T_NATIVE_DOUBLE))};
    auto numbers = numbers_of<double>(path + "/values", floats);
    if (!numbers) return tl::unexpected(numbers.error());
    const auto missing = truths_of(path + "/mask", numbers->size());
    if (!missing) return tl::unexpected(missing.error());
    for (std::size_t i = 0; i < numbers->size(); ++i) {
      if ((*missing)[i] != 0) (*numbers)[i] = std::numeric_limits<double>::quiet_NaN();
    }
    const auto count = static_cast<std::int64_t>(numbers->size());
    if (first < 0 || rows < 0 || first > count || rows > count - first) {
      return fail(tr("it has fewer rows"));
    }
    sink(std::as_bytes(std::span(*numbers).subspan(static_cast<std::size_t>(first),
                                                   static_cast<std::size_t>(rows))));
    return {};
  }

  // [count], 1 or 0, of a data set of h5py's booleans or of bytes.
  Expected<std::vector<std::uint8_t>> truths_of(const std::string& path, std::size_t count) {
    const Hdf5Id data_set = open_data_set(file_.get(), path);
    if (!data_set) return fail(tr("'{}' is missing", path));
    const Hdf5Id file_type(H5Dget_type(data_set.get()));
    const Hdf5Type type = type_of_items(file_type.get());
    if (type.size != 1) return fail(tr("'{}' holds no truths", path));
    auto truths = numbers_of<std::uint8_t>(path, type);
    if (truths && truths->size() != count) {
      return fail(tr("'{}' has {} values for {}", path, truths->size(), count));
    }
    return truths;
  }

  // A missing text is empty.
  Expected<std::vector<std::string>> nullable_texts(const std::string& path) {
    const Hdf5Id values = open_data_set(file_.get(), path + "/values");
    if (!values) return fail(tr("'{}' is missing", path + "/values"));
    const Hdf5Id type(H5Dget_type(values.get()));
    std::vector<std::string> texts;
    if (H5Tget_class(type.get()) == H5T_STRING) {
      auto read = texts_of(path + "/values");
      if (!read) return read;
      texts = std::move(*read);
    } else {
      const Hdf5Id space(H5Dget_space(values.get()));
      const auto shape = shape_of_space(space.get());
      const auto truths =
          truths_of(path + "/values", shape ? static_cast<std::size_t>(shape->front()) : 0);
      if (!truths) return tl::unexpected(truths.error());
      for (const std::uint8_t truth : *truths) texts.emplace_back(truth != 0 ? "true" : "false");
    }
    const auto missing = truths_of(path + "/mask", texts.size());
    if (!missing) return tl::unexpected(missing.error());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if ((*missing)[i] != 0) texts[i].clear();
    }
    return texts;
  }

  Expected<void> read_numbers(const std::string& path, std::int64_t first, std::int64_t rows,
                              const Sink& sink) {
    if (open_path_ != path) {
      open_ = reopened_with_cache(file_.get(), path);
      open_path_ = path;
    }
    if (!open_) return fail(tr("it cannot be opened"));
    const Hdf5Id file_type(H5Dget_type(open_.get()));
    const Hdf5Id space(H5Dget_space(open_.get()));
    const Hdf5Type type = type_of_items(file_type.get());
    const auto shape = shape_of_space(space.get());
    if (!shape || type.size == 0) return fail(tr("its header is damaged"));
    std::size_t row = type.size;
    for (std::size_t i = 1; i < shape->size(); ++i) row *= static_cast<std::size_t>((*shape)[i]);
    const auto at_once = static_cast<std::int64_t>(
        std::max<std::size_t>(1, kBytesAtOnce / std::max<std::size_t>(1, row)));
    std::vector<std::byte> bytes;
    for (std::int64_t done = 0; done < rows;) {
      const std::int64_t now = std::min(at_once, rows - done);
      bytes.clear();
      if (auto read = read_rows(open_.get(), type, first + done, now, bytes); !read) return read;
      sink(bytes);
      done += now;
    }
    return {};
  }

  // All numbers of a data set of one dimension.
  template <class Number>
  Expected<std::vector<Number>> numbers_of(const std::string& path, const Hdf5Type& type) {
    const Hdf5Id data_set = open_data_set(file_.get(), path);
    if (!data_set) return fail(tr("'{}' is missing", path));
    if (auto why = why_unreadable(data_set.get()); !why.empty()) return fail(why);
    const Hdf5Id space(H5Dget_space(data_set.get()));
    const auto shape = shape_of_space(space.get());
    if (!shape || shape->size() != 1) return fail(tr("'{}' has not one dimension", path));
    std::vector<std::byte> bytes;
    if (auto read = read_rows(data_set.get(), type, 0, shape->front(), bytes); !read) {
      return tl::unexpected(read.error());
    }
    std::vector<Number> numbers(bytes.size() / sizeof(Number));
    if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return numbers;
  }

  Expected<std::vector<std::int64_t>> wholes_of(const std::string& path) {
    const Hdf5Type type = {"int64", sizeof(std::int64_t), Hdf5Id(H5Tcopy(H5T_NATIVE_INT64))};
    return numbers_of<std::int64_t>(path, type);
  }

  Expected<void> read_sparse(const std::string& path, std::int64_t first, std::int64_t rows,
                             const Sink& sink) {
    if (sparse_path_ != path) {
      auto matrix = sparse_matrix(path);
      if (!matrix) return tl::unexpected(matrix.error());
      sparse_ = std::move(*matrix);
      sparse_path_ = path;
    }
    return sparse_->write_rows(first, rows, sink);
  }

  Expected<SparseMatrix> sparse_matrix(const std::string& path) {
    const Hdf5Id group(H5Oopen(file_.get(), path.c_str(), H5P_DEFAULT));
    auto kind = text_attribute(group.get(), "encoding-type");
    if (!kind) kind = text_attribute(group.get(), "h5sparse_format");
    auto shape = whole_attribute(group.get(), "shape");
    if (!shape) shape = whole_attribute(group.get(), "h5sparse_shape");
    if (!kind || !shape || shape->size() != 2) return fail(tr("its header is damaged"));
    const Hdf5Id data = open_data_set(file_.get(), path + "/data");
    if (!data) return fail(tr("'{}' is missing", path + "/data"));
    const Hdf5Id file_type(H5Dget_type(data.get()));
    const Hdf5Type type = type_of_items(file_type.get());
    if (type.size == 0) return fail(tr("it holds no plain numbers"));
    auto values = numbers_of<std::byte>(path + "/data", type);
    if (!values) return tl::unexpected(values.error());
    auto indices = wholes_of(path + "/indices");
    if (!indices) return tl::unexpected(indices.error());
    auto starts = wholes_of(path + "/indptr");
    if (!starts) return tl::unexpected(starts.error());
    return SparseMatrix::make(kind->starts_with("csc"), (*shape)[0], (*shape)[1], type.size,
                              std::move(*values), std::move(*indices), std::move(*starts));
  }

  Expected<std::vector<std::string>> texts_of(const std::string& path) {
    const Hdf5Id data_set = open_data_set(file_.get(), path);
    if (!data_set) return fail(tr("'{}' is missing", path));
    return read_texts(data_set.get());
  }

  // Names of categories: texts, or numbers as people write them.
  Expected<std::vector<std::string>> names_of(const std::string& path) {
    const Hdf5Id data_set = open_data_set(file_.get(), path);
    if (!data_set) return fail(tr("'{}' is missing", path));
    const Hdf5Id type(H5Dget_type(data_set.get()));
    if (H5Tget_class(type.get()) == H5T_STRING) return read_texts(data_set.get());
    std::vector<std::string> names;
    if (H5Tget_class(type.get()) == H5T_FLOAT) {
      const Hdf5Type floats = {"float64", 8, Hdf5Id(H5Tcopy(H5T_NATIVE_DOUBLE))};
      const auto numbers = numbers_of<double>(path, floats);
      if (!numbers) return tl::unexpected(numbers.error());
      for (const double number : *numbers) names.push_back(fmt::format("{}", number));
      return names;
    }
    const auto numbers = wholes_of(path);
    if (!numbers) return tl::unexpected(numbers.error());
    for (const std::int64_t number : *numbers) names.push_back(std::to_string(number));
    return names;
  }

  Expected<std::vector<std::string>> categories(const std::string& codes_path,
                                                const std::string& names_path) {
    const auto codes = wholes_of(codes_path);
    if (!codes) return tl::unexpected(codes.error());
    const auto names = names_of(names_path);
    if (!names) return tl::unexpected(names.error());
    std::vector<std::string> texts;
    texts.reserve(codes->size());
    for (const std::int64_t code : *codes) {
      if (code < -1 || code >= static_cast<std::int64_t>(names->size())) {
        return fail(tr("the code {} has no name; there are {}", code, names->size()));
      }
      texts.push_back(code == -1 ? std::string("nan") : (*names)[static_cast<std::size_t>(code)]);
    }
    return texts;
  }

  std::string path_;
  Hdf5Id file_;
  std::vector<Entry> entries_;
  std::set<haddr_t> seen_;
  std::string open_path_;
  Hdf5Id open_;
  std::string sparse_path_;
  std::optional<SparseMatrix> sparse_;
};

}  // namespace

Hdf5Id open_hdf5_file(const std::string& path) {
  H5Eset_auto(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
  register_lzf();
  const Hdf5Id access(H5Pcreate(H5P_FILE_ACCESS));
  return Hdf5Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()));
}

Expected<std::unique_ptr<FileReader>> open_hdf5(const std::string& path) {
  Hdf5Id file = open_hdf5_file(path);
  if (!file) {
    return fail(tr("'{}' cannot be opened as an HDF5 file; it is damaged or cut short", path));
  }
  return std::make_unique<Hdf5Reader>(path, std::move(file));
}

}  // namespace zscape
