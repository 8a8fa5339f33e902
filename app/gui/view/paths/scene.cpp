#include "app/gui/view/paths/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "app/gui/view/latent/reach.h"

namespace zscape {
namespace {

constexpr double kAnswerPatience = 3;  // seconds that an answer of the worker may take

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

void Scene::set_model(const ModelSpec& spec, std::shared_ptr<const Dataset> data) {
  const bool other_space =
      spec.latent != latent_ || !(spec.shape == pictures_.shape()) || (data_ && data != data_);
  data_ = std::move(data);
  if (other_space) {
    forget_all();
    latent_ = spec.latent;
    code_axes_.reset();
    choose_axes({});
    pictures_.set_shape(spec.shape);
  }
  const int labels = spec.classes;
  if (labels != labels_) {
    labels_ = labels;
    label_ = std::clamp(label_, 0, std::max(labels - 1, 0));
    for (SceneImage& image : strip_) release(image);
    strip_.assign(static_cast<std::size_t>(labels), {});
    stale_ = true;
  }
  if (!(spec == spec_)) {
    spec_ = spec;
    pace_.forget();
    asked_s_ = 0;
  }
}

void Scene::set_past(bool past) {
  if (past == past_) return;
  past_ = past;
  for (Path& path : paths_) past ? hide_geodesic(path) : show_geodesic(path);
  stale_ = true;
}

void Scene::forget_all() {
  mark_history_.forget();
  follow_marks();
  select_nothing();
  pointed_.reset();
  through_.clear();
  release(cursor_);
  release(played_);
  for (SceneImage& image : strip_) release(image);
  reconstructions_.forget(pictures_);
  show_input({});
  stale_ = true;
}

void Scene::release(SceneImage& image) {
  pictures_.release(image.slot);
  image = {};
}

void Scene::choose_axes(AxisChoice choice) {
  for (int& axis : choice.axes) axis = std::clamp(axis, 0, std::max(latent_ - 1, 0));
  choice.spatial = choice.spatial && latent_ > 2;
  choice.principal = choice.principal && latent_ > 2;
  axes_ = choice;
  plane_ = LatentPlane(axes_, code_axes_);
}

void Scene::set_code_axes(CodeAxesPtr code_axes) {
  if (code_axes && code_axes->latent != latent_) code_axes.reset();
  if (code_axes == code_axes_) return;
  code_axes_ = std::move(code_axes);
  plane_ = LatentPlane(axes_, code_axes_);
}

std::vector<float> Scene::through() const {
  if (through_by_hand()) return through_;
  const Pin* pin = selected_pin();
  return pin ? pin->z : std::vector<float>(static_cast<std::size_t>(latent_), 0.0f);
}

void Scene::set_through(std::vector<float> z) {
  if (!z.empty() && z.size() != static_cast<std::size_t>(latent_)) return;
  through_ = held(std::move(z));
}

void Scene::point_at(Vec2 plane) {
  pointed_ = z_at(plane);
  pointed_label_.reset();
}

void Scene::point_at(std::span<const float> z, int label) {
  pointed_.emplace(z.begin(), z.end());
  pointed_label_ = label;
}

std::vector<float> Scene::shown_z() const {
  if (pointed_) return *pointed_;
  const Path* path = selected_path();
  if (path && playback_.engaged()) return z_along(*path, playback_.position());
  return through();
}

int Scene::shown_label() const {
  const Pin* pin = selected_pin();
  const Path* path = playback_.engaged() ? selected_path() : nullptr;
  const int label = pointed_ ? pointed_label_.value_or(label_)
                    : path   ? path->label
                    : pin    ? pin->label
                             : label_;
  return std::min(label, std::max(labels_ - 1, 0));
}

void Scene::show_input(std::optional<PointRef> input, bool pointed_at) {
  points_at_input_ = pointed_at;
  if (input == shown_input_) return;
  shown_input_ = input;
  show_source(input_picture_, input);
  if (input_picture_ == kNoPicture) shown_input_.reset();
}

void Scene::show_source(PictureSlot& slot, const std::optional<PointRef>& source) {
  if (source && data_ && data_->shape == pictures_.shape()) {
    pictures_.draw(slot, data_->picture(source->split, source->index));
  } else {
    pictures_.release(std::exchange(slot, kNoPicture));
  }
}

std::vector<Scene::Job> Scene::stale_jobs(std::uint64_t revision, std::span<const float> shown) {
  std::vector<Job> first, rest;
  const auto consider = [&](SceneImage& image, std::span<const float> z, int label, bool urgent) {
    if (image.revision != revision) (urgent ? first : rest).push_back({&image, z, label});
  };
  const bool moved = !std::equal(shown.begin(), shown.end(), drawn_z_.begin(), drawn_z_.end());
  if (moved || shown_label() != drawn_label_) cursor_.revision.reset();
  if (moved) {
    for (SceneImage& image : strip_) image.revision.reset();
  }
  consider(cursor_, shown, shown_label(), true);
  if (const Path* path = selected_path(); path && playback_.engaged()) {
    std::vector<float> z = z_along(*path, playback_.position());
    if (z != played_z_) {
      played_z_ = std::move(z);
      played_.revision.reset();
    }
    consider(played_, played_z_, path->label, true);
  }
  for (std::size_t label = 0; label < strip_.size(); ++label) {
    consider(strip_[label], shown, static_cast<int>(label), true);
  }
  for (Pin& pin : pins_) consider(pin.image, pin.z, pin.label, false);
  for (InputReconstruction& input : reconstructions_.all()) {
    if (input.image.revision == revision) continue;
    (input.of.urgent ? first : rest)
        .push_back({&input.image, input.of.z, input.of.label, nullptr, 0, &input});
  }
  for (Path& path : paths_) {
    for (const PathMode mode : kPathModes) {
      if (mode != path.mode && path.id != selected_path_) continue;  // not seen
      Film& film = path.film(mode);
      for (std::size_t frame = 0; frame < film.z.size(); ++frame) {
        if (film.images[frame].revision == revision) continue;
        rest.push_back({&film.images[frame], film.z[frame], path.label, &film, frame});
      }
    }
  }
  std::stable_sort(rest.begin(), rest.end(),
                   [](const Job& a, const Job& b) { return a.image->turn < b.image->turn; });
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

Scene::Drawn Scene::update_pictures(const Decoder& decoder,
                                    std::shared_ptr<const DecodedPictures> answer, double now_s) {
  if (decoder.latent() != latent_ || !(decoder.shape() == pictures_.shape()) ||
      decoder.classes() != labels_) {
    return {};
  }
  if (answer && answer != answer_) {
    take_over(*answer);
    asked_s_ = 0;
  }
  answer_ = std::move(answer);

  const std::vector<float> shown = shown_z();
  std::vector<Job> jobs = stale_jobs(decoder.revision(), shown);
  const auto urgent = static_cast<int>(3 + strip_.size());
  const auto allowed = static_cast<std::size_t>(pace_.allowance(urgent));
  stale_ = jobs.size() > allowed;
  if (stale_) jobs.resize(allowed);

  Drawn drawn;
  if (!jobs.empty() && !pace_.immediate()) {
    // One request at a time; stops waiting if its model is gone.
    if (asked_s_ == 0 || now_s >= asked_s_ + kAnswerPatience) {
      drawn.request = asked_for(jobs);
      asked_s_ = now_s;
      asked_cursor_ = jobs.front().image == &cursor_;
    }
    stale_ = false;  // the answer wakes the window
  } else if (!jobs.empty()) {
    drawn.pictures = static_cast<int>(jobs.size());
    drawn.decode_ms = pace_.measure(drawn.pictures, [&] { decode(decoder, jobs); });
    if (jobs.front().image == &cursor_) {
      drawn_z_ = shown;
      drawn_label_ = shown_label();
    }
  }
  drawn.cursor = cursor_.revision == decoder.revision();
  return drawn;
}

// Asks again if no answer comes because its model is gone.
std::optional<double> Scene::wake_s() const {
  const std::optional<double> search_s = search_.wake_s();
  if (asked_s_ == 0) return search_s;
  return std::min(search_s.value_or(asked_s_ + kAnswerPatience), asked_s_ + kAnswerPatience);
}

Decode Scene::asked_for(std::span<const Job> jobs) const {
  Decode request;
  for (const Job& job : jobs) {
    request.z.insert(request.z.end(), job.z.begin(), job.z.end());
    if (labels_ > 0) request.labels.push_back(std::clamp(job.label, 0, labels_ - 1));
  }
  return request;
}

void Scene::set_image(SceneImage& image, std::span<const float> pixels, std::uint64_t revision) {
  pictures_.draw(image.slot, pixels);
  image.revision = revision;
  image.turn = turn_;
}

void Scene::set_frame(const Job& job, std::span<const float> pixels, std::uint64_t revision) {
  set_image(*job.image, pixels, revision);
  if (job.film) job.film->set_pixels(job.frame, pixels);
  if (job.input && data_) measure(*job.input, *data_, spec_, pixels);
}

void Scene::fade_pictures() {
  for (Path& path : paths_) {
    if (path.id != selected_path_) continue;
    const auto size = static_cast<std::size_t>(pictures_.shape().size());
    for (const std::size_t frame : fade(path, pictures_.shape().size())) {
      pictures_.draw(path.fade.images[frame].slot,
                     std::span<const float>(path.fade.pixels).subspan(frame * size, size));
    }
  }
}

void Scene::decode(const Decoder& decoder, std::span<const Job> jobs) {
  const auto size = static_cast<std::size_t>(decoder.shape().size());
  const Decode request = asked_for(jobs);
  std::vector<float> pixels(jobs.size() * size);
  decoder.decode(request.z, request.labels, pixels);
  ++turn_;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    set_frame(jobs[i], std::span<const float>(pixels).subspan(i * size, size), decoder.revision());
  }
  fade_pictures();
}

// Assigns pictures by what they show: pins and paths may be gone by now.
void Scene::take_over(const DecodedPictures& answer) {
  const auto latent = static_cast<std::size_t>(latent_);
  const auto size = static_cast<std::size_t>(pictures_.shape().size());
  const std::size_t count = answer.z.size() / std::max<std::size_t>(latent, 1);
  if (latent == 0 || answer.pixels.size() != count * size) return;
  ++turn_;
  for (std::size_t i = 0; i < count; ++i) {
    const auto z = std::span<const float>(answer.z).subspan(i * latent, latent);
    const auto pixels = std::span<const float>(answer.pixels).subspan(i * size, size);
    const int label = labels_ > 0 && i < answer.labels.size() ? answer.labels[i] : -1;
    const auto shows = [&](std::span<const float> other, int other_label) {
      return std::equal(z.begin(), z.end(), other.begin(), other.end()) &&
             (label < 0 || label == other_label);
    };
    if (i == 0 && asked_cursor_) {  // the pointer may have moved on: its last place is shown
      set_image(cursor_, pixels, answer.revision);
      drawn_z_.assign(z.begin(), z.end());
      drawn_label_ = std::max(label, 0);
      if (!pointed_ && playback_.engaged()) set_image(played_, pixels, answer.revision);
    }
    for (std::size_t of = 0; of < strip_.size(); ++of) {
      if (shows(drawn_z_, static_cast<int>(of))) set_image(strip_[of], pixels, answer.revision);
    }
    for (Pin& pin : pins_) {
      if (shows(pin.z, pin.label)) set_image(pin.image, pixels, answer.revision);
    }
    if (shows(played_z_, label)) set_image(played_, pixels, answer.revision);
    for (InputReconstruction& input : reconstructions_.all()) {
      if (!shows(input.of.z, input.of.label)) continue;
      set_frame({&input.image, {}, 0, nullptr, 0, &input}, pixels, answer.revision);
    }
    for (Path& path : paths_) {
      for (const PathMode mode : kPathModes) {
        Film& film = path.film(mode);
        for (std::size_t frame = 0; frame < film.z.size(); ++frame) {
          if (!shows(film.z[frame], path.label)) continue;
          set_frame({&film.images[frame], {}, 0, &film, frame}, pixels, answer.revision);
        }
      }
    }
  }
  fade_pictures();
}

double log_prior(std::span<const float> z) {
  double squares = 0;
  for (const float value : z) squares += static_cast<double>(value) * value;
  const auto latent = static_cast<double>(z.size());
  return -0.5 * (squares + latent * std::log(2 * std::numbers::pi));
}

void Scene::set_label(int label) {
  label_ = std::clamp(label, 0, std::max(labels_ - 1, 0));
  edit([this](MarkHistory& marks) { marks.set_pin_label(selected_pin_, label_); });
  stale_ = true;
}

const Pin& Scene::add_pin(std::vector<float> z, std::optional<PointRef> source, int label) {
  edit([&](MarkHistory& marks) { marks.add_pin(std::move(z), source, label); });
  select_pin(pins_.back().id);
  return pins_.back();
}

const Path& Scene::add_path(ControlPoint from, ControlPoint to, int label) {
  edit([&](MarkHistory& marks) { marks.add_path(std::move(from), std::move(to), label); });
  select_path(paths_.back().id);
  return paths_.back();
}

void Scene::remove_pin(int id) {
  if (id != 0) edit([id](MarkHistory& marks) { marks.remove_pin(id); });
}

void Scene::remove_path(int id) {
  if (id != 0) edit([id](MarkHistory& marks) { marks.remove_path(id); });
}

void Scene::travel(bool (MarkHistory::*step)()) {
  const Marks before = mark_history_.marks();
  edit([step](MarkHistory& marks) { (marks.*step)(); });
  if (const int path = last_changed(before.paths, mark_history_.marks().paths)) {
    select_path(path);
  } else if (const int pin = last_changed(before.pins, mark_history_.marks().pins)) {
    select_pin(pin);
  }
}

void Scene::restore(Marks marks) {
  const auto is_place = [this](const std::vector<float>& z) {
    return z.size() == static_cast<std::size_t>(latent_) && in_reach(z);
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
  edit([&](MarkHistory& book) { book.replace(std::move(marks)); });
}

// Copies pins and paths from the history and keeps their pictures where these are still valid.
void Scene::follow_marks(MovedBy by) {
  const Marks& marks = mark_history_.marks();
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
    if (Path* known = item_of(paths_, mark.id)) {
      path = std::move(*known);
      paths_.erase(paths_.begin() + (known - paths_.data()));
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
  show_source(path.inputs[0], path.points.front().source);
  show_source(path.inputs[1], path.points.back().source);
}

void Scene::select_pin(int id) {
  select_nothing();
  if (id != 0) through_.clear();  // the plane leads through the pin from now on
  selected_pin_ = id;
}

void Scene::select_path(int id, int point) {
  // The selected pin stays, for the preview to return to.
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

void Scene::remove_selected() {
  const Path* path = selected_path();
  if (path && selected_point_ >= 0 && path->legs() > 1) {
    edit([&](MarkHistory& marks) { marks.remove_point(selected_path_, selected_point_); });
    selected_point_ = -1;
  } else if (path) {
    remove_path(selected_path_);
  } else {
    remove_pin(selected_pin_);
  }
}

std::optional<FindGeodesic> Scene::update_geodesics(const Decoder& decoder,
                                                    std::shared_ptr<const FoundGeodesic> answer,
                                                    double now_s) {
  if (decoder.latent() != latent_) return std::nullopt;
  return search_.update(paths_, selected_path_, decoder.revision(), std::move(answer), now_s);
}

}  // namespace zscape
