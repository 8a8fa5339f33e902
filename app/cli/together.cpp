#include "app/cli/together.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "app/cli/interrupt.h"
#include "engine/text.h"

namespace zscape {
namespace {

std::string with_rank(const Ranks& ranks, std::string_view message) {
  if (ranks.is_first()) return std::string(message);
  return tr("rank {} on {}: {}", ranks.rank(), ranks.host(), message);
}

Outcome<std::string> bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (!stream.is_open() || stream.bad()) {
    return failed(tr("{}: {}", path, std::error_code(errno, std::generic_category()).message()));
  }
  return bytes;
}

Outcome<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(std::error_code(errno, std::generic_category()).message());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Outcome<void> agreed(Ranks& ranks, const Outcome<void>& mine) {
  std::vector<double> codes(static_cast<std::size_t>(ranks.size()), 0);
  if (!mine) codes[static_cast<std::size_t>(ranks.rank())] = static_cast<double>(mine.error().code);
  ranks.sum(codes);
  const auto first = std::ranges::find_if(codes, [](double code) { return code != 0; });
  if (first == codes.end()) return {};
  std::string message;
  if (!mine) message = with_rank(ranks, mine.error().message);
  ranks.broadcast(message, static_cast<int>(first - codes.begin()));
  return tl::unexpected(Failure{static_cast<ExitCode>(*first), std::move(message)});
}

void end_all(Ranks& ranks, std::string_view message) {
  std::cout.flush();
  std::cerr << "zscape: " << with_rank(ranks, message) << std::endl;
  ranks.abort(static_cast<int>(ExitCode::failed));
  std::abort();  // GCC does not see that the call above never returns
}

bool interrupted_together(Ranks& ranks) {
  double came[] = {interrupted() ? 1.0 : 0.0};
  ranks.sum(came);
  if (came[0] == 0) return false;
  interrupt();
  return true;
}

Outcome<SharedFile> SharedFile::share(Ranks& ranks, const std::string& path,
                                      const Outcome<void>& before) {
  std::string bytes;
  Outcome<void> read = before;
  if (read && ranks.is_first()) {
    auto own = bytes_of(path);
    if (own) {
      bytes = *std::move(own);
    } else {
      read = tl::unexpected(own.error());
    }
  }
  if (auto all = agreed(ranks, read); !all) return tl::unexpected(all.error());
  ranks.broadcast(bytes, 0);
  SharedFile file;
  file.path_ = path;
  Outcome<void> kept;
  if (!ranks.is_first()) {
    file.descriptor_ = ::memfd_create("zscape", MFD_CLOEXEC);
    if (file.descriptor_ < 0) {
      kept = failed(std::error_code(errno, std::generic_category()).message());
    } else {
      kept = write_all(file.descriptor_, bytes);
    }
    file.path_ = "/proc/self/fd/" + std::to_string(file.descriptor_);
  }
  if (auto all = agreed(ranks, kept); !all) return tl::unexpected(all.error());
  return file;
}

SharedFile::SharedFile(SharedFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

SharedFile& SharedFile::operator=(SharedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

SharedFile::~SharedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int threads_of_rank(const Ranks& ranks) {
  const auto cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  const auto usable = static_cast<int>(std::thread::hardware_concurrency());  // mpirun may bind
  return std::max(1, std::min(usable, cores / std::max(1, ranks.size_here())));
}

}  // namespace zscape
