#include "app/gui/app_shell.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <fmt/chrono.h>
#include <imgui_internal.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <type_traits>

#include "app/files/file_type.h"
#include "app/files/folders.h"
#include "app/files/source_kind.h"
#include "app/gui/panels/frame/close_question.h"
#include "app/gui/panels/frame/settings_panel.h"
#include "app/gui/run_undo.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

// Empty where there is no home.
std::string settings_path() {
  const auto folder = config_folder();
  return folder.empty() ? std::string() : (folder / "settings.json").string();
}

namespace fs = std::filesystem;

constexpr double kFirstSeconds = 3;  // in which a signal waits for data and model
constexpr double kWorthAsking = 8;   // seconds of training before closing asks

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

std::string absolute_source(const std::string& data) {
  return names_data(data) ? data : absolute(data);
}

// The same in every language.
std::string time_text(std::time_t time) {
  return fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(time));
}

// Whether a person goes on with something else than a session whose data are not there.
bool is_other_work(const Command& command) {
  return std::visit(
      []<class T>(const T&) {
        return std::is_same_v<T, Start> || std::is_same_v<T, Step> || std::is_same_v<T, Reset> ||
               std::is_same_v<T, ReplaceModel> || std::is_same_v<T, OpenModel> ||
               std::is_same_v<T, AddModel> || std::is_same_v<T, Fork> ||
               std::is_same_v<T, ReturnTo> || std::is_same_v<T, ReturnToStep>;
      },
      command);
}

bool is_session_file_of_ours(const std::string& path) {
  const fs::path folder = state_folder();
  return !folder.empty() && fs::path(path).parent_path() == folder;
}

}  // namespace

AppShell::AppShell(Options options)
    : options_(std::move(options)),
      chooser_(options_.wake),
      sessions_({options_.remembers && options_.keeps_session, options_.wake}) {
  ready_made_ = ready_made_models();
  if (settings_path().empty()) options_.remembers = false;
  if (!options_.remembers) {
    settings_.hint_seen = true;  // there is nobody to tell
    return;
  }
  recent_ = RecentFiles((state_folder() / "recent.json").string());
  if (const auto read = read_settings(settings_path())) {
    settings_ = *read;
  } else {
    tell(read.error().message, true);
  }
  written_ = settings_;
  sizes_.open = settings_.open;
}

void AppShell::remember() {
  settings_.open = sizes_.open;
  if (!options_.remembers || settings_ == written_) return;
  written_ = settings_;  // told once, not every frame
  if (const auto written = write_settings(settings_, settings_path()); !written) {
    tell(written.error().message, true, "settings");
  } else {
    settle("settings");
  }
}

void AppShell::filter(std::vector<InputQueue::Queued>& events) {
  const auto presses = [](const auto& queued) { return is_press(queued.event); };
  if (!help_open_ || std::ranges::none_of(events, presses)) return;
  help_open_ = false;
  std::erase_if(events, [&](const auto& queued) {
    return presses(queued) || std::holds_alternative<CharTyped>(queued.event);
  });
}

std::vector<InputQueue::Queued> AppShell::for_fields(std::vector<InputQueue::Queued> events,
                                                     bool takes_tab) {
  std::erase_if(events, [takes_tab](const auto& queued) {
    const auto* key = std::get_if<KeyChanged>(&queued.event);
    return key != nullptr && key->key == GLFW_KEY_TAB && key->down && !takes_tab;
  });
  return events;
}

LatentKeys AppShell::handle(const std::vector<InputQueue::Queued>& events, bool typing,
                            const ShellFrame& frame) {
  for (const auto& [event, time] : events) {
    const auto* dropped = std::get_if<FilesDropped>(&event);
    if (dropped == nullptr) continue;
    for (const std::string& path : dropped->paths) open_path(path, frame);
  }
  KeyPresses presses = read_keys(events, typing);
  if (ImGui::GetTopMostPopupModal() != nullptr) return {};  // it has the keyboard
  if (presses.latent.escape && ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup)) {
    ImGui::ClosePopupToLevel(0, true);
    presses.latent.escape = false;
  }
  // An open popup has the other keys: what is typed there means nothing elsewhere.
  if (ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup)) {
    std::erase_if(presses.actions, [](KeyAction action) {
      return action != KeyAction::screenshot && action != KeyAction::quit;
    });
    presses.latent = {};
    presses.place.reset();
  }
  for (const KeyAction action : presses.actions) perform(action, frame);
  if (presses.place) go_to(*presses.place);
  return presses.latent;
}

