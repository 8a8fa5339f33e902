#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/input_mapping.h"

namespace zscape {

// Bytes of a mapping.
struct ByteRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

// A thread that brings bytes of mapped inputs into memory, so that training never waits for single
// rows. Used by one thread.
class ReadAhead {
 public:
  explicit ReadAhead(std::shared_ptr<const InputMapping> mapping);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead();

  // Begins to read these, in their order, once what was begun before is there.
  void begin(std::vector<ByteRange> ranges);
  // Waits until all that was begun is there.
  void finish();

 private:
  void work();

  std::shared_ptr<const InputMapping> mapping_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ByteRange> waiting_;
  bool is_busy_ = false;
  bool ends_ = false;
  std::thread thread_;  // the last, so that it finds all others
};

}  // namespace zscape
