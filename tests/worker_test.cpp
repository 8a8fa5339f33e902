// Work in the background: three lanes, and an asker who hears exactly once.
#include "engine/core/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace zscape {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr ModelId kModel{0};
constexpr ModelId kSecond{1};

// Closed until it is opened.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() {
    worker_.emplace(Worker::Events{.thread_started =
                                       [this] {
                                         const std::lock_guard lock(mutex_);
                                         threads_.insert(std::this_thread::get_id());
                                         changed_.notify_all();
                                       },
                                   .activity_changed = [] {},
                                   .deliver =
                                       [this](std::optional<ModelId> about, auto run) {
                                         const std::lock_guard lock(mutex_);
                                         deliveries_.emplace_back(about, std::move(run));
                                         changed_.notify_all();
                                       }});
  }
  ~WorkerTest() override { worker_.reset(); }

  // Submits a job that answers with its name, or as its work does; what its asker hears is heard_.
  template <class Work>
  void submit(const std::string& name, Job job, Work work) {
    worker_->submit(std::move(job), std::move(work),
                    [this, name](const Expected<std::string>& answer) {
                      heard_.push_back(name + ": " + (answer ? *answer : text_of(answer.error())));
                    });
  }
  void submit(const std::string& name, Job job) {
    submit(name, std::move(job),
           [name](const Progress&) -> Expected<std::string> { return name + " is done"; });
  }
  // A job that is at work until the gate opens, and finishes though it was asked to stop.
  void submit_gated(const std::string& name, Job job, Gate& begun, Gate& gate) {
    submit(name, std::move(job), [name, &begun, &gate](const Progress&) -> Expected<std::string> {
      begun.open();
      gate.wait();
      return name + " is done";
    });
  }

  static std::string text_of(const Error& error) {
    if (error.code == ErrorCode::superseded) return "superseded";
    return (error.code == ErrorCode::cancelled ? "cancelled, " : "failed, ") + error.message;
  }

  // Runs so many deliveries, as the engine thread does.
  void take(std::size_t count) {
    for (; count > 0; --count) {
      std::function<void()> run;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !deliveries_.empty(); });
        run = std::move(deliveries_.front().second);
        deliveries_.pop_front();
      }
      run();
    }
  }
  void wait_for_deliveries(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return deliveries_.size() >= count; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::optional<ModelId>, std::function<void()>>> deliveries_;
  std::set<std::thread::id> threads_;
  std::vector<std::string> heard_;
  std::optional<Worker> worker_;
};

TEST_F(WorkerTest, AnAskerHearsOnceWhateverTheJobDoes) {
  submit("one", {});
  submit("two", {}, [](const Progress&) -> Expected<std::string> { return fail("no such file"); });
  submit("three", {}, [](const Progress&) -> Expected<std::string> {
    throw std::runtime_error("out of memory\nat line 3");
  });
  submit("four", {}, [](const Progress&) -> Expected<std::string> { throw 4; });
  take(4);
  worker_.reset();
  EXPECT_THAT(heard_, ElementsAre("one: one is done", "two: failed, no such file",
                                  "three: failed, out of memory",
                                  "four: failed, something unknown went wrong in the background"));
  EXPECT_THAT(deliveries_, IsEmpty());
}

TEST_F(WorkerTest, ThreeThreadsAreAllAndThePreviewNeverWaitsForLongWork) {
  Gate begun, gate;
  submit_gated("load", {}, begun, gate);
  begun.wait();
  for (int i = 0; i < 3; ++i) submit("preview", {.lane = Lane::interactive});
  take(3);
  EXPECT_THAT(heard_, ElementsAre("preview: preview is done", "preview: preview is done",
                                  "preview: preview is done"));
  gate.open();
  take(1);
  EXPECT_EQ(heard_.back(), "load: load is done");
  worker_.reset();
  EXPECT_EQ(threads_.size(), 3U);
}

TEST_F(WorkerTest, NothingWaitsForAnEvaluation) {
  Gate begun, gate;
  submit_gated("evaluate", {.lane = Lane::patient}, begun, gate);
  begun.wait();
  submit("save", {});
  submit("preview", {.lane = Lane::interactive});
  take(2);
  EXPECT_THAT(heard_,
              ::testing::UnorderedElementsAre("save: save is done", "preview: preview is done"));
  gate.open();
  take(1);
  EXPECT_EQ(heard_.back(), "evaluate: evaluate is done");
}

