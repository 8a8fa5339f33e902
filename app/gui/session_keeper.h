#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/files/session_store.h"
#include "app/gui/panels/frame/notices_panel.h"
#include "app/gui/scenes_on_screen.h"
#include "app/gui/session.h"
#include "app/gui/session_writer.h"

namespace zscape {

// Saves, keeps and restores sessions step by step while frames go on: the engine writes and reads
// the runs, a SessionWriter the rest. Lives on the window's thread.
class SessionKeeper {
 public:
  struct Options {
    bool keeps = false;          // the window's own session, from its first seconds on
    std::function<void()> wake;  // draws a frame soon; from any thread
  };

  // What a session is read from and written to.
  struct Contents {
    const Snapshot& snapshot;
    ModelId model;
    Scene& scene;
    LatentPanelState& latent;
    Selection& selection;
    LayoutSizes& sizes;
    double time_s = 0;
    ScenesOnScreen scenes = {};  // of all models
    PaneArrangement panes = {};
    ChosenSequences* sequences = nullptr;  // null: none are followed
  };

  // How the restoring of a session ended.
  enum class Restored {
    whole,
    other_data,  // a new run began with its weights; the session's files stay as they are
    waiting      // its data are not there
  };

  // What to post and tell after a call.
  struct Result {
    std::vector<Command> commands;
    std::vector<WindowNotice> notices;
    std::vector<std::string> settled;    // WindowNotice::about that has worked
    std::optional<std::string> written;  // this file of a person's is complete
    std::optional<std::string> opened;   // this file of a person's is on the screen
    std::optional<Restored> restored;
    std::optional<PaneArrangement> panes;
    std::optional<bool> closed;  // after close(): whether all is written
  };

  explicit SessionKeeper(Options options);

  // What save() would write: the session's own file first.
  static std::vector<std::string> files_of(const std::string& path, const Snapshot& snapshot);

  // Begins to save to a file of the person's; the run goes beside it. Not without a model. A save
  // that has to wait replaces no files but the session's own and `replaced`.
  Result save(const std::string& path, const Contents& on_screen,
              std::vector<std::string> replaced = {});

  // Writes the window's own session for the last time. False: there is nothing to write.
  bool close(const Contents& on_screen);

  // Writes what the window's own session holds now, since something else takes its place.
  Result keep(const Contents& on_screen);

  // Begins to restore; `data`: where its data lie now, empty: where they were. `opening` stays
  // false where the session is broken: one of the window's own is set aside then, a file of the
  // person's stays. Without its data the session waits until other data are loaded, and looks
  // whether they are its own, until the person goes on with something else.
  Result open(const std::string& path, const Contents& on_screen, const std::string& data = {});
  bool opening() const { return opening_.has_value(); }
  const Session* opened() const { return opening_ ? &*opening_ : nullptr; }

  // Whether a model file belongs to a session that is being brought back.
  bool owns(const std::string& weights) const {
    return opening_ && (opening_->weights == weights ||
                        std::ranges::find(opening_->others, weights, &Session::Other::weights) !=
                            opening_->others.end());
  }

  // A person's wish to pause: a restored run need not start any more.
  void note_pause() {
    if (own_) own_->starts = false;
  }

  // The newest request for data.
  void note_data(const DataRequest& request) { request_ = request; }

  // The person goes on with something else than a session that waits for its data.
  void note_other_work() {
    waiting_.reset();
    may_wait_ = false;
  }

  // Once a frame, after the panels.
  Result advance(const Contents& on_screen);

  // When a frame is wanted to keep what has changed; 0: none.
  double due_s() const { return due_s_; }

  // How often it has copied all that a session holds, to see what has changed.
  std::uint64_t comparisons() const { return comparisons_; }

  // The kept sessions without the window's own, newest first, if that has changed.
  std::optional<std::vector<KeptSession>> take_list();

 private:
  using LockPtr = std::shared_ptr<const SessionLock>;

  // What decides the next steps of a model.
  struct Learned {
    std::uint64_t serial = 0;
    std::int64_t step = 0;
    StepSettings settings;
    KlSchedule schedule;
    bool operator==(const Learned& other) const;
  };
  static Learned learned_of(const ModelView& view);

