#pragma once

#include <imgui.h>

#include <string>

#include "app/gui/view/frame/theme.h"
#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"
#include "engine/snapshot.h"

namespace zscape {

// Small pictures as items of a panel, and the names of inputs.

// The size of a picture on the screen: a whole number of screen pixels per pixel where it fits. The
// plot of a vector takes the width that it is given.
ImVec2 picture_size(const ImageShape& shape, float width, float height);

// A picture as an item of the flow; and one that can be clicked, which returns whether it was.
void picture_item(const PanelFrame& frame, const Pictures& pictures, const char* name,
                  PictureSlot slot, ImVec2 size);
bool picture_button(const PanelFrame& frame, const Pictures& pictures, const char* id,
                    PictureSlot slot, ImVec2 size, bool selected);

// Continues in the same row if an item of this width still fits.
void flow(float width, float gap);

std::string label_name(const Snapshot& snapshot, int label);
// "train 1,200", of sequences "train 24, step 3"; and with the label: "train 1,200 (3)".
std::string row_name(const Snapshot& snapshot, const PointRef& input);
std::string input_name(const Snapshot& snapshot, const PointRef& input);

}  // namespace zscape
