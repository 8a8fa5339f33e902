#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/view/latent/points.h"
#include "engine/path.h"

namespace zscape {

// A place that the user has marked.
struct PinMark {
  int id = 0;                      // from 1, of one pin at a time
  std::string name;                // never empty
  std::vector<float> z;            // [k]
  int label = 0;                   // decoded with it; only cvae reads it
  std::optional<PointRef> source;  // the input that it stands for: z is its μ

  bool operator==(const PinMark&) const = default;
};

// A place that a path leads through: free, or an input's μ.
struct ControlPoint {
  std::vector<float> z;  // [k]
  std::optional<PointRef> source;

  bool operator==(const ControlPoint&) const = default;
};

// Where the input of some marks lies now.
struct SourceCode {
  PointRef input;
  std::vector<float> z;  // [k]
};

// An interpolation from the first of its control points to the last.
struct PathMark {
  int id = 0;  // from 1, of one path at a time
  std::string name;
  std::vector<ControlPoint> points;  // ≥ 2
  PathMode mode = PathMode::linear;
  int label = 0;

  int legs() const { return static_cast<int>(points.size()) - 1; }
  std::vector<float> stops() const;  // [points, k]
  bool operator==(const PathMark&) const = default;
};

// All marks. Plain values, to be saved and restored.
struct Marks {
  std::vector<PinMark> pins;
  std::vector<PathMark> paths;
  int next_pin = 1;  // the id of the next one
  int next_path = 1;

  bool operator==(const Marks&) const = default;
};

std::string default_pin_name(int id);
std::string default_path_name(int id);

// What happened to a mark, for the log.
struct SceneEvent {
  enum class Kind {
    added,
    removed,
    changed,
    cleared  // all marks, by other data or another latent space
  };
  Kind kind = Kind::cleared;
  bool of_path = false;  // else of a pin
  int id = 0;
};

// The item of this id; null: none.
template <class Items>
auto item_of(Items& items, int id) -> decltype(&items.front()) {
  const auto found = std::ranges::find(items, id, [](const auto& item) { return item.id; });
  return found == items.end() ? nullptr : &*found;
}

// The marks with their history. undo() reverts one step. Each change is a step; a drag is a single
// step: move_point() and insert_point() belong to it until finish(). Unknown ids change nothing,
// and places are held in reach (reach.h). Lives on the window's thread.
class MarkHistory {
 public:
  static constexpr std::size_t kMostSteps = 200;   // kept; older ones are forgotten
  static constexpr std::size_t kLongestName = 60;  // bytes

  const Marks& marks() const { return now_; }
  // Rises with each step and each undoing, but not where inputs move.
  std::uint64_t revision() const { return revision_; }
  // Rises with each step and redoing, falls with each undoing.
  std::int64_t position() const { return position_; }
  const PinMark* pin(int id) const { return item_of(now_.pins, id); }
  const PathMark* path(int id) const { return item_of(now_.paths, id); }

  int add_pin(std::vector<float> z, std::optional<PointRef> source, int label);
  int add_path(ControlPoint from, ControlPoint to, int label);
  void remove_pin(int id);
  void remove_path(int id);
  void remove_all();
  void rename_pin(int id, const std::string& name);  // an empty name: the default one
  void rename_path(int id, const std::string& name);
  void set_pin_label(int id, int label);
  void set_mode(int path, PathMode mode);
  void remove_point(int path, int point);  // the last two stay

  // Parts of a drag.
  void move_point(int path, int point, ControlPoint to);
  void insert_point(int path, int before, ControlPoint point);
  void finish();                   // what has changed since the last step is one
  void cancel() { now_ = kept_; }  // back to the last step

  bool can_undo() const { return !past_.empty() || now_ != kept_; }
  bool can_redo() const { return !future_.empty(); }
  bool undo();  // false: there is nothing to undo
  bool redo();

  std::vector<PointRef> sources() const;  // the inputs that marks stand for, each once
  // Moves the marks of these inputs to where they are now, in the history too: no step, no event.
  // True: a mark has moved.
  bool move_sources(const std::vector<SourceCode>& codes);
  void replace(Marks marks);  // as of a session: the history begins anew
  void forget();              // all marks and the history

  std::vector<SceneEvent> take_events() { return std::exchange(events_, {}); }

 private:
  template <class Item, class Change>
  void change(std::vector<Item>& items, int id, Change change);  // one step
  void tell_changes(const Marks& before, const Marks& after);
  void go_to(std::deque<Marks>& from, std::deque<Marks>& to);

  Marks now_;
  Marks kept_;  // as of the last step
  std::deque<Marks> past_;
  std::deque<Marks> future_;
  std::vector<SceneEvent> events_;
  std::uint64_t revision_ = 0;
  std::int64_t position_ = 0;
};

// What undoing or redoing has changed: "Pin 3 is back". Empty: nothing.
std::string text_of_change(const Marks& before, const Marks& after);

}  // namespace zscape
