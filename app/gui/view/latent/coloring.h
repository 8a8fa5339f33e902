#pragma once

#include <imgui.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/latent/class_means.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// What the colour of a point tells.
enum class ColorBy {
  label,
  nearest_centroid,
  reconstruction_error,
  kl,
  amortisation_gap,
  approximation_gap,
  factor,
  metadata
};
constexpr bool is_gap(ColorBy by) {
  return by == ColorBy::amortisation_gap || by == ColorBy::approximation_gap;
}
struct ColorChoice {
  ColorBy by = ColorBy::label;
  int factor = 0;  // which of Dataset::factor_names, or of Split::metadata
  bool operator==(const ColorChoice&) const = default;
};

const char* id_of(ColorBy by);                                       // for logs: "kl"
std::string name_of(ColorChoice choice, const Dataset& data);        // "Reconstruction error (mse)"
std::string short_name_of(ColorChoice choice, const Dataset& data);  // beside a value: "mse"
const char* help_of(ColorChoice choice);

// Why points cannot be coloured so; empty: they can.
std::string why_not(ColorChoice choice, const ModelSpec& spec, const Dataset& data);

// Gives each point in the plot an entry of a palette. Lives on the window's thread.
class Coloring {
 public:
  static constexpr std::uint8_t kNoValue = kClassColors;  // the last entry
  static constexpr std::size_t kEntries = kNoValue + 1;

  // Recomputes the entries after a change. An impossible choice colours by label.
  void update(const Points& points, const ClassMeans& means, const ModelView& view,
              const Dataset& data, ColorChoice choice);

  ColorChoice choice() const { return choice_; }
  bool continuous() const { return continuous_; }
  bool shows_labels() const {  // classes, by the data or by the nearest centroid
    return choice_.by == ColorBy::label || choice_.by == ColorBy::nearest_centroid;
  }
  // Of a column of texts: how many inputs of the whole split and of the plot have each, behind the
  // last those without one. Empty: the colours are of something else.
  std::span<const int> text_totals() const { return text_totals_; }
  std::span<const int> text_counts() const { return text_counts_; }
  // [classes], how many points are nearest to each class's centroid. Empty: colours are of
  // something else.
  std::span<const int> centroid_counts() const { return centroid_counts_; }
  std::span<const std::uint8_t> entries() const { return entries_; }  // [points]
  std::uint64_t revision() const { return revision_; }
  std::array<ImU32, kEntries> palette() const;

  // The values at the ends of the colour map: all but one per cent at either end lie between.
  // Equal: none is known yet.
  float low() const { return low_; }
  float high() const { return high_; }
  bool goes_below() const { return goes_below_; }  // some value lies beyond that end
  bool goes_above() const { return goes_above_; }
  std::optional<float> value(std::size_t point) const;            // where continuous, and known
  std::optional<double> agreement() const { return agreement_; }  // of centroids with labels

  // What to request from the engine, if anything. listed: a list needs the errors whatever the
  // colours show.
  std::optional<MeasureErrors> request(const ModelView& view, double now_s, bool listed = false);

 private:
  void color_by_value(const Points& points, const ModelView& view, const Dataset& data);
  void color_by_text(const Points& points, const Dataset& data);
  void color_by_centroid(const Points& points, const ClassMeans& means);

  ColorChoice choice_;
  bool continuous_ = false;
  std::uint64_t points_revision_ = 0;
  InputErrorsPtr errors_;
  InputGapsPtr gaps_;  // null where the colours are of something else
  Indices indices_;    // of the points
  SplitName split_ = SplitName::train;
  std::vector<std::uint8_t> entries_;
  std::vector<float> values_;  // NaN: not known; empty: colours are no values
  float low_ = 0;
  float high_ = 0;
  bool goes_below_ = false, goes_above_ = false;
  std::optional<double> agreement_;
  std::vector<int> text_totals_, text_counts_, centroid_counts_;
  const void* data_ = nullptr;  // of the columns
  std::uint64_t revision_ = 0;
  InputErrorsPtr answer_;  // the last that came
  double answered_s_ = 0;
  Indices asked_for_;  // null: nothing is awaited
  double asked_s_ = 0;
};

// The colour of a position in [0, 1], clamped: viridis (Smith and van der Walt, matplotlib) without
// its darkest part, which is hard to see on the background.
ImU32 map_color(float position);

}  // namespace zscape
