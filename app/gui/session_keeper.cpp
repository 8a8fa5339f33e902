#include "app/gui/session_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <tuple>
#include <utility>

#include "app/gui/text_file.h"
#include "engine/number.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr double kFirstS = 5;    // until a new session is worth a file
constexpr double kPutAwayS = 2;  // between two copies of runs that are put away

// Between two copies of weights that change. Tests set it.
double interval_s() {
  const char* text = std::getenv("ZSCAPE_SESSION_SECONDS");
  return text == nullptr ? 60 : number_from<double>(text).value_or(60);
}

// Of a model beside the first; number: 2, …
std::string other_path(const std::string& weights, std::size_t number) {
  const fs::path path = weights;
  return (path.parent_path() / fmt::format("{}-{}.safetensors", path.stem().string(), number))
      .string();
}

// Of the first model, in a session of the person's.
std::string run_beside(const std::string& session) {
  return fs::path(session).replace_extension(".safetensors").string();
}

bool is_there(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

template <class T>
void append(std::vector<T> more, std::vector<T>& all) {
  std::ranges::move(more, std::back_inserter(all));
}

// Whether its data and models are on the screen.
bool is_complete(const SessionKeeper::Contents& on_screen) {
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  return model && model->weights && on_screen.snapshot.data;
}

}  // namespace

bool SessionKeeper::Learned::operator==(const Learned& other) const {
  const auto all = [](const Learned& learned) {
    return std::tuple(learned.serial, learned.step, learned.settings.kl_weight,
                      learned.settings.learning_rate, learned.settings.batch_size);
  };
  return all(*this) == all(other) && schedule == other.schedule;
}

SessionKeeper::Learned SessionKeeper::learned_of(const ModelView& view) {
  return {view.serial, view.position.step, view.settings, view.kl_schedule};
}

SessionKeeper::StoredList SessionKeeper::stored_of(const Snapshot& snapshot) {
  StoredList list;
  for (const StoredRun& run : snapshot.stored->runs) list.emplace_back(run.id, run.is_pinned);
  return list;
}

SessionKeeper::SessionKeeper(Options options)
    : options_(std::move(options)), writer_(options_.wake) {
  if (options_.keeps) writer_.list();
}

std::optional<std::vector<KeptSession>> SessionKeeper::take_list() {
  if (auto list = writer_.take_list()) {
    list_ = std::move(*list);
    list_is_new_ = true;
  }
  if (!std::exchange(list_is_new_, false)) return std::nullopt;
  std::vector<KeptSession> others = list_;
  std::erase_if(others, [this](const KeptSession& kept) {
    return own_ && kept.path == own_->lock->session();
  });
  return others;
}

void SessionKeeper::begin_own(Own own) {
  own_ = std::move(own);
  list_is_new_ = true;
}

std::optional<Session> SessionKeeper::session_now(const Contents& on_screen) const {
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  if (!is_complete(on_screen)) return std::nullopt;
  Session session = session_of(on_screen.snapshot, *model, on_screen.scene, on_screen.latent,
                               on_screen.selection, on_screen.sizes, on_screen.sequences);
  session.panes = on_screen.panes;
  std::size_t number = 0;
  for (const ModelView& other : on_screen.snapshot.models) {
    if (other.id == on_screen.model) continue;
    const Scene* scene = scene_of(other.id, on_screen.scenes);
    if (scene) session.others[number].marks = scene->marks().marks();
    ++number;
  }
  // The newest request may have failed and left other data loaded.
  std::error_code error;
  const bool same = request_.source == session.plan.data.source ||
                    fs::absolute(request_.source, error) == session.plan.data.source;
  if (same) {
    const std::string source = session.plan.data.source;
    session.plan.data = as_loaded(request_, *on_screen.snapshot.data);
    session.plan.data.source = source;
  }
  return session;
}

