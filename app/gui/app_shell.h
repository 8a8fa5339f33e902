#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/files/recent_files.h"
#include "app/gui/file_chooser.h"
#include "app/gui/keys.h"
#include "app/gui/layout.h"
#include "app/gui/panels/controls/controls_panel.h"
#include "app/gui/panels/frame/notices_panel.h"
#include "app/gui/panels/frame/path_prompt.h"
#include "app/gui/panels/frame/status_panel.h"
#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/session_keeper.h"
#include "app/gui/settings_file.h"
#include "app/gui/splitters.h"
#include "app/gui/view/frame/places.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// What the shell asks of the window after a frame.
struct ShellRequests {
  std::vector<Command> commands;
  std::vector<Command> granted;  // holds_back() before, and asked about since
  std::vector<WindowNotice> notices;
  std::vector<std::string> settled;       // WindowNotice::about that has worked
  std::optional<std::string> screenshot;  // file
  std::optional<std::string> picture;     // file: one's own, to be encoded
  std::optional<std::string> results;     // a lab's folder, to be shown in the place Lab
  std::optional<PaneArrangement> panes;   // of a session
  bool compare = false;                   // open or close a second model
  bool samples = false;                   // show the tab Samples
  bool quit = false;
};

// What the shell sees of the window in a frame.
struct ShellFrame {
  const Snapshot& snapshot;
  ModelId model;  // of two the active one, as are scene, latent and controls
  Scene& scene;
  LatentPanelState& latent;
  Selection& selection;  // of both
  ControlsPanelState& controls;
  Vec2 window;  // its size
  const Theme& theme;
  WidgetMap& widgets;
  double time_s;
  // Of the first model, for sessions and the closing question; null: the active one.
  Scene* first_scene = nullptr;
  LatentPanelState* first_latent = nullptr;
  const std::string* first_path = nullptr;  // to save to
  ScenesOnScreen scenes = {};               // of all models
  PaneArrangement panes = {};
  ChosenSequences* sequences = nullptr;  // that all models show; null: none

  PanelFrame whole() const { return {theme, widgets, {{0, 0}, window}, time_s}; }
};

// Everything beside panels: keys, help, settings, movable borders, files, sessions, and the
// question before closing. Lives on the window's thread.
class AppShell {
 public:
  struct Options {
    bool remembers = false;      // reads and writes the user's files; a scripted window does not
    bool keeps_session = false;  // the session is kept while one works, and when it closes
    std::function<void()> wake;  // draws a frame soon; from any thread
  };
  explicit AppShell(Options options);

  const Appearance& appearance() const { return settings_.appearance; }
  const LayoutSizes& sizes() const { return sizes_; }
  Place place() const { return place_; }
  bool shows_hint() const { return !settings_.hint_seen && !help_open_; }

  // Restores this session, or the last one if no path is given; `data`: where its data lie now,
  // empty: where they were. False: there is none.
  bool begin(const std::string& session_path, const ShellFrame& frame,
             const std::string& data = {});

  // Removes events that are not for the panels. Before the Dear ImGui frame begins.
  void filter(std::vector<InputQueue::Queued>& events);

  // The events for Dear ImGui: without Tab, which would focus the first text field, unless a field
  // or a popup takes it.
  static std::vector<InputQueue::Queued> for_fields(std::vector<InputQueue::Queued> events,
                                                    bool takes_tab);

  // Handles keys and dropped files; returns the latent view's keys. Within the frame, before the
  // panels.
  LatentKeys handle(const std::vector<InputQueue::Queued>& events, bool typing,
                    const ShellFrame& frame);

  void draw_borders(const Layout& layout, const ShellFrame& frame);

  // Popups and overlays; after the panels.
  void draw(const Layout& layout, const StatusRequests& status, const ShellFrame& frame);

  // Closes the window at once, after saving, or after a question.
  void request_close(const ShellFrame& frame);

  // Closes it after saving the session, if it is kept, and without a question. May be called again.
  void close_unasked(const ShellFrame& frame);

  // Whether a command would lose what a model learned: then a person is asked first.
  bool holds_back(const Command& command, const Snapshot& snapshot);

  // Must see every command before it is posted. Returns what must be posted first.
  std::vector<Command> note(const Command& command, const ShellFrame& frame);

  // When a frame is wanted although nothing happens; 0: none.
  double due_s() const {
    if (frames_wanted_ > 0) return last_time_s_;
    const double kept_s = sessions_.due_s(), folded_s = splitters_.due_s();
    return kept_s == 0 || (folded_s > 0 && folded_s < kept_s) ? folded_s : kept_s;
  }

