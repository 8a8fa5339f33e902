#include "engine/reader/hdf5_items.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "engine/reader/lzf.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostText = std::size_t{1} << 25U;  // of one array
constexpr std::size_t kMostTexts = std::size_t{1} << 24U;

std::string integer_name(bool is_signed, std::size_t size) {
  return std::string(is_signed ? "int" : "uint") + std::to_string(8 * size);
}

Hdf5Id native_integer(bool is_signed, std::size_t size) {
  switch (size) {
    case 1:
      return Hdf5Id(H5Tcopy(is_signed ? H5T_NATIVE_INT8 : H5T_NATIVE_UINT8));
    case 2:
      return Hdf5Id(H5Tcopy(is_signed ? H5T_NATIVE_INT16 : H5T_NATIVE_UINT16));
    case 4:
      return Hdf5Id(H5Tcopy(is_signed ? H5T_NATIVE_INT32 : H5T_NATIVE_UINT32));
    case 8:
      return Hdf5Id(H5Tcopy(is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64));
    default:
      return {};
  }
}

// The library has no name for it: 1 sign bit, 5 bits of exponent, 10 of mantissa.
Hdf5Id half_float() {
  Hdf5Id type(H5Tcopy(H5T_NATIVE_FLOAT));
  if (!type || H5Tset_fields(type.get(), 15, 10, 5, 0, 10) < 0 || H5Tset_size(type.get(), 2) < 0 ||
      H5Tset_ebias(type.get(), 15) < 0) {
    return {};
  }
  return type;
}

// As h5py writes bool: an enumeration of FALSE = 0 and TRUE = 1.
bool is_boolean(hid_t type) {
  if (H5Tget_nmembers(type) != 2 || H5Tget_size(type) != 1) return false;
  for (const auto& [name, value] : {std::pair{"FALSE", 0}, std::pair{"TRUE", 1}}) {
    signed char found = -1;
    if (H5Tenum_valueof(type, name, &found) < 0 || found != value) return false;
  }
  return true;
}

// Texts of fixed length end at a zero, or fill their place (with spaces, if Fortran wrote them).
std::string fixed_text(const char* bytes, std::size_t size, H5T_str_t padding) {
  std::string_view text(bytes, size);
  text = text.substr(0, text.find('\0'));
  while (padding == H5T_STR_SPACEPAD && text.ends_with(' ')) text.remove_suffix(1);
  return std::string(text);
}

// Of a chunk of texts of any length: a file has a length of four bytes, an address and a number of
// four bytes for each; 0: there are no chunks.
std::size_t bytes_of_text_chunk(hid_t data_set) {
  constexpr hsize_t kAddress = 8, kText = 4 + kAddress + 4;
  const Hdf5Id list(H5Dget_create_plist(data_set));
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  const int rank = H5Pget_chunk(list.get(), H5S_MAX_RANK, chunk.data());
  hsize_t bytes = rank > 0 ? kText : 0;
  for (int i = 0; i < rank; ++i) {
    const hsize_t length = chunk[static_cast<std::size_t>(i)];
    if (length == 0 || length > kMostText / bytes) return 0;
    bytes *= length;
  }
  return static_cast<std::size_t>(bytes);
}

Expected<std::vector<std::string>> variable_texts(hid_t data_set, hid_t file_type,
                                                  std::size_t count) {
  Hdf5Id memory(H5Tcopy(H5T_C_S1));
  if (H5Tset_size(memory.get(), H5T_VARIABLE) < 0 ||
      H5Tset_cset(memory.get(), H5Tget_cset(file_type)) < 0) {
    return fail(tr("its texts cannot be read"));
  }
  std::vector<char*> pointers(count, nullptr);
  expect_lzf_chunk(bytes_of_text_chunk(data_set));
  const herr_t read =
      H5Dread(data_set, memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data());
  expect_lzf_chunk(0);
  if (read < 0) {
    return fail(tr("its texts cannot be read; they are damaged, or packed in an unknown way"));
  }
  std::vector<std::string> texts;
  std::size_t length = 0;
  for (const char* text : pointers) {
    texts.emplace_back(text == nullptr ? "" : text);
    length += texts.back().size();
    if (length > kMostText) return fail(tr("its texts have more than {} bytes", kMostText));
  }
  const Hdf5Id space(H5Dget_space(data_set));
  H5Dvlen_reclaim(memory.get(), space.get(), H5P_DEFAULT, pointers.data());
  return texts;
}

}  // namespace

