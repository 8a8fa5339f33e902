#include "engine/input_mapping.h"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction() is POSIX
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "engine/dataset.h"
#include "engine/text.h"

namespace zscape {
namespace {

#ifdef MADV_POPULATE_READ
constexpr int kPopulate = MADV_POPULATE_READ;
#else
constexpr int kPopulate = 22;  // Linux 5.14, whatever the C library knows
#endif

const std::uintptr_t kPage = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));

// ---- Bytes that are gone

// A page of a mapped file that is not there any more ends a program by SIGBUS. The handler puts
// zeros in the place of a mapping's rest and remembers it. It may use nothing but atomic numbers.
struct Guard {
  std::atomic<std::uintptr_t> begin = 0, end = 0;  // 0: free
  std::atomic<bool> is_broken = false;
};
constexpr int kMostMappings = 256;
std::array<Guard, kMostMappings> guards;
struct sigaction before {};

void on_bus_error(int signal, siginfo_t* what, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(what->si_addr);
  for (Guard& guard : guards) {
    const std::uintptr_t begin = guard.begin.load(), end = guard.end.load();
    if (begin == 0 || address < begin || address >= end) continue;
    const std::uintptr_t page = address / kPage * kPage;
    void* zeros = mmap(reinterpret_cast<void*>(page), end - page, PROT_READ,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) break;
    guard.is_broken = true;
    return;
  }
  sigaction(signal, &before, nullptr);  // not ours: it happens again, and ends as it would have
}

// The number of a guard for these pages; −1: there is none left.
int guarded(const void* pages, std::size_t bytes) {
  static const bool installed = [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    return sigaction(SIGBUS, &action, &before) == 0;
  }();
  if (!installed) return -1;
  const auto begin = reinterpret_cast<std::uintptr_t>(pages);
  for (int i = 0; i < kMostMappings; ++i) {
    Guard& guard = guards[static_cast<std::size_t>(i)];
    std::uintptr_t free = 0;
    if (!guard.begin.compare_exchange_strong(free, 1)) continue;
    guard.is_broken = false;
    guard.end = begin + bytes;
    guard.begin = begin;
    return i;
  }
  return -1;
}

void unguard(int number) {
  if (number < 0) return;
  Guard& guard = guards[static_cast<std::size_t>(number)];
  guard.end = 0;
  guard.begin = 0;
}

}  // namespace

// What shows that somebody wrote to a file.
struct InputMapping::State {
  off_t size = 0;
  timespec written{};

  static std::unique_ptr<State> of(int file) {
    struct stat now {};
    if (fstat(file, &now) != 0) return nullptr;
    return std::make_unique<State>(State{now.st_size, now.st_mtim});
  }
  bool operator==(const State& other) const {
    return size == other.size && written.tv_sec == other.written.tv_sec &&
           written.tv_nsec == other.written.tv_nsec;
  }
};

InputMapping::InputMapping(int file, std::string name, bool is_own) noexcept
    : file_(file), name_(std::move(name)), is_own_(is_own) {}

InputMapping::~InputMapping() {
  unguard(guard_);
  if (pages_ != nullptr) munmap(pages_, mapped_);
  close(file_);
}

Expected<void> InputMapping::map(std::uint64_t begin, std::size_t bytes) {
  const std::uint64_t page = begin / kPage * kPage;
  mapped_ = static_cast<std::size_t>(begin - page) + bytes;
  void* pages = mmap(nullptr, mapped_, PROT_READ, MAP_SHARED, file_, static_cast<off_t>(page));
  if (pages == MAP_FAILED) {
    return fail(tr("'{}' cannot be mapped: {}", name_, std::strerror(errno)));
  }
  pages_ = static_cast<std::byte*>(pages);
  start_ = pages_ + (begin - page);
  size_ = bytes;
  guard_ = guarded(pages_, mapped_);
  if (guard_ >= 0) return {};
  return fail(tr("'{}' cannot be mapped: {} others are", name_, kMostMappings));
}

