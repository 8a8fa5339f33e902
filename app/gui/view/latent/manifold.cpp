#include "app/gui/view/latent/manifold.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace zscape {
namespace {

constexpr float kSmallestCell = 30;  // pixels at 100 %; the largest is twice that
constexpr int kFewestCells = 24, kMostCells = 1024;
constexpr double kMostPixels = 8e6;    // of all pictures together
constexpr double kRenewalMs = 250;     // for the whole grid
constexpr int kFirstPictures = 8;      // a frame, while the decoder's speed is not known
constexpr double kAnswerPatience = 3;  // seconds that an answer of the worker may take

Vec2 middle_of(const Manifold::Cell& cell, float size) {
  return {(static_cast<float>(cell.column) + 0.5f) * size,
          (static_cast<float>(cell.row) + 0.5f) * size};
}

bool is_before(const Manifold::Cell& a, const Manifold::Cell& b) {
  return std::tie(a.row, a.column) < std::tie(b.row, b.column);
}

}  // namespace

void Manifold::release(std::vector<Cell>& cells) {
  for (const Cell& cell : cells) pictures_.release(cell.slot);
  cells.clear();
}

void Manifold::clear() {
  stale_ = false;
  if (cells_.empty() && former_.empty()) return;
  if (shape_ == pictures_.shape()) {
    release(cells_);
    release(former_);
  }
  cells_.clear();
  former_.clear();
  cells_in_view_ = {};
  ++revision_;
}

int Manifold::room() const {
  const double pixels = std::max(1, shape_.height * shape_.width);
  return std::clamp(static_cast<int>(kMostPixels / pixels), kFewestCells, kMostCells);
}

Manifold::CellRange Manifold::cells_in(const LatentView& view, bool one_dimension, float size) {
  const Vec2 low = view.to_latent({view.origin.x, view.rect().high().y});
  const Vec2 high = view.to_latent({view.rect().high().x, view.origin.y});
  const auto cell = [size](float place) {
    return static_cast<int>(std::clamp(std::floor(place / size), -1e8f, 1e8f));
  };
  CellRange range{size, cell(low.x), cell(high.x), cell(low.y), cell(high.y)};
  if (one_dimension) range.low = range.high = -1;
  return range;
}

void Manifold::cover(const LatentView& view, bool one_dimension, float scale) {
  if (!(shape_ == pictures_.shape())) {
    cells_.clear();  // the sheet has forgotten their pictures
    former_.clear();
    cells_in_view_ = {};
    shape_ = pictures_.shape();
    pace_.forget();
    ++revision_;
  }
  if (shape_.size() == 0) return;
  const float smallest = kSmallestCell * scale / view.pixels_per_unit;
  float size = std::exp2(std::ceil(std::log2(smallest)));
  CellRange range = cells_in(view, one_dimension, size);
  while (range.count() > std::min(most_, room())) {
    size *= 2;
    range = cells_in(view, one_dimension, size);
  }
  middle_ = view.center;
  if (range == cells_in_view_) return;
  ++revision_;
  std::vector<Cell> known = std::move(cells_);
  cells_.clear();
  if (size != size_) {
    // Keeps the former pictures beneath until there are new ones.
    const bool worth = std::any_of(known.begin(), known.end(),
                                   [](const Cell& cell) { return cell.slot != kNoPicture; });
    if (worth) {
      release(former_);
      former_ = std::move(known);
      former_size_ = size_;
    } else {
      release(known);
    }
    known.clear();
  }
  cells_in_view_ = range;
  size_ = size;
  for (int row = range.low; row <= range.high; ++row) {
    for (int column = range.left; column <= range.right; ++column) {
      Cell cell;
      cell.column = column;
      cell.row = row;
      const auto same = std::lower_bound(known.begin(), known.end(), cell, is_before);
      if (same != known.end() && same->row == row && same->column == column) {
        cell = *same;
        same->slot = kNoPicture;
      }
      cells_.push_back(cell);
    }
  }
  release(known);
}

std::vector<float> Manifold::plane_of(const Scene& scene) const {
  std::vector<float> plane = scene.z_at({0, 0});
  // In a basis of its own, each direction once.
  for (const Vec2 place : {Vec2{1, 0}, Vec2{0, 1}}) {
    const std::vector<float> z = scene.z_at(place);
    plane.insert(plane.end(), z.begin(), z.end());
  }
  plane.push_back(static_cast<float>(scene.labels() > 0 ? scene.label() : -1));
  return plane;
}

// Changes the density only by a factor of two or more, since times vary.
bool Manifold::adapt() {
  const double ms = pace_.picture_ms();
  if (ms <= 0) return false;
  const int bearable =
      std::clamp(static_cast<int>(std::min(kRenewalMs / ms, 1e6)), kFewestCells, kMostCells);
  if (bearable <= 2 * most_ && bearable >= most_ / 2) return false;
  most_ = bearable;
  return true;
}

