#include "app/gui/session_keeper.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "app/files/folders.h"
#include "app/files/source_kind.h"
#include "app/gui/text_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

bool is_last(const std::string& path) {
  return path == SessionKeeper::last_path();
}

// The weights of the last session get a new name each time: the former ones must stay until the
// file that names them is replaced.
std::string weights_path(const std::string& session) {
  const fs::path path = session;
  if (!is_last(session)) return fs::path(path).replace_extension(".safetensors").string();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto stamp = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  return (path.parent_path() / fmt::format("session-{}.safetensors", stamp)).string();
}

// Of a model beside the first; number: 2, …
std::string other_path(const std::string& weights, std::size_t number) {
  const fs::path path = weights;
  return (path.parent_path() / fmt::format("{}-{}.safetensors", path.stem().string(), number))
      .string();
}

void remove_former_weights(const Session& kept) {
  std::error_code error;
  const fs::path folder = fs::path(kept.weights).parent_path();
  std::vector<fs::path> former;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool is_kept = entry.path() == kept.weights ||
                         std::ranges::any_of(kept.others, [&](const Session::Other& other) {
                           return entry.path() == other.weights;
                         });
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
    result.notices.emplace_back(tr("there is no model yet, so no session can be saved"), true);
    return result;
  }
  std::error_code error;
  const std::string whole = fs::absolute(path, error).string();
  fs::create_directories(fs::path(whole).parent_path(), error);  // writing says what is wrong
  Session session = session_of(on_screen.snapshot, *model, on_screen.scene, on_screen.latent,
                               on_screen.selection, on_screen.sizes);
  // The newest request may have failed and left other data loaded.
  const bool same = request_.source == session.plan.data.source ||
                    fs::absolute(request_.source, error) == session.plan.data.source;
  if (same) session.plan.data.image_size = request_.image_size;
  session.weights = weights_path(whole);
  result.commands.push_back(SaveModel{on_screen.model, session.weights});
  std::vector<SavingOther> others;
  for (const ModelView& other : on_screen.snapshot.models) {
    if (other.id == on_screen.model) continue;
    others.push_back({other.id, other.saved.number});
    if (!other.weights) continue;
    std::string& weights = session.others[others.size() - 1].weights;
    weights = other_path(session.weights, others.size() + 1);
    result.commands.push_back(SaveModel{other.id, weights});
  }
  saving_ = Saving{whole, std::move(session), model->saved.number, std::move(others)};
  return result;
}

SessionKeeper::Result SessionKeeper::open(const std::string& path, const Contents& on_screen) {
  Result result;
  Expected<Session> session = read_session(path);
  if (!session) {
    // Moves only files that are sessions.
    const bool ours = is_last(path) || looks_like_session(path);
    result.notices.emplace_back(
        ours ? fmt::format("{}; {}", session.error().message, set_aside(path))
             : session.error().message,
        true);
    return result;
  }
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  opened_then_ = model ? model->saved.number : 0;
  starting_.clear();
  on_screen.sizes = session->sizes;
  result.commands = loading_commands(*session, on_screen.model);
  for (const ModelView& other : on_screen.snapshot.models) {
    if (other.id != on_screen.model) {
      result.commands.insert(result.commands.begin(), RemoveModel{other.id});
    }
  }
  opening_ = std::move(*session);
  return result;
}

SessionKeeper::Result SessionKeeper::advance(const Contents& on_screen) {
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  if (!model) return {};
  const SavedWeights& saved = model->saved;
  if (saving_ && saved.number > saving_->attempts_then && saved.path == saving_->session.weights) {
    if (saved.is_done && awaits_others(on_screen.snapshot)) return {};
    return finish_saving(saved.is_done);
  }
  const auto ready = std::ranges::find_if(starting_, [&](const Starting& other) {
    const ModelView* view = on_screen.snapshot.find(other.model);
    return view && view->saved.path == other.weights;
  });
  if (ready != starting_.end()) {
    const ModelId started = ready->model;
    starting_.erase(ready);
    return {{Start{started}}, {}, {}};
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
  for (std::size_t i = 0; session.running && i < session.others.size(); ++i) {
    const std::string& weights = session.others[i].weights;
    if (!weights.empty()) starting_.push_back({other_model_id(on_screen.model, i), weights});
  }
  return result;
}

// Whether weights of other models are still being written. Drops models closed meanwhile; a model
// whose weights could not be written is restored untrained.
bool SessionKeeper::awaits_others(const Snapshot& snapshot) {
  auto& kept = saving_->session.others;
  for (std::size_t i = kept.size(); i-- > 0;) {
    if (kept[i].weights.empty()) continue;
    const SavingOther& saving = saving_->others[i];
    const ModelView* view = snapshot.find(saving.model);
    if (!view) {
      kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
      saving_->others.erase(saving_->others.begin() + static_cast<std::ptrdiff_t>(i));
      continue;
    }
    if (view->saved.number <= saving.attempts_then || view->saved.path != kept[i].weights) {
      return true;
    }
    if (!view->saved.is_done) kept[i].weights.clear();
  }
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
    remove_former_weights(saving.session);
  } else {
    result.notices.emplace_back(tr("saved the session {}", saving.path), false);
  }
  result.written = saving.path;
  return result;
}

}  // namespace zscape
