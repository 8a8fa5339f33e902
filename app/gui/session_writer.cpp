#include "app/gui/session_writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/gui/text_file.h"

namespace zscape {
namespace {

constexpr std::chrono::milliseconds kPause{250};  // between files that a hand changes all the time

}  // namespace

SessionWriter::~SessionWriter() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void SessionWriter::put(std::string path, Session session,
                        std::shared_ptr<const SessionLock> lock) {
  {
    const std::lock_guard guard(mutex_);
    std::erase_if(waiting_, [&](const Job& job) { return job.path == path; });
    waiting_.push_back({std::move(path), std::move(session), std::move(lock)});
  }
  changed_.notify_all();
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void SessionWriter::list() {
  lists_ = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

std::vector<SessionWriter::Done> SessionWriter::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(done_, {});
}

std::optional<std::vector<KeptSession>> SessionWriter::take_list() {
  const std::lock_guard lock(mutex_);
  return std::exchange(list_, std::nullopt);
}

void SessionWriter::run() {
  if (lists_) {
    auto sessions = kept_sessions();
    const std::lock_guard lock(mutex_);
    list_ = std::move(sessions);
  }
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Done done = write(job);
    lock.lock();
    done_.push_back(std::move(done));
    lock.unlock();
    if (wake_) wake_();
    lock.lock();
    const auto cannot_wait = [this] {
      return stopping_ ||
             std::ranges::any_of(waiting_, [](const Job& next) { return next.session.closed; });
    };
    changed_.wait_for(lock, kPause, cannot_wait);
  }
}

SessionWriter::Done SessionWriter::write(const Job& job) {
  const Session& session = job.session;
  Done done{job.path, session.closed, write_text(job.path, session_text(session, job.path))};
  if (!done.result || !job.lock) return done;
  if (std::exchange(cleared_for_, session.weights) == session.weights && !session.closed) {
    return done;
  }
  std::vector<std::string> kept = {session.weights};
  for (const Session::Other& other : session.others) kept.push_back(other.weights);
  remove_older_runs(job.path, kept);
  prune_sessions();
  auto sessions = kept_sessions();
  const std::lock_guard lock(mutex_);
  list_ = std::move(sessions);
  return done;
}

}  // namespace zscape