void AppShell::perform(KeyAction action, const ShellFrame& frame) {
  const ModelView* model = frame.snapshot.find(frame.model);
  switch (action) {
    case KeyAction::play_pause:
      play_or_pause(frame.snapshot);
      break;
    case KeyAction::step:
      for (const ModelView& each : frame.snapshot.models) {
        if (can_step(each.state)) post(Step{each.id});
      }
      break;
    case KeyAction::compare:
      requests_.compare = true;
      break;
    case KeyAction::samples:
      sizes_.panels_hidden = false;
      sizes_.open.of(Border::lower) = true;
      requests_.samples = true;
      break;
    case KeyAction::hide_panels:
      sizes_.panels_hidden = !sizes_.panels_hidden;
      break;
    case KeyAction::screenshot:
      requests_.screenshot = screenshot_path();
      break;
    case KeyAction::save_model:
      if (model && can_save(model->state)) {
        settle("save");
        save_model({frame.model, frame.controls.path});
      } else {
        tell(tr("there is no model to save yet"), true, "save");
      }
      break;
    case KeyAction::copy_z:
      if (frame.scene.latent() == 0) break;
      ImGui::SetClipboardText(z_text(frame.scene.shown_z()).c_str());
      tell(tr("copied the displayed z"), false);
      break;
    case KeyAction::quit:
      request_close(frame);
      break;
    case KeyAction::help:
      help_open_ = true;
      break;
    case KeyAction::save_session:
      choose(ChooserPurpose::save_session);
      break;
    case KeyAction::open:
      choose(ChooserPurpose::open_file);
      break;
  }
}

void AppShell::go_to(Place place) {
  if (is_offered(place)) {
    place_ = place;
    sizes_.panels_hidden = false;
  } else {
    tell(tr("{} is still empty in this version", title_of(place)));
  }
}

// All models together: the key pauses while any of them trains.
void AppShell::play_or_pause(const Snapshot& snapshot) {
  const bool pauses = std::ranges::any_of(
      snapshot.models, [](const ModelView& model) { return can_pause(model.state); });
  for (const ModelView& model : snapshot.models) {
    if (can_pause(model.state)) post(Pause{model.id});
    if (!pauses && can_start(model.state)) post(Start{model.id});
  }
}

void AppShell::draw_borders(const Layout& layout, const ShellFrame& frame) {
  splitters_.draw(layout, sizes_, frame.window, frame.theme, frame.widgets, frame.time_s);
}

void AppShell::draw(const Layout& layout, const StatusRequests& status, const ShellFrame& frame) {
  if (status.cancel && frame.snapshot.activity) {
    post(Cancel{frame.model, frame.snapshot.activity->id});
  }
  if (status.settings) open_settings();
  if (status.switches_place) go_to(place_ == Place::lab ? Place::explore : Place::lab);
  MemoryChoice memory{settings_.store_megabytes, kStoreMegabytes};
  draw_settings_panel(settings_.appearance, memory,
                      {frame.theme, frame.widgets, layout.status, frame.time_s});
  settings_.store_megabytes = memory.megabytes;
  if (std::exchange(store_megabytes_, memory.megabytes) != memory.megabytes) {
    post(SetStoreSize{kFirstModel, static_cast<std::size_t>(memory.megabytes) << 20});
  }
  if (!frame.scene.pins().empty()) settings_.hint_seen = true;
  if (status.dismiss_hint) settings_.hint_seen = true;
  remember();
  follow_saves(frame);
  frames_wanted_ = std::max(frames_wanted_ - 1, 0);
  draw_files(frame);
  draw_save_question(frame);
  draw_session_question(frame);
  draw_loss_question(frame);
  draw_closing(frame);
  if (status.help) help_open_ = true;
  if (help_open_) draw_help_panel(help_lines(), frame.whole());
}

SessionKeeper::Contents AppShell::session_window(const ShellFrame& frame) {
  return {frame.snapshot,
          kFirstModel,
          frame.first_scene ? *frame.first_scene : frame.scene,
          frame.first_latent ? *frame.first_latent : frame.latent,
          frame.selection,
          sizes_,
          frame.time_s,
          frame.scenes,
          frame.panes,
          frame.sequences};
}

