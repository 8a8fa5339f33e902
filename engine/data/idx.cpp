#include "engine/data/idx.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/data/array_set.h"
#include "engine/physical_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr PartFileNames kNames = {.train = {kIdxTrainImages, "train-labels-idx1-ubyte"},
                                  .test = {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
                                  .may_be_compressed = true};
constexpr int kMostClasses = 256;  // a label is one byte
constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::size_t kWord = 4;
constexpr std::uint64_t kMostCompression = 1032;  // of deflate
constexpr std::size_t kChunk = std::size_t{1} << 20U;

// A file that zlib reads, compressed or not.
class GzipFile {
 public:
  explicit GzipFile(const std::string& path) : path_(path), file_(gzopen(path.c_str(), "rb")) {
    if (file_ != nullptr) gzbuffer(file_.get(), 1U << 17U);
  }

  bool is_open() const { return file_ != nullptr; }

  // Reads until the span is full or the file ends; the number of bytes read.
  Expected<std::size_t> read(std::span<std::uint8_t> bytes) {
    errno = 0;
    const int count = gzread(file_.get(), bytes.data(), static_cast<unsigned>(bytes.size()));
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    if (code == Z_BUF_ERROR) {
      return fail(tr("'{}' is cut short: its compressed data end early", path_));
    }
    if (count < 0 || code < 0) {
      if (code == Z_ERRNO) reason = std::strerror(errno);
      return fail(tr("'{}' cannot be read: {}", path_, reason));
    }
    return static_cast<std::size_t>(count);
  }

  // Goes to a place of the contents; back costs what reading up to there costs.
  bool seek(std::uint64_t place) {
    return gzseek(file_.get(), static_cast<z_off_t>(place), SEEK_SET) ==
           static_cast<z_off_t>(place);
  }

  bool is_plain() { return gzdirect(file_.get()) != 0; }

  // In bytes of the file on the disk.
  double position() const { return static_cast<double>(gzoffset(file_.get())); }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose_r(file); }
  };

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

struct IdxHeader {
  ElementType type = ElementType::uint8;
  std::vector<std::int64_t> dims;
  std::uint64_t end = 0;  // where the values begin
};

std::optional<ElementType> type_of(std::uint8_t code) {
  switch (code) {
    case kUnsignedByte:
      return ElementType::uint8;
    case 0x09:
      return ElementType::int8;
    case 0x0B:
      return ElementType::int16;
    case 0x0C:
      return ElementType::int32;
    case 0x0D:
      return ElementType::float32;
    case 0x0E:
      return ElementType::float64;
    default:
      return std::nullopt;
  }
}

Expected<IdxHeader> read_header(GzipFile& file, const std::string& path) {
  std::array<std::uint8_t, kWord> magic{};
  const auto got = file.read(magic);
  if (!got) return tl::unexpected(got.error());
  if (*got == 0) return fail(tr("'{}' is empty, not an IDX file", path));
  if (*got < kWord || magic[0] != 0 || magic[1] != 0) {
    return fail(tr("'{}' is not an IDX file: it does not begin with two zero bytes", path));
  }
  const auto type = type_of(magic[2]);
  if (!type) {
    return fail(tr("'{}' holds values of IDX type 0x{:02X}, which the format does not have", path,
                   magic[2]));
  }
  const std::size_t rank = magic[3];
  if (rank < 1 || rank > 4) {
    return fail(tr("'{}' has {} dimensions; zscape reads IDX files of 1 to 4", path, rank));
  }

  std::vector<std::uint8_t> words(rank * kWord);
  const auto got_words = file.read(words);
  if (!got_words) return tl::unexpected(got_words.error());
  if (*got_words < words.size()) {
    return fail(tr("'{}' is cut short: it ends in its header", path));
  }
  IdxHeader header{.type = *type, .dims = {}, .end = magic.size() + words.size()};
  for (std::size_t i = 0; i < words.size(); i += kWord) {
    header.dims.push_back(std::int64_t{words[i]} << 24U | std::int64_t{words[i + 1]} << 16U |
                          std::int64_t{words[i + 2]} << 8U | std::int64_t{words[i + 3]});
  }
  return header;
}

void append_word(std::vector<std::uint8_t>& bytes, std::int64_t value) {
  assert(value >= 0 && value <= std::numeric_limits<std::uint32_t>::max());
  for (const int shift : {24, 16, 8, 0}) {
    bytes.push_back(static_cast<std::uint8_t>((value >> shift) & 0xFF));
  }
}

std::vector<std::uint8_t> header(const std::vector<std::int64_t>& dims) {
  std::vector<std::uint8_t> bytes = {0, 0, kUnsignedByte, static_cast<std::uint8_t>(dims.size())};
  for (const std::int64_t dim : dims) append_word(bytes, dim);
  return bytes;
}

