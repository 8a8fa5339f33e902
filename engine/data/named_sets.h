#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"

namespace zscape {

// A file that can be downloaded, and how to recognise it.
struct RemoteFile {
  std::string name;
  std::int64_t size = 0;  // bytes
  std::string md5;        // hexadecimal, small letters
};

// A public data set that zscape knows by name. Its files are IDX files, compressed by gzip.
struct NamedSet {
  std::string name;
  std::vector<RemoteFile> files;
  std::vector<std::string> mirrors;      // URLs of folders with these files, tried in turn
  std::vector<std::string> class_names;  // ten
  std::string contents;                  // what it is, for people
};

// "mnist", "fashion-mnist" and "kmnist".
std::span<const NamedSet> named_sets();

// Null where there is no set of this name.
const NamedSet* find_named_set(std::string_view name);

// The folder of a fetched set: $XDG_DATA_HOME/zscape/<name>, by default
// ~/.local/share/zscape/<name>. Fails if neither XDG_DATA_HOME nor HOME is an absolute path.
Expected<std::filesystem::path> named_set_folder(const NamedSet& set);

}  // namespace zscape