void Manifold::set(Cell& cell, std::span<const float> pixels, std::uint64_t revision) {
  pictures_.draw(cell.slot, pixels);
  cell.revision = revision;
  cell.turn = turn_;
}

void Manifold::take_over(const DecodedPictures& answer) {
  const auto size = static_cast<std::size_t>(shape_.size());
  const bool awaited = answer.z == asked_z_ && answer.pixels.size() == asked_.size() * size;
  asked_z_.clear();
  if (!awaited) return;
  ++turn_;
  ++revision_;
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    const auto cell = std::lower_bound(cells_.begin(), cells_.end(), asked_[i], is_before);
    if (cell == cells_.end() || is_before(asked_[i], *cell)) continue;  // out of view by now
    set(*cell, std::span<const float>(answer.pixels).subspan(i * size, size), answer.revision);
  }
}

Manifold::Drawn Manifold::update(const Decoder& decoder, const Scene& scene,
                                 std::shared_ptr<const DecodedPictures> answer, double now_s) {
  const int labels = decoder.classes();
  if (cells_.empty() || decoder.latent() != scene.latent() || labels != scene.labels() ||
      !(decoder.shape() == shape_) || !(shape_ == pictures_.shape())) {
    stale_ = false;
    return {};
  }
  weights_ = decoder.revision();
  if (std::vector<float> plane = plane_of(scene); plane != plane_) {
    plane_ = std::move(plane);
    for (Cell& cell : cells_) cell.revision.reset();
    release(former_);
    asked_z_.clear();
    ++revision_;
  }
  if (answer && answer != answer_) take_over(*answer);
  answer_ = std::move(answer);

  std::vector<Cell*> jobs;
  for (Cell& cell : cells_) {
    if (cell.revision != weights_) jobs.push_back(&cell);
  }
  const auto distance = [this](const Cell& cell) {
    const Vec2 at = middle_of(cell, size_);
    return std::hypot(at.x - middle_.x, at.y - middle_.y);
  };
  std::sort(jobs.begin(), jobs.end(), [&](const Cell* a, const Cell* b) {
    const auto age = [](const Cell* cell) { return cell->slot == kNoPicture ? 0 : cell->turn; };
    return std::pair(age(a), distance(*a)) < std::pair(age(b), distance(*b));
  });
  const auto allowed = static_cast<std::size_t>(pace_.allowance(kFirstPictures));
  stale_ = jobs.size() > allowed;
  if (stale_) jobs.resize(allowed);
  Drawn drawn;
  if (jobs.empty()) {
    if (!former_.empty()) {
      release(former_);
      ++revision_;
    }
    return drawn;
  }
  Decode request;
  request.grid = true;
  for (const Cell* cell : jobs) {
    const std::vector<float> z = scene.z_at(middle_of(*cell, size_));
    request.z.insert(request.z.end(), z.begin(), z.end());
    if (labels > 0) request.labels.push_back(scene.label());
  }
  if (!pace_.immediate()) {
    stale_ = false;  // the answer wakes the window
    if (!asked_z_.empty() && now_s < asked_s_ + kAnswerPatience) return drawn;
    asked_s_ = now_s;
    asked_z_ = request.z;
    asked_.clear();
    for (const Cell* cell : jobs) asked_.push_back(*cell);
    drawn.request = std::move(request);
    return drawn;
  }
  const auto inputs = static_cast<std::size_t>(shape_.size());
  std::vector<float> pixels(jobs.size() * inputs);
  drawn.pictures = static_cast<int>(jobs.size());
  drawn.decode_ms =
      pace_.measure(drawn.pictures, [&] { decoder.decode(request.z, request.labels, pixels); });
  if (adapt()) stale_ = true;  // the grid changes in the next frame
  ++turn_;
  ++revision_;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    set(*jobs[i], std::span<const float>(pixels).subspan(i * inputs, inputs), weights_);
  }
  return drawn;
}

int Manifold::fresh() const {
  return static_cast<int>(std::count_if(cells_.begin(), cells_.end(), [this](const Cell& cell) {
    return cell.revision == weights_;
  }));
}

// Pictures keep their proportions; lines of plain vectors fill the cell.
Manifold::Place Manifold::place_of(const Cell& cell, float size) const {
  const Vec2 middle = middle_of(cell, size);
  Vec2 half{size / 2, size / 2};
  if (shape_.height > 1) {
    const float longer = static_cast<float>(std::max(shape_.width, shape_.height));
    half.x *= static_cast<float>(shape_.width) / longer;
    half.y *= static_cast<float>(shape_.height) / longer;
  }
  return {middle - half, middle + half, cell.slot};
}

std::vector<Manifold::Place> Manifold::places() const {
  std::vector<Place> places;
  if (!(shape_ == pictures_.shape())) return places;
  for (const Cell& cell : former_) {
    if (cell.slot != kNoPicture) places.push_back(place_of(cell, former_size_));
  }
  for (const Cell& cell : cells_) {
    if (cell.slot != kNoPicture) places.push_back(place_of(cell, size_));
  }
  return places;
}

}  // namespace zscape
