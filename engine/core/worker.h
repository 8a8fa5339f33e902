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

// Pictures that follow the pointer do not wait for what takes long: each lane has its own thread,
// and jobs of one lane are done in the order of their submission.
enum class Lane { interactive, lengthy };

struct Job {
  Lane lane = Lane::lengthy;
  // Of several jobs of one key and model the newest is wanted. Empty: each of them.
  std::string key = {};
  std::optional<ModelId> model = {};  // that it is about; none: of no one model
  std::string text = {};              // for people ("loading mnist"); empty: no activity is shown
  std::string if_cancelled = {};      // the sentence that says that a person gave it up
  bool must_finish = false;  // never cancelled, and done even if the worker is being destroyed
};

// Does work in the background, on two threads. A job works on immutable views and answers with an
// Expected<T>. Its asker hears exactly once, on the thread that takes deliveries:
//   - the answer, or what the job threw as an Error;
//   - as soon as a newer job has its key and model, or it is withdrawn: ErrorCode::superseded;
//   - as soon as a person cancels it: ErrorCode::cancelled with its sentence.
// What the job makes of it afterwards is dropped. Only if the worker is destroyed first does the
// asker hear nothing. Any thread may call; no call waits for a job. Internal to Engine.
class Worker {
 public:
  // What the worker tells its owner, on any thread.
  struct Events {
    std::function<void()> thread_started;  // on each of its threads before the first job
    std::function<void()> activity_changed;
    // Runs `delivery`, which is about that model, once on the owner's thread.
    std::function<void(std::optional<ModelId> about, std::function<void()> delivery)> deliver;
  };

  explicit Worker(Events events);
  // Asks the present jobs to stop, drops the waiting ones that need not be finished, joins.
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
    // With an error instead of an answer the job may still be at work on that.
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

  // Nobody waits for that job's answer any more, or for any about that model.
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
    // The mutex is held for these.
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

  // The mutex is held.
  void settle(const TaskPtr& task);
  template <class Which>
  void end(const Which& which, ErrorCode code);
  LaneState& lane_of(const Task& task) {
    return lanes_[task.job.lane == Lane::interactive ? 0 : 1];
  }

  const Events events_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<TaskPtr> tasks_;  // whose askers have not heard yet
  std::uint64_t last_id_ = 0;
  bool stopping_ = false;
  std::array<LaneState, 2> lanes_;  // last: their threads start when the rest is there
};

}  // namespace zscape
