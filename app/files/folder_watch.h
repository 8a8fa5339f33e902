#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/error.h"

namespace zscape {

// Waits for models that another program writes into a folder. A thread of its own; the kernel wakes
// it, and once a second it looks by itself, since folders of other machines report nothing.
class FolderWatch {
 public:
  // folder: is there. changed: called on that thread when take() has something new.
  static Expected<std::unique_ptr<FolderWatch>> begin(const std::string& folder,
                                                      std::function<void()> changed);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  const std::string& folder() const { return folder_; }

  // The newest model of the folder, once for each time that it is written; half a file is waited
  // for.
  std::optional<std::string> take();

 private:
  FolderWatch(std::string folder, std::function<void()> changed, int notify, int stop);
  void watch();
  void look();

  const std::string folder_;
  const std::function<void()> changed_;
  const int notify_;  // inotify
  const int stop_;    // eventfd
  std::string seen_;  // path, size and time of what was found last; its thread's

  std::mutex mutex_;
  std::optional<std::string> found_;
  std::thread thread_;  // the last
};

}  // namespace zscape
