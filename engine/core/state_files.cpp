#include "engine/core/state_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <system_error>

#include "engine/core/full_states.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

std::vector<std::pair<std::int64_t, std::string>> StateFiles::write(Backend& backend,
                                                                    const ModelSpec& spec,
                                                                    const FullStateList& states,
                                                                    const KeepRun& command) {
  const fs::path folder = fs::path(command.path).parent_path();
  const std::string beginning = (folder / command.states).string();
  // Another session's files stay with it.
  std::erase_if(files_, [&](const File& file) { return !file.path.starts_with(beginning); });
  for (File& file : files_) file.is_named = false;
  std::vector<std::pair<std::int64_t, std::string>> named;
  for (const FullStatePtr& state : states) {
    if (!state->trainer) {
      named.emplace_back(state->step, "");
      continue;
    }
    if (state == states.back()) break;
    auto file = std::ranges::find_if(
        files_, [&](const File& known) { return known.state.lock() == state; });
    if (file == files_.end()) {
      const std::string path =
          fmt::format("{}{}-{}-{}.state", beginning, now_ms(), command.model.value, state->step);
      const Checkpoint checkpoint{spec, *state->trainer, state->best, state->run, nullptr};
      if (!backend.save_checkpoint(checkpoint, path)) continue;  // it is only of the past
      files_.push_back({state, path});
      file = std::prev(files_.end());
    }
    file->is_named = true;
    named.emplace_back(state->step, fs::path(file->path).filename().string());
  }
  return named;
}

std::shared_ptr<const FullStateList> StateFiles::read(Backend& backend, const KeptRun& run,
                                                      const std::string& path) {
  files_.clear();
  FullStateList states;
  for (const auto& [step, name] : run.states) {
    const bool is_next = states.empty() || states.back()->step < step;
    if (!is_next || states.size() == kMostStates) continue;
    if (name.empty()) {
      if (step == 0) states.push_back(std::make_shared<const FullState>());
      continue;
    }
    if (fs::path(name).filename() != name) continue;  // not beside the run
    const std::string file = (fs::path(path).parent_path() / name).string();
    auto read = backend.open_checkpoint(file);
    if (!read || read->state.position.step != step) continue;
    states.push_back(std::make_shared<const FullState>(
        FullState{step, std::make_shared<const TrainerState>(std::move(read->state)),
                  std::move(read->run), std::move(read->best), nullptr}));
    files_.push_back({states.back(), file});
  }
  return std::make_shared<const FullStateList>(std::move(states));
}

void StateFiles::remove_gone() {
  std::error_code error;
  for (const File& file : files_) {
    if (!file.is_named) fs::remove(file.path, error);
  }
  std::erase_if(files_, [](const File& file) { return !file.is_named; });
}

}  // namespace zscape