// An IDX file that is read by rows; its header has been checked.
class IdxFile {
 public:
  static Expected<IdxFile> open(const std::string& path) {
    std::error_code problem;
    const auto on_disk = std::filesystem::file_size(path, problem);  // refuses folders, too
    if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
    IdxFile idx(path, on_disk);
    if (!idx.file_.is_open()) {
      return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
    }
    auto header = read_header(idx.file_, path);
    if (!header) return tl::unexpected(header.error());
    idx.header_ = std::move(*header);
    idx.place_ = idx.header_.end;
    std::vector<std::int64_t> factors = idx.header_.dims;
    factors.push_back(static_cast<std::int64_t>(size_of(idx.header_.type)));
    const auto claimed = product(factors);
    if (!claimed) {
      return fail(tr("'{}' is damaged: its header claims more values than fit into memory", path));
    }
    if (auto fits = check_idx_claim(path, *claimed, on_disk, 0); !fits) {
      return tl::unexpected(fits.error());
    }
    idx.claimed_ = *claimed;
    return idx;
  }

  const std::vector<std::int64_t>& dims() const { return header_.dims; }
  ElementType type() const { return header_.type; }
  std::size_t size() const { return claimed_ / size_of(type()); }  // in values
  // How many of them it may well hold: gzip usually compresses less than this.
  std::size_t likely_size() const { return std::min<std::size_t>(size(), 16 * on_disk_); }
  double position() const { return file_.position() / static_cast<double>(on_disk_); }
  Expected<void> check_memory() const {
    return check_idx_claim(path_, claimed_, on_disk_, physical_memory());
  }
  std::optional<FileBlock> block() {
    const bool is_ours =
        file_.is_plain() && type() == ElementType::uint8 && on_disk_ == header_.end + claimed_;
    return is_ours ? std::optional(FileBlock{path_, header_.end}) : std::nullopt;
  }

  // The next rows are cheap; the last ones bring the checksum and the end of the file.
  Expected<ArrayValues> read_rows(std::int64_t first, std::int64_t count) {
    const std::size_t rows = static_cast<std::size_t>(dims().front());
    const std::size_t row = rows == 0 ? 0 : claimed_ / rows;
    const std::uint64_t begin = header_.end + static_cast<std::uint64_t>(first) * row;
    if (begin != place_ && !file_.seek(begin)) {
      return fail(tr("'{}' cannot be read a second time", path_));
    }
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count) * row);
    const auto got = file_.read(bytes);
    if (!got) return tl::unexpected(got.error());
    place_ = begin + *got;
    if (*got < bytes.size()) {
      return fail(tr("'{}' is cut short: its header promises {} values, it holds {}", path_, size(),
                     (place_ - header_.end) / size_of(type())));
    }
    if (place_ - header_.end == claimed_) {
      if (auto ended = check_end(); !ended) return tl::unexpected(ended.error());
    }
    if (type() == ElementType::uint8) return bytes;
    return values_of(type(), std::as_bytes(std::span(bytes)), kSwapped);
  }

 private:
  static constexpr bool kSwapped = std::endian::native == std::endian::little;

  IdxFile(const std::string& path, std::uint64_t on_disk)
      : path_(path), file_(path), on_disk_(on_disk) {}

  // Reading past the end also makes zlib compare the checksum.
  Expected<void> check_end() {
    std::array<std::uint8_t, 1> beyond{};
    const auto extra = file_.read(beyond);
    if (!extra) return tl::unexpected(extra.error());
    place_ += *extra;
    if (*extra == 0) return {};
    return fail(tr("'{}' is damaged: it goes on after the {} values that its header promises",
                   path_, size()));
  }

  std::string path_;
  GzipFile file_;
  std::uint64_t on_disk_;
  IdxHeader header_;
  std::uint64_t place_ = 0;    // in the contents
  std::uint64_t claimed_ = 0;  // bytes of the values
};

}  // namespace

Expected<void> check_idx_claim(const std::string& path, std::uint64_t claimed,
                               std::uint64_t on_disk, std::uint64_t memory) {
  if (claimed / kMostCompression > on_disk) {
    return fail(tr("'{}' is damaged: its header promises {} values, and {} bytes cannot hold them",
                   path, claimed, on_disk));
  }
  if (memory == 0 || claimed <= memory) return {};
  return fail(tr("'{}' holds {} MB, which is more than this machine's memory ({} MB)", path,
                 claimed >> 20, memory >> 20));
}

