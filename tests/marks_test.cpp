// Marks and their history.
#include "app/gui/view/paths/marks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <variant>

#include "app/gui/view/paths/playback.h"

namespace zscape {
namespace {

using ::testing::ElementsAre;

ControlPoint at(float x, float y) {
  return {{x, y}, {}};
}

std::vector<int> pin_ids(const MarkHistory& book) {
  std::vector<int> ids;
  for (const PinMark& pin : book.marks().pins) ids.push_back(pin.id);
  return ids;
}

TEST(MarkHistory, NamesCountPinsAndPathsByThemselves) {
  MarkHistory book;
  const int path = book.add_path(at(0, 0), at(1, 1), 0);
  book.add_pin({0, 0}, {}, 0);
  const int pin = book.add_pin({0, 0}, {}, 0);
  EXPECT_EQ(book.path(path)->name, "path 1");
  EXPECT_EQ(book.pin(pin)->name, "pin 2");
}

TEST(MarkHistory, PlacesAreHeldInReach) {
  MarkHistory book;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const PointRef input{SplitName::train, 3};
  const int pin = book.add_pin({-5.7e36F, 2}, {}, 0);
  const int path = book.add_path(at(nan, 1), {{1, 1}, input}, 0);
  book.insert_point(path, 1, at(0, 1e7F));
  book.move_point(path, 0, at(HUGE_VALF, 1));
  book.finish();
  EXPECT_THAT(book.pin(pin)->z, ElementsAre(-1e6F, 2));
  EXPECT_THAT(book.path(path)->stops(), ElementsAre(1e6F, 1, 0, 1e6F, 1, 1));
  // A training that has gone astray takes no mark along.
  EXPECT_FALSE(book.move_sources({{input, {nan, 1}}}));
  EXPECT_FALSE(book.move_sources({{input, {1, 1e20F}}}));
  EXPECT_TRUE(book.move_sources({{input, {2, 2}}}));
}

TEST(MarkHistory, EveryKindOfChangeIsUndoneAndRedone) {
  MarkHistory book;
  std::vector<Marks> states = {book.marks()};
  const auto did = [&] { states.push_back(book.marks()); };
  const int pin = book.add_pin({1, 2}, {}, 0);
  did();
  const int path = book.add_path(at(0, 0), at(1, 1), 3);
  did();
  book.rename_pin(pin, "four");
  did();
  book.rename_path(path, "from here");
  did();
  book.set_mode(path, PathMode::spherical);
  did();
  book.insert_point(path, 1, at(2, 2));
  book.move_point(path, 1, at(3, 2));
  book.move_point(path, 1, at(4, 2));
  book.finish();
  did();
  book.remove_point(path, 0);
  did();
  book.set_pin_label(pin, 7);
  did();
  book.remove_pin(pin);
  did();
  book.remove_all();
  did();
  const std::size_t steps = states.size() - 1;
  for (std::size_t i = steps; i-- > 0;) {
    ASSERT_TRUE(book.undo());
    EXPECT_EQ(book.marks(), states[i]) << i;
  }
  EXPECT_FALSE(book.undo());
  for (std::size_t i = 1; i <= steps; ++i) {
    ASSERT_TRUE(book.redo());
    EXPECT_EQ(book.marks(), states[i]) << i;
  }
  EXPECT_FALSE(book.redo());
}

TEST(MarkHistory, ADragIsOneStepHoweverOftenItMoves) {
  MarkHistory book;
  const int path = book.add_path(at(0, 0), at(1, 1), 0);
  for (int i = 0; i < 50; ++i) book.move_point(path, 1, at(1, static_cast<float>(i)));
  book.finish();
  ASSERT_TRUE(book.undo());
  EXPECT_EQ(book.path(path)->points[1], at(1, 1));
}

TEST(MarkHistory, UndoWithinADragPutsBackWhatIsInHandOnly) {
  MarkHistory book;
  book.add_pin({0, 0}, {}, 0);
  const int path = book.add_path(at(0, 0), at(1, 1), 0);
  book.move_point(path, 0, at(5, 5));
  ASSERT_TRUE(book.undo());
  EXPECT_EQ(book.path(path)->points[0], at(0, 0));
  EXPECT_EQ(book.marks().pins.size(), 1U);
}

TEST(MarkHistory, ANewChangeEndsWhatCouldBeRedone) {
  MarkHistory book;
  book.add_pin({0, 0}, {}, 0);
  book.undo();
  EXPECT_TRUE(book.can_redo());
  book.add_pin({1, 1}, {}, 0);
  EXPECT_FALSE(book.can_redo());
  EXPECT_THAT(pin_ids(book), ElementsAre(1));
}

TEST(MarkHistory, TheHistoryIsBounded) {
  MarkHistory book;
  for (int i = 0; i < 300; ++i) book.add_pin({0, 0}, {}, 0);
  int undone = 0;
  while (book.undo()) ++undone;
  EXPECT_EQ(undone, 200);
  EXPECT_EQ(book.marks().pins.size(), 100U);
}

TEST(MarkHistory, WhatChangesNothingIsNoStep) {
  MarkHistory book;
  const int pin = book.add_pin({0, 0}, {}, 0);
  book.rename_pin(pin, " pin 1 ");
  book.set_pin_label(pin, 0);
  book.remove_pin(17);
  book.set_mode(17, PathMode::geodesic);
  EXPECT_TRUE(book.undo());
  EXPECT_FALSE(book.undo());
}

TEST(MarkHistory, NamesAreTidiedAndAnEmptyOneBringsTheDefaultBack) {
  MarkHistory book;
  const int pin = book.add_pin({0, 0}, {}, 0);
  book.rename_pin(pin, "  a\tb \n");
  EXPECT_EQ(book.pin(pin)->name, "a b");
  std::string umlauts;
  for (int i = 0; i < 40; ++i) umlauts += "ä";
  book.rename_pin(pin, "x" + umlauts);  // 81 bytes: cut between two letters
  EXPECT_EQ(book.pin(pin)->name.size(), 59U);
  book.rename_pin(pin, "   ");
  EXPECT_EQ(book.pin(pin)->name, "pin 1");
}

TEST(MarkHistory, TwoControlPointsAlwaysStay) {
  MarkHistory book;
  const int path = book.add_path(at(0, 0), at(1, 1), 0);
  book.remove_point(path, 0);
  EXPECT_EQ(book.path(path)->points.size(), 2U);
  book.insert_point(path, 0, at(9, 9));  // before the beginning is no place on the path
  book.insert_point(path, 2, at(9, 9));
  EXPECT_EQ(book.path(path)->points.size(), 2U);
}

TEST(MarkHistory, TheLogHearsOfEachStepOnce) {
  MarkHistory book;
  const int path = book.add_path(at(0, 0), at(1, 1), 0);
  book.move_point(path, 0, at(2, 2));
  book.move_point(path, 0, at(3, 3));
  book.finish();
  book.undo();
  book.undo();
  const auto events = book.take_events();
  ASSERT_EQ(events.size(), 4U);
  using Kind = SceneEvent::Kind;
  const Kind kinds[] = {Kind::added, Kind::changed, Kind::changed, Kind::removed};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(events[i].kind, kinds[i]) << i;
    EXPECT_TRUE(events[i].of_path);
    EXPECT_EQ(events[i].id, path);
  }
  EXPECT_TRUE(book.take_events().empty());
}

TEST(MarkHistory, OtherDataEndTheHistory) {
  MarkHistory book;
  book.add_pin({0, 0}, {}, 0);
  book.take_events();
  book.forget();
  EXPECT_FALSE(book.can_undo());
  const auto events = book.take_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, SceneEvent::Kind::cleared);
}

