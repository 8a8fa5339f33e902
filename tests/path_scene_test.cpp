// Paths in the scene: frames, films, geodesics, playing, undo; and with a real decoder that the
// geodesic's row is what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "app/gui/view/paths/scene.h"
#include "engine/backend/torch_backend.h"
#include "engine/walk.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

ControlPoint at(float x, float y) {
  return {{x, y}, {}};
}

class PathSceneTest : public testing::Test {
 protected:
  PathSceneTest() {
    model_.model_spec = reference_spec(ModelKind::vae, *data_, 2);
    model_.number = 1;
    scene_.set_model(model_.spec(), data_);
  }
  void draw(const FrozenModel& model) {
    for (int i = 0; i < 8; ++i) scene_.update_pictures(model, nullptr, now_ += 0.02);
  }
  void draw() { draw(model_); }

  // What the engine would answer.
  static std::shared_ptr<const FoundGeodesic> answer_to(const FindGeodesic& request,
                                                        const FrozenModel& model) {
    auto found = std::make_shared<FoundGeodesic>();
    found->revision = model.revision();
    found->step = model.step();
    found->stops = request.stops;
    found->label = request.label;
    found->z = *codes_along(model, {request.stops, PathMode::geodesic, 0, request.frames});
    return found;
  }

  const Path& path() const { return scene_.paths().front(); }

  std::shared_ptr<const Dataset> data_ = fake_data();
  FakeModel model_;
  Pictures pictures_;
  Scene scene_{pictures_};
  double now_ = 1;
};

TEST_F(PathSceneTest, EachControlPointIsAFrame) {
  scene_.add_path(at(0, 0), at(4, 0), 0);
  for (int legs = 2; legs <= 14; ++legs) {
    scene_.edit([&](MarkHistory& marks) {
      marks.insert_point(1, 1, at(static_cast<float>(legs), 1));
      marks.finish();
    });
    const int frames = path().frames();
    ASSERT_EQ((frames - 1) % legs, 0) << legs;
    for (const PathMode mode : {PathMode::linear, PathMode::spherical}) {
      const auto& z = path().film(mode).z;
      ASSERT_EQ(z.size(), static_cast<std::size_t>(frames));
      for (int stop = 0; stop <= legs; ++stop) {
        EXPECT_EQ(z[static_cast<std::size_t>(stop * (frames - 1) / legs)],
                  path().points[static_cast<std::size_t>(stop)].z);
      }
    }
  }
}

TEST_F(PathSceneTest, ThePositionIsContinuousAndMeetsTheFrames) {
  scene_.add_path(at(1, 0), at(0, 2), 0);
  scene_.edit([](MarkHistory& marks) {
    marks.insert_point(1, 1, at(3, 3));
    marks.finish();
    marks.set_mode(1, PathMode::spherical);
  });
  const auto& frames = path().film().z;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto z = z_along(path(), static_cast<double>(i) / static_cast<double>(frames.size() - 1));
    EXPECT_NEAR(z[0], frames[i][0], 1e-5);
    EXPECT_NEAR(z[1], frames[i][1], 1e-5);
  }
  for (double t = 0; t < 1; t += 0.001) {
    const auto z = z_along(path(), t), next = z_along(path(), t + 0.001);
    EXPECT_LT(std::hypot(next[0] - z[0], next[1] - z[1]), 0.05);
  }
}

TEST_F(PathSceneTest, TheFilmsSayHowFarThePictureMovesAStep) {
  scene_.add_path(at(0, 0), at(1, 0), 0);
  draw();
  const Film& film = path().film();
  std::vector<float> pixels(static_cast<std::size_t>(path().frames()) * 64);
  std::vector<float> z;
  for (const auto& code : film.z) z.insert(z.end(), code.begin(), code.end());
  model_.decode(z, {}, pixels);
  EXPECT_EQ(film.pixels, pixels);
  ASSERT_EQ(film.change.size(), 11U);
  for (std::size_t t = 0; t < 11; ++t) {
    double squares = 0;
    for (std::size_t j = 0; j < 64; ++j) {
      squares += std::pow(double{pixels[(t + 1) * 64 + j]} - pixels[t * 64 + j], 2);
    }
    EXPECT_NEAR(film.change[t], std::sqrt(squares), 1e-6);
  }
}