void AppShell::take(SessionKeeper::Result result) {
  for (Command& command : result.commands) post(std::move(command));
  for (auto& notice : result.notices) requests_.notices.push_back(std::move(notice));
  for (auto& about : result.settled) requests_.settled.push_back(std::move(about));
  if (result.written) recent_.add(*result.written);
  if (result.panes) requests_.panes = std::move(result.panes);
  if (result.opened) recent_.add(*result.opened);
  if (result.restored) {
    const std::string text = std::exchange(restored_text_, {});
    if (result.restored == SessionKeeper::Restored::whole && !text.empty()) tell(text);
  }
  if (!result.closed || closing_ != Closing::keeps_session) return;
  closing_ = Closing::no;
  (*result.closed ? requests_.quit : session_is_lost_) = true;
}

bool AppShell::begin(const std::string& session_path, const ShellFrame& frame,
                     const std::string& data) {
  const bool is_last = session_path.empty();
  const std::string path = is_last ? newest_session() : session_path;
  if (path.empty()) return false;
  if (is_last && is_kept_session(path) && !SessionLock::take(path)) {
    tell(tr("Another window works on the last session. This window keeps a session of its own."));
    return false;
  }
  take(sessions_.open(path, session_window(frame), data.empty() ? data : absolute_source(data)));
  const Session* session = sessions_.opened();
  if (session == nullptr) return false;
  if (is_last && session->closed) {
    restored_text_ =
        tr("Your last session was restored. To start a new one, choose Start afresh in the File "
           "section under More ….");
  } else if (is_last) {
    restored_text_ =
        tr("The last session did not end properly. It is back as it was at {}: step {}.",
           time_text(session->kept_at), format_count(session->step));
  }
  return true;
}

bool AppShell::is_ready_made(const std::string& path) const {
  return std::ranges::any_of(ready_made_, [whole = absolute(path)](const std::string& other) {
    return absolute(other) == whole;
  });
}

std::vector<Command> AppShell::note(const Command& command, const ShellFrame& frame) {
  const auto forget_files_of = [this](ModelId model) {
    for (auto* files : {&own_files_, &asked_files_}) {
      std::erase_if(*files, [model](const auto& file) { return file.first == model.value; });
    }
  };
  if (const auto* save = std::get_if<SaveModel>(&command)) {
    asked_files_.emplace(save->model.value, absolute(save->path));
  }
  if (const auto* reset = std::get_if<Reset>(&command)) forget_files_of(reset->model);
  if (const auto* replace = std::get_if<ReplaceModel>(&command)) forget_files_of(replace->model);
  if (const auto* remove = std::get_if<RemoveModel>(&command)) forget_files_of(remove->model);
  if (std::holds_alternative<ReturnTo>(command)) {  // perhaps with other data, for all models
    own_files_.clear();
    asked_files_.clear();
  }
  // A file that is only opened is not this window's: to write over it is a question.
  if (const auto* open = std::get_if<OpenModel>(&command)) forget_files_of(open->model);
  if (const auto* add = std::get_if<AddModel>(&command)) forget_files_of(add->model);
  if (const auto* fork = std::get_if<Fork>(&command)) forget_files_of(fork->model);
  if (std::holds_alternative<Pause>(command)) sessions_.note_pause();
  if (is_other_work(command)) sessions_.note_other_work();
  const auto* load = std::get_if<LoadData>(&command);
  if (load == nullptr) return {};
  own_files_.clear();  // every model begins anew
  asked_files_.clear();
  sessions_.note_data(load->request);
  return sessions_.keep(session_window(frame)).commands;
}

bool AppShell::holds_back(const Command& command, const Snapshot& snapshot) {
  if (!options_.remembers || !is_lost_by(command, snapshot)) return false;  // a script is not asked
  loss_question_opens_ = loss_question_opens_ || held_back_.empty();
  held_back_.push_back(command);
  return true;
}

void AppShell::draw_loss_question(const ShellFrame& frame) {
  if (held_back_.empty()) return;
  const auto answer = draw_question(
      std::exchange(loss_question_opens_, false),
      {"lose_run", tr("Give this run up?"),
       tr("It is too large to be kept beside pinned runs. Settings has the memory for runs; a "
          "saved model stays."),
       tr("Give it up"), tr("What it has learned and is in no file will be lost.")},
      frame.whole());
  if (!answer) return;
  std::vector<Command> commands = std::exchange(held_back_, {});
  if (*answer) requests_.granted = std::move(commands);
}

