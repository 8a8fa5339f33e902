#include "app/gui/lab_reader.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kBusy{250}, kCalm{2000};  // between two looks

// What changes when one of its files does; empty: there is no lab.
std::string mark_of(const std::string& folder) {
  std::string mark;
  for (const std::string& path :
       {experiment_file(folder), runs_file(folder), results_file(folder)}) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error) continue;
    const auto time = fs::last_write_time(path, error).time_since_epoch().count();
    mark += fmt::format("{} {} ", size, time);
  }
  return mark;
}

}  // namespace

LabReader::~LabReader() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LabReader::follow(const std::set<std::string>& folders, bool busy) {
  {
    const std::lock_guard lock(mutex_);
    if (folders == folders_ && busy == busy_) return;
    folders_ = folders;
    busy_ = busy;
    is_new_ = true;
  }
  changed_.notify_one();
  if (!thread_.joinable() && !folders.empty()) thread_ = std::thread([this] { run(); });
}

void LabReader::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    is_new_ = false;
    const std::set<std::string> folders = folders_;
    lock.unlock();
    bool has_news = false;
    for (const std::string& folder : folders) {
      std::string mark = mark_of(folder);
      std::string& seen = seen_[folder];
      if (mark == seen) continue;
      seen = std::move(mark);
      if (seen.empty()) continue;
      auto table = read_results(folder).map(
          [](LabTable&& read) { return std::make_shared<const LabTable>(std::move(read)); });
      const std::lock_guard again(mutex_);
      std::erase_if(news_, [&](const News& each) { return each.folder == folder; });
      news_.push_back({folder, std::move(table)});
      has_news = true;
    }
    if (has_news) wake_();
    lock.lock();
    const auto wakes = [this] { return stopping_ || is_new_; };
    if (folders_.empty()) {
      changed_.wait(lock, wakes);
    } else {
      changed_.wait_for(lock, busy_ ? kBusy : kCalm, wakes);
    }
  }
}

std::vector<LabReader::News> LabReader::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

}  // namespace zscape