TEST_F(PathSceneTest, TheCrossFadeMixesThePicturesOfTheControlPoints) {
  scene_.add_path(at(0, 0), at(2, 0), 0);
  draw();
  const Film& film = path().film();
  for (std::size_t t = 0; t < 12; ++t) {
    const double share = static_cast<double>(t) / 11;
    for (std::size_t j = 0; j < 64; ++j) {
      const double mixed = (1 - share) * film.pixels[j] + share * film.pixels[11 * 64 + j];
      EXPECT_NEAR(path().fade.pixels[t * 64 + j], mixed, 1e-5);
    }
  }
  EXPECT_THAT(path().fade.change, Each(testing::DoubleNear(path().fade.change[0], 1e-5)));
  EXPECT_NE(path().fade.images[5].slot, kNoPicture);
}

TEST_F(PathSceneTest, InputsAtTheEndsAreShownAndFollowTheEnds) {
  const ControlPoint input{{1, 1}, PointRef{SplitName::train, 3}};
  scene_.add_path(input, at(0, 0), 0);
  EXPECT_NE(path().inputs[0], kNoPicture);
  EXPECT_EQ(path().inputs[1], kNoPicture);
  scene_.edit([&](MarkHistory& marks) {
    marks.move_point(1, 1, input);
    marks.move_point(1, 0, at(2, 2));
    marks.finish();
  });
  EXPECT_EQ(path().inputs[0], kNoPicture);
  EXPECT_NE(path().inputs[1], kNoPicture);
}

