#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/files/session_store.h"
#include "app/gui/session.h"

namespace zscape {

// Writes sessions on a thread of its own, so that no frame waits for the disk: of several that wait
// for one place the newest, and no more than some a second. Also removes what they replace, and
// lists the kept sessions. Used on the window's thread.
class SessionWriter {
 public:
  struct Done {
    std::string path;
    bool closed = false;  // Session::closed
    Expected<void> result;
  };

  explicit SessionWriter(std::function<void()> wake) : wake_(std::move(wake)) {}
  ~SessionWriter();  // what waits is still written
  SessionWriter(const SessionWriter&) = delete;
  SessionWriter& operator=(const SessionWriter&) = delete;

  void put(std::string path, Session session, std::shared_ptr<const SessionLock> lock);
  void list();  // reads the list, if nothing is ever put
  std::vector<Done> take();
  std::optional<std::vector<KeptSession>> take_list();  // if it is new

 private:
  struct Job {
    std::string path;
    Session session;
    std::shared_ptr<const SessionLock> lock;  // null: not a session that the window keeps
  };

  void run();
  Done write(const Job& job);

  std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  std::vector<Done> done_;
  std::optional<std::vector<KeptSession>> list_;
  bool stopping_ = false;
  bool lists_ = false;
  std::string cleared_for_;  // the weights that were written last; of the thread
  std::thread thread_;
};

}  // namespace zscape
