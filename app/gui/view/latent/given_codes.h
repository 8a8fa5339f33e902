#pragma once

#include "engine/snapshot.h"
#include "engine/text.h"

namespace zscape {

// Codes that something else made, without a model (OpenModel of a file of codes).
inline bool shows_given_codes(const ModelView& view) {
  return view.state == RunState::loading && view.train_codes != nullptr;
}

// No decoder came with them either: places show inputs.
inline bool shows_inputs_for_places(const ModelView& view) {
  return shows_given_codes(view) && !view.codes_decoder;
}

// Why what needs a model is not possible there.
inline constexpr const char* kCodesAlone = tr(
    "These codes came without a model. Apply, under Model, makes one that learns from the data.");

}  // namespace zscape
