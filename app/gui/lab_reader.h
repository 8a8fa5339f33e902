#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/error.h"
#include "engine/lab/results.h"

namespace zscape {

using LabTablePtr = std::shared_ptr<const LabTable>;

// Reads results folders on a thread of its own, and again whenever their files change; so no frame
// waits for a disk. Used on the window's thread.
class LabReader {
 public:
  struct News {
    std::string folder;
    Expected<LabTablePtr> table;
  };

  // wake: called on that thread when take() has something.
  explicit LabReader(std::function<void()> wake) : wake_(std::move(wake)) {}
  ~LabReader();
  LabReader(const LabReader&) = delete;
  LabReader& operator=(const LabReader&) = delete;

  // Reads each of these once, and again when it has changed; no other any more. busy: a lab writes
  // into one of them, so it is looked at several times a second.
  void follow(const std::set<std::string>& folders, bool busy);

  std::vector<News> take();

 private:
  void run();

  std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> folders_;
  bool busy_ = false;
  bool is_new_ = false;  // what follow() has said
  bool stopping_ = false;
  std::vector<News> news_;
  std::map<std::string, std::string> seen_;  // folder → sizes and times of its files; the thread's
  std::thread thread_;                       // begins with the first folder
};

}  // namespace zscape
