#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/data/array_set.h"

namespace zscape {

inline constexpr const char* kIdxTrainImages = "train-images-idx3-ubyte";

// The contents of an IDX file of unsigned bytes, the format of MNIST: a header of big-endian words,
// then the values, last dimension fastest.
struct IdxArray {
  std::vector<std::int64_t> dims;    // 1 to 4 of them, each ≥ 0
  std::vector<std::uint8_t> values;  // as many as the product of dims
};

// Reads an IDX file, plain or compressed by gzip. Refuses a file whose header contradicts its size.
// Takes memory for what the file holds, not for what it claims. Any thread.
Expected<IdxArray> read_idx(const std::string& path, const Progress& progress = {});

// Whether a file of that many bytes can hold what its header claims, and this machine's memory
// (0: unknown) too: gzip makes data a thousand times smaller at most.
Expected<void> check_idx_claim(const std::string& path, std::uint64_t claimed,
                               std::uint64_t on_disk, std::uint64_t memory);

// The bytes of a plain IDX file: images [count, height, width], or [count, height, width,
// channels] where an image has several channels.
std::vector<std::uint8_t> idx_images_bytes(const Split& split, const ImageShape& shape);

// The bytes of a plain IDX file: labels [count]. Each label must be at most 255; the split must
// have labels.
std::vector<std::uint8_t> idx_labels_bytes(const Split& split);

// An IDX file of any type as an array, read by rows.
Expected<NamedArray> open_idx_array(const std::string& path);

// Whether a file has an IDX header that agrees with its size (of a compressed one: may agree).
bool looks_like_idx(const std::string& path);

// Whether a folder holds inputs under the names of open_idx_folder().
bool has_idx_folder_names(const std::filesystem::path& folder);

// Opens a folder of IDX files under their usual names, plain or compressed:
//   train-images-idx3-ubyte[.gz]   t10k-images-idx3-ubyte[.gz]
//   train-labels-idx1-ubyte[.gz]   t10k-labels-idx1-ubyte[.gz]   (both or neither)
Expected<RawData> open_idx_folder(const std::filesystem::path& folder);

// Whether a folder holds all four of them.
bool has_all_idx_files(const std::filesystem::path& folder);

// Puts a file with these bytes at a path, whole or not at all (engine/io/atomic_file.h has one).
using FileWriter =
    std::function<Expected<void>(const std::string& path, std::span<const std::byte> bytes)>;

// Writes a data set of bytes as a folder of plain IDX files, with labels if there are any. The
// folder must exist. Refuses data of floats and data with more than 256 classes.
Expected<void> write_idx_dataset(const Dataset& data, const std::string& folder,
                                 const FileWriter& write);

}  // namespace zscape
