#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/gui/panels/frame/notices_panel.h"
#include "app/gui/scenes_on_screen.h"
#include "engine/snapshot.h"

namespace zscape {

// Offers to bring back the runs that the engine puts away, and keeps what a person marked in them.
// Lives on the window's thread.
class RunUndo {
 public:
  explicit RunUndo(std::time_t began = 0) : newest_(began) {}

  // Before the scenes follow the snapshot: copies the marks of runs that were put away since the
  // last call, adds a notice that undoes it, and returns these runs.
  std::vector<StoredRun> follow(const Snapshot& now, const ScenesOnScreen& scenes,
                                NoticesPanelState& notices, double time_s);

  // Whether follow() has just copied marks of this model.
  bool has_just_kept(ModelId model) const;

  // After the scenes have followed: gives their marks to models that went back to a run.
  void restore(const Snapshot& now, const ScenesOnScreen& scenes);

  // Goes back to these runs; what is put away by it is no change of its own that Ctrl-Z undoes.
  std::vector<Command> undo(std::vector<UndoableRun> runs);

  // Ctrl-Z, if the newest change that can be undone is a run that was put away: undoes that,
  // whether or not its notice is still on show. False: it is for the marks of `active`.
  bool by_key(const ScenesOnScreen& scenes, const Scene& active, NoticesPanelState& notices) const;

 private:
  struct Marked {
    ModelId model;
    Marks marks;
    AxisChoice axes;
    int label = 0;
  };
  std::map<std::uint64_t, Marked> of_run_;  // by StoredRun::id
  // Of the last call's models, by ModelView::serial: where they were, and the run they are.
  struct Former {
    ModelId model;
    std::uint64_t run = 0, returns = 0;
  };
  std::map<std::uint64_t, Former> formers_;
  std::vector<ModelId> just_kept_;
  std::uint64_t seen_ = 0;  // the newest run
  std::time_t newest_;      // when a run was put away last
  // ModelView::returns, by ModelView::serial: as restored, and as told.
  std::map<std::uint64_t, std::uint64_t> returns_, told_returns_;
  // What one act has put away, and where the marks' histories were then.
  struct Act {
    std::vector<UndoableRun> runs;
    std::int64_t marks = 0;
  };
  std::vector<Act> acts_;           // that can be undone, the newest last
  bool is_new_ = false;             // the last of them, since restore()
  std::set<std::uint64_t> undone_;  // runs that undo() went back to
};

// "Reset. 4,312 steps kept."
std::string text_of_put_away(const std::vector<StoredRun>& runs);

// "VAE λ 1 is back at step 4,312, paused." Of a model that went back to a run,
// and, unless null, the run that it was until then.
std::string text_of_return(const ModelView& view, const StoredRun* left);

// What Ctrl-Z, or redoing, has done to pins and paths, or that there is nothing more.
std::string text_of_marks(bool undoes, const Marks& before, const Marks& after, bool has_runs);

// Undoes a notice's runs: the first model first, since its data come back with it.
std::vector<Command> undoing_commands(std::vector<UndoableRun> runs);

// Whether a command would end a run that the store cannot take.
bool is_lost_by(const Command& command, const Snapshot& now);

}  // namespace zscape