SessionKeeper::Result SessionKeeper::begin_saving(const std::string& path, LockPtr lock,
                                                  const Contents& on_screen) {
  Result result;
  Saving saving{path, std::move(lock), *session_now(on_screen), {}, stored_of(on_screen.snapshot)};
  Session& session = saving.session;
  session.weights = saving.lock ? new_run_path(path) : run_beside(path);
  session.kept_at = std::time(nullptr);
  // Whole states of the past stay with the window's own session; a person's file is the run alone.
  const std::string states = saving.lock ? fs::path(path).stem().string() + "." : std::string();
  std::size_t number = 0;
  const auto add = [&](const ModelView& model, std::string& file) {
    saving.models.push_back({model.id, model.kept.number, learned_of(model)});
    if (!file.empty()) result.commands.push_back(KeepRun{model.id, file, states});
  };
  const ModelView& first = *on_screen.snapshot.find(on_screen.model);
  session.step = first.position.step;
  add(first, session.weights);
  for (const ModelView& other : on_screen.snapshot.models) {
    if (other.id == on_screen.model) continue;
    std::string& file = session.others[number++].weights;
    if (other.weights) file = other_path(session.weights, number + 1);
    add(other, file);
  }
  saving_ = std::move(saving);
  return result;
}

std::vector<std::string> SessionKeeper::files_of(const std::string& path,
                                                 const Snapshot& snapshot) {
  std::vector<std::string> files = {path, run_beside(path)};
  for (std::size_t number = 2; number <= snapshot.models.size(); ++number) {
    files.push_back(other_path(run_beside(path), number));
  }
  return files;
}

SessionKeeper::Result SessionKeeper::save(const std::string& path, const Contents& on_screen,
                                          std::vector<std::string> replaced) {
  Result result;
  if (path.empty() || !is_complete(on_screen)) {
    result.notices.push_back(
        {tr("there is no model yet, so no session can be saved"), true, "session_file"});
    return result;
  }
  std::error_code error;
  const std::string whole = fs::absolute(path, error).string();
  fs::create_directories(fs::path(whole).parent_path(), error);  // writing says what is wrong
  if (!saving_ && !opening_) return begin_saving(whole, nullptr, on_screen);
  wanted_ = {whole, std::move(replaced)};
  return result;
}

// Models may have come since the person was asked about files.
void SessionKeeper::save_wanted(const Contents& on_screen, Result& result) {
  const Wanted wanted = *std::exchange(wanted_, std::nullopt);
  for (const std::string& file : files_of(wanted.path, on_screen.snapshot)) {
    const bool may_go =
        file == wanted.path || std::ranges::find(wanted.replaced, file) != wanted.replaced.end();
    if (may_go || !is_there(file)) continue;
    result.notices.push_back(
        {tr("the session is not saved: {} is there already; save it once more", file), true,
         "session_file"});
    return;
  }
  append(begin_saving(wanted.path, nullptr, on_screen).commands, result.commands);
}

bool SessionKeeper::close(const Contents& on_screen) {
  if (closing_ != Closing::no) return true;
  if (!options_.keeps || cannot_keep_ || !is_complete(on_screen)) return false;
  if (waiting_ && !(own_ && own_->data == on_screen.snapshot.data)) return false;
  // What gives way to another session may not be written yet.
  if (opening_ && !saving_) return false;
  closing_ = Closing::wanted;
  return true;
}

SessionKeeper::Result SessionKeeper::keep(const Contents& on_screen) {
  const bool can = own_ && own_->data && own_->data == on_screen.snapshot.data && !saving_ &&
                   !opening_ && is_complete(on_screen);
  if (!can || !has_learned(on_screen.snapshot)) return {};
  return begin_saving(own_->lock->session(), own_->lock, on_screen);
}

SessionKeeper::Result SessionKeeper::open(const std::string& path, const Contents& on_screen,
                                          const std::string& data) {
  Result result;
  Expected<Session> session = read_session(path);
  if (!session) {
    const bool ours = is_kept_session(path) || path == newest_session();
    result.notices.push_back({ours ? fmt::format("{}; {}", session.error().message, set_aside(path))
                                   : session.error().message,
                              true, "opening"});
    return result;
  }
  result = keep(on_screen);
  const bool keeps = !result.commands.empty();  // its answer comes first
  result.settled.emplace_back("opening");
  LayoutSizes sizes = session->sizes;
  sizes.open = on_screen.sizes.open;  // a setting
  on_screen.sizes = sizes;
  for (const ModelView& other : on_screen.snapshot.models) {
    if (other.id != on_screen.model) result.commands.push_back(RemoveModel{other.id});
  }
  opening_source_ = session->plan.data.source;
  if (!data.empty()) session->plan.data.source = data;
  append(loading_commands(*session, on_screen.model), result.commands);
  waiting_.reset();
  tries_again_ = false;
  begin_opening(path, std::move(*session), on_screen, result);
  if (opening_->has_run && keeps) ++opened_then_;
  return result;
}

