#pragma once

#include <cstdint>
#include <functional>
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

// Inputs as a file holds them, [count, inputs]: bytes, of which 0 … 255 stand for [0, 1], or
// floats of any scale.
using RawInputs = std::variant<std::vector<std::uint8_t>, std::vector<float>>;

// One part of a data set, as a format delivers it: everything but the inputs, and how to read
// these.
struct RawPart {
  std::string path;  // of the file or folder with the inputs, for messages
  std::int64_t count = 0;
  ImageShape shape;
  bool is_float = false;             // what `read` returns
  std::string labels_path;           // for messages; empty: no labels
  std::vector<std::int64_t> labels;  // of any value; the pipeline checks them
  std::vector<float> factors;        // [count, RawData::factor_names]
  // Reads the inputs, once, after all else has been checked. On the thread that loads.
  std::function<Expected<RawInputs>(const Progress&)> read;
};

// What a format delivers. load_dataset does the rest for all formats: it checks that the parts fit
// together, names the classes, holds out a test part where there is none, and finds the scaling.
struct RawData {
  RawPart train;
  std::optional<RawPart> test;
  std::vector<std::string>
      class_names;                 // empty: classes are numbered, unless labels.txt names them
  std::string class_names_folder;  // where labels.txt may lie; empty: nowhere
  std::vector<std::string> factor_names;
  double opened_share = 0;  // the share of the loading time that opening took, in [0, 1]
};

// A row of the table of data formats. Error messages, --data's help, the data field's tooltip, the
// file chooser, drops and README take their words from it.
struct DataFormat {
  // What a person gives to --data. The name itself where is_name, else a phrase: "an .npy file".
  std::string source;
  bool is_name = false;
  std::string contents;  // what it is, or what a file or folder must hold: a phrase
  std::vector<std::string> endings = {};  // of its files, for a file chooser: ".npy"
  // Whether a source is of this format; quick, whatever the source is.
  std::function<bool(const std::string& source)> can_open;
  // Opens a source that can_open() takes. image_size matters only to a format that can resize.
  std::function<Expected<RawData>(const DataRequest&, const Progress&)> open;
};

// All formats, names first; a source belongs to the first that can open it.
std::span<const DataFormat> data_formats();

// The format of a source, or null.
const DataFormat* find_data_format(const std::string& source);

// Whether a source names a data set that is no file or folder: "synthetic", "mnist".
bool is_data_name(const std::string& source);

// "synthetic, mnist, a folder of IDX files or an .npy file": what --data takes.
std::string data_sources_text();

// One line for each format: what --data takes, and what it is.
std::string data_formats_help();

}  // namespace zscape