void AppShell::open_model(const std::string& path, const ShellFrame& frame) {
  const bool is_synthetic = frame.snapshot.data && frame.snapshot.data->source == "synthetic";
  const bool came_along = is_ready_made(path);
  // The name of a ready-made model tells its data.
  if (!is_synthetic && came_along && fs::path(path).stem().string().ends_with("-synthetic")) {
    post(LoadData{frame.model, "synthetic"});
  }
  post(OpenModel{frame.model, path});
  if (!came_along) frame.controls.path = path;
}

void AppShell::save_model(SaveModel command) {
  std::error_code error;
  const bool is_own = own_files_.count({command.model.value, absolute(command.path)}) > 0;
  if (!options_.remembers || is_own || !fs::exists(command.path, error)) {
    post(std::move(command));
  } else {
    asked_save_ = std::move(command);
    save_question_opens_ = true;
  }
}

void AppShell::draw_save_question(const ShellFrame& frame) {
  if (!asked_save_) return;
  const auto answer =
      draw_question(std::exchange(save_question_opens_, false),
                    {"replace", tr("Replace this file?"),
                     tr("{} already exists.", shorten_words(absolute(asked_save_->path), 44)),
                     tr("Replace it"), tr("Its present contents will be lost.")},
                    frame.whole());
  if (!answer) return;
  if (*answer) post(*asked_save_);
  if (!*answer && closing_ == Closing::saves_model) closing_ = Closing::no;
  asked_save_.reset();
}

void AppShell::open_path(const std::string& path, const ShellFrame& frame) {
  const Expected<SourceKind> kind = source_kind(path);
  if (!kind) {
    tell(kind.error().message, true, "opening");
    return;
  }
  settle("opening");
  switch (*kind) {
    case SourceKind::model:
      open_model(absolute(path), frame);
      break;
    case SourceKind::data:
      name_source(frame.controls, absolute_source(path));
      post(LoadData{frame.model, request_for(frame.controls, frame.controls.source)});
      break;
    case SourceKind::session:
      restored_text_.clear();
      take(sessions_.open(path, session_window(frame)));
      break;
    case SourceKind::picture:
      requests_.picture = absolute(path);
      break;
    case SourceKind::results:
    case SourceKind::experiment:
      requests_.results = absolute(path);
      break;
  }
}

void AppShell::add_model(const std::string& path, const ShellFrame& frame) {
  const Expected<SourceKind> kind = source_kind(path);
  if (!kind) return tell(kind.error().message, true, "opening");
  if (*kind != SourceKind::model) return tell(tr("{} is no saved model", path), true, "opening");
  settle("opening");
  post(AddModel{free_model_id(frame.snapshot), {}, {}, absolute(path)});
}

void AppShell::choose(ChooserPurpose purpose, bool beside) {
  opens_beside_ = beside;
  std::error_code error;
  const bool saves = purpose == ChooserPurpose::save_session;
  const std::string here = fs::current_path(error).string() + "/";
  const std::string start = saves ? here + "session.json" : here;
  if (chooser_.is_open() ||
      (options_.remembers && chooser_.show(purpose, start, openable_endings()))) {
    return;
  }
  prompt_purpose_ = purpose;
  ask_for_path(prompt_,
               saves                                     ? tr("Save the session")
               : purpose == ChooserPurpose::open_results ? tr("Open a folder of results")
               : beside                                  ? tr("Open a saved model beside")
                                                         : tr("Open a model, a session or data"),
               start, saves);
}

void AppShell::take_choice(ChooserPurpose purpose, const std::string& path,
                           const ShellFrame& frame) {
  const bool beside = std::exchange(opens_beside_, false);
  if (path.empty()) return;
  if (beside) return add_model(path, frame);
  if (purpose == ChooserPurpose::open_results) {
    requests_.results = absolute(path);
    return;
  }
  if (purpose != ChooserPurpose::save_session) {
    open_path(path, frame);
    return;
  }
  const bool named = fs::path(path).extension() == ".json";
  save_session(absolute(named ? path : path + ".json"), named, frame);
}

