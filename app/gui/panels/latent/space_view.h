#pragma once

#include "app/gui/panels/latent/latent_draw.h"

namespace zscape {

// The latent view in three dimensions: where it differs from the plane. The camera lies in
// draw.state.view.orbit.

// Keeps the cube around the codes, until the person zooms or moves the picture.
void keep_space_fitted(const LatentDraw& draw, double seconds);

// A drag that turns (left) or moves (right) the picture, from where it is now.
void drag_space(const LatentDraw& draw, Vec2 now);
void zoom_space(const LatentDraw& draw, Vec2 pointer, float factor);

// The code under the pointer is decoded, and its input shown.
void hover_space(const LatentDraw& draw);

// Names and ends of the three axes.
void draw_space_axes(const LatentDraw& draw, ImDrawList& list);

}  // namespace zscape