  // The runs that are put away: their ids, and whether each is pinned.
  using StoredList = std::vector<std::pair<std::uint64_t, bool>>;
  static StoredList stored_of(const Snapshot& snapshot);

  // A session whose data are not there, and the data that were loaded when it was last tried.
  struct Waiting {
    std::string path;
    std::weak_ptr<const Dataset> tried;
  };
  // A file of the person's that is to be written, and what it may replace.
  struct Wanted {
    std::string path;
    std::vector<std::string> replaced;
  };

  struct SavedModel {
    ModelId model;
    std::uint64_t attempts_then = 0;
    Learned learned;
  };
  struct Saving {
    std::string path;
    LockPtr lock;  // null: a file of the person's
    Session session;
    std::vector<SavedModel> models;  // the first, then those of session.others
    StoredList stored;
  };
  // What same_marks() compares, in so few values that each frame can afford it.
  struct Glance {
    std::uint64_t marks = 0, others = 0, selected = 0;  // revisions
    Vec2 center;
    float height = 0;
    AxisChoice axes;
    std::vector<float> through;
    std::optional<OrbitCamera> camera;
    SplitName split = SplitName::train;
    HiddenLabels hidden;
    int label = 0;
    Layers layers;
    LayoutSizes sizes;
    PaneArrangement panes;
    ColorChoice color;
    MetadataChoice metadata;
    std::vector<SequenceRef> sequences;
    std::int64_t sequence_step = 0;
    bool running = false, starts = false;
    std::uint64_t seed = 0;
    HoldOut hold_out;
    std::size_t models = 0;
    bool operator==(const Glance&) const = default;
  };
  // The window's own session.
  struct Own {
    LockPtr lock;
    std::shared_ptr<const Dataset> data;  // null: being restored
    double began_s = 0;
    bool starts = false;                   // it was restored, and does not run yet
    Session seen;                          // as first seen, then as last written
    std::optional<Glance> same;            // the screen is as `seen` has it
    bool has_weights = false;              // there is a file to name
    std::map<ModelId, Learned> learned;    // as written
    std::map<ModelId, std::string> files;  // of them
    StoredList stored;                     // likewise
  };

  std::optional<Session> session_now(const Contents& on_screen) const;
  Glance glance_at(const Contents& on_screen) const;
  bool has_changed(const Contents& on_screen);
  Result begin_saving(const std::string& path, LockPtr lock, const Contents& on_screen);
  std::optional<bool> outcome(const Snapshot& snapshot);  // of saving_; nothing: not yet
  void finish_saving(bool is_done, const Snapshot& snapshot, Result& result);
  void take_written(Result& result);
  bool has_learned(const Snapshot& snapshot) const;
  void follow_own(const Contents& on_screen, Result& result);
  void write_own(Session session, const Snapshot& snapshot);
  void begin_own(Own own);
  void begin_opening(const std::string& path, Session session, const Contents& on_screen,
                     Result& result);
  Result try_again(const Contents& on_screen);
  void save_wanted(const Contents& on_screen, Result& result);
  void tell_other_data(Result& result);
  Result advance_opening(const Contents& on_screen);
  void tell_once(Result& result, const std::string& error);

  Options options_;
  std::optional<Saving> saving_;
  std::optional<Wanted> wanted_;  // after saving_
  std::optional<Own> own_;
  bool cannot_keep_ = false;  // there is no folder for it
  enum class Closing { no, wanted, saves, writes } closing_ = Closing::no;
  double due_s_ = 0;
  double kept_s_ = 0;       // when weights were last asked for
  std::string told_error_;  // of keeping; empty: the last time it went well

  std::optional<Session> opening_;
  std::string opening_path_;
  std::string opening_source_;  // of its data, as the file has it
  std::optional<Waiting> waiting_;
  bool may_wait_ = true;      // where opening_ fails
  bool tries_again_ = false;  // opening_ was waiting_
  bool has_opened_ = false;   // its first model is there
  std::uint64_t opened_then_ = 0;
  LockPtr opened_lock_;  // of opening_, if it becomes the window's own
  DataRequest request_;

  std::vector<KeptSession> list_;
  bool list_is_new_ = false;
  std::uint64_t comparisons_ = 0;
  SessionWriter writer_;
};

}  // namespace zscape
