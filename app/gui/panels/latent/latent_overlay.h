#pragma once

#include <imgui.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/panels/latent/latent_panel.h"

namespace zscape {

class PlacedLabels;

// What is drawn over the points of the latent view. All expect a clip rectangle around the plot.

// Whether a mark of this reach at a place can be seen.
bool near_plot(const LatentView& view, Vec2 place, float reach);

bool overlap(const Rect& a, const Rect& b);

// on_pictures: the numbers get a background of their own. one_dimension: upwards there is nothing
// to read but the axis.
void draw_grid(ImDrawList& list, const LatentView& view, const Theme& theme, bool on_pictures,
               bool one_dimension);

// The 1, 2, 3 σ contours of the prior, N(0, I), in the plane; in one dimension two lines each.
void draw_prior(ImDrawList& list, const LatentView& view, const Theme& theme, PlacedLabels& labels,
                bool one_dimension);

// Numbered marks with their decoded pictures and their names.
void draw_pins(ImDrawList& list, const LatentView& view, const Theme& theme, const Scene& scene,
               const Pictures& pictures);

// A ring; strong where a click would take the point.
void draw_ring(ImDrawList& list, const Theme& theme, Vec2 place, ImU32 rgba, bool strong);

// A plus with arms of this length.
void draw_plus(ImDrawList& list, Vec2 middle, float arm, ImU32 rgba, float thickness);

// Of a text in this font, not rounded to whole pixels.
ImVec2 text_size(const ImFont* font, const std::string& text);

// An ellipse. turn: cosine and sine of the angle from the screen's x to the first radius,
// counter-clockwise.
void draw_ellipse(ImDrawList& list, Vec2 center, Vec2 radius, Vec2 turn, ImU32 rgba,
                  float thickness);

// Text on a dark background with its upper left corner at `place`, moved into the plot if it
// sticks out; and the room that it then takes.
void draw_label(ImDrawList& list, const LatentView& view, const Theme& theme, Vec2 place,
                const std::string& text, ImU32 rgba);
Rect label_room(const LatentView& view, const Theme& theme, Vec2 place, const std::string& text);

// Labels of which none lies over another: what comes first stands.
class PlacedLabels {
 public:
  PlacedLabels(ImDrawList& list, const LatentView& view, const Theme& theme)
      : list_(list), view_(view), theme_(theme) {}

  // Draws the text at the first of these upper left corners where it is free; false: nowhere.
  bool put(std::span<const Vec2> corners, const std::string& text, ImU32 rgba);
  void reserve(const Rect& room) { taken_.push_back(room); }
  std::span<const Rect> taken() const { return taken_; }

 private:
  ImDrawList& list_;
  const LatentView& view_;
  const Theme& theme_;
  std::vector<Rect> taken_;
};

// The id of the pin under a place on the screen, or 0.
int pin_at(const Scene& scene, const LatentView& view, Vec2 screen, float reach);

// The size of a mark's picture: whole pixels, its longer side about this long; none where it would
// be longer than `most`. And the picture with a border.
std::optional<Vec2> mark_size(const ImageShape& shape, float about, float most);
void draw_bordered(ImDrawList& list, const Pictures& pictures, PictureSlot slot, const Rect& place,
                   ImU32 rgba, float border);

// A picture of the sheet in this box; a plain box for kNoPicture.
void draw_picture(ImDrawList& list, const Pictures& pictures, PictureSlot slot, ImVec2 low,
                  ImVec2 high);

// The posteriors of one point and of the pinned inputs, at 1 σ and 2 σ.
void draw_selected_posteriors(ImDrawList& list, const LatentView& view, const Theme& theme,
                              const Points& points, const Scene& scene,
                              std::optional<std::size_t> nearest);

// Which places lie within reach of one another, each group by their indices; and what a group of
// classes is called: "3", "3, 5", "10 classes".
std::vector<std::vector<std::size_t>> groups_of(std::span<const Vec2> places, float reach);
std::string name_of_group(std::vector<std::string> names);

// The mean of the codes of each shown label, with the name of the class where it has room.
void draw_centroids(ImDrawList& list, const LatentView& view, const Theme& theme,
                    PlacedLabels& labels, const ClassMeans& means, const Scene& scene, float mix,
                    const HiddenLabels& hidden, const std::vector<std::string>& names);

}  // namespace zscape
