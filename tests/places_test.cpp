// Which panels each place of the window shows, and how one gets there.
#define GLFW_INCLUDE_NONE
#include "app/gui/view/frame/places.h"

#include <GLFW/glfw3.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "app/gui/keys.h"

namespace zscape {
namespace {

constexpr std::array kThreePanels = {
    PanelRow{Panel::controls, Region::left, {Place::explore, Place::lab}},
    PanelRow{Panel::curves, Region::lower, {Place::explore}},
    PanelRow{Panel::preview, Region::left, {Place::story}},
};

TEST(Places, ShowOnlyTheRegionsOfTheirPanels) {
  Regions expected;
  expected.set(static_cast<std::size_t>(Region::left));
  EXPECT_EQ(regions_of(Place::lab, kThreePanels), expected);
  EXPECT_EQ(regions_of(Place::story, kThreePanels), expected);
  expected.set(static_cast<std::size_t>(Region::lower));
  EXPECT_EQ(regions_of(Place::explore, kThreePanels), expected);
  EXPECT_TRUE(regions_of(Place::understand, kThreePanels).none());
}

TEST(Places, WithoutPanelsAreNotOffered) {
  EXPECT_TRUE(is_offered(Place::explore, kThreePanels));
  EXPECT_TRUE(is_offered(Place::lab, kThreePanels));
  EXPECT_FALSE(is_offered(Place::understand, kThreePanels));
}

TEST(Places, InNoneDoTwoPanelsShareARegion) {
  for (const Place place : kPlaces) {
    Regions taken;
    for (const PanelRow& row : kPanels) {
      if (!row.is_in(place)) continue;
      EXPECT_FALSE(taken[static_cast<std::size_t>(row.region)]) << title_of(place);
      taken.set(static_cast<std::size_t>(row.region));
    }
  }
}

TEST(Places, TheFirstStartShowsEveryRegionOfExplore) {
  Regions expected;
  expected.set();
  expected.reset(static_cast<std::size_t>(Region::page));
  EXPECT_EQ(regions_of(Place::explore), expected);
}

TEST(Places, EachHasATitleAndAKeyOfItsOwn) {
  std::set<std::string> titles;
  for (const Place place : kPlaces) {
    titles.insert(title_of(place));
    const auto keys = std::ranges::count_if(key_bindings(), [place](const KeyBinding& binding) {
      const auto* to = std::get_if<Place>(&binding.meaning);
      return to && *to == place;
    });
    EXPECT_EQ(keys, 1) << title_of(place);
  }
  EXPECT_EQ(titles.size(), kPlaces.size());
  const std::array events = {InputQueue::Queued{KeyChanged{GLFW_KEY_F4, 0, true, 0}, 0}};
  EXPECT_EQ(read_keys(events, false).place, Place::lab);
}

TEST(Places, TheHelpNamesTheirKeysOnlyWhereThereIsAChoice) {
  const auto offered =
      std::ranges::count_if(kPlaces, [](Place place) { return is_offered(place); });
  const auto lines = help_lines();
  const auto named = std::ranges::count_if(lines, [](const HelpLine& line) {
    return std::string(line.input).size() == 2 && line.input[0] == 'F' && line.input[1] >= '2' &&
           line.input[1] <= '5';
  });
  EXPECT_EQ(named, offered > 1 ? offered : 0);
}

}  // namespace
}  // namespace zscape
