#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"

namespace zscape {

// A run that was put away, and where it belongs.
struct UndoableRun {
  ModelId model;
  std::uint64_t run = 0;  // StoredRun::id
  bool operator==(const UndoableRun&) const = default;
};

// A notice of the window itself, such as a screenshot that could not be written.
struct WindowNotice {
  std::string text;
  bool is_error = false;
  std::string about = {};  // as Notice::about, but of the window's own acts
};

// A notice on show.
struct ShownNotice {
  std::string text;
  bool is_error = false;
  double since_s = 0;
  std::string about = {};
  std::uint64_t number = 0;              // Notice::number; 0: of the window itself
  std::vector<UndoableRun> undoes = {};  // what its Undo brings back; empty: it has none
};

struct NoticesPanelState {
  std::uint64_t last_number = 0;   // of the newest notice of the engine so far
  std::vector<ShownNotice> shown;  // oldest first
  std::vector<UndoableRun> undo;   // of the notice whose Undo was clicked

  // The newest one with an Undo; null: none is on show.
  const ShownNotice* undoable() const;
};

// Shows a notice of the window itself. One that is no error takes the place of the former about the
// same.
void add_notice(NoticesPanelState& state, WindowNotice notice, double time_s);

// What the window's notices are about has worked: its errors are over.
void settle_notices(NoticesPanelState& state, const std::string& about);

// Says what was put away, with an Undo beside it. joins: it may belong to what was put away a
// moment ago, as a model that is opened with its data; then one Undo goes back to where both began.
// Returns whether it joined the notice of that.
bool add_undo_notice(NoticesPanelState& state, std::string text, std::vector<UndoableRun> undoes,
                     bool joins, double time_s);

// Stacks the newest notices upwards from the bottom of frame.rect, above all panels. Errors stay
// until dismissed; others fade after some seconds. Returns after how many seconds it must be drawn
// again, even if nothing else happens.
std::optional<double> draw_notices_panel(const Snapshot& snapshot, NoticesPanelState& state,
                                         const PanelFrame& frame);

}  // namespace zscape
