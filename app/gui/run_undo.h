#pragma once

#include <cstdint>
#include <map>
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
  // Before the scenes follow the snapshot: copies the marks of runs that were put away since the
  // last call, adds a notice that undoes it, and returns these runs.
  std::vector<StoredRun> follow(const Snapshot& now, const ScenesOnScreen& scenes,
                                NoticesPanelState& notices, double time_s);

  // Whether follow() has just copied marks of this model.
  bool has_just_kept(ModelId model) const;

  // After the scenes have followed: gives their marks to models that went back to a run.
  void restore(const Snapshot& now, const ScenesOnScreen& scenes);

  // Ctrl-Z: undoes what was put away last while its notice is on show, unless marks have changed
  // since. False: it is for the marks.
  bool by_key(const ScenesOnScreen& scenes, NoticesPanelState& notices) const;

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
  std::uint64_t seen_ = 0;                          // the newest run
  std::map<std::uint64_t, std::uint64_t> returns_;  // ModelView::returns, by ModelView::serial
  bool is_new_ = false;                             // since restore()
  std::uint64_t marks_then_ = 0;                    // the marks' revision when the notice came
};

// "Reset. 4,312 steps kept."
std::string text_of_put_away(const std::vector<StoredRun>& runs);

// Undoes a notice's runs: the first model first, since its data come back with it.
std::vector<Command> undoing_commands(std::vector<UndoableRun> runs);

// Whether a command would end a run that the store cannot take.
bool is_lost_by(const Command& command, const Snapshot& now);

}  // namespace zscape
