#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/progress.h"
#include "engine/snapshot.h"

namespace zscape {

// Does long work, one job after the other, on a thread of its own: loading, full encodings,
// saving. Jobs work on immutable views and deliver what they made themselves. submit(), cancel()
// and activity() may be called from any thread and never wait for a job. Internal to Engine.
class Worker {
 public:
  using Job = std::function<void(const Progress&)>;

  // What the worker tells its owner, on the worker thread.
  struct Events {
    std::function<void()> thread_started;  // before the first job
    std::function<void()> activity_changed;
    std::function<void(const std::string&)> failed;  // a job threw; its message
  };

  explicit Worker(Events events);
  // Asks the present job to stop, drops the waiting ones that need not be finished, joins.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Of several jobs with the same key the newest is done: waiting ones are dropped, a running one
  // is asked to stop. text says for people what the job does ("loading mnist");
  // empty: nothing that a person waits for, and no activity.
  // finish_on_exit: done even if the worker is being destroyed (saving).
  void submit(std::string key, std::string text, Job job, bool finish_on_exit = false);
  void cancel(const std::string& key);

  // Asks the job that activity() shows to stop, unless it must be finished; its key, or empty.
  std::string cancel_shown();

  std::optional<Activity> activity() const;  // nothing: idle

 private:
  struct Task {
    std::string key;
    std::string text;
    Job job;
    bool finish_on_exit = false;
  };
  void work();
  void perform(const Task& task);
  void drop(const std::string& key);  // the mutex is held

  const Events events_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  std::string running_key_;  // empty: idle
  std::optional<Activity> activity_;
  bool stopping_ = false;
  std::atomic<bool> cancelled_ = false;  // the running job
  std::thread thread_;                   // last: starts when the rest is there
};

}  // namespace zscape
