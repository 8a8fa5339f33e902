#include "app/gui/view/paths/marks.h"

#include <algorithm>
#include <utility>

#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/reach.h"
#include "engine/text.h"

namespace zscape {
namespace {

// The typed name without surrounding blanks, on one line and not too long; by default, usual.
std::string tidy(const std::string& typed, std::size_t longest, std::string usual) {
  const auto is_blank = [](char letter) { return static_cast<unsigned char>(letter) <= ' '; };
  const auto first = std::find_if_not(typed.begin(), typed.end(), is_blank);
  const auto last = std::find_if_not(typed.rbegin(), std::reverse_iterator(first), is_blank).base();
  std::string name(first, last);
  std::replace_if(name.begin(), name.end(), is_blank, ' ');
  if (name.size() > longest) {
    std::size_t end = longest;
    while (end > 0 && is_continuation(name[end])) --end;
    name.resize(end);
  }
  return name.empty() ? usual : name;
}

ControlPoint held(ControlPoint point) {
  point.z = zscape::held(std::move(point.z));
  return point;
}

template <class Item>
void tell_items(const std::vector<Item>& before, const std::vector<Item>& after,
                std::vector<SceneEvent>& events) {
  using Kind = SceneEvent::Kind;
  constexpr bool kOfPath = std::is_same_v<Item, PathMark>;
  for (const Item& item : before) {
    if (!item_of(after, item.id)) events.push_back({Kind::removed, kOfPath, item.id});
  }
  for (const Item& item : after) {
    const Item* known = item_of(before, item.id);
    if (known && *known == item) continue;
    events.push_back({known ? Kind::changed : Kind::added, kOfPath, item.id});
  }
}

}  // namespace

std::vector<float> PathMark::stops() const {
  std::vector<float> stops;
  for (const ControlPoint& point : points) {
    stops.insert(stops.end(), point.z.begin(), point.z.end());
  }
  return stops;
}

std::string default_pin_name(int id) {
  return tr("pin {}", id);
}

std::string default_path_name(int id) {
  return tr("path {}", id);
}

int MarkHistory::add_pin(std::vector<float> z, std::optional<PointRef> source, int label) {
  const int id = now_.next_pin++;
  now_.pins.push_back({id, default_pin_name(id), held(std::move(z)), label, source});
  finish();
  return id;
}

int MarkHistory::add_path(ControlPoint from, ControlPoint to, int label) {
  PathMark path;
  path.id = now_.next_path++;
  path.name = default_path_name(path.id);
  path.label = label;
  path.points.push_back(held(std::move(from)));
  path.points.push_back(held(std::move(to)));
  now_.paths.push_back(std::move(path));
  finish();
  return now_.paths.back().id;
}

void MarkHistory::remove_pin(int id) {
  std::erase_if(now_.pins, [id](const PinMark& pin) { return pin.id == id; });
  finish();
}

void MarkHistory::remove_path(int id) {
  std::erase_if(now_.paths, [id](const PathMark& path) { return path.id == id; });
  finish();
}

void MarkHistory::remove_all() {
  now_.pins.clear();
  now_.paths.clear();
  finish();
}

template <class Item, class Change>
void MarkHistory::change(std::vector<Item>& items, int id, Change change) {
  Item* found = item_of(items, id);
  if (!found) return;
  change(*found);
  finish();
}

void MarkHistory::rename_pin(int id, const std::string& name) {
  change(now_.pins, id,
         [&](PinMark& pin) { pin.name = tidy(name, kLongestName, default_pin_name(id)); });
}

void MarkHistory::rename_path(int id, const std::string& name) {
  change(now_.paths, id,
         [&](PathMark& path) { path.name = tidy(name, kLongestName, default_path_name(id)); });
}

void MarkHistory::set_pin_label(int id, int label) {
  change(now_.pins, id, [label](PinMark& pin) { pin.label = label; });
}

void MarkHistory::set_mode(int id, PathMode mode) {
  change(now_.paths, id, [mode](PathMark& path) { path.mode = mode; });
}

void MarkHistory::remove_point(int id, int point) {
  change(now_.paths, id, [point](PathMark& path) {
    if (path.points.size() <= 2 || point < 0 || point > path.legs()) return;
    path.points.erase(path.points.begin() + point);
  });
}

void MarkHistory::move_point(int id, int point, ControlPoint to) {
  PathMark* path = item_of(now_.paths, id);
  if (!path || point < 0 || point > path->legs()) return;
  path->points[static_cast<std::size_t>(point)] = held(std::move(to));
}

void MarkHistory::insert_point(int id, int before, ControlPoint point) {
  PathMark* path = item_of(now_.paths, id);
  if (!path || before < 1 || before > path->legs()) return;
  path->points.insert(path->points.begin() + before, held(std::move(point)));
}

void MarkHistory::finish() {
  if (now_ == kept_) return;
  ++revision_;
  ++position_;
  tell_changes(kept_, now_);
  past_.push_back(std::exchange(kept_, now_));
  if (past_.size() > kMostSteps) past_.pop_front();
  future_.clear();
}

void MarkHistory::go_to(std::deque<Marks>& from, std::deque<Marks>& to) {
  ++revision_;
  to.push_back(std::move(kept_));
  kept_ = std::move(from.back());
  from.pop_back();
  tell_changes(to.back(), kept_);
  now_ = kept_;
}

bool MarkHistory::undo() {
  if (now_ != kept_) {  // within a drag
    cancel();
    return true;
  }
  if (past_.empty()) return false;
  --position_;
  go_to(past_, future_);
  return true;
}

bool MarkHistory::redo() {
  if (future_.empty() || now_ != kept_) return false;
  ++position_;
  go_to(future_, past_);
  return true;
}

void MarkHistory::replace(Marks marks) {
  ++revision_;
  tell_changes(kept_, marks);
  now_ = kept_ = std::move(marks);
  past_.clear();
  future_.clear();
}

std::vector<PointRef> MarkHistory::sources() const {
  std::vector<PointRef> inputs;
  const auto add = [&](const std::optional<PointRef>& source) {
    if (source && std::ranges::find(inputs, *source) == inputs.end()) inputs.push_back(*source);
  };
  for (const PinMark& pin : now_.pins) add(pin.source);
  for (const PathMark& path : now_.paths) {
    for (const ControlPoint& point : path.points) add(point.source);
  }
  return inputs;
}

bool MarkHistory::move_sources(const std::vector<SourceCode>& codes) {
  if (codes.empty()) return false;
  const auto move = [&](const std::optional<PointRef>& source, std::vector<float>& z) {
    if (!source) return false;
    const auto code = std::ranges::find(codes, *source, &SourceCode::input);
    if (code == codes.end() || code->z.size() != z.size() || code->z == z) return false;
    if (!in_reach(code->z)) return false;  // the training has gone astray: the last good place
    z = code->z;
    return true;
  };
  const auto move_in = [&](Marks& marks) {
    bool moved = false;
    for (PinMark& pin : marks.pins) moved |= move(pin.source, pin.z);
    for (PathMark& path : marks.paths) {
      for (ControlPoint& point : path.points) moved |= move(point.source, point.z);
    }
    return moved;
  };
  move_in(kept_);
  for (Marks& marks : past_) move_in(marks);
  for (Marks& marks : future_) move_in(marks);
  return move_in(now_);
}

void MarkHistory::forget() {
  if (!now_.pins.empty() || !now_.paths.empty()) {
    ++revision_;
    events_.emplace_back();
  }
  // Ids go on, so that a log names nothing twice.
  Marks empty;
  empty.next_pin = now_.next_pin;
  empty.next_path = now_.next_path;
  now_ = kept_ = empty;
  past_.clear();
  future_.clear();
}

void MarkHistory::tell_changes(const Marks& before, const Marks& after) {
  tell_items(before.pins, after.pins, events_);
  tell_items(before.paths, after.paths, events_);
}

std::string text_of_change(const Marks& before, const Marks& after) {
  std::vector<std::string> back, gone, changed;
  const auto compare = [&](const auto& then, const auto& now) {
    for (const auto& mark : now) {
      const auto* former = item_of(then, mark.id);
      if (!former) back.push_back(mark.name);
      if (former && !(*former == mark)) changed.push_back(mark.name);
    }
    for (const auto& mark : then) {
      if (!item_of(now, mark.id)) gone.push_back(mark.name);
    }
  };
  compare(before.pins, after.pins);
  compare(before.paths, after.paths);
  const std::size_t all = back.size() + gone.size() + changed.size();
  if (all == 0) return {};
  if (back.size() == all) {
    return all == 1 ? tr("{} is back", back[0]) : tr("{} pins and paths are back", all);
  }
  if (gone.size() == all) {
    return all == 1 ? tr("{} is gone", gone[0]) : tr("{} pins and paths are gone", all);
  }
  return all == 1 ? tr("{} is changed", changed[0]) : tr("{} pins and paths are changed", all);
}

}  // namespace zscape
