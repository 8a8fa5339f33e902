#include "app/gui/session_keeper.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "app/files/folders.h"
#include "app/files/source_kind.h"
#include "app/gui/text_file.h"
#include "app/gui/view/latent/comparison.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

bool is_last(const std::string& path) {
  return path == SessionKeeper::last_path();
}

// The last session's weights have a new name each time: until the file that names them is replaced,
// the former ones must stay.
std::string weights_path(const std::string& session) {
  const fs::path path = session;
  if (!is_last(session)) return fs::path(path).replace_extension(".safetensors").string();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto stamp = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return (path.parent_path() / fmt::format("session-{}.safetensors", stamp)).string();
}

// Of the model beside the first.
std::string second_path(const std::string& weights) {
  const fs::path path = weights;
  return (path.parent_path() / (path.stem().string() + "-2.safetensors")).string();
}

void remove_former_weights(const std::string& kept, const std::string& kept_second) {
  std::error_code error;
  const fs::path folder = fs::path(kept).parent_path();
  std::vector<fs::path> former;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool is_kept = entry.path() == kept || entry.path() == kept_second;
    if (name.starts_with("session-") && name.ends_with(".safetensors") && !is_kept) {
      former.push_back(entry.path());
    }
  }
  for (const fs::path& path : former) fs::remove(path, error);
}

}  // namespace

std::string SessionKeeper::last_path() {
  const fs::path folder = state_folder();
  return folder.empty() ? std::string() : (folder / "session.json").string();
}

SessionKeeper::Result SessionKeeper::save(const std::string& path, const Contents& on_screen) {
  Result result;
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  if (path.empty() || !model || !model->weights || !on_screen.snapshot.data) {
    result.notices.emplace_back("there is no model to save a session of yet", true);
    return result;
  }
  std::error_code error;
  const std::string whole = fs::absolute(path, error).string();
  fs::create_directories(fs::path(whole).parent_path(), error);  // writing says what is wrong
  Session session = session_of(on_screen.snapshot, *model, on_screen.scene, on_screen.latent,
                               on_screen.selection, on_screen.sizes);
  // The newest request may have failed and left other data in place.
  const bool same = request_.source == session.plan.data.source ||
                    fs::absolute(request_.source, error) == session.plan.data.source;
  if (same) session.plan.data.image_size = request_.image_size;
  session.weights = weights_path(whole);
  result.commands.push_back(SaveModel{on_screen.model, session.weights});
  std::uint64_t second_attempts = 0;
  if (const ModelView* second = on_screen.snapshot.find(kSecondModel); second && second->weights) {
    session.second->weights = second_path(session.weights);
    second_attempts = second->saved.number;
    result.commands.push_back(SaveModel{kSecondModel, session.second->weights});
  }
  saving_ = Saving{whole, std::move(session), model->saved.number, second_attempts};
  return result;
}

SessionKeeper::Result SessionKeeper::open(const std::string& path, const Contents& on_screen) {
  Result result;
  Expected<Session> session = read_session(path);
  if (!session) {
    // Only what is ours is moved.
    const bool ours = is_last(path) || looks_like_session(path);
    result.notices.emplace_back(
        ours ? fmt::format("{}; {}", session.error().message, set_aside(path))
             : session.error().message,
        true);
    return result;
  }
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  opened_then_ = model ? model->saved.number : 0;
  starting_second_.reset();
  on_screen.sizes = session->sizes;
  result.commands = loading_commands(*session, on_screen.model);
  if (on_screen.snapshot.find(kSecondModel)) {
    result.commands.insert(result.commands.begin(), RemoveModel{kSecondModel});
  }
  opening_ = std::move(*session);
  return result;
}

SessionKeeper::Result SessionKeeper::advance(const Contents& on_screen) {
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  if (!model) return {};
  const SavedWeights& saved = model->saved;
  if (saving_ && saved.number > saving_->attempts_then && saved.path == saving_->session.weights) {
    if (saved.is_done && awaits_second(on_screen.snapshot)) return {};
    return finish_saving(saved.is_done);
  }
  const ModelView* second = on_screen.snapshot.find(kSecondModel);
  if (starting_second_ && second && second->saved.path == *starting_second_) {
    starting_second_.reset();
    return {{Start{kSecondModel}}, {}, {}};
  }
  if (!opening_ || saved.number <= opened_then_ || saved.path != opening_->weights ||
      !on_screen.snapshot.data || !model->weights) {
    return {};
  }
  // This frame has not shown them yet.
  on_screen.scene.set_model(model->spec, on_screen.snapshot.data);
  on_screen.selection.follow(on_screen.snapshot.data);
  const Session session = *std::exchange(opening_, std::nullopt);
  restore_view(session, on_screen.scene, on_screen.latent, on_screen.selection);
  Result result;
  result.commands = restoring_commands(session, on_screen.model);
  if (session.running && !second_weights(session).empty()) {
    starting_second_ = second_weights(session);
  }
  return result;
}

// Whether the second model's weights are still being written. One that was closed meanwhile is no
// part of the session; one whose weights could not be written comes back untrained.
bool SessionKeeper::awaits_second(const Snapshot& snapshot) {
  auto& kept = saving_->session.second;
  if (!kept || kept->weights.empty()) return false;
  const ModelView* second = snapshot.find(kSecondModel);
  if (!second) {
    kept.reset();
    return false;
  }
  if (second->saved.number <= saving_->second_attempts_then ||
      second->saved.path != kept->weights) {
    return true;
  }
  if (!second->saved.is_done) kept->weights.clear();
  return false;
}

SessionKeeper::Result SessionKeeper::finish_saving(bool is_done) {
  Result result;
  const Saving saving = *std::exchange(saving_, std::nullopt);
  if (!is_done) return result;  // the engine has said why
  const auto written = write_text(saving.path, session_text(saving.session, saving.path));
  if (!written) {
    result.notices.emplace_back(written.error().message, true);
    return result;
  }
  if (is_last(saving.path)) {
    remove_former_weights(saving.session.weights, second_weights(saving.session));
  } else {
    result.notices.emplace_back(fmt::format("saved the session {}", saving.path), false);
  }
  result.written = saving.path;
  return result;
}

}  // namespace zscape