Hdf5Type type_of_items(hid_t file_type) {
  const std::size_t size = H5Tget_size(file_type);
  switch (H5Tget_class(file_type)) {
    case H5T_INTEGER: {
      const bool is_signed = H5Tget_sign(file_type) == H5T_SGN_2;
      Hdf5Id memory = native_integer(is_signed, size);
      if (!memory) return {};
      return {integer_name(is_signed, size), size, std::move(memory)};
    }
    case H5T_FLOAT:
      if (size == 2) return {"float16", 2, half_float()};
      if (size == 4) return {"float32", 4, Hdf5Id(H5Tcopy(H5T_NATIVE_FLOAT))};
      if (size == 8) return {"float64", 8, Hdf5Id(H5Tcopy(H5T_NATIVE_DOUBLE))};
      return {};
    case H5T_ENUM: {
      if (is_boolean(file_type)) return {"bool", 1, Hdf5Id(H5Tcopy(file_type))};
      const Hdf5Id base(H5Tget_super(file_type));
      return type_of_items(base.get());  // as its numbers
    }
    case H5T_STRING:
      return {"text", 0, {}};
    default:
      return {};
  }
}

std::optional<std::vector<std::int64_t>> shape_of_space(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || H5Sget_simple_extent_type(space) == H5S_NULL) return std::nullopt;
  std::array<hsize_t, H5S_MAX_RANK> dims{};
  if (H5Sget_simple_extent_dims(space, dims.data(), nullptr) != rank) return std::nullopt;
  std::vector<std::int64_t> shape;
  for (int i = 0; i < rank; ++i) {
    if (dims[static_cast<std::size_t>(i)] > static_cast<hsize_t>(INT64_MAX)) return std::nullopt;
    shape.push_back(static_cast<std::int64_t>(dims[static_cast<std::size_t>(i)]));
  }
  return shape;
}

std::string why_unreadable(hid_t data_set) {
  const Hdf5Id list(H5Dget_create_plist(data_set));
  if (!list) return tr("its header is damaged");
  const H5D_layout_t layout = H5Pget_layout(list.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(list.get()) != 0) {
    return tr("its numbers lie in other files");
  }
  const int filters = H5Pget_nfilters(list.get());
  for (unsigned i = 0; i < static_cast<unsigned>(std::max(filters, 0)); ++i) {
    std::size_t values = 0;
    unsigned flags = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(list.get(), i, &flags, &values, nullptr, 0, nullptr, nullptr);
    if (filter < 0 || H5Zfilter_avail(filter) <= 0) {
      return tr("it is packed by the filter {}, which needs a plug-in; write it with gzip instead",
                filter);
    }
  }
  return {};
}

