#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/error.h"

namespace zscape {

struct Split;

// Inputs that lie in a file and not in memory: bytes of it, mapped to be read. The system keeps in
// memory what was read last and gives it up where memory is short. Immutable; any thread may use
// it. Where the file becomes shorter or its disk fails, the bytes that are gone read as 0, and
// check() says so.
class InputMapping {
 public:
  // Bytes of a file of the user's, which must hold them.
  static Expected<std::shared_ptr<const InputMapping>> of_file(const std::string& path,
                                                               std::uint64_t begin,
                                                               std::size_t bytes);
  // The first bytes of a file of our own, which nobody else knows; takes over the descriptor.
  // name: for messages.
  static Expected<std::shared_ptr<const InputMapping>> of_own(int file, std::size_t bytes,
                                                              const std::string& name);
  InputMapping(const InputMapping&) = delete;
  InputMapping& operator=(const InputMapping&) = delete;
  ~InputMapping();

  std::span<const std::byte> bytes() const { return {start_, size_}; }

  // Bytes that are read soon: their reading begins, and nobody waits for it.
  void expect(std::size_t first, std::size_t count) const;
  // Reads bytes from disk and waits until they are in memory.
  void fetch(std::size_t first, std::size_t count) const;
  // Bytes that are not needed for a while: this process gives their memory back.
  void leave(std::size_t first, std::size_t count) const;

  // Throws std::runtime_error with one sentence if bytes were gone when they were read, or the file
  // is not as it was when it was opened.
  void check() const;

 private:
  struct State;
  InputMapping(int file, std::string name, bool is_own) noexcept;
  Expected<void> map(std::uint64_t begin, std::size_t bytes);

  int file_;
  std::string name_;
  bool is_own_;
  std::unique_ptr<State> then_;  // of the user's file, when it was opened
  std::byte* pages_ = nullptr;   // where the mapping begins, at most a page before …
  std::byte* start_ = nullptr;   // … the first byte
  std::size_t mapped_ = 0;       // of pages_, in bytes
  std::size_t size_ = 0;
  int guard_ = -1;
};

// For rows of a split that a reader goes through from the first to the last, piece by piece: has
// what follows this piece read ahead and gives back what lies well behind it. Nothing where the
// split is in memory or the rows are few among many. inputs: of one row.
void read_along(const Split& split, std::size_t inputs, std::span<const std::int64_t> rows);

// Throws as InputMapping::check() where the split is mapped.
void check_inputs(const Split& split);

}  // namespace zscape
