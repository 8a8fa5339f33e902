#pragma once

#include <string>

#include "engine/error.h"
#include "engine/reader/channel.h"

namespace zscape {

// Sends the files of an archive (zip, tar, and tar packed by gzip, bzip2, xz or zstd) as
// engine/data/reader_protocol.h says. Links and other special entries are passed over.
Expected<void> send_archive(const std::string& path, Channel& channel);

}  // namespace zscape
