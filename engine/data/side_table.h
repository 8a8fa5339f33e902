#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/dataset.h"
#include "engine/error.h"

// A table (.csv, .tsv) that lies beside inputs and says more of each.
namespace zscape {

struct SideTableFile {
  std::filesystem::path path;
  // Its name says that it belongs to these inputs: one that does not fit is an error. Another one
  // that does not fit is left out.
  bool is_meant = false;
};

// The first table of these names without ending in a folder; where none is there and `only`, the
// folder's only table. One that zscape wrote does not count. kSideTable is meant.
inline constexpr const char* kSideTable = "metadata";
std::optional<SideTableFile> find_side_table(const std::filesystem::path& folder,
                                             std::span<const std::string> names, bool only);

// Whether a file of a folder is the table that its name says belongs to the inputs.
bool is_side_table_name(const std::filesystem::path& file);

struct SideTable {
  std::vector<MetadataColumn> columns;  // [count]
  std::vector<std::string> assumed, left_out;
};

// Its columns in the order of `count` inputs: joined by the column that names their files, each
// once, with or without folder and ending (files: [count], or empty: inputs without files), else by
// the order of the rows, which must be as many as the inputs.
Expected<SideTable> read_side_table(const SideTableFile& table, std::int64_t count,
                                    std::span<const std::string> files);

}  // namespace zscape
