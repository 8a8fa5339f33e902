#include "engine/data/download.h"
#include "engine/data/fetch.h"
#include "engine/data/idx.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// Parts: an address, a server's Content-Range, and what it sent: a gzip file of a named set.
bool read_download(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const auto parts = parts_of(bytes, 3);
  const std::string address = text_of(parts[0]);
  if (is_web_address(address)) {
    demand(address.size() > 7, "an address names a server");
  }
  const auto start = range_start(text_of(parts[1]));
  demand(!start || *start >= 0, "a part begins within its file");
  const std::string path = folder.put("train-images-idx3-ubyte.gz", parts[2]);
  const auto sum = md5_of_file(path);
  demand(sum && sum->size() == 32, "every file has a checksum");
  const auto images = read_idx(path);
  if (!images) return false;
  std::size_t values = 1;
  for (const std::int64_t side : images->dims) values *= static_cast<std::size_t>(side);
  demand(images->values.size() == values, "an array has the values of its dimensions");
  return is_web_address(address) && start;
}

}  // namespace

FuzzTarget fetch_target() {
  return {.name = "fetch", .run = read_download};
}

}  // namespace zscape
