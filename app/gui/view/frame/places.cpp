#include "app/gui/view/frame/places.h"

#include <cstddef>

#include "engine/text.h"

namespace zscape {

const char* title_of(Place place) {
  switch (place) {
    case Place::explore:
      return tr("Explore");
    case Place::understand:
      return tr("Understand");
    case Place::lab:
      return tr("Lab");
    case Place::story:
      break;
  }
  return tr("Story");
}

Regions regions_of(Place place, std::span<const PanelRow> panels) {
  Regions regions;
  for (const PanelRow& row : panels) {
    if (row.is_in(place)) regions.set(static_cast<std::size_t>(row.region));
  }
  return regions;
}

bool is_offered(Place place, std::span<const PanelRow> panels) {
  return regions_of(place, panels).any();
}

}  // namespace zscape