// asked: the person has agreed to the loss of the session's own file, but not of those beside it.
void AppShell::save_session(const std::string& path, bool asked, const ShellFrame& frame) {
  std::vector<std::string> replaced = SessionKeeper::files_of(path, frame.snapshot);
  std::error_code error;
  std::erase_if(replaced, [&](const std::string& file) { return !fs::exists(file, error); });
  const bool is_agreed = replaced.empty() || (asked && replaced == std::vector{path});
  if (is_agreed) {
    take(sessions_.save(path, session_window(frame)));
  } else {
    asked_session_ = {path, std::move(replaced)};
    session_question_opens_ = true;
  }
}

void AppShell::draw_session_question(const ShellFrame& frame) {
  if (!asked_session_) return;
  std::vector<std::string> files;
  if (session_question_opens_) {
    for (const std::string& file : asked_session_->replaced) {
      files.push_back(tr("{} ({})", shorten_words(fs::path(file).filename().string(), 44),
                         name_of(file_type(file))));
    }
    const std::string folder =
        shorten_words(fs::path(asked_session_->path).parent_path().string(), 44);
    asked_session_->text =
        files.size() == 1 ? tr("The session would be written over {} in {}.", files.front(), folder)
                          : tr("The session would be written over {} files in {}: {}.",
                               files.size(), folder, fmt::to_string(fmt::join(files, ", ")));
  }
  const bool is_one = asked_session_->replaced.size() == 1;
  const auto answer = draw_question(
      std::exchange(session_question_opens_, false),
      {"replace_session", is_one ? tr("Replace this file?") : tr("Replace these files?"),
       asked_session_->text, is_one ? tr("Replace it") : tr("Replace them"),
       is_one ? tr("Its present contents will be lost.")
              : tr("Their present contents will be lost.")},
      frame.whole());
  if (!answer) return;
  AskedSession asked = *std::exchange(asked_session_, std::nullopt);
  if (*answer) {
    take(sessions_.save(asked.path, session_window(frame), std::move(asked.replaced)));
  }
}

void AppShell::begin_afresh(const ShellFrame& frame) {
  const ModelId model = kFirstModel;
  for (const ModelView& other : frame.snapshot.models) {
    if (other.id != model) post(RemoveModel{other.id});
  }
  post(Pause{model});
  for (const auto effect : {Parameter::Effect::next_run, Parameter::Effect::next_step}) {
    for (Command& command : setting_commands(model, effect, RunPlan{})) post(std::move(command));
  }
  post(ReplaceModel{model, with_kind(ModelSpec{}, ModelKind::vae)});
  post(LoadData{model, "synthetic"});
  post(Start{model});
  LatentPanelState& latent = frame.first_latent ? *frame.first_latent : frame.latent;
  latent.hidden.reset();
  latent.auto_fit = true;
  latent.placed = false;
}

void AppShell::carry_out(const FileRequest& request, const ShellFrame& frame) {
  using Kind = FileRequest::Kind;
  if (request.kind == Kind::open_path) return open_path(request.path, frame);
  if (request.kind == Kind::begin_afresh) return begin_afresh(frame);
  choose(request.kind == Kind::open_file     ? ChooserPurpose::open_file
         : request.kind == Kind::open_folder ? ChooserPurpose::open_folder
                                             : ChooserPurpose::save_session);
}

void AppShell::draw_files(const ShellFrame& frame) {
  if (const auto request = std::exchange(frame.controls.files.request, std::nullopt)) {
    carry_out(*request, frame);
  }
  if (const auto answer = chooser_.take()) {
    frames_wanted_ = 3;
    if (answer->has_failed) {
      prompt_purpose_ = answer->purpose;
      ask_for_path(prompt_, tr("Open or save"), "",
                   answer->purpose == ChooserPurpose::save_session);
    } else {
      take_choice(answer->purpose, answer->path, frame);
    }
  }
  if (const auto path = draw_path_prompt(prompt_, recent_.files(), frame.whole())) {
    take_choice(prompt_purpose_, *path, frame);
  }
  list_sessions();
  FileMenuState& menu = frame.controls.files;
  if (menu.sessions != kept_sessions_) menu.sessions = kept_sessions_;
  if (menu.recent != recent_.files()) menu.recent = recent_.files();
  if (menu.ready_made != ready_made_) menu.ready_made = ready_made_;
}

