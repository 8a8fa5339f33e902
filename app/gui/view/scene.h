#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "app/gui/view/decode_pace.h"
#include "app/gui/view/pictures.h"
#include "app/gui/view/points.h"
#include "engine/command.h"
#include "engine/frozen_model.h"
#include "engine/snapshot.h"

namespace zscape {

inline constexpr int kPathFrames = 12;

// A decoded picture and what it shows.
struct SceneImage {
  PictureSlot slot = kNoPicture;
  std::optional<std::uint64_t> revision;  // of the weights that drew it; none: not drawn yet
  std::uint64_t turn = 0;                 // when it was drawn: the oldest are drawn again first
};

// A place that the person has marked.
struct Pin {
  int id = 0;                      // from 1, never used again
  std::vector<float> z;            // [k]
  int label = 0;                   // decoded with it; only cvae reads it
  std::optional<PointRef> source;  // the input whose μ this was when it was put here
  SceneImage image;
};

// One end of a path: a place, or an input's μ at that time.
struct PathEnd {
  std::vector<float> z;  // [k]
  std::optional<PointRef> source;
};

// An interpolation between two places, in equal linear steps, both ends included.
struct Path {
  int id = 0;  // from 1, never used again
  PathEnd from;
  PathEnd to;
  int label = 0;
  std::vector<std::vector<float>> frames;  // [kPathFrames][k]
  std::vector<SceneImage> images;          // [kPathFrames]
};

// What happened in the scene, for the log.
struct PinAdded {
  int id;
};
struct PinRemoved {
  int id;
};
struct PathAdded {
  int id;
};
struct PathRemoved {
  int id;
};
struct SceneCleared {};
using SceneEvent = std::variant<PinAdded, PinRemoved, PathAdded, PathRemoved, SceneCleared>;

// Everything that a person has put into latent space, with its decoded pictures: the cursor, pins,
// paths and, for cvae, every label at the cursor's z. Belongs to the window's thread; knows neither
// Dear ImGui nor OpenGL.
class Scene {
 public:
  explicit Scene(Pictures& pictures) : pictures_(pictures) {}
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // What is shown from now on. Another latent size, image shape or data set takes pins and paths
  // away, since they would mean nothing.
  void set_model(const ModelSpec& spec, std::shared_ptr<const Dataset> data);
  int latent() const { return latent_; }  // 0 before the first model
  int labels() const { return labels_; }  // 0 unless the model reads a label

  // The two dimensions that the plot shows. The others keep those of the selected pin, or 0.
  void set_axes(Axes axes);
  Axes axes() const { return axes_; }
  std::vector<float> z_at(Vec2 plane) const;
  Vec2 plane_of(std::span<const float> z) const;

  // The z on show: under the pointer; off the plot, the selected pin's or the origin.
  void point_at(Vec2 plane);
  void point_at(std::span<const float> z, int label);  // a picture that the pointer rests on
  void leave();
  bool pointing() const { return pointed_.has_value(); }
  std::vector<float> shown_z() const;
  int shown_label() const;  // that shown_z is decoded with; cvae only

  // The label chooser: of the cursor, of what is marked from now on and of the selected pin.
  int label() const { return label_; }
  void set_label(int label);

  const Pin& add_pin(std::vector<float> z, std::optional<PointRef> source, int label);
  const Path& add_path(PathEnd from, PathEnd to, int label);
  void remove_pin(int id);
  void remove_path(int id);
  const std::vector<Pin>& pins() const { return pins_; }
  const std::vector<Path>& paths() const { return paths_; }

  // The last added or clicked. A selected path leaves the selected pin as it is, since that is what
  // the preview returns to; selecting a pin ends the selection of a path.
  void select_pin(int id);
  void select_path(int id);
  void select_nothing();
  const Pin* selected_pin() const;
  const Path* selected_path() const;
  void remove_selected();  // the path, else the pin

  // The input shown beside the cursor's picture; none: no picture.
  void show_input(std::optional<PointRef> input);
  const std::optional<PointRef>& shown_input() const { return shown_input_; }
  PictureSlot input_picture() const { return input_picture_; }

  PictureSlot cursor_picture() const { return cursor_.slot; }         // kNoPicture: not drawn yet
  std::span<const SceneImage> label_strip() const { return strip_; }  // [labels()]

  // What update_pictures() did.
  struct Drawn {
    int pictures = 0;
    double decode_ms = 0;
    bool cursor = false;            // the cursor's picture is of the present z and weights
    std::optional<Decode> request;  // for the engine's worker; its ModelId is the caller's to set
  };

  // Decodes what is stale, the cursor's picture first, in one batch: as many as a frame can bear;
  // the rest follows in the next frames. A decoder too slow for that (DecodePace) is left to the
  // engine's worker: its newest answer (null: none yet) is taken over, and until it comes the last
  // pictures stay. The calling thread must have entered the backend. May throw what the library
  // throws.
  Drawn update_pictures(const FrozenModel& model, std::shared_ptr<const DecodedPictures> answer,
                        double now_s);

  // Something waits for the next update_pictures().
  bool stale() const { return stale_; }

  std::vector<SceneEvent> take_events();

 private:
  struct Job {
    SceneImage* image;
    std::span<const float> z;
    int label;
  };
  void forget_all();
  void release(SceneImage& image);
  std::vector<Job> stale_jobs(std::uint64_t revision, std::span<const float> shown);
  void decode(const FrozenModel& model, std::span<const Job> jobs);
  Decode asked_for(std::span<const Job> jobs) const;
  void take_over(const DecodedPictures& answer);
  void set_image(SceneImage& image, std::span<const float> pixels, std::uint64_t revision);

  Pictures& pictures_;
  std::shared_ptr<const Dataset> data_;
  ModelSpec spec_;
  int latent_ = 0;
  int labels_ = 0;
  Axes axes_{0, 1};
  int label_ = 0;
  std::optional<std::vector<float>> pointed_;
  std::optional<int> pointed_label_;  // instead of label_
  std::vector<Pin> pins_;
  std::vector<Path> paths_;
  int next_pin_ = 1;
  int next_path_ = 1;
  int selected_pin_ = 0;  // id; 0: none
  int selected_path_ = 0;

  SceneImage cursor_;
  std::vector<SceneImage> strip_;
  std::vector<float> drawn_z_;  // what cursor_ and strip_ show
  int drawn_label_ = -1;
  std::optional<PointRef> shown_input_;
  PictureSlot input_picture_ = kNoPicture;

  DecodePace pace_;
  std::shared_ptr<const DecodedPictures> answer_;  // the last taken over
  double asked_s_ = 0;                             // when the worker was asked; 0: nothing awaited
  bool asked_cursor_ = false;                      // for the cursor first
  std::uint64_t turn_ = 0;
  bool stale_ = false;
  std::vector<SceneEvent> events_;
};

// log N(z; 0, I), in nats.
double log_prior(std::span<const float> z);

}  // namespace zscape