Expected<std::shared_ptr<const InputMapping>> InputMapping::of_file(const std::string& path,
                                                                    std::uint64_t begin,
                                                                    std::size_t bytes) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
  std::shared_ptr<InputMapping> mapping(new InputMapping(file, path, false));
  mapping->then_ = State::of(file);
  if (!mapping->then_ || static_cast<std::uint64_t>(mapping->then_->size) < begin + bytes) {
    return fail(tr("'{}' became shorter while it was opened", path));
  }
  if (auto mapped = mapping->map(begin, bytes); !mapped) return tl::unexpected(mapped.error());
  return mapping;
}

Expected<std::shared_ptr<const InputMapping>> InputMapping::of_own(int file, std::size_t bytes,
                                                                   const std::string& name) {
  std::shared_ptr<InputMapping> mapping(new InputMapping(file, name, true));
  if (auto mapped = mapping->map(0, bytes); !mapped) return tl::unexpected(mapped.error());
  return mapping;
}

namespace {

struct Pages {
  void* begin;
  std::size_t bytes;
};

// All pages that these bytes touch.
Pages around(const std::byte* first, std::size_t count) {
  const auto begin = reinterpret_cast<std::uintptr_t>(first) / kPage * kPage;
  const auto end = reinterpret_cast<std::uintptr_t>(first) + count;
  return {reinterpret_cast<void*>(begin), end - begin};
}

}  // namespace

void InputMapping::expect(std::size_t first, std::size_t count) const {
  if (first >= size_) return;
  const auto [begin, bytes] = around(start_ + first, std::min(count, size_ - first));
  madvise(begin, bytes, MADV_WILLNEED);
}

void InputMapping::fetch(std::size_t first, std::size_t count) const {
  if (first >= size_) return;
  const auto [begin, bytes] = around(start_ + first, std::min(count, size_ - first));
  madvise(begin, bytes, MADV_WILLNEED);
  if (madvise(begin, bytes, kPopulate) == 0 || errno != EINVAL) return;
  const volatile std::byte* page = static_cast<const std::byte*>(begin);  // an older system
  for (std::size_t i = 0; i < bytes; i += kPage) static_cast<void>(page[i]);
}

// The pages at both ends may hold bytes of others.
void InputMapping::leave(std::size_t first, std::size_t count) const {
  if (first >= size_) return;
  const auto at = reinterpret_cast<std::uintptr_t>(start_) + first;
  const std::uintptr_t begin = (at + kPage - 1) / kPage * kPage;
  const std::uintptr_t end = (at + std::min(count, size_ - first)) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

void InputMapping::check() const {
  const bool is_broken = guards[static_cast<std::size_t>(guard_)].is_broken;
  const auto now = is_own_ ? nullptr : State::of(file_);
  if (!is_own_ && (!now || now->size < then_->size)) {
    throw std::runtime_error(
        tr("'{}' became shorter while zscape read it; put it back, and load it again", name_));
  }
  if (is_broken) {
    throw std::runtime_error(tr("'{}' cannot be read to its end: its disk fails", name_));
  }
  if (is_own_ || *now == *then_) return;
  throw std::runtime_error(tr("'{}' was written to while zscape read it; load it again", name_));
}

void read_along(const Split& split, std::size_t inputs, std::span<const std::int64_t> rows) {
  const auto& mapping = split.mapping();
  if (mapping == nullptr || rows.empty()) return;
  constexpr std::size_t kSparse = 64;  // times as many bytes as the rows have
  constexpr std::size_t kAhead = std::size_t{8} << 20U;
  constexpr std::size_t kBehind = std::size_t{32} << 20U;  // other threads may be there yet
  const std::size_t width = inputs * (split.pixels.empty() ? sizeof(float) : 1);
  const auto [low, high] = std::ranges::minmax(rows);
  const std::size_t begin = split.first(low, width), end = split.first(high, width) + width;
  if (end - begin > kSparse * width * rows.size()) return;
  mapping->expect(end, std::max(kAhead, end - begin));
  if (begin < kBehind) return;
  const std::size_t done = begin - kBehind;
  const std::size_t some = std::min(done, kBehind + (end - begin));
  mapping->leave(done - some, some);
}

void check_inputs(const Split& split) {
  if (const auto& mapping = split.mapping()) mapping->check();
}

}  // namespace zscape