TEST(Playback, GoesAlongOnceOrAroundAndStopsAtTheEnd) {
  Playback playback;
  EXPECT_FALSE(playback.engaged());
  playback.play();
  playback.advance(10, 1);
  EXPECT_EQ(playback.position(), 0);
  double now = 10;
  for (int i = 0; i < 5; ++i) playback.advance(now += 0.1, 1);
  EXPECT_NEAR(playback.position(), 0.5 / Playback::kSecondsPerLeg, 1e-9);
  for (int i = 0; i < 100; ++i) playback.advance(now += 0.1, 1);
  EXPECT_EQ(playback.position(), 1);
  EXPECT_FALSE(playback.playing());
  EXPECT_TRUE(playback.engaged());  // the end stays on show
  playback.set_loops(true);
  playback.play();
  double highest = 0;
  for (int i = 0; i < 60; ++i) {
    playback.advance(now += 0.1, 1);
    highest = std::max(highest, playback.position());
  }
  EXPECT_TRUE(playback.playing());
  EXPECT_LT(highest, 1);
  EXPECT_GT(highest, 0.9);
}

TEST(Playback, LongPathsTakeLongerAndASleepDoesNotLeap) {
  Playback playback;
  playback.play();
  playback.advance(0, 4);
  playback.advance(0.2, 4);
  EXPECT_NEAR(playback.position(), 0.2 / (4 * Playback::kSecondsPerLeg), 1e-9);
  playback.advance(100, 4);
  EXPECT_LT(playback.position(), 0.1);
  playback.move_to(0.5);
  playback.advance(200, 4);
  EXPECT_EQ(playback.position(), 0.5);  // goes on from where it was put
}

}  // namespace
}  // namespace zscape
