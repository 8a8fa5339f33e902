#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/inputs/decode_pace.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/paths/scene.h"
#include "engine/command.h"
#include "engine/decoder.h"
#include "engine/snapshot.h"

namespace zscape {

// A grid of decoded pictures over the visible plane, each decoded at the middle of its cell. Cells
// lie at multiples of their size, a power of two in latent units, so they stay while the view
// moves. There are as many as the decoder can renew in a quarter of a second. Lives on the window's
// thread.
class Manifold {
 public:
  struct Cell {
    int column = 0, row = 0;  // of cell_size(), from 0 at the origin
    PictureSlot slot = kNoPicture;
    std::optional<std::uint64_t> revision;  // of the weights that drew it; none: not of this plane
    std::uint64_t turn = 0;                 // when it was drawn
  };

  explicit Manifold(Pictures& pictures) : pictures_(pictures) {}
  Manifold(const Manifold&) = delete;
  Manifold& operator=(const Manifold&) = delete;

  // Covers the view. one_dimension: one row below the axis. scale: of the display.
  void cover(const LatentView& view, bool one_dimension, float scale);
  void clear();

  struct Drawn {
    int pictures = 0;
    double decode_ms = 0;
    std::optional<Decode> request;  // for the engine's worker; its ModelId is the caller's to set
  };

  // Decodes stale cells, as many as a frame allows, or leaves a slow decoder to the worker; see
  // Scene::update_pictures().
  Drawn update(const Decoder& decoder, const Scene& scene,
               std::shared_ptr<const DecodedPictures> answer, double now_s);

  bool stale() const { return stale_; }  // something waits for the next update()
  float cell_size() const { return size_; }
  std::span<const Cell> cells() const { return cells_; }
  int fresh() const;  // cells of the newest weights that update() has seen

  // Where a cell's picture is drawn, in the latent plane.
  struct Place {
    Vec2 low, high;
    PictureSlot slot;
  };
  std::vector<Place> places() const;                    // of all that have a picture
  std::uint64_t revision() const { return revision_; }  // differs for different places and pictures

 private:
  struct CellRange {
    float size = 0;
    int left = 0, right = -1, low = 0, high = -1;  // columns and rows, ends included
    bool operator==(const CellRange&) const = default;
    long count() const { return static_cast<long>(right - left + 1) * (high - low + 1); }
  };
  static CellRange cells_in(const LatentView& view, bool one_dimension, float size);
  int room() const;  // cells that the sheet bears
  bool adapt();
  void release(std::vector<Cell>& cells);
  void set(Cell& cell, std::span<const float> pixels, std::uint64_t revision);
  void take_over(const DecodedPictures& answer);
  std::vector<float> plane_of(const Scene& scene) const;
  Place place_of(const Cell& cell, float size) const;

  Pictures& pictures_;
  ImageShape shape_{};
  CellRange cells_in_view_;
  Vec2 middle_;  // of the view, latent
  float size_ = 0;
  int most_ = 256;  // cells that the decoder can renew soon
  std::vector<Cell> cells_;
  std::vector<Cell> former_;  // of another size, seen where the new ones are not drawn yet
  float former_size_ = 0;
  std::vector<float> plane_;  // what all cells have in common: three z that span it, label
  std::uint64_t weights_ = 0;

  DecodePace pace_;
  std::shared_ptr<const DecodedPictures> answer_;
  std::vector<float> asked_z_;  // of the worker; empty: nothing is awaited
  std::vector<Cell> asked_;
  double asked_s_ = 0;
  std::uint64_t turn_ = 0;
  std::uint64_t revision_ = 0;
  bool stale_ = false;
};

}  // namespace zscape
