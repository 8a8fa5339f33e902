#pragma once

#include <optional>
#include <string>

#include "engine/error.h"

namespace zscape {

// Files that PyTorch writes, told apart by the names in their ZIP directory. Nothing in them runs.

// Whether a file is a program: an archive of torch.export.save, or what zscape_export.py packed of
// two. Does not check the rest.
bool looks_like_program(const std::string& path);

// Why another file of PyTorch is not read (a pickle, TorchScript, AOTInductor's native code), and
// the line of Python that makes of it what is; nothing for programs and files that are not
// PyTorch's.
std::optional<Error> refusal_of_pytorch(const std::string& path);

// Whether such a refusal is of a pickle, in which there may be data.
bool is_pickle_of_pytorch(const std::string& path);

// Whether a model's file, safetensors or a program, has all its bytes: what its header or directory
// claims ends where the file ends. False while another program still writes it.
bool is_whole_model_file(const std::string& path);

}  // namespace zscape