// With the data that are loaded: the engine looks whether they are the session's.
SessionKeeper::Result SessionKeeper::try_again(const Contents& on_screen) {
  Result result;
  waiting_->tried = on_screen.snapshot.data;
  const std::string path = waiting_->path;
  Expected<Session> session = read_session(path);
  if (!session || !session->has_run) {
    waiting_.reset();
    return result;
  }
  opening_source_ = session->plan.data.source;
  tries_again_ = true;
  const std::string weights = session->weights;
  begin_opening(path, std::move(*session), on_screen, result);
  result.commands.push_back(ResumeRun{on_screen.model, weights});
  return result;
}

void SessionKeeper::begin_opening(const std::string& path, Session session,
                                  const Contents& on_screen, Result& result) {
  opened_lock_ = nullptr;
  if (options_.keeps && is_kept_session(path)) {
    const bool is_own = own_ && own_->lock->session() == path;
    opened_lock_ = is_own ? own_->lock : SessionLock::take(path);
    if (!opened_lock_) {
      result.notices.push_back(
          {tr("Another window works on this session; this window keeps a copy of its own.")});
    }
  }
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  opened_then_ = !model ? 0 : session.has_run ? model->kept.number : model->saved.number;
  has_opened_ = false;
  may_wait_ = true;
  opening_ = std::move(session);
  opening_path_ = path;
}

SessionKeeper::Result SessionKeeper::advance(const Contents& on_screen) {
  Result result;
  take_written(result);
  if (saving_) {
    if (const auto is_done = outcome(on_screen.snapshot)) {
      finish_saving(*is_done, on_screen.snapshot, result);
    }
  }
  if (closing_ == Closing::wanted && opening_ && !saving_) {  // the writer ends with its last file
    closing_ = Closing::no;
    result.closed = true;
    return result;
  }
  const auto& data = on_screen.snapshot.data;
  if (waiting_ && !saving_ && !opening_ && closing_ == Closing::no && data &&
      data != waiting_->tried.lock()) {
    Result again = try_again(on_screen);
    append(std::move(again.commands), result.commands);
    append(std::move(again.notices), result.notices);
    return result;
  }
  if (opening_) {
    Result opened = advance_opening(on_screen);
    append(std::move(opened.commands), result.commands);
    append(std::move(opened.notices), result.notices);
    append(std::move(opened.settled), result.settled);
    result.restored = opened.restored;
    result.opened = std::move(opened.opened);
    result.panes = std::move(opened.panes);
  }
  if (saving_ || opening_ || !is_complete(on_screen)) return result;
  if (wanted_) {
    save_wanted(on_screen, result);
  } else if (options_.keeps) {
    follow_own(on_screen, result);
  }
  return result;
}