Expected<void> read_rows(hid_t data_set, const Hdf5Type& type, std::int64_t first,
                         std::int64_t rows, std::vector<std::byte>& bytes) {
  const Hdf5Id space(H5Dget_space(data_set));
  const auto shape = shape_of_space(space.get());
  if (!shape) return fail(tr("its shape is damaged"));
  std::size_t size = type.size;
  std::vector<hsize_t> start(shape->size(), 0), count;
  for (const std::int64_t dim : *shape) count.push_back(static_cast<hsize_t>(dim));
  if (!count.empty()) {
    if (first < 0 || rows < 0 || first > shape->front() || rows > shape->front() - first) {
      return fail(tr("it has fewer rows"));
    }
    start[0] = static_cast<hsize_t>(first);
    count[0] = static_cast<hsize_t>(rows);
    for (const hsize_t part : count) size *= part;
  }
  const std::size_t place = bytes.size();
  bytes.resize(place + size);
  if (size == 0) return {};
  hid_t from = H5S_ALL;
  Hdf5Id memory_space;
  if (!count.empty()) {
    memory_space = Hdf5Id(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr));
    if (!memory_space || H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr,
                                             count.data(), nullptr) < 0) {
      return fail(tr("its rows {} to {} cannot be chosen", first, first + rows - 1));
    }
    from = space.get();
  }
  const hid_t to = memory_space ? memory_space.get() : H5S_ALL;
  if (H5Dread(data_set, type.memory.get(), to, from, H5P_DEFAULT, bytes.data() + place) < 0) {
    return fail(tr("its rows {} to {} cannot be read; the file is damaged or cut short", first,
                   first + rows - 1));
  }
  return {};
}

Expected<std::vector<std::string>> read_texts(hid_t data_set) {
  const Hdf5Id type(H5Dget_type(data_set));
  const Hdf5Id space(H5Dget_space(data_set));
  const hssize_t points = H5Sget_simple_extent_npoints(space.get());
  if (!type || points < 0 || static_cast<std::size_t>(points) > kMostTexts) {
    return fail(tr("it has too many texts"));
  }
  const auto count = static_cast<std::size_t>(points);
  if (count == 0) return std::vector<std::string>();
  if (H5Tis_variable_str(type.get()) > 0) return variable_texts(data_set, type.get(), count);
  const std::size_t size = H5Tget_size(type.get());
  if (size == 0 || size > kMostText / count) {
    return fail(tr("its texts have more than {} bytes", kMostText));
  }
  std::vector<char> bytes(count * size);
  if (H5Dread(data_set, type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0) {
    return fail(tr("its texts cannot be read; they are damaged, or packed in an unknown way"));
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    texts.push_back(fixed_text(bytes.data() + i * size, size, H5Tget_strpad(type.get())));
  }
  return texts;
}

std::optional<std::string> text_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return std::nullopt;
  const Hdf5Id attribute(H5Aopen(object, name, H5P_DEFAULT));
  if (!attribute) return std::nullopt;
  const Hdf5Id type(H5Aget_type(attribute.get()));
  const Hdf5Id space(H5Aget_space(attribute.get()));
  if (!type || H5Tget_class(type.get()) != H5T_STRING ||
      H5Sget_simple_extent_npoints(space.get()) != 1) {
    return std::nullopt;
  }
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    if (H5Aread(attribute.get(), type.get(), &text) < 0 || text == nullptr) return std::nullopt;
    std::string copy = text;
    H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, &text);
    return copy;
  }
  std::vector<char> bytes(H5Tget_size(type.get()));
  if (bytes.empty() || H5Aread(attribute.get(), type.get(), bytes.data()) < 0) return std::nullopt;
  return fixed_text(bytes.data(), bytes.size(), H5Tget_strpad(type.get()));
}

std::optional<std::vector<std::int64_t>> whole_attribute(hid_t object, const char* name) {
  if (H5Aexists(object, name) <= 0) return std::nullopt;
  const Hdf5Id attribute(H5Aopen(object, name, H5P_DEFAULT));
  if (!attribute) return std::nullopt;
  const Hdf5Id type(H5Aget_type(attribute.get()));
  const Hdf5Id space(H5Aget_space(attribute.get()));
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  if (!type || H5Tget_class(type.get()) != H5T_INTEGER || count < 1 || count > H5S_MAX_RANK) {
    return std::nullopt;
  }
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  if (H5Aread(attribute.get(), H5T_NATIVE_INT64, numbers.data()) < 0) return std::nullopt;
  return numbers;
}

}  // namespace zscape
