#include "app/gui/view/latent/code_line.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "app/gui/view/latent/density.h"

namespace zscape {
namespace {

constexpr float kReach = 4;         // kernel widths; beyond, it is all but 0
constexpr float kNarrowest = 0.5f;  // of the kernel, columns

}  // namespace

void CodeLine::clear() {
  if (columns_ == 0) return;
  labels_.clear();
  density_.clear();
  columns_ = codes_ = 0;
  highest_ = 0;
  points_revision_ = 0;
  ++revision_;
}

void CodeLine::update(const Points& points, const HiddenLabels& hidden, const LatentView& view,
                      bool by_label, float scale) {
  const bool same = columns_ > 0 && points.revision() == points_revision_ && hidden == hidden_ &&
                    view.same_plane(view_) && by_label == by_label_;
  if (same) return;
  points_revision_ = points.revision();
  hidden_ = hidden;
  view_ = view;
  by_label_ = by_label;
  ++revision_;
  column_ = kColumn * scale;
  columns_ = std::max(1, static_cast<int>(std::ceil(view.size.x / column_)));
  labels_.clear();
  density_.assign(static_cast<std::size_t>(columns_), 0);
  highest_ = 0;
  codes_ = 0;

  const Bandwidth bandwidth = bandwidth_of(points, hidden);
  codes_ = static_cast<int>(bandwidth.codes);
  const float sigma =
      std::max(bandwidth.width * view.pixels_per_unit / column_, kNarrowest);  // columns
  const int reach = std::min(static_cast<int>(std::ceil(kReach * sigma)), 4 * columns_);
  // Codes just outside the plot reach into it.
  const int wide = columns_ + 2 * reach;
  std::map<int, std::vector<int>> counts;
  const std::span<const Vec2> places = points.to();
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (points.hidden(i, hidden)) continue;
    const float x =
        (view.to_screen(places[i]).x - view.origin.x) / column_ + static_cast<float>(reach);
    if (!(x >= 0 && x < static_cast<float>(wide))) continue;  // so what is no number falls out
    std::vector<int>& of = counts[by_label ? points.label(i) : -1];
    if (of.empty()) of.resize(static_cast<std::size_t>(wide));
    ++of[static_cast<std::size_t>(x)];
  }
  if (bandwidth.codes == 0) return;
  std::vector<float> kernel;
  for (int i = -reach; i <= reach; ++i) {
    const float off = static_cast<float>(i) / sigma;
    kernel.push_back(std::exp(-off * off / 2));
  }
  const float unit =
      view.pixels_per_unit / column_ /
      (sigma * std::sqrt(2 * std::numbers::pi_v<float>) * static_cast<float>(codes_));
  for (const auto& [label, of] : counts) {
    Label& entry = labels_.emplace_back();
    entry.label = label;
    entry.counts.assign(of.begin() + reach, of.begin() + reach + columns_);
    entry.density.assign(static_cast<std::size_t>(columns_), 0);
    for (int from = 0; from < wide; ++from) {
      const int codes = of[static_cast<std::size_t>(from)];
      if (codes == 0) continue;
      const float weight = unit * static_cast<float>(codes);
      const int first = std::max(0, from - 2 * reach), last = std::min(columns_ - 1, from);
      for (int column = first; column <= last; ++column) {
        entry.density[static_cast<std::size_t>(column)] +=
            weight * kernel[static_cast<std::size_t>(column + 2 * reach - from)];
      }
    }
    for (std::size_t i = 0; i < density_.size(); ++i) density_[i] += entry.density[i];
  }
  highest_ = *std::ranges::max_element(density_);
}

}  // namespace zscape