// Goes on when the models are there, and then lets them train together.
SessionKeeper::Result SessionKeeper::advance_opening(const Contents& on_screen) {
  Result result;
  const Session& session = *opening_;
  const auto answer = [&](const ModelView& view) -> const SavedWeights& {
    return session.has_run ? view.kept : view.saved;
  };
  const ModelView* model = on_screen.snapshot.find(on_screen.model);
  if (!model) return result;
  if (!has_opened_) {
    const SavedWeights& opened = answer(*model);
    if (opened.number <= opened_then_ || opened.path != session.weights) return result;
    if (!opened.is_done) {  // the engine has said why
      if (may_wait_) {
        waiting_ = Waiting{opening_path_, on_screen.snapshot.data};
        result.restored = Restored::waiting;
      }
      const auto& data = on_screen.snapshot.data;
      if (may_wait_ && !tries_again_ && (!data || data->source != session.plan.data.source)) {
        result.notices.push_back({tr(
            "The session is not lost: load its data from where they are now, and it is back.")});
      }
      opening_.reset();
      opened_lock_ = nullptr;
      return result;
    }
    if (!on_screen.snapshot.data || !model->weights) return result;
    waiting_.reset();
    result.restored = Restored::whole;
    if (model->opened && model->opened->other_data) {
      result.restored = Restored::other_data;
      tell_other_data(result);
    }
    if (tries_again_) {
      result.settled.emplace_back("opening");
      result.notices.push_back(
          {tr("The session is back, with its data in {}.", on_screen.snapshot.data->source)});
      for (const ModelView& other : on_screen.snapshot.models) {
        if (other.id != on_screen.model) result.commands.push_back(RemoveModel{other.id});
      }
    }
    // This frame has not shown them yet.
    on_screen.scene.set_model(model->spec, on_screen.snapshot.data);
    on_screen.selection.follow(on_screen.snapshot.data);
    restore_view(session, on_screen.scene, on_screen.latent, on_screen.selection,
                 on_screen.snapshot.data.get());
    if (on_screen.sequences != nullptr) {
      on_screen.sequences->follow(on_screen.snapshot.data, on_screen.time_s);
      show(session.seen, *on_screen.sequences);
    }
    append(restoring_commands(session, on_screen.model, tries_again_), result.commands);
    has_opened_ = true;
    if (!session.others.empty()) return result;
  }
  std::vector<ModelId> models = {on_screen.model};
  for (std::size_t i = 0; i < session.others.size(); ++i) {
    models.push_back(other_model_id(on_screen.model, i));
    const ModelView* other = on_screen.snapshot.find(models.back());
    const std::string& weights = session.others[i].weights;
    if (!other || (!weights.empty() && answer(*other).path != weights)) return result;
  }
  for (std::size_t i = 1; i < models.size(); ++i) {
    Scene* scene = scene_of(models[i], on_screen.scenes);
    if (!scene || !on_screen.snapshot.data) continue;
    scene->set_model(on_screen.snapshot.find(models[i])->spec, on_screen.snapshot.data);
    scene->restore(session.others[i - 1].marks);
  }
  for (const ModelId id : models) {
    if (session.running) result.commands.push_back(Start{id});
  }
  own_.reset();
  if (auto lock = std::exchange(opened_lock_, nullptr)) {
    Own own;
    own.lock = std::move(lock);
    own.data = on_screen.snapshot.data;
    own.began_s = on_screen.time_s;
    own.starts = session.running;
    own.seen = *session_now(on_screen);
    own.has_weights = true;
    own.seen.panes = session.panes;
    own.seen.running = session.running;
    own.seen.kept_at = session.kept_at;
    own.seen.step = session.step;
    // Data that have moved are written at once, and soon in the run's own file.
    const bool has_moved = on_screen.snapshot.data->source != opening_source_;
    own.seen.plan.data.source = opening_source_;
    for (std::size_t i = 0; i < models.size(); ++i) {
      own.files[models[i]] = i == 0 ? session.weights : session.others[i - 1].weights;
      own.learned[models[i]] = learned_of(*on_screen.snapshot.find(models[i]));
      if (has_moved) own.learned[models[i]].step = -1;
    }
    own.stored = stored_of(on_screen.snapshot);
    begin_own(std::move(own));
    kept_s_ = on_screen.time_s;
  }
  result.panes = session.panes;
  opening_.reset();
  if (!is_kept_session(opening_path_)) result.opened = opening_path_;
  return result;
}

// The files of the session stay as they are, and the new run gets a session of its own.
void SessionKeeper::tell_other_data(Result& result) {
  opened_lock_ = nullptr;
  result.notices.push_back(
      {is_kept_session(opening_path_)
           ? tr("The session's data have changed, and the new run gets a session of its own. The "
                "former one stays in the File section under More …, and is whole again when its "
                "data are back.")
           : tr("The session's data have changed, and the new run gets a session of its own. {} "
                "stays as it is, and is whole again when its data are back.",
                opening_path_)});
  if (leave_inputs(*opening_)) {
    result.notices.push_back(
        {tr("Pins and paths stay in their places without the inputs that they stood for, and "
            "nothing is selected: the data have other inputs now.")});
  }
}

// Whether the runs of saving_ are written. Drops models closed meanwhile; one beside the first that
// could not be written is restored untrained.
std::optional<bool> SessionKeeper::outcome(const Snapshot& snapshot) {
  Session& session = saving_->session;
  for (std::size_t i = saving_->models.size(); i-- > 0;) {
    std::string& file = i == 0 ? session.weights : session.others[i - 1].weights;
    if (file.empty()) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    const ModelView* view = snapshot.find(saving_->models[i].model);
    if (!view) {
      if (i == 0) return false;
      session.others.erase(session.others.begin() + at - 1);
      saving_->models.erase(saving_->models.begin() + at);
      continue;
    }
    if (view->kept.number <= saving_->models[i].attempts_then) return std::nullopt;
    // A later answer may have taken the place of this one.
    std::error_code error;
    const bool is_done = view->kept.path == file ? view->kept.is_done : fs::exists(file, error);
    if (view->kept.path == file && is_done) {  // it learned on until the engine wrote
      saving_->models[i].learned.step = view->kept.step;
      if (i == 0) session.step = view->kept.step;
    }
    if (is_done) continue;
    if (i == 0) return false;
    file.clear();
  }
  return true;
}

