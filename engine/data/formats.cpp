#include "engine/data/formats.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/data/array_set.h"
#include "engine/data/names.h"
#include "engine/text.h"

namespace zscape {

// Each is defined in the file of its format.
DataFormat synthetic_format();
std::vector<DataFormat> named_set_formats();
DataFormat idx_format();
DataFormat npy_folder_format();
DataFormat picture_format();
DataFormat npy_file_format();
DataFormat hdf5_format();
DataFormat mat_format();
DataFormat archive_format();
DataFormat parquet_format();
DataFormat npz_format();
DataFormat csv_format();
DataFormat idx_file_format();
DataFormat amat_folder_format();
DataFormat amat_file_format();
DataFormat cifar_format();

std::span<const DataFormat> data_formats() {
  static const std::vector<DataFormat> kFormats = [] {
    std::vector<DataFormat> all = named_set_formats();
    all.insert(all.begin(), synthetic_format());
    for (const auto make :
         {idx_format, npy_folder_format, cifar_format, amat_folder_format, picture_format,
          npy_file_format, npz_format, csv_format, amat_file_format, idx_file_format, hdf5_format,
          mat_format, parquet_format, archive_format}) {
      all.push_back(make());
    }
    return all;
  }();
  return kFormats;
}

const DataFormat* find_data_format(const std::string& source) {
  if (source.empty()) return nullptr;
  const auto found = std::ranges::find_if(
      data_formats(), [&](const DataFormat& format) { return format.can_open(source); });
  return found == data_formats().end() ? nullptr : &*found;
}

Expected<void> check_reads_sequences(const DataFormat& format, const DataRequest& request) {
  if (!request.sequence || format.reads_sequences) return {};
  return fail(
      tr("'{}' holds no sequences: --sequence reads arrays [sequences, steps, values] of "
         "NPY, NPZ, HDF5 and MAT files; leave it out",
         request.source));
}

bool is_read_from(const std::string& source, const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (source.empty() || is_data_name(source) || !fs::exists(file, error)) return false;
  const auto [path, key] = split_key(source);
  if (fs::equivalent(path, file, error)) return true;
  // A key may name a second file: inputs.npy:labels.npy.
  if (!key.empty() && fs::equivalent(fs::path(path).parent_path() / key, file, error)) return true;
  const DataFormat* format = find_data_format(source);
  if (format == nullptr || !format->reads) return false;
  const fs::path place = fs::canonical(path, error);
  const fs::path folder = fs::is_directory(place, error) ? place : place.parent_path();
  const fs::path within = fs::canonical(file, error).lexically_relative(folder);
  const bool is_within = !within.empty() && *within.begin() != "..";
  return is_within && (format->reads(within) || within == kClassNamesFile);
}

bool is_data_name(const std::string& source) {
  return std::ranges::any_of(data_formats(), [&](const DataFormat& format) {
    return format.is_name && format.source == source;
  });
}

std::string data_sources_text() {
  std::string list;
  for (const DataFormat& format : data_formats().first(data_formats().size() - 1)) {
    list += list.empty() ? format.source : ", " + format.source;
  }
  return tr("{} or {}", list, data_formats().back().source);
}

std::string data_formats_help() {
  std::string lines;
  for (const DataFormat& format : data_formats()) {
    if (!lines.empty()) lines += '\n';
    lines += tr("{}: {}", format.source, format.contents);
  }
  return lines;
}

}  // namespace zscape
