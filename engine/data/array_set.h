#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/data/formats.h"

// Named arrays, as .npz, HDF5 and MAT files and folders of .npy files hold them, and what zscape
// takes them for.
namespace zscape {

enum class ElementType {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  float32,
  float64,
  text,
  other  // cannot be read; NamedArray::type_name says what it is
};

// NumPy's names: "bool", "uint8", "float16", "text".
std::string_view name_of(ElementType type);
std::size_t size_of(ElementType type);  // in bytes; 0 of text and other

// Numbers of one array in C order, as its type reads: bool and uint8; float16 and float32; float64;
// other whole numbers (an uint64 beyond int64 is the largest int64); text, in UTF-8.
using ArrayValues = std::variant<std::vector<std::uint8_t>, std::vector<float>, std::vector<double>,
                                 std::vector<std::int64_t>, std::vector<std::string>>;

// Numbers as they lie in memory or in a file; not of text. swapped: in the other byte order.
ArrayValues values_of(ElementType type, std::span<const std::byte> bytes, bool swapped = false);

struct NamedArray {
  std::string name;   // the key: "x_train", "train/images"; empty: the file's only array
  std::string where;  // for messages: "data.npz:x_train", or the path of a file of one array
  ElementType type = ElementType::other;
  std::string type_name = {};            // for people; empty: name_of(type)
  std::vector<std::int64_t> shape = {};  // each ≥ 0; the first counts rows; empty: a single number
  // Reads `count` rows from `first` on; as many values as they have. Rows are asked for in order,
  // each once, or twice from the first on. One thread at a time.
  std::function<Expected<ArrayValues>(std::int64_t first, std::int64_t count)> read = {};
  // False: reading a few rows costs as much as reading all, so they are asked for at once.
  bool reads_slices = true;
  // How many values to make room for before they are there; null: all, as the file holds them.
  std::optional<std::size_t> likely_values = {};
  // Where a file holds the numbers in C order, as uint8 or as this machine's float32; empty: else.
  std::optional<FileBlock> block = {};
};

struct ArraySet {
  std::string path;  // of the file, for messages
  std::vector<NamedArray> arrays;
  // Sentences about what the file holds and the reader could not offer.
  std::vector<std::string> left_out = {};
  std::string class_names_folder = {};  // where labels.txt may lie; empty: nowhere
  bool sequences = false;               // DataRequest::sequence
};

// Recognises inputs and labels by their keys and shapes, or takes the array `key` (empty: none) as
// inputs, with the labels that belong to it. Refuses a set where nothing or several arrays may be
// the inputs, and a key that is not there, with the list of keys. What was assumed and left out
// stands in RawData::assumed and left_out.
Expected<RawData> raw_data_from(ArraySet set, const std::string& key);

// Arrays whose part is known, as of a folder of .npy files. The test part goes with the training
// part: labels are in both or neither.
struct ChosenArrays {
  NamedArray train;
  std::optional<NamedArray> train_labels = {};
  std::optional<NamedArray> test = {};
  std::optional<NamedArray> test_labels = {};
  bool sequences = false;  // DataRequest::sequence
  // Of the training part: numbers for each input whose labels would name no class, [N, K].
  std::optional<NamedArray> factors = {};
  // Columns with one value an input, under their names; those of the test part likewise.
  std::vector<NamedArray> metadata = {}, test_metadata = {};
};
Expected<RawData> raw_data_from(ChosenArrays arrays);

// For formats that read their own arrays.
struct Layout {
  ImageShape shape;             // as zscape keeps the inputs
  int channels = 1;             // in the file; a fourth one is left out
  bool channels_first = false;  // in the file
  std::int64_t steps = 0;       // inputs in a row of the array, Dataset::steps
};

// What an array's dimensions say: [N, D], [N, H, W], [N, H, W, C] or [N, C, H, W] with C of 1, 3 or
// 4. where: for messages.
Expected<Layout> layout_of(std::span<const std::int64_t> shape, const std::string& where);

// The same where sequences are asked for: [sequences, steps, values].
Expected<Layout> sequence_layout_of(std::span<const std::int64_t> shape, const std::string& where);

// "data.npz:KEY" → {"data.npz", "KEY"}; a path that exists, or without a colon, has no key.
std::pair<std::string, std::string> split_key(const std::string& source);

// "[60000, 28, 28] of uint8".
std::string array_text(const NamedArray& array);

}  // namespace zscape