void SessionKeeper::finish_saving(bool is_done, const Snapshot& snapshot, Result& result) {
  Saving saving = *std::exchange(saving_, std::nullopt);
  if (!is_done) {
    const ModelView* model = snapshot.find(saving.models.front().model);
    const std::string error =
        model && !model->kept.error.empty() ? model->kept.error : tr("the run was not written");
    if (saving.lock && closing_ == Closing::no) {
      tell_once(result, error);
    } else {
      result.notices.push_back({error, true, "session_file"});
    }
    if (closing_ == Closing::saves) {
      closing_ = Closing::no;
      result.closed = false;
    }
    return;
  }
  Session& session = saving.session;
  const bool gives_way = closing_ == Closing::wanted && opening_;  // this is its last time
  session.closed = !saving.lock || closing_ == Closing::saves || gives_way;
  if (closing_ == Closing::saves) closing_ = Closing::writes;
  if (own_ && saving.lock == own_->lock) {
    own_->has_weights = true;
    own_->seen = session;
    own_->same.reset();
    own_->files.clear();
    own_->learned.clear();
    own_->stored = std::move(saving.stored);
    for (std::size_t i = 0; i < saving.models.size(); ++i) {
      const SavedModel& model = saving.models[i];
      own_->files[model.model] = i == 0 ? session.weights : session.others[i - 1].weights;
      own_->learned[model.model] = model.learned;
    }
  }
  writer_.put(saving.path, std::move(session), saving.lock);
}

void SessionKeeper::take_written(Result& result) {
  for (SessionWriter::Done& done : writer_.take()) {
    const bool is_kept = is_kept_session(done.path);
    if (is_kept && done.closed && closing_ == Closing::writes) {
      closing_ = Closing::no;
      result.closed = done.result.has_value();
    }
    if (!done.result) {
      if (is_kept) {
        tell_once(result, done.result.error().message);
      } else {
        result.notices.push_back({done.result.error().message, true, "session_file"});
      }
    } else if (is_kept) {
      if (!std::exchange(told_error_, {}).empty()) {
        result.settled.emplace_back("session");
      }
    } else {
      result.settled.emplace_back("session_file");
      result.notices.push_back({tr("saved the session {}", done.path)});
      result.written = done.path;
    }
  }
}

void SessionKeeper::tell_once(Result& result, const std::string& error) {
  if (told_error_.empty()) {
    result.notices.push_back({tr("the session is not kept: {}", error), true, "session"});
  }
  told_error_ = error;
}

bool SessionKeeper::has_learned(const Snapshot& snapshot) const {
  if (own_->learned.size() != snapshot.models.size()) return true;
  return !std::ranges::all_of(snapshot.models, [&](const ModelView& model) {
    const auto known = own_->learned.find(model.id);
    return known != own_->learned.end() && known->second == learned_of(model);
  });
}

