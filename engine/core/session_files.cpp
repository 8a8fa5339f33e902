#include "engine/core/session_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <system_error>
#include <utility>

#include "engine/core/full_states.h"
#include "engine/core/stored_run_file.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr auto kEnding = ".state";

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string beginning_of(const KeepRun& command) {
  return (fs::path(command.path).parent_path() / command.states).string();
}

// Rows that are the same as those of the moment before take no memory of their own.
CodesPtr with_shared_rows(CodesPtr codes, Indices& known) {
  if (!codes || codes->indices == known) return codes;
  if (!known || *known != *codes->indices) {
    known = codes->indices;
    return codes;
  }
  auto shared = std::make_shared<Codes>(*codes);
  shared->indices = known;
  return shared;
}

std::size_t past_bytes(const WholeRun& run) {
  return bytes_of(*run.past.moments) + bytes_of(*run.past.states);
}

}  // namespace

void SessionFiles::begin(const KeepRun& command) {
  if (std::exchange(beginning_, beginning_of(command)) == beginning_of(command)) return;
  std::erase_if(files_, [&](const File& file) { return !file.path.starts_with(beginning_); });
  std::vector<fs::path> left;
  std::error_code error;
  for (fs::directory_iterator at(fs::path(command.path).parent_path(), error), end;
       !error && at != end; at.increment(error)) {
    const fs::path& path = at->path();
    const bool is_ours = path.string().starts_with(beginning_) && path.extension() == kEnding;
    if (is_ours && std::ranges::find(files_, path.string(), &File::path) == files_.end()) {
      left.push_back(path);
    }
  }
  for (const fs::path& path : left) fs::remove(path, error);
}

const SessionFiles::File* SessionFiles::find(const std::shared_ptr<const void>& object) const {
  const auto found =
      std::ranges::find_if(files_, [&](const File& file) { return file.holds.lock() == object; });
  return found == files_.end() ? nullptr : &*found;
}

// The name of its file; empty: it could not be written, and is only of the past.
template <class Save>
std::string SessionFiles::written(const std::shared_ptr<const void>& object, const KeepRun& command,
                                  const Save& save) {
  if (const File* file = find(object)) return fs::path(file->path).filename().string();
  const std::string path =
      fmt::format("{}{}-{}-{}{}", beginning_, now_ms(), command.model.value, ++written_, kEnding);
  if (!save(path)) return {};
  files_.push_back({object, path});
  return fs::path(path).filename().string();
}

KeptPast SessionFiles::write_past(const ModelSpec& spec, const RunPast& past,
                                  const KeepRun& command) {
  KeptPast named;
  for (const FullStatePtr& state : *past.states) {
    if (!state->trainer) {
      named.states.emplace_back(state->step, "");
      continue;
    }
    if (state == past.states->back()) break;
    const std::string name = written(state, command, [&](const std::string& path) {
      return backend_.save_checkpoint({spec, *state->trainer, state->best, state->run, nullptr},
                                      path);
    });
    if (!name.empty()) named.states.emplace_back(state->step, name);
  }
  const auto moments = chosen(*past.moments);
  for (const MomentPtr& moment : *moments) {
    const std::string name = written(moment, command, [&](const std::string& path) {
      return backend_.save_moment(*moment, spec, path);
    });
    if (!name.empty()) named.moments.push_back(name);
  }
  return named;
}

// Those that have a file and newer ones, thinned: so the choice of a minute ago stays.
std::shared_ptr<const Moments> SessionFiles::chosen(const Moments& moments) const {
  std::int64_t newest = -1;  // that has one
  for (const MomentPtr& moment : moments) {
    if (find(moment)) newest = moment->position.step;
  }
  History chosen(kMomentBytes, kMoments);
  for (const MomentPtr& moment : moments) {
    if (moment->position.step > newest || find(moment)) chosen.add(moment);
  }
  return chosen.moments();
}

