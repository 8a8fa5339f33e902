#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace zscape {

// Bytes that are kept for long and seldom read, as the weights of a run's past. Large blocks lie in
// files without a name in /var/tmp, so that they take the system's file cache and disk instead of
// this process's memory; where no file can be had, they lie in memory. Immutable once made; any
// thread may read it.
class KeptBlock {
 public:
  // `write` fills the block. It is aligned for any type. Throws std::bad_alloc.
  KeptBlock(std::size_t bytes, const std::function<void(std::span<std::byte>)>& write);
  KeptBlock(const KeptBlock&) = delete;
  KeptBlock& operator=(const KeptBlock&) = delete;
  ~KeptBlock();

  std::size_t size() const { return bytes_; }
  // The span is valid until `read` returns.
  void read(const std::function<void(std::span<const std::byte>)>& read) const;

 private:
  void leave_memory() const;

  std::size_t bytes_;
  std::byte* start_ = nullptr;
  bool in_file_ = false;
};

}  // namespace zscape