TEST_F(WorkerTest, TheAskerOfASupersededJobHearsSoAtOnceAndNoMore) {
  Gate begun, gate;
  submit_gated("old", {.key = "decode", .model = kModel}, begun, gate);
  begun.wait();
  submit("waiting", {.key = "decode", .model = kModel});
  submit("other", {.key = "decode", .model = kSecond});
  submit("new", {.key = "decode", .model = kModel});
  take(2);  // the old job is still at work
  EXPECT_THAT(heard_, ElementsAre("old: superseded", "waiting: superseded"));
  gate.open();
  take(2);
  worker_.reset();
  EXPECT_THAT(heard_, ElementsAre("old: superseded", "waiting: superseded", "other: other is done",
                                  "new: new is done"));
  EXPECT_THAT(deliveries_, IsEmpty());
}

TEST_F(WorkerTest, AnAnswerOnItsWayIsSupersededToo) {
  submit("old", {.key = "load"});
  wait_for_deliveries(1);
  submit("new", {.key = "load"});
  take(2);
  EXPECT_THAT(heard_, ElementsAre("old: superseded", "new: new is done"));
}

TEST_F(WorkerTest, CancelStopsTheJobThatItNamesAndNoOther) {
  Gate first_begun, second_begun, gate;
  submit_gated("first", {.text = "first", .if_cancelled = "first was cancelled"}, first_begun,
               gate);
  first_begun.wait();
  const auto first = worker_->activity();
  ASSERT_TRUE(first && first->can_cancel);
  gate.open();
  take(1);
  Gate second_gate;
  submit_gated("second", {.text = "second", .if_cancelled = "second was cancelled"}, second_begun,
               second_gate);
  second_begun.wait();
  worker_->cancel(first->id);  // the person clicked while the first ended
  const auto second = worker_->activity();
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->can_cancel);
  worker_->cancel(second->id);
  worker_->cancel(second->id);
  EXPECT_FALSE(worker_->activity()->can_cancel);
  take(1);
  second_gate.open();
  worker_.reset();
  EXPECT_THAT(heard_,
              ElementsAre("first: first is done", "second: cancelled, second was cancelled"));
  EXPECT_THAT(deliveries_, IsEmpty());
}

TEST_F(WorkerTest, AWithdrawnJobIsAskedToStop) {
  Gate begun;
  submit("search", {.key = "geodesic", .model = kModel},
         [&](const Progress& progress) -> Expected<std::string> {
           begun.open();
           while (progress(0.5)) std::this_thread::yield();
           return fail("stopped", ErrorCode::cancelled);
         });
  begun.wait();
  worker_->withdraw("geodesic", kSecond);
  worker_->withdraw("decode", kModel);
  submit("next", {.key = "encode", .model = kModel});
  worker_->withdraw("geodesic", kModel);
  take(2);
  EXPECT_THAT(heard_, ElementsAre("search: superseded", "next: next is done"));
}

TEST_F(WorkerTest, WhatMustFinishIsFinishedAndOnlyThat) {
  Gate begun, gate;
  std::atomic<int> saved = 0;
  submit("save", {.model = kSecond, .text = "saving", .must_finish = true},
         [&](const Progress&) -> Expected<std::string> {
           begun.open();
           gate.wait();
           ++saved;
           return "saved";
         });
  begun.wait();
  submit("encode", {.key = "encode", .model = kSecond});
  submit("last save", {.model = kSecond, .must_finish = true},
         [&](const Progress&) -> Expected<std::string> {
           ++saved;
           return "saved";
         });
  EXPECT_FALSE(worker_->activity()->can_cancel);
  worker_->cancel(worker_->activity()->id);
  worker_->withdraw(kSecond);
  take(1);
  EXPECT_THAT(heard_, ElementsAre("encode: superseded"));
  std::thread opener([&] { gate.open(); });
  worker_.reset();  // the engine ends
  opener.join();
  EXPECT_EQ(saved, 2);
}

}  // namespace
}  // namespace zscape
