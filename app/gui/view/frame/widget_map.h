#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "app/gui/view/latent/latent_view.h"

namespace zscape {

// Begins the names of widgets in one of several panes, counted from 0: "", "second_", "pane3_", …
std::string prefix_of_pane(std::size_t which);

// The places of the last frame's widgets by stable names ("play", "lambda", …), for tests with a
// real pointer and for scripts. Panels note each widget as they draw it. Used on the window's
// thread only.
class WidgetMap {
 public:
  using Place = Rect;

  void clear() { places_.clear(); }  // at the beginning of a frame
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }  // of what is noted next
  void note(std::string_view name);                // the last Dear ImGui item drawn
  void note(std::string_view name, Place place) {  // something drawn by hand
    places_.insert_or_assign(prefix_ + std::string(name), place);
  }

  std::optional<Place> find(std::string_view name) const;
  const std::map<std::string, Place, std::less<>>& places() const { return places_; }

 private:
  std::map<std::string, Place, std::less<>> places_;
  std::string prefix_;
};

}  // namespace zscape
