#include "engine/lab/queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/io/atomic_file.h"
#include "engine/json_text.h"
#include "engine/lab/execute.h"
#include "engine/lab/folder.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kMostLosses = 3;

Expected<void> write_text(const std::string& path, const std::string& text) {
  return write_file_atomically(path, std::as_bytes(std::span(text)));
}

// A whole line in one call, on the disk before it returns: whatever ends this process leaves whole
// lines and at most one torn one at the end.
Expected<void> append_line(const std::string& path, const std::string& line, bool synced) {
  const auto failed = [&] {
    return fail(tr("{} cannot be written: {}", path, std::generic_category().message(errno)));
  };
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) return failed();
  const std::string text = line + "\n";
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(descriptor, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      auto error = failed();
      close(descriptor);
      return error;
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (synced) fdatasync(descriptor);
  close(descriptor);
  return {};
}

}  // namespace

Expected<LabQueue> LabQueue::open(std::string folder, const Experiment& experiment,
                                  std::vector<LabRun> runs) {
  LabQueue queue;
  queue.folder_ = std::move(folder);
  if (const auto former = lab::text_of_file(experiment_file(queue.folder_))) {
    const auto read = experiment_from(*former, experiment_file(queue.folder_));
    if (!read) return tl::unexpected(read.error());
    if (read->name != experiment.name) {
      return fail(tr("{} holds the results of the experiment {}; name another folder for {}",
                     queue.folder_, read->name, experiment.name));
    }
  }
  const std::string list = lab::runs_text(runs, lab_version());
  for (LabRun& run : runs) {
    if (queue.place_of_.try_emplace(run.key, queue.runs_.size()).second) {
      queue.runs_.push_back(std::move(run));
    }
  }
  if (auto read = queue.read_lines(); !read) return tl::unexpected(read.error());
  for (const auto& [path, text] :
       {std::pair{experiment_file(queue.folder_), experiment.json + "\n"},
        std::pair{runs_file(queue.folder_), list}}) {
    if (lab::text_of_file(path) == text) continue;
    if (auto written = write_text(path, text); !written) return tl::unexpected(written.error());
  }
  std::vector<std::size_t> failed_before;
  for (std::size_t i = queue.runs_.size(); i-- > 0;) {
    const auto line = queue.lines_.find(queue.runs_[i].key);
    if (line == queue.lines_.end()) {
      queue.waiting_.push_back(i);
    } else if (line->second.failed) {
      failed_before.push_back(i);
    } else {
      ++queue.kept_;
    }
  }
  queue.finished_ = queue.kept_;
  queue.waiting_.insert(queue.waiting_.begin(), failed_before.begin(), failed_before.end());
  return queue;
}

// Cuts off a torn last line.
Expected<void> LabQueue::read_lines() {
  const std::string path = results_file(folder_);
  const auto text = lab::text_of_file(path);
  if (!text) return {};
  const std::size_t whole = text->rfind('\n') + 1;  // 0: there is no whole line
  if (whole < text->size()) {
    std::error_code error;
    std::filesystem::resize_file(path, whole, error);
    if (error) return fail(tr("{} cannot be written: {}", path, error.message()));
  }
  std::string_view rest = std::string_view(*text).substr(0, whole);
  while (!rest.empty()) {
    const std::string_view text_of_line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(text_of_line.size() + 1);
    const auto result = result_from(text_of_line);
    if (!result) continue;
    if (!place_of_.contains(result->key)) {
      others_.emplace_back(text_of_line);
      continue;
    }
    Line& line = lines_[result->key];
    const bool failed = !result->error.empty();
    if (line.text.empty() || !failed || line.failed) line = {std::string(text_of_line), failed};
  }
  return {};
}

const LabRun* LabQueue::run(const std::string& key) const {
  const auto found = place_of_.find(key);
  return found == place_of_.end() ? nullptr : &runs_[found->second];
}

std::optional<LabRun> LabQueue::next() {
  if (waiting_.empty()) return std::nullopt;
  const std::size_t place = waiting_.back();
  waiting_.pop_back();
  ++handed_out_[runs_[place].key];
  return runs_[place];
}

Expected<void> LabQueue::take(const LabResult& result, double seconds, const std::string& host) {
  const auto former = lines_.find(result.key);
  const bool is_known = place_of_.contains(result.key);
  if (!is_known || (former != lines_.end() && !former->second.failed)) return {};  // not wanted
  const std::string text = line_of(result);
  if (auto written = append_line(results_file(folder_), text, /*synced=*/true); !written) {
    return written;
  }
  handed_out_.erase(result.key);
  std::erase_if(waiting_, [&](std::size_t place) { return runs_[place].key == result.key; });
  const bool failed = !result.error.empty();
  lines_[result.key] = {text, failed};
  if (failed) {
    failures_.push_back(result);
  } else {
    ++finished_;
  }
  seconds_ += seconds;
  ++timed_;
  const nlohmann::ordered_json timing = {{"key", result.key}, {"seconds", seconds}, {"host", host}};
  return append_line(timings_file(folder_), timing.dump(), /*synced=*/false);
}

std::optional<LabResult> LabQueue::lost(const std::string& key, const std::string& why) {
  if (!handed_out_.contains(key)) return std::nullopt;
  if (++losses_[key] >= kMostLosses) return failure_of(*run(key), why);
  give_back(key);
  return std::nullopt;
}

void LabQueue::give_back(const std::string& key) {
  if (handed_out_.erase(key) == 0) return;
  waiting_.push_back(place_of_.at(key));
}

std::optional<double> LabQueue::seconds_left(int workers) const {
  if (timed_ == 0) return std::nullopt;
  // A run under way is half done in the mean.
  const double left =
      static_cast<double>(waiting_.size()) + static_cast<double>(handed_out_.size()) / 2;
  return seconds_ / static_cast<double>(timed_) * left / std::max(workers, 1);
}

Expected<void> LabQueue::finish() {
  std::string text;
  for (const LabRun& each : runs_) {
    const auto line = lines_.find(each.key);
    if (line != lines_.end()) text += line->second.text + "\n";
  }
  for (const std::string& line : others_) text += line + "\n";
  if (lab::text_of_file(results_file(folder_)).value_or("") == text) return {};
  return write_text(results_file(folder_), text);
}

}  // namespace zscape
