#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// The codes of a one-dimensional latent space along its axis, in columns of the screen: where those
// of each label lie, and how dense they are by a Gaussian kernel of bandwidth_of()'s width. Lives
// on the window's thread.
class CodeLine {
 public:
  static constexpr float kColumn = 2;  // pixels at 100 %

  struct Label {
    int label = -1;           // -1: none
    std::vector<int> counts;  // [columns] codes
    std::vector<float>
        density;  // [columns] per latent unit; over all labels and places it adds to 1
  };

  // Counts the points that the legend shows, where their motion ends; does nothing if nothing
  // changed. by_label: apart, else all as one without a label. scale: of the display.
  void update(const Points& points, const HiddenLabels& hidden, const LatentView& view,
              bool by_label, float scale);
  void clear();

  int columns() const { return columns_; }
  float column() const { return column_; }                     // its width, pixels
  std::span<const Label> labels() const { return labels_; }    // rising; those with a code in view
  std::span<const float> density() const { return density_; }  // [columns] of all
  float highest() const { return highest_; }                   // of density()
  int codes() const { return codes_; }                         // in the plot or beside it
  std::uint64_t revision() const { return revision_; }

 private:
  int columns_ = 0;
  float column_ = kColumn;
  std::vector<Label> labels_;
  std::vector<float> density_;
  float highest_ = 0;
  int codes_ = 0;
  std::uint64_t revision_ = 0;
  std::uint64_t points_revision_ = 0;
  HiddenLabels hidden_;
  LatentView view_;
  bool by_label_ = false;
};

}  // namespace zscape