Expected<IdxArray> read_idx(const std::string& path, const Progress& progress) {
  auto file = IdxFile::open(path);
  if (!file) return tl::unexpected(file.error());
  if (file->type() != ElementType::uint8) {
    return fail(tr("'{}' holds values of the type {}, and unsigned bytes are needed", path,
                   name_of(file->type())));
  }
  if (auto fits = file->check_memory(); !fits) return tl::unexpected(fits.error());
  IdxArray array;
  array.dims = file->dims();
  array.values.reserve(file->likely_size());
  const std::int64_t rows = array.dims.front();
  const std::size_t row = rows == 0 ? 0 : file->size() / static_cast<std::size_t>(rows);
  const auto step = static_cast<std::int64_t>(
      std::max<std::size_t>(1, row == 0 ? static_cast<std::size_t>(rows) : kChunk / row));
  for (std::int64_t first = 0; first == 0 || first < rows; first += step) {
    const auto values = file->read_rows(first, std::min(step, rows - first));
    if (!values) return tl::unexpected(values.error());
    const auto& bytes = std::get<std::vector<std::uint8_t>>(*values);
    array.values.insert(array.values.end(), bytes.begin(), bytes.end());
    if (!report(progress, std::min(1.0, file->position()))) {
      return fail(tr("reading '{}' was cancelled", path), ErrorCode::cancelled);
    }
  }
  return array;
}

Expected<NamedArray> open_idx_array(const std::string& path) {
  auto opened = IdxFile::open(path);
  if (!opened) return tl::unexpected(opened.error());
  const auto file = std::make_shared<IdxFile>(*std::move(opened));
  NamedArray array;
  array.where = path;
  array.type = file->type();
  array.shape = file->dims();
  array.likely_values = file->likely_size();
  array.block = file->block();
  array.read = [file](std::int64_t first, std::int64_t count) {
    return file->read_rows(first, count);
  };
  return array;
}

std::vector<std::uint8_t> idx_images_bytes(const Split& split, const ImageShape& shape) {
  std::vector<std::int64_t> dims = {split.count, shape.height, shape.width};
  if (shape.channels != 1) dims.push_back(shape.channels);
  std::vector<std::uint8_t> bytes = header(dims);
  bytes.insert(bytes.end(), split.pixels.begin(), split.pixels.end());
  return bytes;
}

std::vector<std::uint8_t> idx_labels_bytes(const Split& split) {
  std::vector<std::uint8_t> bytes = header({static_cast<std::int64_t>(split.labels.size())});
  for (const std::int32_t label : split.labels) {
    assert(label >= 0 && label <= 255);
    bytes.push_back(static_cast<std::uint8_t>(label));
  }
  return bytes;
}

bool looks_like_idx(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  const auto on_disk = fs::file_size(path, ignored);
  GzipFile file(path);
  if (!file.is_open()) return false;
  const auto header = read_header(file, path);
  if (!header) return false;
  const auto values = product(header->dims);
  if (!values || *values == 0) return false;
  const std::uint64_t size = header->end + *values * size_of(header->type);
  return file.is_plain() ? on_disk == size : size / kMostCompression <= on_disk;
}

bool has_idx_folder_names(const fs::path& folder) {
  return has_inputs(folder, kNames);
}

bool has_all_idx_files(const fs::path& folder) {
  const auto has = [&](const char* name) { return find_file(folder, name, true).has_value(); };
  return has(kNames.train.inputs) && has(kNames.train.labels) && has(kNames.test.inputs) &&
         has(kNames.test.labels);
}

Expected<RawData> open_idx_folder(const fs::path& folder) {
  const auto parts = find_parts(folder, kNames);
  if (!parts) return tl::unexpected(parts.error());
  auto arrays = open_arrays(parts->train, parts->test, open_idx_array);
  if (!arrays) return tl::unexpected(arrays.error());
  auto data = raw_data_from(*std::move(arrays));
  if (data) data->class_names_folder = folder.string();
  return data;
}

Expected<void> write_idx_dataset(const Dataset& data, const std::string& folder,
                                 const FileWriter& write) {
  if (data.classes() > kMostClasses) {
    return fail(tr("data '{}' has {} classes; IDX files of bytes hold up to {}", data.name,
                   data.classes(), kMostClasses));
  }
  if (!data.train.values.empty() || !data.test.values.empty()) {
    return fail(
        tr("data '{}' holds floats; the IDX files that zscape writes hold bytes", data.name));
  }
  const auto put = [&](const char* name, const std::vector<std::uint8_t>& bytes) {
    return write((fs::path(folder) / name).string(), std::as_bytes(std::span(bytes)));
  };
  for (const auto& [split, names] :
       {std::pair{&data.train, kNames.train}, std::pair{&data.test, kNames.test}}) {
    if (auto done = put(names.inputs, idx_images_bytes(*split, data.shape)); !done) return done;
    if (split->labels.empty()) continue;
    if (auto done = put(names.labels, idx_labels_bytes(*split)); !done) return done;
  }
  return {};
}

}  // namespace zscape