  // Saves the model; asks before overwriting a file that does not hold an earlier state of this
  // run.
  void save_model(SaveModel command);

  // Asks for a model's file and opens it beside the first model.
  void open_beside() { choose(ChooserPurpose::open_file, true); }

  // Asks for a lab's folder of results and shows it in the place Lab.
  void open_results() { choose(ChooserPurpose::open_results); }

  void go_to(Place place);

  // Whether a model came with the program: its file must not be overwritten.
  bool is_ready_made(const std::string& path) const;

  ShellRequests take_requests() { return std::exchange(requests_, {}); }

 private:
  enum class Closing { no, asks, saves_model, keeps_session };

  void perform(KeyAction action, const ShellFrame& frame);
  void play_or_pause(const Snapshot& snapshot);
  void remember();
  void open_path(const std::string& path, const ShellFrame& frame);
  void open_model(const std::string& path, const ShellFrame& frame);
  void choose(ChooserPurpose purpose, bool beside = false);
  void add_model(const std::string& path, const ShellFrame& frame);
  void take_choice(ChooserPurpose purpose, const std::string& path, const ShellFrame& frame);
  void begin_afresh(const ShellFrame& frame);
  void carry_out(const FileRequest& request, const ShellFrame& frame);
  void draw_files(const ShellFrame& frame);
  void draw_closing(const ShellFrame& frame);
  void list_sessions();
  void draw_save_question(const ShellFrame& frame);
  void save_session(const std::string& path, bool asked, const ShellFrame& frame);
  void draw_session_question(const ShellFrame& frame);
  void draw_loss_question(const ShellFrame& frame);
  void follow_saves(const ShellFrame& frame);
  void ask_or_quit(const ShellFrame& frame);
  SessionKeeper::Contents session_window(const ShellFrame& frame);
  void take(SessionKeeper::Result result);
  void post(Command command) { requests_.commands.push_back(std::move(command)); }
  void tell(std::string text, bool is_error = false, std::string about = {}) {
    requests_.notices.push_back({std::move(text), is_error, std::move(about)});
  }
  void settle(const char* about) { requests_.settled.emplace_back(about); }

  Options options_;
  Settings settings_;
  Settings written_;  // as the file has them
  LayoutSizes sizes_;
  Place place_ = Place::explore;
  Splitters splitters_;
  bool help_open_ = false;

  RecentFiles recent_;
  std::vector<std::string> ready_made_;
  FileChooser chooser_;
  PathPromptState prompt_;
  ChooserPurpose prompt_purpose_ = ChooserPurpose::open_file;
  bool opens_beside_ = false;  // what is being chosen
  SessionKeeper sessions_;
  std::vector<FileMenuState::Entry> kept_sessions_;

  // Which model may overwrite which file (an absolute path): the file that it was loaded from or
  // saved to since its weights began.
  std::set<std::pair<std::uint32_t, std::string>> own_files_;
  std::set<std::pair<std::uint32_t, std::string>> asked_files_;  // will be, once that is done
  std::optional<SaveModel> asked_save_;                          // waits for an answer
  bool save_question_opens_ = false;
  // A session that is to be saved over these files waits for an answer too.
  struct AskedSession {
    std::string path;
    std::vector<std::string> replaced;
    std::string text = {};  // of the question
  };
  std::optional<AskedSession> asked_session_;
  bool session_question_opens_ = false;
  std::string restored_text_;       // to be told once the session is there
  std::vector<Command> held_back_;  // wait for an answer
  bool loss_question_opens_ = false;
  int store_megabytes_ = Settings{}.store_megabytes;  // as the engine has it

  Closing closing_ = Closing::no;
  bool question_opens_ = false;
  bool session_is_lost_ = false;  // it could not be kept when the window closes
  bool may_ask_ = true;           // before the window closes
  std::uint64_t saves_then_ = 0;
  std::map<ModelId, std::uint64_t> saves_seen_;  // SavedWeights::number
  std::shared_ptr<const Dataset> data_seen_;     // for the recent files
  double unsaved_s_ = 0;  // for so long the model has learned what is in no file
  double last_time_s_ = 0;
  int frames_wanted_ = 0;  // at once: a popup that no input has opened shows in its second frame
  ShellRequests requests_;
};

}  // namespace zscape
