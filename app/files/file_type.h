#pragma once

#include <string>

namespace zscape {

// What a file holds, told by its first bytes.
enum class FileType {
  none,  // there is no such file, or it is empty
  model,
  checkpoint,
  other_safetensors,  // not of zscape
  program,            // of torch.export
  png,
  gif,
  npy,
  idx,
  other_picture,
  archive,  // gzip or ZIP
  session,
  json,
  text,
  unknown,
};

FileType file_type(const std::string& path);

// With its article: "an IDX file".
std::string name_of(FileType type);

}  // namespace zscape