std::vector<KeptStoredRun> SessionFiles::write_runs(const std::vector<WholeRunPtr>& runs,
                                                    const KeepRun& command) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const bool is_pinned = runs[a]->shown.is_pinned;
    return is_pinned != runs[b]->shown.is_pinned ? is_pinned : a > b;
  });
  std::vector<std::pair<std::size_t, KeptStoredRun>> kept;
  std::size_t room = kStoredBytes;
  for (const std::size_t i : order) {
    const WholeRun& run = *runs[i];
    const std::size_t past = past_bytes(run), alone = run.shown.bytes - past;
    if (alone > room) continue;
    KeptStoredRun one{{}, run.shown.is_pinned, {}};
    one.file = written(run.identity, command, [&](const std::string& path) {
      const std::uint32_t checksum =
          run.data ? backend_.checksum(*run.data) : run.state.data_checksum;
      return backend_.save_checkpoint(to_checkpoint(run, checksum), path);
    });
    if (one.file.empty()) continue;
    room -= alone;
    if (past <= room) {
      one.past = write_past(run.shown.spec, run.past, command);
      room -= past;
    }
    kept.emplace_back(i, std::move(one));
  }
  std::ranges::sort(kept, {}, &std::pair<std::size_t, KeptStoredRun>::first);
  std::vector<KeptStoredRun> result;
  for (auto& [i, one] : kept) result.push_back(std::move(one));
  return result;
}

void SessionFiles::remove_gone() {
  std::error_code error;
  for (const File& file : files_) {
    if (file.holds.expired()) fs::remove(file.path, error);
  }
  std::erase_if(files_, [](const File& file) { return file.holds.expired(); });
}

// What is still in memory is not read again. Null: it cannot be read.
template <class T, class Read>
std::shared_ptr<const T> SessionFiles::read(const fs::path& folder, const std::string& name,
                                            const Read& read) {
  if (name.empty() || fs::path(name).filename() != name) return nullptr;  // not beside the run
  const std::string path = (folder / name).string();
  const auto known = std::ranges::find(files_, path, &File::path);
  if (known != files_.end()) {
    if (const auto object = known->holds.lock()) return std::static_pointer_cast<const T>(object);
    files_.erase(known);
  }
  std::shared_ptr<const T> object = read(path);
  if (object) files_.push_back({object, path});
  return object;
}

RunPast SessionFiles::read_past(const ModelSpec& spec, const KeptPast& past,
                                const fs::path& folder) {
  FullStateList states;
  for (const auto& [step, name] : past.states) {
    const bool is_next = states.empty() || states.back()->step < step;
    if (!is_next || states.size() == kMostStates) continue;
    if (name.empty()) {
      if (step == 0) states.push_back(std::make_shared<const FullState>());
      continue;
    }
    auto state =
        read<FullState>(folder, name, [&, step = step](const std::string& path) -> FullStatePtr {
          auto file = backend_.open_checkpoint(path);
          if (!file || file->state.position.step != step) return nullptr;
          return std::make_shared<const FullState>(
              FullState{step, std::make_shared<const TrainerState>(std::move(file->state)),
                        std::move(file->run), std::move(file->best), nullptr});
        });
    if (state) states.push_back(std::move(state));
  }
  Moments moments;
  Indices train, test;
  for (const std::string& name : past.moments) {
    if (moments.size() == kMoments) break;
    auto moment = read<Moment>(folder, name, [&](const std::string& path) -> MomentPtr {
      auto file = backend_.open_moment(path, spec);
      if (!file) return nullptr;
      file->train_sample = with_shared_rows(std::move(file->train_sample), train);
      file->test_sample = with_shared_rows(std::move(file->test_sample), test);
      return std::make_shared<const Moment>(*std::move(file));
    });
    const bool is_next =
        moment && (moments.empty() || moments.back()->position.step < moment->position.step);
    if (is_next) moments.push_back(std::move(moment));
  }
  return {std::make_shared<const Moments>(std::move(moments)),
          std::make_shared<const FullStateList>(std::move(states))};
}

std::vector<WholeRun> SessionFiles::read_runs(const std::vector<KeptStoredRun>& runs,
                                              const fs::path& folder) {
  std::vector<WholeRun> read_ones;
  for (const KeptStoredRun& one : runs) {
    std::optional<WholeRun> run;
    const auto identity =
        read<char>(folder, one.file, [&](const std::string& path) -> std::shared_ptr<const char> {
          auto checkpoint = backend_.open_checkpoint(path);
          if (!checkpoint) return nullptr;
          auto whole = whole_run_from(*std::move(checkpoint));
          if (!whole) return nullptr;
          run = *std::move(whole);
          return run->identity;
        });
    if (!identity || !run) continue;  // it cannot be read, or is still in memory
    run->shown.is_pinned = one.is_pinned;
    run->past = read_past(run->shown.spec, one.past, folder);
    read_ones.push_back(*std::move(run));
  }
  return read_ones;
}

}  // namespace zscape
