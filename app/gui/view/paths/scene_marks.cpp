// What a Scene does with pins and paths; their pictures are drawn in scene.cpp.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/view/paths/scene.h"

namespace zscape {
namespace {

template <class Items>
auto find_id(Items& items, int id) {
  return std::find_if(items.begin(), items.end(), [id](const auto& item) { return item.id == id; });
}

template <class Items>
auto item_of(Items& items, int id) -> decltype(&items.front()) {
  const auto found = find_id(items, id);
  return found == items.end() ? nullptr : &*found;
}

// The id of the last item that is new or other than before; 0: none.
template <class Item>
int last_changed(const std::vector<Item>& before, const std::vector<Item>& after) {
  for (auto item = after.rbegin(); item != after.rend(); ++item) {
    const Item* known = item_of(before, item->id);
    if (!known || *known != *item) return item->id;
  }
  return 0;
}

}  // namespace

void Scene::set_label(int label) {
  label_ = std::clamp(label, 0, std::max(labels_ - 1, 0));
  edit([this](MarkBook& marks) { marks.set_pin_label(selected_pin_, label_); });
  stale_ = true;
}

const Pin& Scene::add_pin(std::vector<float> z, std::optional<PointRef> source, int label) {
  edit([&](MarkBook& marks) { marks.add_pin(std::move(z), source, label); });
  select_pin(pins_.back().id);
  return pins_.back();
}

const Path& Scene::add_path(ControlPoint from, ControlPoint to, int label) {
  edit([&](MarkBook& marks) { marks.add_path(std::move(from), std::move(to), label); });
  select_path(paths_.back().id);
  return paths_.back();
}

void Scene::remove_pin(int id) {
  if (id != 0) edit([id](MarkBook& marks) { marks.remove_pin(id); });
}

void Scene::remove_path(int id) {
  if (id != 0) edit([id](MarkBook& marks) { marks.remove_path(id); });
}

void Scene::undo() {
  const Marks before = book_.marks();
  edit([](MarkBook& marks) { marks.undo(); });
  select_changed(before);
}

void Scene::redo() {
  const Marks before = book_.marks();
  edit([](MarkBook& marks) { marks.redo(); });
  select_changed(before);
}

void Scene::select_changed(const Marks& before) {
  if (const int path = last_changed(before.paths, book_.marks().paths)) {
    select_path(path);
  } else if (const int pin = last_changed(before.pins, book_.marks().pins)) {
    select_pin(pin);
  }
}

void Scene::restore(Marks marks) {
  const auto is_place = [this](const std::vector<float>& z) {
    return z.size() == static_cast<std::size_t>(latent_) &&
           std::ranges::all_of(z, [](float value) { return std::isfinite(value); });
  };
  const auto check_source = [this](std::optional<PointRef>& source) {
    if (!source || !data_) return;
    if (source->index < 0 || source->index >= data_->split(source->split).count) source.reset();
  };
  const auto held = [this](int label) { return std::clamp(label, 0, std::max(labels_ - 1, 0)); };
  std::erase_if(marks.pins, [&](const PinMark& pin) { return pin.id < 1 || !is_place(pin.z); });
  std::erase_if(marks.paths, [&](const PathMark& path) {
    return path.id < 1 || path.points.size() < 2 ||
           !std::ranges::all_of(path.points, [&](const auto& point) { return is_place(point.z); });
  });
  const auto tidy_ids = [](auto& items, int& next) {
    std::ranges::stable_sort(items, {}, [](const auto& item) { return item.id; });
    const auto is_same = [](const auto& a, const auto& b) { return a.id == b.id; };
    items.erase(std::unique(items.begin(), items.end(), is_same), items.end());
    next = std::max({next, 1, items.empty() ? 1 : items.back().id + 1});
  };
  tidy_ids(marks.pins, marks.next_pin);
  tidy_ids(marks.paths, marks.next_path);
  for (PinMark& pin : marks.pins) {
    check_source(pin.source);
    pin.label = held(pin.label);
    if (pin.name.empty()) pin.name = default_pin_name(pin.id);
  }
  for (PathMark& path : marks.paths) {
    for (ControlPoint& point : path.points) check_source(point.source);
    path.label = held(path.label);
    if (path.name.empty()) path.name = default_path_name(path.id);
  }
  select_nothing();
  edit([&](MarkBook& book) { book.replace(std::move(marks)); });
}

// Pins and paths are those of the book, with their pictures as far as these still hold.
void Scene::follow_marks(MovedBy by) {
  const Marks& marks = book_.marks();
  std::vector<Pin> pins;
  for (const PinMark& mark : marks.pins) {
    Pin pin;
    if (Pin* known = item_of(pins_, mark.id)) pin.image = std::exchange(known->image, {});
    const Pin* before = item_of(pins_, mark.id);
    if (!before || before->z != mark.z || before->label != mark.label) pin.image.revision.reset();
    static_cast<PinMark&>(pin) = mark;
    pins.push_back(std::move(pin));
  }
  for (Pin& gone : pins_) release(gone.image);
  pins_ = std::move(pins);

  std::vector<Path> paths;
  for (const PathMark& mark : marks.paths) {
    Path path;
    if (const auto known = find_id(paths_, mark.id); known != paths_.end()) {
      path = std::move(*known);
      paths_.erase(known);
    }
    follow(path, mark, by);
    paths.push_back(std::move(path));
  }
  for (Path& gone : paths_) release(gone);
  paths_ = std::move(paths);

  if (!item_of(pins_, selected_pin_)) selected_pin_ = 0;
  const Path* path = selected_path();
  if (!path) {
    if (std::exchange(selected_path_, 0) != 0) playback_.rewind();
  } else if (selected_point_ > path->legs()) {
    selected_point_ = -1;
  }
  stale_ = true;
}

void Scene::move_sources(const std::vector<SourceCode>& codes) {
  if (book_.move_sources(codes)) follow_marks(MovedBy::inputs);
}

void Scene::follow(Path& path, const PathMark& mark, MovedBy by) {
  const bool other_way = path.points != mark.points || path.label != mark.label;
  const bool other_mode = path.mode != mark.mode;
  const std::vector<float> before = path.stops();
  static_cast<PathMark&>(path) = mark;
  if (other_way && by == MovedBy::inputs) {
    move_along(path, before);
    search_.follow(before, path.stops());
  } else if (other_way) {
    for (const PictureSlot slot : lay_out(path, pictures_.shape().size())) pictures_.release(slot);
    show_ends(path);
  } else if (other_mode) {
    lay_line(path);
  }
}

void Scene::release(Path& path) {
  for (Film& film : path.films) {
    for (SceneImage& image : film.images) release(image);
  }
  for (SceneImage& image : path.fade.images) release(image);
  for (PictureSlot& slot : path.inputs) pictures_.release(std::exchange(slot, kNoPicture));
}

// The inputs at the ends, where they are inputs.
void Scene::show_ends(Path& path) {
  const std::array ends = {&path.points.front(), &path.points.back()};
  for (std::size_t end = 0; end < ends.size(); ++end) {
    PictureSlot& slot = path.inputs[end];
    const std::optional<PointRef>& source = ends[end]->source;
    if (!source || !data_ || !(data_->shape == pictures_.shape())) {
      pictures_.release(std::exchange(slot, kNoPicture));
      continue;
    }
    if (slot == kNoPicture) slot = pictures_.acquire();
    pictures_.set(slot, data_->picture(source->split, source->index));
  }
}

void Scene::select_pin(int id) {
  select_nothing();
  if (id != 0) through_.clear();  // the plane leads through the pin from now on
  selected_pin_ = id;
}

void Scene::select_path(int id, int point) {
  // The selected pin stays: it is what the preview returns to.
  if (id != selected_path_) {
    playback_.rewind();
    stale_ = true;  // its other modes are seen now
  }
  selected_path_ = id;
  selected_point_ = point;
}

void Scene::select_nothing() {
  selected_pin_ = 0;
  selected_path_ = 0;
  selected_point_ = -1;
  playback_.rewind();
}

const Pin* Scene::selected_pin() const {
  return item_of(pins_, selected_pin_);
}

const Path* Scene::selected_path() const {
  return item_of(paths_, selected_path_);
}

void Scene::remove_selected() {
  const Path* path = selected_path();
  if (path && selected_point_ >= 0 && path->legs() > 1) {
    edit([&](MarkBook& marks) { marks.remove_point(selected_path_, selected_point_); });
    selected_point_ = -1;
  } else if (path) {
    remove_path(selected_path_);
  } else {
    remove_pin(selected_pin_);
  }
}

void Scene::play() {
  if (selected_path()) playback_.play();
}

void Scene::play_from(double position) {
  if (selected_path()) playback_.move_to(position);
}

void Scene::advance(double now_s) {
  if (const Path* path = selected_path()) playback_.advance(now_s, path->legs());
}

std::optional<FindGeodesic> Scene::update_geodesics(const FrozenModel& model,
                                                    std::shared_ptr<const FoundGeodesic> answer,
                                                    double now_s) {
  if (model.spec().latent != latent_) return std::nullopt;
  return search_.update(paths_, selected_path_, model.revision(), std::move(answer), now_s);
}

}  // namespace zscape
