#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/command.h"
#include "engine/error.h"
#include "engine/progress.h"
#include "engine/snapshot.h"

namespace zscape {

// Each lane has its own thread, so that pictures that follow the pointer never wait for long work,
// and nothing waits for an evaluation. The jobs of one lane run in the order of submission.
enum class Lane { interactive, lengthy, patient };

struct Job {
  Lane lane = Lane::lengthy;
  // A newer job with the same key and model replaces this one. Empty: never.
  std::string key = {};
  std::optional<ModelId> model = {};  // the model it is about, if any
  std::string text = {};              // for people ("loading mnist"); empty: no activity is shown
  std::string if_cancelled = {};      // says that a person cancelled it
  bool must_finish = false;  // never cancelled, and finished even when the worker is destroyed
};

// Does work in the background on a thread for each lane. A job works on immutable data and returns
// an Expected<T>. Its asker gets exactly one answer, on the thread that takes deliveries:
//   - the job's result, or its exception as an Error;
//   - ErrorCode::superseded as soon as a newer job replaces it or it is withdrawn;
//   - ErrorCode::cancelled with its sentence as soon as a person cancels it.
// Later results of such a job are dropped. There is no answer if the worker is destroyed first. Any
// thread may call; no call waits for a job. Internal to Engine.
class Worker {
 public:
  // Callbacks to the owner, on any thread.
  struct Events {
    std::function<void()> thread_started;  // on each of its threads before the first job
    std::function<void()> activity_changed;
    // Runs `delivery` once on the owner's thread. about: its model.
    std::function<void(std::optional<ModelId> about, std::function<void()> delivery)> deliver;
  };

  explicit Worker(Events events);
  // Asks running jobs to stop, drops waiting ones that need not finish, and joins.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // work: Expected<T>(const Progress&), on the lane's thread. deliver: void(Expected<T>).
  template <class Work, class Deliver>
  void submit(Job job, Work work, Deliver deliver) {
    using Answer = std::invoke_result_t<Work&, const Progress&>;
    auto answer = std::make_shared<std::unique_ptr<Answer>>();
    auto task = std::make_shared<Task>();
    task->job = std::move(job);
    task->work = [answer, work = std::move(work)](const Progress& progress) mutable {
      answer->reset(new Answer(work(progress)));
    };
    // If there is an error instead, the job may still be writing its answer.
    task->deliver = [answer,
                     deliver = std::move(deliver)](const std::optional<Error>& instead) mutable {
      if (instead) {
        deliver(Answer(tl::unexpected(*instead)));
      } else {
        deliver(std::move(**answer));
      }
    };
    submit(std::move(task));
  }

  // Nobody waits any more for this job, or for any job of this model.
  void withdraw(const std::string& key, ModelId model);
  void withdraw(ModelId model);

  void cancel(std::uint64_t activity);  // the job of that Activity::id, and no other

  std::optional<Activity> activity() const;  // nothing: idle

 private:
  struct Task {
    Job job;
    std::function<void(const Progress&)> work;
    std::function<void(const std::optional<Error>& instead)> deliver;
    std::atomic<bool> stop = false;
    // Guarded by the mutex.
    std::uint64_t id = 0;
    double fraction = -1;
    bool is_settled = false;       // the delivery is on its way
    std::optional<Error> instead;  // of the answer
  };
  using TaskPtr = std::shared_ptr<Task>;

  struct LaneState {
    std::deque<TaskPtr> waiting;
    TaskPtr running;  // null: idle
    std::thread thread;
  };

  void submit(TaskPtr task);
  void work(LaneState& lane);
  void perform(const TaskPtr& task);
  void conclude(const TaskPtr& task);  // on the owner's thread

  // Call with the mutex held.
  void settle(const TaskPtr& task);
  template <class Which>
  void end(const Which& which, ErrorCode code);
  LaneState& lane_of(const Task& task) {
    return lanes_.at(static_cast<std::size_t>(task.job.lane));
  }

  const Events events_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<TaskPtr> tasks_;  // not answered yet
  std::uint64_t last_id_ = 0;
  bool stopping_ = false;
  std::array<LaneState, 3> lanes_;  // last: their threads use all other members
};

}  // namespace zscape
