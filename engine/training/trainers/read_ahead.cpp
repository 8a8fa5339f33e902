#include "engine/training/trainers/read_ahead.h"

#include <algorithm>
#include <utility>

namespace zscape {

ReadAhead::ReadAhead(std::shared_ptr<const InputMapping> mapping)
    : mapping_(std::move(mapping)), thread_([this] { work(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::begin(std::vector<ByteRange> ranges) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), ranges.begin(), ranges.end());
  }
  changed_.notify_all();
}

void ReadAhead::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !is_busy_; });
}

void ReadAhead::work() {
  constexpr std::size_t kInFlight = 4;  // ranges that the disk is asked for beside the one awaited
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ends_ || !waiting_.empty(); });
    if (ends_) return;
    const std::vector<ByteRange> ranges = std::exchange(waiting_, {});
    is_busy_ = true;
    lock.unlock();
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const std::size_t asked = i == 0 ? 0 : i + kInFlight;
      for (std::size_t j = asked; j <= std::min(i + kInFlight, ranges.size() - 1); ++j) {
        mapping_->expect(ranges[j].first, ranges[j].count);
      }
      mapping_->fetch(ranges[i].first, ranges[i].count);
      const std::lock_guard look(mutex_);
      if (ends_) return;
    }
    lock.lock();
    is_busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace zscape
