#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/progress.h"

namespace zscape {

class InputMapping;

// Inputs as a file holds them, [count, inputs]: bytes (0 … 255 stand for [0, 1]) or floats of any
// scale.
using RawInputs = std::variant<std::vector<std::uint8_t>, std::vector<float>>;

// Where numbers lie in a file just as zscape keeps them, from a byte on.
struct FileBlock {
  std::string path;
  std::uint64_t begin = 0;
};

// Takes the numbers of some inputs as they lie in memory. Pieces come in the order of the inputs;
// where the first input comes again, all that came before does not count.
using TakePiece =
    std::function<Expected<void>(std::int64_t first, std::span<const std::byte> numbers)>;

// One part of a data set as a format delivers it: everything but the inputs, and how to read those.
struct RawPart {
  std::string path;  // of the file or folder with the inputs, for messages
  std::int64_t count = 0;
  ImageShape shape;
  std::int64_t steps = 0;            // Dataset::steps; counted in `count`
  bool may_be_sequences = false;     // grey pictures that --sequence would read otherwise
  bool is_float = false;             // `read` returns floats
  std::string labels_path;           // for messages; empty: no labels
  std::vector<std::int64_t> labels;  // of any value; the pipeline checks them
  std::string type = {};             // of the inputs in the file: "uint8"; empty: not known
  std::vector<float> factors;        // [count, RawData::factor_names]
  std::vector<std::string> files;    // [count], from the folder on; empty: not of files
  std::vector<MetadataColumn> metadata = {};  // [count] each; the pipeline unifies both parts
  // Reads the inputs. Called once, on the loading thread, after everything else was checked.
  std::function<Expected<RawInputs>(const Progress&)> read;
  // The same in pieces, in place of `read`, for data that do not fit into memory. Null: the format
  // reads all inputs at once.
  std::function<Expected<void>(const TakePiece&, const Progress&)> stream = {};
  std::optional<FileBlock> block = {};  // where the inputs lie as they are; empty: nowhere
  // The inputs, in place of `read`, where opening has put them on a disk; both parts alike.
  std::shared_ptr<const InputMapping> mapped = {};
};

// What a format delivers. load_dataset() does the rest for all formats.
struct RawData {
  RawPart train;
  std::optional<RawPart> test;
  std::vector<std::string> class_names;  // empty: labels.txt names them, or they are numbered
  std::string class_names_folder;        // where labels.txt may lie; empty: nowhere
  std::vector<std::string> factor_names;
  // Split::offset, which reading fills; null or empty: nothing is taken from the values.
  std::shared_ptr<std::vector<double>> offset;
  std::vector<std::string> input_names = {};  // one an input; empty: not known
  // Sentences for people: what was taken for granted, and what of the source was not taken.
  std::vector<std::string> assumed = {};
  std::vector<std::string> left_out = {};
  // Whether the numbers may be of any scale. Pictures and drawings of bytes are 0 … 255.
  bool has_open_range = false;
  std::optional<PictureRules> pictures = {};  // Dataset::pictures
  std::optional<PixelRange> range = {};       // by which reading has mapped the numbers already
  double opened_share = 0;  // the share of the loading time that opening took, in [0, 1]
};

// A row of the table of data formats. Error messages, --data's help, the data field's tooltip, the
// file chooser, drops and README take their words from it.
struct DataFormat {
  // What a person gives to --data: the name itself if is_name, else a phrase ("an .npy file").
  std::string source;
  bool is_name = false;
  std::string contents;  // a phrase: what the set is, or what the file or folder must hold
  std::vector<std::string> endings = {};  // for the file chooser: ".npy"
  bool reads_sequences = false;           // DataRequest::sequence
  bool has_named_columns = false;         // one of which DataRequest::label_column may name
  // Whether a source has this format. Must be quick for any source.
  std::function<bool(const std::string& source)> can_open;
  // Whether a file of this name, in a folder of this format or beside such a file, is one of those
  // that are read. Null: none.
  std::function<bool(const std::filesystem::path& file)> reads = {};
  // Opens a source that can_open() takes. image_size matters only to a format that can resize.
  std::function<Expected<RawData>(const DataRequest&, const Progress&)> open;
};

// All formats, names first; the first that can open a source opens it.
std::span<const DataFormat> data_formats();

// The format of a source, or null.
const DataFormat* find_data_format(const std::string& source);

// Refuses a request for sequences where the format holds none.
Expected<void> check_reads_sequences(const DataFormat& format, const DataRequest& request);

// Whether a file that exists is one of those that loading a source reads.
bool is_read_from(const std::string& source, const std::string& file);

// Whether a source is the name of a data set ("synthetic", "mnist"), not a file or folder.
bool is_data_name(const std::string& source);

// "synthetic, mnist, a folder of IDX files or an .npy file": what --data takes.
std::string data_sources_text();

// One line for each format: what to give to --data, and what it is.
std::string data_formats_help();

}  // namespace zscape
