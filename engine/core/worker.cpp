#include "engine/core/worker.h"

#include <chrono>
#include <exception>

#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kProgressInterval{100};

}  // namespace

Worker::Worker(Events events) : events_(std::move(events)) {
  for (LaneState& lane : lanes_) {
    lane.thread = std::thread([this, &lane] { work(lane); });
  }
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (LaneState& lane : lanes_) {
      std::erase_if(lane.waiting, [](const TaskPtr& task) { return !task->job.must_finish; });
      if (lane.running) lane.running->stop = true;
    }
  }
  changed_.notify_all();
  for (LaneState& lane : lanes_) lane.thread.join();
}

void Worker::settle(const TaskPtr& task) {
  task->is_settled = true;
  events_.deliver(task->job.model, [this, task] { conclude(task); });
}

template <class Which>
void Worker::end(const Which& which, ErrorCode code) {
  for (const TaskPtr& task : tasks_) {
    if (task->job.must_finish || task->instead || !which(*task)) continue;
    task->instead = code == ErrorCode::cancelled
                        ? Error{task->job.if_cancelled, code}
                        : Error{tr("a newer request took the place of this one"), code};
    task->stop = true;
    std::erase(lane_of(*task).waiting, task);
    if (!task->is_settled) settle(task);
  }
}

void Worker::submit(TaskPtr task) {
  {
    const std::lock_guard lock(mutex_);
    const Job& job = task->job;
    if (!job.key.empty()) {
      end([&](const Task& old) { return old.job.key == job.key && old.job.model == job.model; },
          ErrorCode::superseded);
    }
    task->id = ++last_id_;
    tasks_.push_back(task);
    lane_of(*task).waiting.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Worker::withdraw(const std::string& key, ModelId model) {
  const std::lock_guard lock(mutex_);
  end([&](const Task& task) { return task.job.key == key && task.job.model == model; },
      ErrorCode::superseded);
}

void Worker::withdraw(ModelId model) {
  const std::lock_guard lock(mutex_);
  end([&](const Task& task) { return task.job.model == model; }, ErrorCode::superseded);
}

void Worker::cancel(std::uint64_t activity) {
  const std::lock_guard lock(mutex_);
  end([&](const Task& task) { return task.id == activity; }, ErrorCode::cancelled);
}

std::optional<Activity> Worker::activity() const {
  const std::lock_guard lock(mutex_);
  for (const LaneState& lane : lanes_) {
    const TaskPtr& task = lane.running;
    if (!task || task->job.text.empty()) continue;
    return Activity{task->id, task->job.text, task->fraction,
                    !task->job.must_finish && !task->is_settled};
  }
  return std::nullopt;
}

void Worker::work(LaneState& lane) {
  events_.thread_started();
  while (true) {
    TaskPtr task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !lane.waiting.empty(); });
      if (lane.waiting.empty()) return;
      task = std::move(lane.waiting.front());
      lane.waiting.pop_front();
      lane.running = task;
      task->stop = stopping_;
    }
    events_.activity_changed();
    perform(task);
    {
      const std::lock_guard lock(mutex_);
      lane.running = nullptr;
      if (!task->is_settled) settle(task);
    }
    events_.activity_changed();
  }
}

void Worker::perform(const TaskPtr& task) {
  auto last_report = Clock::now();
  const Progress progress = [&](double fraction) {
    if (Clock::now() - last_report >= kProgressInterval) {
      last_report = Clock::now();
      {
        const std::lock_guard lock(mutex_);
        task->fraction = fraction;
      }
      events_.activity_changed();
    }
    return !task->stop.load();
  };
  std::string thrown;
  try {
    task->work(progress);
    return;
  } catch (const std::exception& error) {
    thrown = first_line(error);
  } catch (...) {
    thrown = tr("something unknown went wrong in the background");
  }
  const std::lock_guard lock(mutex_);
  if (!task->instead) task->instead = Error{std::move(thrown)};
}

void Worker::conclude(const TaskPtr& task) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(tasks_, task);
  }
  task->deliver(task->instead);
}

}  // namespace zscape
