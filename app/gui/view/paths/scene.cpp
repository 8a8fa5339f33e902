#include "app/gui/view/paths/scene.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <utility>

namespace zscape {
namespace {

constexpr double kAnswerPatience = 3;  // seconds that an answer of the worker may take

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
  const int labels = spec.reads_label() ? spec.classes : 0;
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

void Scene::forget_all() {
  book_.forget();
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
  through_ = std::move(z);
}

void Scene::point_at(Vec2 plane) {
  pointed_ = z_at(plane);
  pointed_label_.reset();
}

void Scene::point_at(std::span<const float> z, int label) {
  pointed_.emplace(z.begin(), z.end());
  pointed_label_ = label;
}

void Scene::leave() {
  pointed_.reset();
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
  if (!input || !data_ || !(data_->shape == pictures_.shape())) {
    shown_input_.reset();
    pictures_.release(input_picture_);
    input_picture_ = kNoPicture;
    return;
  }
  if (input_picture_ == kNoPicture) input_picture_ = pictures_.acquire();
  pictures_.set(input_picture_, data_->picture(input->split, input->index));
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

Scene::Drawn Scene::update_pictures(const FrozenModel& model,
                                    std::shared_ptr<const DecodedPictures> answer, double now_s) {
  const ModelSpec& spec = model.spec();
  const int model_labels = spec.reads_label() ? spec.classes : 0;
  if (spec.latent != latent_ || !(spec.shape == pictures_.shape()) || model_labels != labels_) {
    return {};
  }
  if (answer && answer != answer_) {
    take_over(*answer);
    asked_s_ = 0;
  }
  answer_ = std::move(answer);

  const std::vector<float> shown = shown_z();
  std::vector<Job> jobs = stale_jobs(model.revision(), shown);
  const auto urgent = static_cast<int>(3 + strip_.size());
  const auto allowed = static_cast<std::size_t>(pace_.allowance(urgent));
  if (jobs.size() > allowed) {
    jobs.resize(allowed);
    stale_ = true;
  } else {
    stale_ = false;
  }

  Drawn drawn;
  if (!jobs.empty() && !pace_.immediate()) {
    // One request at a time; an answer that does not come (its model has gone) is not waited for.
    if (asked_s_ == 0 || now_s >= asked_s_ + kAnswerPatience) {
      drawn.request = asked_for(jobs);
      asked_s_ = now_s;
      asked_cursor_ = jobs.front().image == &cursor_;
    }
    stale_ = false;  // the answer wakes the window
  } else if (!jobs.empty()) {
    const auto begin = std::chrono::steady_clock::now();
    decode(model, jobs);
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - begin;
    drawn.pictures = static_cast<int>(jobs.size());
    drawn.decode_ms = taken.count();
    pace_.measured(drawn.pictures, drawn.decode_ms);
    if (jobs.front().image == &cursor_) {
      drawn_z_ = shown;
      drawn_label_ = shown_label();
    }
  }
  drawn.cursor = cursor_.revision == model.revision();
  return drawn;
}

// An answer that never comes (its model has gone) is asked for again.
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
  if (image.slot == kNoPicture) image.slot = pictures_.acquire();
  pictures_.set(image.slot, pixels);
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
      SceneImage& image = path.fade.images[frame];
      if (image.slot == kNoPicture) image.slot = pictures_.acquire();
      pictures_.set(image.slot,
                    std::span<const float>(path.fade.pixels).subspan(frame * size, size));
    }
  }
}

void Scene::decode(const FrozenModel& model, std::span<const Job> jobs) {
  const auto size = static_cast<std::size_t>(model.spec().inputs());
  const Decode request = asked_for(jobs);
  std::vector<float> pixels(jobs.size() * size);
  model.decode(request.z, request.labels, pixels);
  ++turn_;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    set_frame(jobs[i], std::span<const float>(pixels).subspan(i * size, size), model.revision());
  }
  fade_pictures();
}

// Pictures find their places by what they show, since pins and paths may have gone meanwhile.
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

}  // namespace zscape
