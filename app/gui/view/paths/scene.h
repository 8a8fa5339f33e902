#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "app/gui/view/inputs/decode_pace.h"
#include "app/gui/view/inputs/input_reconstructions.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/plane.h"
#include "app/gui/view/latent/points.h"
#include "app/gui/view/paths/film.h"
#include "app/gui/view/paths/geodesic_search.h"
#include "app/gui/view/paths/marks.h"
#include "app/gui/view/paths/playback.h"
#include "engine/command.h"
#include "engine/decoder.h"
#include "engine/snapshot.h"

namespace zscape {

// A pin with its picture.
struct Pin : PinMark {
  SceneImage image;
};

// Everything that the user has put into latent space, with its decoded pictures: the cursor, pins,
// paths and, for cvae, each label at the cursor's z. Lives on the window's thread; uses neither
// Dear ImGui nor OpenGL.
class Scene {
 public:
  explicit Scene(Pictures& pictures) : pictures_(pictures) {}
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // What is shown from now on. Another latent size, image shape or data set removes pins and paths:
  // they would mean nothing.
  void set_model(const ModelSpec& spec, std::shared_ptr<const Dataset> data);
  int latent() const { return latent_; }  // 0 before the first model

  // Whether a moment of the past is shown from now on: what belongs to the present is hidden.
  void set_past(bool past);
  bool in_past() const { return past_; }
  // The inputs whose codes at this moment are not known: their marks are where they are now.
  void set_unplaced(const std::vector<PointRef>& inputs) { unplaced_ = inputs; }
  bool is_placed(const PinMark& pin) const { return is_placed(pin.source); }
  bool is_placed(const PathMark& path) const {
    return std::ranges::all_of(path.points,
                               [this](const auto& point) { return is_placed(point.source); });
  }
  int labels() const { return labels_; }  // 0 unless the model reads a label

  // Which coordinates the plot shows; principal axes once they are known.
  void choose_axes(AxisChoice choice);
  const AxisChoice& axis_choice() const { return axes_; }
  Axes axes() const { return plane_.axes(); }
  void set_code_axes(CodeAxesPtr code_axes);
  const CodeAxesPtr& code_axes() const { return code_axes_; }  // null: not known
  const LatentPlane& plane() const { return plane_; }

  // The z through which the plane passes: set by hand, else the selected pin's, else 0.
  std::vector<float> through() const;
  void set_through(std::vector<float> z);  // empty: no longer by hand
  bool through_by_hand() const { return !through_.empty(); }

  std::vector<float> z_at(Vec2 place) const { return plane_.lift(place, through()); }
  // Within the plane: z's other coordinates stay.
  std::vector<float> moved_to(std::vector<float> z, Vec2 place) const {
    return plane_.lift(place, std::move(z));
  }
  Vec2 plane_of(std::span<const float> z) const { return plane_.project(z); }
  Vec2 screen_of(const LatentView& view, std::span<const float> z) const {
    const Vec2 place = plane_of(z);
    return view.orbit ? view.space_to_screen({place.x, place.y, plane_.depth(z)})
                      : view.to_screen(place);
  }

  // The displayed z: under the pointer; off the plot, the played position of the selected path, the
  // selected pin or the origin.
  void point_at(Vec2 plane);
  void point_at(std::span<const float> z, int label);  // a picture that the pointer rests on
  void leave() { pointed_.reset(); }
  bool pointing() const { return pointed_.has_value(); }
  std::vector<float> shown_z() const;
  int shown_label() const;  // that shown_z is decoded with; cvae only

  // The chosen label: for the cursor, for new marks and for the selected pin.
  int label() const { return label_; }
  void set_label(int label);

  const Pin& add_pin(std::vector<float> z, std::optional<PointRef> source, int label);
  const Path& add_path(ControlPoint from, ControlPoint to, int label);
  void remove_pin(int id);
  void remove_path(int id);
  const std::vector<Pin>& pins() const { return pins_; }
  const std::vector<Path>& paths() const { return paths_; }

  // Moves the marks that stand for inputs to where these are now.
  void move_sources(const std::vector<SourceCode>& codes) {
    if (mark_history_.move_sources(codes)) follow_marks(MovedBy::inputs);
  }

  // All other changes, such as edit([&](MarkHistory& marks) { marks.rename_pin(3, "four"); }).
  const MarkHistory& marks() const { return mark_history_; }
  template <class Change>
  void edit(Change change) {
    change(mark_history_);
    follow_marks();
  }
  void undo() { travel(&MarkHistory::undo); }  // selects what came back or changed
  void redo() { travel(&MarkHistory::redo); }
  // From a session. Omits what does not fit this model and data.
  void restore(Marks marks);

  // The mark last added or clicked. Selecting a path keeps the selected pin, to which the preview
  // returns; selecting a pin deselects the path. point: a control point, -1: none.
  void select_pin(int id);
  void select_path(int id, int point = -1);
  void select_nothing();
  const Pin* selected_pin() const { return item_of(pins_, selected_pin_); }
  const Path* selected_path() const { return item_of(paths_, selected_path_); }
  int selected_point() const { return selected_path_ != 0 ? selected_point_ : -1; }
  void remove_selected();  // the control point, else the path, else the pin

  // The selected path, played.
  void play() {
    if (selected_path()) playback_.play();
  }
  void pause_playing() { playback_.pause(); }
  void play_from(double position) {  // along it, in [0, 1]
    if (selected_path()) playback_.move_to(position);
  }
  void set_loops(bool loops) { playback_.set_loops(loops); }
  const Playback& playback() const { return playback_; }
  PictureSlot played_picture() const { return played_.slot; }  // kNoPicture: not drawn yet

