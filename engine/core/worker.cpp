#include "engine/core/worker.h"

#include <chrono>
#include <exception>
#include <utility>

#include "engine/thrown.h"

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kProgressInterval{100};

}  // namespace

Worker::Worker(Events events) : events_(std::move(events)), thread_([this] { work(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    std::erase_if(waiting_, [](const Task& task) { return !task.finish_on_exit; });
    cancelled_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Worker::drop(const std::string& key) {
  std::erase_if(waiting_, [&](const Task& task) { return task.key == key; });
  if (running_key_ == key) cancelled_ = true;
}

void Worker::submit(std::string key, std::string text, Job job, bool finish_on_exit) {
  {
    const std::lock_guard lock(mutex_);
    drop(key);
    waiting_.push_back({std::move(key), std::move(text), std::move(job), finish_on_exit});
  }
  changed_.notify_one();
}

void Worker::cancel(const std::string& key) {
  const std::lock_guard lock(mutex_);
  drop(key);
}

std::string Worker::cancel_shown() {
  const std::lock_guard lock(mutex_);
  if (!activity_ || !activity_->can_cancel) return {};
  cancelled_ = true;
  return running_key_;
}

std::optional<Activity> Worker::activity() const {
  const std::lock_guard lock(mutex_);
  return activity_;
}

void Worker::work() {
  events_.thread_started();
  while (true) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
      running_key_ = task.key;
      if (!task.text.empty()) activity_ = Activity{task.text, -1, !task.finish_on_exit};
      cancelled_ = stopping_;
    }
    events_.activity_changed();
    perform(task);
    {
      const std::lock_guard lock(mutex_);
      running_key_.clear();
      activity_.reset();
    }
    events_.activity_changed();
  }
}

void Worker::perform(const Task& task) {
  auto last_report = Clock::now();
  try {
    task.job([&](double fraction) {
      if (Clock::now() - last_report >= kProgressInterval) {
        last_report = Clock::now();
        {
          const std::lock_guard lock(mutex_);
          if (activity_) activity_->fraction = fraction;
        }
        events_.activity_changed();
      }
      return !cancelled_.load();
    });
  } catch (const std::exception& error) {
    events_.failed(first_line(error));
  }
}

}  // namespace zscape
