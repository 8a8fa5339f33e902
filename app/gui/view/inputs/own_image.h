#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "app/gui/view/inputs/drawing.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"
#include "engine/frozen_model.h"

namespace zscape {

// A picture from a file: as an input of the data, [d], or, where the data are not a folder of
// pictures, its ink, light on a dark ground.
using OwnPicture = std::variant<std::vector<std::uint8_t>, GreyImage>;

// The user's own picture, drawn or read from a file: its code, its reconstruction and the inputs
// with the nearest codes. Lives on the window's thread.
class OwnImage {
 public:
  static constexpr std::size_t kNeighbours = 6;

  struct Neighbour {
    PointRef input;
    float distance = 0;  // of the codes μ, Euclidean
    PictureSlot slot = kNoPicture;
  };

  // Why these data accept no own picture; null: they do.
  static const char* why_not(const ModelSpec& spec);

  explicit OwnImage(Pictures& pictures) : pictures_(pictures) {}
  OwnImage(const OwnImage&) = delete;
  OwnImage& operator=(const OwnImage&) = delete;

  bool open = false;  // its panel

  // Begins or continues a stroke, or clears the picture.
  void begin_stroke(Vec2 place);
  void continue_stroke(Vec2 place);
  void clear();
  const Drawing& drawing() const { return drawing_; }

  void take(OwnPicture picture);  // instead of a drawing
  bool from_file() const { return image_ || !input_.empty(); }
  bool is_input() const { return !input_.empty(); }

  bool centred() const { return centred_; }  // like MNIST's digits
  void set_centred(bool centred);

  // Shows another's picture, for a second model. Call before update().
  void mirror(const OwnImage& other);

  // Encodes, decodes and finds neighbours again after a change. label: of a cvae, else ignored. May
  // throw what the library throws.
  void update(const FrozenModel& model, const Points& points, std::shared_ptr<const Dataset> data,
              int label);

  bool empty() const { return pixels_.empty(); }
  std::uint64_t version() const { return version_; }  // differs for different pictures
  // A set of one test input, for a cvae of this label. Not empty.
  std::shared_ptr<const Dataset> as_data(int label) const;
  std::span<const float> mean() const { return mean_; }    // [k]; empty: nothing was encoded
  std::span<const float> sigma() const { return sigma_; }  // [k]; empty without a prior
  PictureSlot seen() const { return seen_; }               // what the encoder reads
  PictureSlot reconstruction() const { return reconstruction_; }
  const std::vector<Neighbour>& neighbours() const { return neighbours_; }
  double mse() const { return mse_; }  // of the reconstruction

 private:
  void touch() {
    changed_ = true;
    ++version_;
  }
  void forget_results();
  void encode(const FrozenModel& model, int label);
  void find_neighbours(const Points& points);

  Pictures& pictures_;
  Drawing drawing_;
  std::optional<GreyImage> image_;
  std::vector<std::uint8_t> input_;  // [d] of the data that it was read for; empty: none
  bool centred_ = true;
  bool changed_ = false;
  std::uint64_t version_ = 0;  // of what is drawn
  std::shared_ptr<const Dataset> data_;
  std::vector<std::uint8_t> pixels_;  // [d], as the data have them
  std::vector<float> mean_;
  std::vector<float> sigma_;
  double mse_ = 0;
  PictureSlot seen_ = kNoPicture;
  PictureSlot reconstruction_ = kNoPicture;
  std::vector<Neighbour> neighbours_;
  std::uint64_t model_revision_ = 0;
  std::uint64_t points_revision_ = 0;
  ImageShape shape_;
  int label_ = -1;
};

}  // namespace zscape