TEST_F(PathSceneTest, TheSelectedPathsGeodesicIsLookedForAndShown) {
  scene_.add_path(at(0, 0), at(1, 1), 0);
  const auto request = scene_.update_geodesics(model_, nullptr, now_);
  ASSERT_TRUE(request);
  EXPECT_THAT(request->stops, ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(request->frames, 12);
  EXPECT_TRUE(scene_.searching(path()));
  EXPECT_FALSE(scene_.update_geodesics(model_, nullptr, now_ + 1));  // one at a time
  const auto answer = answer_to(*request, model_);
  EXPECT_FALSE(scene_.update_geodesics(model_, answer, now_ + 1.1));
  EXPECT_EQ(path().film(PathMode::geodesic).z.size(), 12U);
  EXPECT_EQ(path().searched, 1U);
  EXPECT_FALSE(scene_.update_geodesics(model_, answer, now_ + 60));  // nothing is new
}

TEST_F(PathSceneTest, WithNewWeightsAGeodesicIsLookedForAgainButNotAtOnce) {
  scene_.add_path(at(0, 0), at(1, 1), 0);
  const auto request = scene_.update_geodesics(model_, nullptr, 10);
  const auto answer = answer_to(*request, model_);
  scene_.update_geodesics(model_, answer, 11);  // it took a second
  FakeModel newer = model_;
  newer.number = 2;
  EXPECT_FALSE(scene_.update_geodesics(newer, answer, 12));
  ASSERT_TRUE(scene_.wake_s());  // a window at rest looks again then
  EXPECT_NEAR(*scene_.wake_s(), 15, 1e-9);
  EXPECT_EQ(path().film(PathMode::geodesic).z.size(), 12U);  // the old one stays on show
  EXPECT_TRUE(scene_.update_geodesics(newer, answer, 15.1));
}

TEST_F(PathSceneTest, ADraggedControlPointSupersedesTheSearchAtAModestPace) {
  scene_.add_path(at(0, 0), at(1, 1), 0);
  ASSERT_TRUE(scene_.update_geodesics(model_, nullptr, 10));
  int requests = 0;
  for (int i = 1; i <= 60; ++i) {  // a second of dragging
    scene_.edit([&](MarkHistory& marks) { marks.move_point(1, 1, at(1, 1 + 0.1F * i)); });
    if (scene_.update_geodesics(model_, nullptr, 10 + i / 60.0)) ++requests;
  }
  EXPECT_GE(requests, 3);
  EXPECT_LE(requests, 4);
}

TEST_F(PathSceneTest, AGeodesicGoesAlongWithInputsThatMove) {
  const PointRef input{SplitName::train, 3};
  scene_.add_path({{0, 0}, input}, at(4, 0), 0);
  const auto request = scene_.update_geodesics(model_, nullptr, now_ += 1);
  ASSERT_TRUE(request);
  scene_.move_sources({{input, {0, 2}}});  // meanwhile
  const auto geodesic = [this] { return path().film(PathMode::geodesic).z; };
  EXPECT_TRUE(geodesic().empty());
  EXPECT_FALSE(scene_.update_geodesics(model_, answer_to(*request, model_), now_ += 1));
  ASSERT_EQ(geodesic().size(), static_cast<std::size_t>(path().frames()));
  EXPECT_EQ(geodesic().front(), (std::vector<float>{0, 2}));
  EXPECT_EQ(geodesic().back(), (std::vector<float>{4, 0}));
  draw();
  scene_.move_sources({{input, {1, 2}}});
  EXPECT_EQ(geodesic().front(), (std::vector<float>{1, 2}));
  EXPECT_EQ(geodesic().back(), (std::vector<float>{4, 0}));
  const auto again = scene_.update_geodesics(model_, nullptr, now_ += 10);  // where it lies now
  ASSERT_TRUE(again);
  EXPECT_THAT(again->stops, ElementsAre(1, 2, 4, 0));
}

TEST_F(PathSceneTest, ThePastHidesTheGeodesicOfThePresent) {
  const PointRef input{SplitName::train, 3};
  scene_.add_path({{0, 0}, input}, at(4, 0), 0);
  scene_.edit([](MarkHistory& marks) { marks.set_mode(1, PathMode::geodesic); });
  const auto request = scene_.update_geodesics(model_, nullptr, now_ += 1);
  ASSERT_TRUE(request);
  scene_.update_geodesics(model_, answer_to(*request, model_), now_ += 1);
  draw();
  const auto geodesic = [this] { return path().film(PathMode::geodesic).z; };
  const auto found = geodesic();
  ASSERT_EQ(found.size(), static_cast<std::size_t>(path().frames()));
  ASSERT_EQ(path().line.size(), found.size());
  scene_.set_past(true);
  EXPECT_TRUE(geodesic().empty());
  EXPECT_EQ(path().line.size(), 2U);       // where the path is, no more
  scene_.move_sources({{input, {1, 1}}});  // where the input was then
  EXPECT_TRUE(geodesic().empty());
  scene_.move_sources({{input, {0, 0}}});
  scene_.set_past(false);
  EXPECT_EQ(geodesic(), found);
  EXPECT_EQ(path().line, found);
  // A path that was bent meanwhile has none until it is searched for.
  scene_.set_past(true);
  scene_.edit([&](MarkHistory& marks) { marks.move_point(1, 1, at(5, 5)); });
  scene_.set_past(false);
  EXPECT_TRUE(geodesic().empty());
}

TEST_F(PathSceneTest, WhatNobodySeesIsNotSearchedForAnyMore) {
  scene_.add_path(at(0, 0), at(1, 1), 0);
  ASSERT_TRUE(scene_.update_geodesics(model_, nullptr, 10));
  scene_.select_nothing();
  const auto given_up = scene_.update_geodesics(model_, nullptr, 11);
  ASSERT_TRUE(given_up);
  EXPECT_TRUE(given_up->stops.empty());
  EXPECT_FALSE(scene_.update_geodesics(model_, nullptr, 12));
}

TEST_F(PathSceneTest, PlayingShowsEachFramesPlaceInTheLargePicture) {
  scene_.add_path(at(0, 0), at(2.5F, 0), 0);
  draw();
  EXPECT_FALSE(scene_.stale());
  scene_.play();
  EXPECT_TRUE(scene_.stale());  // frames while it plays
  for (int i = 0; i <= 10; ++i) scene_.advance(20 + 0.1 * i);
  EXPECT_NEAR(scene_.shown_z()[0], 1, 1e-5);  // 2.5 s for the leg
  const auto drawn = scene_.update_pictures(model_, nullptr, now_);
  EXPECT_TRUE(drawn.cursor);
  EXPECT_NE(scene_.played_picture(), kNoPicture);
  scene_.point_at(Vec2{5, 5});  // a pointer in the plot shows its own
  EXPECT_EQ(scene_.shown_z()[0], 5);
  scene_.leave();
  scene_.select_nothing();
  EXPECT_EQ(scene_.shown_z()[0], 0);
  EXPECT_FALSE(scene_.playback().playing());
}

TEST_F(PathSceneTest, UndoBringsBackThePathWithItsPicturesAndSelectsIt) {
  scene_.add_path(at(0, 0), at(1, 1), 0);
  draw();
  scene_.remove_path(1);
  EXPECT_TRUE(scene_.paths().empty());
  scene_.undo();
  ASSERT_EQ(scene_.paths().size(), 1U);
  EXPECT_EQ(scene_.selected_path(), &path());
  draw();
  EXPECT_NE(path().film().images[3].slot, kNoPicture);
  scene_.undo();
  scene_.undo();  // nothing is left
  EXPECT_TRUE(scene_.paths().empty());
  scene_.redo();
  scene_.redo();
  EXPECT_TRUE(scene_.paths().empty());  // as it was removed
}

TEST_F(PathSceneTest, ManyEditsDoNotUseUpThePictures) {
  for (int i = 0; i < 400; ++i) {
    scene_.add_path({{0, 0}, PointRef{SplitName::train, 1}}, at(1, 1), 0);
    draw();
    scene_.remove_path(scene_.paths().front().id);
  }
  EXPECT_LE(pictures_.sheet().size(), 4U * 64 * 1024);  // of a few dozen pictures
}

TEST_F(PathSceneTest, DeleteTakesTheControlPointThenThePath) {
  scene_.add_path(at(0, 0), at(1, 1), 0);
  scene_.edit([](MarkHistory& marks) {
    marks.insert_point(1, 1, at(2, 2));
    marks.finish();
  });
  scene_.select_path(1, 1);
  scene_.remove_selected();
  ASSERT_EQ(scene_.paths().size(), 1U);
  EXPECT_EQ(path().points.size(), 2U);
  scene_.remove_selected();
  EXPECT_TRUE(scene_.paths().empty());
}

TEST_F(PathSceneTest, MarksOfASessionThatDoNotFitAreLeftOut) {
  Marks marks;
  marks.pins.push_back({4, "", {1, 2}, 99, PointRef{SplitName::train, 10'000}});
  marks.pins.push_back({4, "again", {1, 2}, 0, {}});
  marks.pins.push_back({5, "three numbers", {1, 2, 3}, 0, {}});
  marks.pins.push_back({6, "no number", {1, NAN}, 0, {}});
  marks.paths.push_back({2, "a path", {at(0, 0), at(1, 1)}, PathMode::geodesic, 0});
  marks.paths.push_back({3, "one end", {at(0, 0)}, PathMode::linear, 0});
  scene_.restore(marks);
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].name, "pin 4");
  EXPECT_EQ(scene_.pins()[0].label, 0);
  EXPECT_FALSE(scene_.pins()[0].source);
  ASSERT_EQ(scene_.paths().size(), 1U);
  EXPECT_EQ(path().mode, PathMode::geodesic);
  EXPECT_FALSE(scene_.marks().can_undo());
  EXPECT_EQ(scene_.add_pin({0, 0}, {}, 0).id, 5);
  EXPECT_EQ(scene_.add_path(at(0, 0), at(1, 1), 0).id, 3);
}

// The ready-made model: a real decoder.
TEST(Geodesic, ItsRowHasTheEndsOfTheOthersAndNoMoreEnergyThanTheStraightOne) {
  const auto backend = make_torch_backend({});
  backend->enter_thread(ThreadRole::helper);
  const auto opened = backend->open_model(ZSCAPE_MODEL);
  ASSERT_TRUE(opened) << opened.error().message;
  const FrozenModel& model = *opened->model;
  auto data = std::make_shared<Dataset>(*fake_data(8, 8, model.spec().shape));
  Pictures pictures;
  Scene scene(pictures);
  scene.set_model(model.spec(), data);
  scene.add_path(at(-1.5F, 0.3F), at(1.2F, -0.8F), 0);
  scene.edit([](MarkHistory& marks) {
    marks.insert_point(1, 1, at(0.4F, 1.6F));
    marks.finish();
  });
  const auto request = scene.update_geodesics(model, nullptr, 1);
  ASSERT_TRUE(request);
  auto found = std::make_shared<FoundGeodesic>();
  found->revision = model.revision();
  found->stops = request->stops;
  const auto codes = codes_along(model, {request->stops, PathMode::geodesic, 0, request->frames});
  ASSERT_TRUE(codes);
  found->z = *codes;
  scene.update_geodesics(model, found, 2);
  for (int i = 0; i < 20; ++i) scene.update_pictures(model, nullptr, 2 + 0.02 * i);

  const Path& path = scene.paths().front();
  const Film& straight = path.film(PathMode::linear);
  const Film& shortest = path.film(PathMode::geodesic);
  ASSERT_EQ(shortest.z.size(), straight.z.size());
  const std::size_t middle = (straight.z.size() - 1) / 2;
  for (const std::size_t frame : {std::size_t{0}, middle, straight.z.size() - 1}) {
    EXPECT_EQ(shortest.z[frame], straight.z[frame]);
  }
  const auto energy = [](const Film& film, std::size_t from, std::size_t to) {
    double sum = 0;
    for (std::size_t t = from; t < to; ++t) sum += film.change[t] * film.change[t];
    return sum;
  };
  for (const auto& [from, to] :
       {std::pair{std::size_t{0}, middle}, std::pair{middle, straight.z.size() - 1}}) {
    EXPECT_LT(energy(shortest, from, to), 0.999 * energy(straight, from, to));
    EXPECT_GT(energy(shortest, from, to), 0);
  }
}

}  // namespace
}  // namespace zscape
