#include "app/gui/view/inputs/own_image.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kCanvas = 140;  // pixels a side that strokes are drawn at
constexpr int kSmallest = 8;  // a side of data that a drawing can be recognised in

}  // namespace

const char* OwnImage::why_not(const ModelSpec& spec) {
  if (spec.shape.height < kSmallest || spec.shape.width < kSmallest) {
    return tr("These data are not pictures of at least 8×8 pixels.");
  }
  if (spec.scaling) return tr("These data have values outside [0, 1]; a drawing cannot have any.");
  return nullptr;
}

void OwnImage::begin_stroke(Vec2 place) {
  image_.reset();
  input_.clear();
  drawing_.strokes.push_back({place});
  touch();
}

void OwnImage::continue_stroke(Vec2 place) {
  if (drawing_.empty()) return;
  const Vec2 last = drawing_.strokes.back().back();
  if (std::hypot(place.x - last.x, place.y - last.y) < 0.005F) return;
  drawing_.strokes.back().push_back(place);
  touch();
}

void OwnImage::clear() {
  drawing_ = {};
  image_.reset();
  input_.clear();
  touch();
}

void OwnImage::take(OwnPicture picture) {
  clear();
  if (auto* input = std::get_if<std::vector<std::uint8_t>>(&picture)) {
    input_ = std::move(*input);
  } else {
    image_ = std::get<GreyImage>(std::move(picture));
  }
  open = true;
}

void OwnImage::set_centred(bool centred) {
  if (centred == centred_) return;
  centred_ = centred;
  touch();
}

void OwnImage::mirror(const OwnImage& other) {
  open = other.open;
  if (version_ == other.version_) return;
  drawing_ = other.drawing_;
  image_ = other.image_;
  input_ = other.input_;
  centred_ = other.centred_;
  touch();
  version_ = other.version_;
}

void OwnImage::forget_results() {
  pictures_.release(std::exchange(seen_, kNoPicture));
  pictures_.release(std::exchange(reconstruction_, kNoPicture));
  for (const Neighbour& neighbour : neighbours_) pictures_.release(neighbour.slot);
  neighbours_.clear();
  mean_.clear();
  sigma_.clear();
}

void OwnImage::update(const FrozenModel& model, const Points& points,
                      std::shared_ptr<const Dataset> data, int label) {
  const ModelSpec& spec = model.spec();
  if (!data || why_not(spec) || !(spec.shape == pictures_.shape())) return;
  if (!(shape_ == spec.shape)) {  // the sheet began anew and took the pictures along
    shape_ = spec.shape;
    seen_ = reconstruction_ = kNoPicture;
    neighbours_.clear();
    touch();
  }
  data_ = std::move(data);
  const bool pixels_changed = std::exchange(changed_, false);
  if (pixels_changed) {
    // Of other data it would be nonsense.
    if (input_.size() != static_cast<std::size_t>(shape_.size())) input_.clear();
    const GreyImage ink = image_ ? *image_ : rasterise(drawing_, kCanvas);
    pixels_ = is_input() ? input_
              : centred_ ? centred_like_mnist(ink, shape_)
                         : resized(ink, shape_);
    if (drawing_.empty() && !from_file()) pixels_.clear();
  }
  if (pixels_.empty()) {
    forget_results();
    return;
  }
  const bool model_changed = model.revision() != model_revision_ || label != label_;
  if (pixels_changed || model_changed) encode(model, label);
  if (!mean_.empty() &&
      (pixels_changed || model_changed || points.revision() != points_revision_)) {
    find_neighbours(points);
  }
}

std::shared_ptr<const Dataset> OwnImage::as_data(int label) const {
  auto one = std::make_shared<Dataset>();
  one->name = tr("your picture");
  one->shape = shape_;
  one->class_names = data_->class_names;
  one->test.count = 1;
  one->test.pixels = pixels_;
  if (one->classes() > 0) one->test.labels = {std::clamp(label, 0, one->classes() - 1)};
  return one;
}

void OwnImage::encode(const FrozenModel& model, int label) {
  const ModelSpec& spec = model.spec();
  const std::shared_ptr<const Dataset> data = as_data(label);
  const Dataset& one = *data;
  const std::vector<float> shown = one.picture(SplitName::test, 0);
  pictures_.draw(seen_, shown);
  model_revision_ = model.revision();
  label_ = label;
  const auto codes =
      model.encode(one, SplitName::test, std::make_shared<const std::vector<std::int64_t>>(1, 0));
  if (!codes) {
    mean_.clear();
    return;
  }
  mean_.assign(codes->mean.begin(), codes->mean.end());
  sigma_ = codes->sigma;
  std::vector<float> output(shown.size());
  const std::vector<int> labels(spec.reads_label() ? 1 : 0, std::max(label, 0));
  model.decode(mean_, labels, output);
  pictures_.draw(reconstruction_, output);
  mse_ = 0;
  for (std::size_t i = 0; i < output.size(); ++i) {
    mse_ += std::pow(static_cast<double>(output[i]) - shown[i], 2);
  }
  mse_ /= static_cast<double>(output.size());
}

void OwnImage::find_neighbours(const Points& points) {
  points_revision_ = points.revision();
  std::vector<std::pair<float, std::size_t>> order;
  if (points.codes() && points.codes()->latent == static_cast<int>(mean_.size())) {
    order.reserve(points.count());
    for (std::size_t i = 0; i < points.count(); ++i) {
      const std::span<const float> code = points.mean(i);
      float square = 0;
      for (std::size_t j = 0; j < code.size(); ++j) {
        square += (code[j] - mean_[j]) * (code[j] - mean_[j]);
      }
      order.emplace_back(square, i);
    }
  }
  const std::size_t count = std::min(kNeighbours, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<std::ptrdiff_t>(count));
  while (neighbours_.size() > count) {
    pictures_.release(neighbours_.back().slot);
    neighbours_.pop_back();
  }
  neighbours_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    Neighbour& neighbour = neighbours_[i];
    const PointRef input = points.ref(order[i].second);
    neighbour.distance = std::sqrt(order[i].first);
    if (neighbour.slot != kNoPicture && neighbour.input == input) continue;
    neighbour.input = input;
    pictures_.draw(neighbour.slot, data_->picture(input.split, input.index));
  }
}

}  // namespace zscape