void AppShell::list_sessions() {
  const auto list = sessions_.take_list();
  if (!list) return;
  kept_sessions_.clear();
  for (const KeptSession& kept : *list) {
    kept_sessions_.push_back({kept.path, tr("{}, {}, step {}", kept.data, time_text(kept.written),
                                            format_count(kept.step))});
  }
}

// Updates recent files and the time of unsaved training.
void AppShell::follow_saves(const ShellFrame& frame) {
  const double passed_s = std::clamp(frame.time_s - last_time_s_, 0.0, 1.0);
  last_time_s_ = frame.time_s;
  for (const ModelView& each : frame.snapshot.models) {
    const SavedWeights& saved = each.saved;
    if (std::exchange(saves_seen_[each.id], saved.number) == saved.number || !saved.is_done)
      continue;
    const auto asked = asked_files_.find({each.id.value, absolute(saved.path)});
    if (asked != asked_files_.end()) own_files_.insert(asked_files_.extract(asked));
    if (each.id != kFirstModel) continue;
    unsaved_s_ = 0;
    if (!sessions_.owns(saved.path) && !is_session_file_of_ours(saved.path)) {
      recent_.add(saved.path);
    }
  }
  if (std::exchange(data_seen_, frame.snapshot.data) != frame.snapshot.data && data_seen_) {
    std::error_code error;
    const std::string& source = data_seen_->source;
    if (!names_data(source) && fs::exists(source, error)) recent_.add(source);
  }
  const ModelView* model = frame.snapshot.find(kFirstModel);
  if (!model) return;
  if (model->position.step <= model->saved.step) unsaved_s_ = 0;
  if (model->state == RunState::running) unsaved_s_ += passed_s;
}

void AppShell::request_close(const ShellFrame& frame) {
  const bool keeping = closing_ == Closing::keeps_session || closing_ == Closing::saves_model;
  if (!options_.remembers || keeping) {  // who asks twice means it
    requests_.quit = true;
  } else if (sessions_.close(session_window(frame))) {
    closing_ = Closing::keeps_session;
  } else {
    ask_or_quit(frame);
  }
}

void AppShell::close_unasked(const ShellFrame& frame) {
  const ModelView* model = frame.snapshot.find(kFirstModel);
  const bool is_coming = !has_failed(frame.snapshot) && !(frame.snapshot.data && model != nullptr &&
                                                          (model->weights || model->train_codes));
  const bool keeps = options_.remembers && options_.keeps_session;
  // Asked again in the next frame, until there is something to keep.
  if (may_ask_ && keeps && is_coming && frame.time_s < kFirstSeconds) return;
  if (!std::exchange(may_ask_, false)) return;
  if (closing_ == Closing::asks) closing_ = Closing::no;
  if (closing_ == Closing::no) request_close(frame);
}

void AppShell::ask_or_quit(const ShellFrame& frame) {
  const ModelView* model = frame.snapshot.find(kFirstModel);
  if (!model || !may_ask_ || unsaved_s_ < kWorthAsking) {
    requests_.quit = true;
  } else if (closing_ != Closing::asks) {
    closing_ = Closing::asks;
    question_opens_ = true;
  }
}

void AppShell::draw_closing(const ShellFrame& frame) {
  take(sessions_.advance(session_window(frame)));
  if (std::exchange(session_is_lost_, false)) ask_or_quit(frame);
  const ModelView* model = frame.snapshot.find(kFirstModel);
  if (closing_ == Closing::saves_model && model && model->saved.number > saves_then_) {
    closing_ = Closing::no;
    requests_.quit = model->saved.is_done || !may_ask_;
  }
  if (closing_ != Closing::asks || !model) return;
  const std::string& path = frame.first_path ? *frame.first_path : frame.controls.path;
  const auto answer =
      draw_close_question(std::exchange(question_opens_, false),
                          model->position.step - model->saved.step, path.c_str(), frame.whole());
  if (!answer) return;
  closing_ = Closing::no;
  if (*answer == CloseAnswer::discard) requests_.quit = true;
  if (*answer == CloseAnswer::save) {
    saves_then_ = model->saved.number;
    save_model(SaveModel{kFirstModel, path});
    closing_ = Closing::saves_model;
  }
}

}  // namespace zscape
