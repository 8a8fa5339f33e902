#include "engine/data/idx.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <system_error>
#include <utility>

#include "engine/data/array_folder.h"
#include "engine/physical_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr PartFileNames kNames = {.train = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
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

  // In bytes of the file on the disk.
  double position() const { return static_cast<double>(gzoffset(file_.get())); }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose_r(file); }
  };

  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

Expected<std::vector<std::int64_t>> read_header(GzipFile& file, const std::string& path) {
  std::array<std::uint8_t, kWord> magic{};
  const auto got = file.read(magic);
  if (!got) return tl::unexpected(got.error());
  if (*got == 0) return fail(tr("'{}' is empty, not an IDX file", path));
  if (*got < kWord || magic[0] != 0 || magic[1] != 0) {
    return fail(tr("'{}' is not an IDX file: it does not begin with two zero bytes", path));
  }
  if (magic[2] != kUnsignedByte) {
    return fail(tr("'{}' holds values of IDX type 0x{:02X}; zscape reads unsigned bytes, type 0x08",
                   path, magic[2]));
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
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < words.size(); i += kWord) {
    dims.push_back(std::int64_t{words[i]} << 24U | std::int64_t{words[i + 1]} << 16U |
                   std::int64_t{words[i + 2]} << 8U | std::int64_t{words[i + 3]});
  }
  return dims;
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

// An IDX file whose header has been read.
struct OpenIdx {
  GzipFile file;
  std::vector<std::int64_t> dims;
  std::uintmax_t size_on_disk = 0;
};

Expected<OpenIdx> open_idx(const std::string& path) {
  std::error_code problem;
  const auto on_disk = std::filesystem::file_size(path, problem);  // refuses folders, too
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  OpenIdx idx{GzipFile(path), {}, on_disk};
  if (!idx.file.is_open()) {
    return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
  }
  auto dims = read_header(idx.file, path);
  if (!dims) return tl::unexpected(dims.error());
  idx.dims = std::move(*dims);
  return idx;
}

Expected<RawPart> open_part(const PartFiles& files) {
  const auto images = open_idx(files.inputs);
  if (!images) return tl::unexpected(images.error());
  const auto shape = shape_of_inputs(images->dims, files.inputs);
  if (!shape) return tl::unexpected(shape.error());

  RawPart part;
  part.path = files.inputs;
  part.count = images->dims[0];
  part.shape = *shape;
  part.read = [path = files.inputs](const Progress& progress) -> Expected<RawInputs> {
    auto array = read_idx(path, progress);
    if (!array) return tl::unexpected(array.error());
    return std::move(array->values);
  };
  if (files.labels.empty()) return part;
  const auto labels = read_idx(files.labels);
  if (!labels) return tl::unexpected(labels.error());
  if (auto fine = check_label_dims(labels->dims, files.labels); !fine) {
    return tl::unexpected(fine.error());
  }
  part.labels_path = files.labels;
  part.labels.assign(labels->values.begin(), labels->values.end());
  return part;
}

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
  auto opened = open_idx(path);
  if (!opened) return tl::unexpected(opened.error());
  auto& [file, dims, on_disk] = *opened;
  IdxArray array;
  array.dims = std::move(dims);
  const auto claimed = product(array.dims);
  if (!claimed) {
    return fail(tr("'{}' is damaged: its header claims more values than fit into memory", path));
  }

  if (auto fits = check_idx_claim(path, *claimed, on_disk, physical_memory()); !fits) {
    return tl::unexpected(fits.error());
  }
  array.values.reserve(std::min<std::size_t>(*claimed, 16 * on_disk));  // a usual compression
  // In chunks, so that a damaged header cannot ask for memory that the file does not fill.
  while (array.values.size() < *claimed) {
    const std::size_t before = array.values.size();
    const std::size_t wanted = std::min(kChunk, *claimed - before);
    array.values.resize(before + wanted);
    const auto got = file.read(std::span(array.values).subspan(before));
    if (!got) return tl::unexpected(got.error());
    if (*got < wanted) {
      return fail(tr("'{}' is cut short: its header promises {} values, it holds {}", path,
                     *claimed, before + *got));
    }
    if (!report(progress, std::min(1.0, file.position() / static_cast<double>(on_disk)))) {
      return fail(tr("reading '{}' was cancelled", path), ErrorCode::cancelled);
    }
  }
  // Reading past the end also makes zlib compare the checksum.
  std::array<std::uint8_t, 1> beyond{};
  const auto extra = file.read(beyond);
  if (!extra) return tl::unexpected(extra.error());
  if (*extra > 0) {
    return fail(tr("'{}' is damaged: it goes on after the {} values that its header promises", path,
                   *claimed));
  }
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

bool has_all_idx_files(const fs::path& folder) {
  const auto has = [&](const char* name) { return find_file(folder, name, true).has_value(); };
  return has(kNames.train.inputs) && has(kNames.train.labels) && has(kNames.test.inputs) &&
         has(kNames.test.labels);
}

Expected<RawData> open_idx_folder(const fs::path& folder) {
  return open_parts(folder, kNames, open_part);
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

DataFormat idx_format() {
  return {
      .source = tr("a folder of IDX files"),
      .contents = tr("train-images-idx3-ubyte and t10k-images-idx3-ubyte, plain or .gz, with "
                     "train-labels-idx1-ubyte and t10k-labels-idx1-ubyte where there are labels"),
      .can_open = [](const std::string& source) { return has_inputs(source, kNames); },
      .open = [](const DataRequest& request,
                 const Progress&) { return open_idx_folder(request.source); }};
}

}  // namespace zscape
