#pragma once

#include <array>
#include <bitset>
#include <initializer_list>
#include <span>

namespace zscape {

// The places of the window, each around the same plot; keys change between them.
enum class Place { explore, understand, lab, story };
inline constexpr std::array kPlaces = {Place::explore, Place::understand, Place::lab, Place::story};
const char* title_of(Place place);

// The room around the plot. A panel has a region to itself. The page is a wide one at the left.
enum class Region { left, time_line, right, lower, page };
using Regions = std::bitset<5>;  // by Region

enum class Panel { preview, controls, curves, time_line, lab };

// Where a panel lies, and the places that show it.
struct PanelRow {
  Panel panel;
  Region region;
  unsigned places;  // a bit for each

  constexpr PanelRow(Panel a_panel, Region a_region, std::initializer_list<Place> shown_in)
      : panel(a_panel), region(a_region), places(0) {
    for (const Place place : shown_in) places |= 1U << static_cast<unsigned>(place);
  }
  constexpr bool is_in(Place place) const {
    return (places >> static_cast<unsigned>(place) & 1U) != 0;
  }
};

// All panels, in the order in which a frame draws them. To add one: its row here, its own two files
// in panels/, and its state and its case of Explorer::draw_panel() in explorer.cpp.
inline constexpr std::array kPanels = {
    PanelRow{Panel::preview, Region::right, {Place::explore}},
    PanelRow{Panel::controls, Region::left, {Place::explore}},
    PanelRow{Panel::curves, Region::lower, {Place::explore}},
    PanelRow{Panel::time_line, Region::time_line, {Place::explore}},
    PanelRow{Panel::lab, Region::page, {Place::lab}},
};

// Which regions hold something in a place.
Regions regions_of(Place place, std::span<const PanelRow> panels = kPanels);

// A place without any panel is not offered: there is nothing to see yet.
bool is_offered(Place place, std::span<const PanelRow> panels = kPanels);

}  // namespace zscape
