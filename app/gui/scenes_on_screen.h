#pragma once

#include <cstdint>
#include <vector>

#include "app/gui/view/paths/scene.h"
#include "engine/command.h"

namespace zscape {

// The scene of a model that is on the screen.
struct SceneOnScreen {
  ModelId model;
  Scene* scene = nullptr;  // never null
};
using ScenesOnScreen = std::vector<SceneOnScreen>;

// Null: the model has none.
inline Scene* scene_of(ModelId model, const ScenesOnScreen& scenes) {
  for (const SceneOnScreen& each : scenes) {
    if (each.model == model) return each.scene;
  }
  return nullptr;
}

// Rises with each step of marks and falls with each undoing.
inline std::int64_t marks_position(const ScenesOnScreen& scenes) {
  std::int64_t position = 0;
  for (const SceneOnScreen& each : scenes) position += each.scene->marks().position();
  return position;
}

// Rises with each change of marks.
inline std::uint64_t marks_revision(const ScenesOnScreen& scenes) {
  std::uint64_t revision = 0;
  for (const SceneOnScreen& each : scenes) revision += each.scene->marks().revision();
  return revision;
}

}  // namespace zscape
