#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "engine/data/array_set.h"

// Shared by the formats that keep inputs and labels in array files.
namespace zscape {

// The product of dims, each ≥ 0; nothing if it exceeds the address space.
std::optional<std::size_t> product(std::span<const std::int64_t> dims);

// For people: "[60000, 28, 28]".
std::string dims_text(std::span<const std::int64_t> dims);

// The file names that a format expects.
struct PartFileNames {
  struct Part {
    const char* inputs;
    const char* labels;
  };
  Part train;
  Part test;
  bool may_be_compressed = false;  // a file may also end in .gz
};

// Where the files of one part lie.
struct PartFiles {
  std::string inputs;
  std::string labels;  // empty: no labels
};

// The path of a file in a folder; nothing where it is missing.
std::optional<std::string> find_file(const std::filesystem::path& folder, const std::string& name,
                                     bool may_be_compressed = false);

// Whether this is the name of one of the files, with inputs or labels.
bool is_one_of(const PartFileNames& names, const std::filesystem::path& file);

// Whether a folder holds the inputs of at least one part.
bool has_inputs(const std::filesystem::path& folder, const PartFileNames& names);

struct FoundParts {
  PartFiles train;
  PartFiles test;
};

// The files of a training and a test part. Both need inputs; labels are in both or neither.
Expected<FoundParts> find_parts(const std::filesystem::path& folder, const PartFileNames& names);

// Opens the files of both parts; a part without inputs is not there.
Expected<ChosenArrays> open_arrays(
    const PartFiles& train, const PartFiles& test,
    const std::function<Expected<NamedArray>(const std::string& path)>& open);

}  // namespace zscape