// Begins the window's own session, writes its marks at once, and its weights now and then.
void SessionKeeper::follow_own(const Contents& on_screen, Result& result) {
  due_s_ = 0;
  if (cannot_keep_ || closing_ == Closing::saves || closing_ == Closing::writes) return;
  const double now_s = on_screen.time_s;
  // Other data begin another session; the former one stays as it is.
  if (!own_ || own_->data != on_screen.snapshot.data) {
    if (std::exchange(own_, std::nullopt)) list_is_new_ = true;
    if (waiting_) return;  // the newest one, to which the next start goes, stays that session
    auto lock = new_session();
    if (!lock) {
      cannot_keep_ = true;
      result.notices.push_back(
          {tr("the session is not kept: its folder cannot be written to"), true});
      if (std::exchange(closing_, Closing::no) == Closing::wanted) result.closed = false;
      return;
    }
    Own own;
    own.lock = std::move(lock);
    own.data = on_screen.snapshot.data;
    own.began_s = now_s;
    own.seen = *session_now(on_screen);
    begin_own(std::move(own));
  }
  const ModelView& model = *on_screen.snapshot.find(on_screen.model);
  own_->starts = own_->starts && model.state != RunState::running;
  const bool changed = has_changed(on_screen);
  const bool other_runs = own_->stored != stored_of(on_screen.snapshot);
  const bool learned = other_runs || has_learned(on_screen.snapshot);
  const bool is_other_model = own_->has_weights && model.spec != own_->seen.plan.spec;
  double due_s =
      own_->has_weights ? kept_s_ + interval_s() : own_->began_s + std::min(kFirstS, interval_s());
  if (is_other_model || (changed && !own_->has_weights)) due_s = now_s;
  // What was put away is in no file yet, or not as it is now.
  if (other_runs) due_s = std::min(due_s, kept_s_ + kPutAwayS);
  if (closing_ == Closing::wanted && learned) due_s = now_s;
  if (learned && now_s >= due_s) {
    kept_s_ = now_s;
    if (closing_ == Closing::wanted) closing_ = Closing::saves;
    append(begin_saving(own_->lock->session(), own_->lock, on_screen).commands, result.commands);
    return;
  }
  if (learned) due_s_ = due_s;
  const bool closes = closing_ == Closing::wanted;
  if (closes) closing_ = Closing::writes;
  if (!own_->has_weights || (!changed && !closes)) return;
  Session now = *session_now(on_screen);
  now.running = now.running || own_->starts;
  now.closed = closes;
  write_own(std::move(now), on_screen.snapshot);
}

SessionKeeper::Glance SessionKeeper::glance_at(const Contents& on_screen) const {
  const ModelView& model = *on_screen.snapshot.find(on_screen.model);
  const LatentPanelState& latent = on_screen.latent;
  Glance glance;
  glance.marks = on_screen.scene.marks().revision();
  glance.others = marks_revision(on_screen.scenes);
  glance.selected = on_screen.selection.revision();
  if (!latent.auto_fit && latent.view.pixels_per_unit > 0) {
    glance.center = latent.view.center;
    glance.height = latent.view.size.y / latent.view.pixels_per_unit;
  }
  glance.axes = on_screen.scene.axis_choice();
  if (on_screen.scene.through_by_hand()) glance.through = on_screen.scene.through();
  glance.camera = latent.view.orbit;
  glance.split = latent.split;
  glance.hidden = latent.hidden;
  glance.label = on_screen.scene.label();
  glance.layers = latent.layers;
  glance.sizes = on_screen.sizes;
  glance.panes = on_screen.panes;
  glance.color = latent.color_by;
  glance.metadata = latent.metadata;
  if (on_screen.sequences != nullptr) {
    glance.sequences.assign(on_screen.sequences->chosen().begin(),
                            on_screen.sequences->chosen().end());
    glance.sequence_step = on_screen.sequences->step();
  }
  glance.running = model.state == RunState::running;
  glance.starts = own_->starts;
  glance.seed = model.next_seed;
  glance.hold_out = model.next_hold_out;
  glance.models = on_screen.snapshot.models.size();
  return glance;
}

// Whether a person has changed what the window's own session holds.
bool SessionKeeper::has_changed(const Contents& on_screen) {
  Glance glance = glance_at(on_screen);
  if (own_->same == glance) return false;
  ++comparisons_;
  Session now = *session_now(on_screen);
  now.running = now.running || own_->starts;
  if (!same_marks(now, own_->seen)) return true;
  own_->same = std::move(glance);
  return false;
}

// With the weights that are written.
void SessionKeeper::write_own(Session session, const Snapshot& snapshot) {
  session.kept_at = own_->seen.kept_at;
  session.step = own_->seen.step;
  session.plan.spec = own_->seen.plan.spec;
  std::size_t number = 0;
  for (const ModelView& model : snapshot.models) {  // as session.others has them
    std::string& weights = number == 0 ? session.weights : session.others[number - 1].weights;
    ++number;
    const auto known = own_->learned.find(model.id);
    if (known == own_->learned.end() || known->second.serial != model.serial) continue;
    weights = own_->files[model.id];
  }
  own_->seen = session;
  own_->same.reset();
  writer_.put(own_->lock->session(), std::move(session), own_->lock);
}

}  // namespace zscape