  // The input shown beside the cursor's picture; none: no picture. pointed_at: the cursor is on its
  // point, which need not be the nearest to z if the plot hides dimensions.
  void show_input(std::optional<PointRef> input, bool pointed_at = false);
  bool points_at_input() const { return points_at_input_; }
  const std::optional<PointRef>& shown_input() const { return shown_input_; }
  PictureSlot input_picture() const { return input_picture_; }

  // The inputs whose reconstructions are shown from now on, the most urgent first.
  void show_reconstructions(std::vector<CodedInput> inputs) {
    if (reconstructions_.show(std::move(inputs), pictures_)) stale_ = true;
  }
  // Null: not requested; its image may still be missing.
  const InputReconstruction* reconstruction(PointRef input) const {
    return reconstructions_.find(input);
  }

  PictureSlot cursor_picture() const { return cursor_.slot; }         // kNoPicture: not drawn yet
  std::span<const SceneImage> label_strip() const { return strip_; }  // [labels()]

  // What update_pictures() did.
  struct Drawn {
    int pictures = 0;
    double decode_ms = 0;
    bool cursor = false;            // the cursor's picture is of the present z and weights
    std::optional<Decode> request;  // for the engine's worker; its ModelId is the caller's to set
  };

  // Decodes stale pictures in one batch, the cursor's first, as many as a frame allows. Leaves a
  // slow decoder (DecodePace) to the engine's worker: takes over its newest answer (null: none yet)
  // and keeps the last pictures until then. The calling thread must have entered the backend. May
  // throw what the library throws.
  Drawn update_pictures(const Decoder& decoder, std::shared_ptr<const DecodedPictures> answer,
                        double now_s);

  // Advances playback to this time. Once a frame, before update_pictures().
  void advance(double now_s) {
    if (const Path* path = selected_path()) playback_.advance(now_s, path->legs());
  }

  // The geodesic to request from the engine; the caller sets its ModelId. answer: the newest, null:
  // none yet. Once a frame.
  std::optional<FindGeodesic> update_geodesics(const Decoder& decoder,
                                               std::shared_ptr<const FoundGeodesic> answer,
                                               double now_s);
  bool searching(const Path& path) const { return search_.searching(path); }

  // Whether something waits for the next frame, or until when.
  bool stale() const { return stale_ || playback_.playing(); }
  std::optional<double> wake_s() const;

  std::vector<SceneEvent> take_events() { return mark_history_.take_events(); }

 private:
  enum class MovedBy { hand, inputs };  // what moved a path
  struct Job {
    SceneImage* image;
    std::span<const float> z;
    int label;
    Film* film = nullptr;  // that the image is a frame of
    std::size_t frame = 0;
    InputReconstruction* input = nullptr;  // whose picture it is
  };
  bool is_placed(const std::optional<PointRef>& source) const {
    return !source || std::ranges::find(unplaced_, *source) == unplaced_.end();
  }
  void forget_all();
  void follow_marks(MovedBy by = MovedBy::hand);
  void follow(Path& path, const PathMark& mark, MovedBy by);
  void release(Path& path);
  void show_ends(Path& path);
  void fade_pictures();
  void travel(bool (MarkHistory::*step)());
  void show_source(PictureSlot& slot, const std::optional<PointRef>& source);
  void release(SceneImage& image);
  std::vector<Job> stale_jobs(std::uint64_t revision, std::span<const float> shown);
  void decode(const Decoder& decoder, std::span<const Job> jobs);
  Decode asked_for(std::span<const Job> jobs) const;
  void take_over(const DecodedPictures& answer);
  void set_image(SceneImage& image, std::span<const float> pixels, std::uint64_t revision);
  void set_frame(const Job& job, std::span<const float> pixels, std::uint64_t revision);

  Pictures& pictures_;
  std::shared_ptr<const Dataset> data_;
  ModelSpec spec_;
  int latent_ = 0;
  int labels_ = 0;
  bool past_ = false;
  std::vector<PointRef> unplaced_;
  AxisChoice axes_;
  CodeAxesPtr code_axes_;
  LatentPlane plane_;
  std::vector<float> through_;  // set by hand; empty: the selected pin's, or 0
  int label_ = 0;
  std::optional<std::vector<float>> pointed_;
  std::optional<int> pointed_label_;  // instead of label_
  MarkHistory mark_history_;
  std::vector<Pin> pins_;    // as mark_history_ has them
  std::vector<Path> paths_;  // likewise
  int selected_pin_ = 0;     // id; 0: none
  int selected_path_ = 0;
  int selected_point_ = -1;
  Playback playback_;
  GeodesicSearch search_;
  SceneImage played_;
  std::vector<float> played_z_;  // what played_ shows

  SceneImage cursor_;
  std::vector<SceneImage> strip_;
  std::vector<float> drawn_z_;  // what cursor_ and strip_ show
  int drawn_label_ = -1;
  std::optional<PointRef> shown_input_;
  bool points_at_input_ = false;
  PictureSlot input_picture_ = kNoPicture;
  InputReconstructions reconstructions_;

  DecodePace pace_;
  std::shared_ptr<const DecodedPictures> answer_;  // the last taken over
  double asked_s_ = 0;                             // when the worker was asked; 0: nothing awaited
  bool asked_cursor_ = false;                      // for the cursor first
  std::uint64_t turn_ = 0;
  bool stale_ = false;
};

// log N(z; 0, I), in nats.
double log_prior(std::span<const float> z);

}  // namespace zscape
