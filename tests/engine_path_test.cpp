// Geodesics and exports: what the engine does about paths, on its worker.
#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/walk.h"
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

struct Written {
  std::string path;
  std::vector<float> pictures;
};

// Keeps what would be written.
class Writer {
 public:
  Expected<void> operator()(const std::string& path, std::span<const float> pictures,
                            const ImageShape& shape) {
    if (path == "full.png") return fail("full.png cannot be written: the disk is full");
    EXPECT_EQ(pictures.size() % static_cast<std::size_t>(shape.size()), 0U);
    const std::lock_guard lock(mutex_);
    written_.push_back({path, {pictures.begin(), pictures.end()}});
    return {};
  }
  std::vector<Written> written() {
    const std::lock_guard lock(mutex_);
    return written_;
  }

 private:
  std::mutex mutex_;
  std::vector<Written> written_;
};

class EnginePathTest : public testing::Test {
 protected:
  EnginePathTest() {
    EngineOptions options;
    options.write_pictures = [this](const std::string& path, std::span<const float> pictures,
                                    const ImageShape& shape) {
      return writer_(path, pictures, shape);
    };
    engine_ = std::make_unique<Engine>(std::make_shared<FakeBackend>(), std::move(options));
  }

  void load() {
    engine_->post(ReplaceModel{kModel, {}});
    engine_->post(LoadData{kModel, "fake"});
    wait_for([](const Snapshot& s) { return s.models[0].state == RunState::paused; });
  }

  SnapshotPtr wait_for(const std::function<bool(const Snapshot&)>& claim) {
    for (int i = 0; i < 60000; ++i) {
      SnapshotPtr snapshot = engine_->snapshot();
      if (claim(*snapshot)) return snapshot;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ADD_FAILURE() << "the snapshot that was waited for never came";
    return engine_->snapshot();
  }
  SnapshotPtr wait_for_notice(const std::string& part) {
    return wait_for([&](const Snapshot& s) {
      return !s.notices.empty() && s.notices.back().text.find(part) != std::string::npos;
    });
  }

  Writer writer_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EnginePathTest, AGeodesicIsAnsweredWithWhatWasAsked) {
  load();
  const std::vector<float> stops = {0, 0, 1, 2, 3, 0};
  engine_->post(FindGeodesic{kModel, stops, 0, 9});
  const auto snapshot = wait_for([](const Snapshot& s) { return s.models[0].geodesic != nullptr; });
  const FoundGeodesic& found = *snapshot->models[0].geodesic;
  EXPECT_EQ(found.stops, stops);
  EXPECT_EQ(found.revision, snapshot->models[0].weights->revision());
  EXPECT_EQ(found.z, path_through(stops, 2, PathMode::linear, 9));  // the fake's are straight
}

TEST_F(EnginePathTest, OfSeveralSearchesTheNewestIsAnsweredWhateverElseIsAsked) {
  load();
  for (int i = 0; i < 20; ++i) {
    engine_->post(FindGeodesic{kModel, {0, 0, 1, static_cast<float>(i)}, 0, 5});
    engine_->post(Decode{kModel, {0, 0}, {}});
  }
  const auto is_last = [](const Snapshot& s) {
    return s.models[0].geodesic && s.models[0].geodesic->stops.back() == 19;
  };
  wait_for(is_last);
  engine_->post(SaveModel{kModel, "behind them"});
  wait_for_notice("saved");
  EXPECT_TRUE(is_last(*engine_->snapshot()));  // no older one comes behind it
}

TEST_F(EnginePathTest, ASearchForAnotherSpaceIsAnsweredWithNothing) {
  load();
  engine_->post(FindGeodesic{kModel, {0, 0, 0, 1, 1, 1, 2}, 0, 5});
  const auto snapshot = wait_for([](const Snapshot& s) { return s.models[0].geodesic != nullptr; });
  EXPECT_TRUE(snapshot->models[0].geodesic->z.empty());
}

TEST_F(EnginePathTest, ASearchIsGivenUpByOneWithoutStops) {
  load();
  engine_->post(FindGeodesic{kModel, {0, 0, 1, 1}, 0, 5});
  engine_->post(FindGeodesic{});
  engine_->post(SaveModel{kModel, "m.safetensors"});  // behind it
  wait_for_notice("saved");
  EXPECT_EQ(engine_->snapshot()->models[0].geodesic, nullptr);
}

TEST_F(EnginePathTest, AnExportWritesThePicturesAlongThePathAndSaysSo) {
  load();
  const std::vector<float> stops = {0, 0, 3, 0};
  for (const PathMode mode : {PathMode::linear, PathMode::geodesic}) {
    engine_->post(ExportPath{kModel, stops, mode, 0, 7, "walk.gif"});
  }
  wait_for_notice("/walk.gif");
  wait_for([this](const Snapshot&) { return writer_.written().size() == 2; });
  const FrozenModelPtr weights = engine_->snapshot()->models[0].weights;
  std::vector<float> expected(7 * 64);
  weights->decode(straight_path(std::span(stops).first(2), std::span(stops).last(2), 7), {},
                  expected);
  for (const Written& file : writer_.written()) {
    EXPECT_EQ(file.path, "walk.gif");
    EXPECT_EQ(file.pictures, expected);
  }
}

TEST_F(EnginePathTest, AnExportThatFailsIsTold) {
  engine_->post(ExportPath{kModel, {0, 0, 1, 1}, PathMode::linear, 0, 7, "early.png"});
  EXPECT_TRUE(wait_for_notice("early.png")->notices.back().is_error);
  load();
  engine_->post(ExportPath{kModel, {0, 0, 1, 1}, PathMode::linear, 0, 7, "full.png"});
  EXPECT_TRUE(wait_for_notice("disk is full")->notices.back().is_error);
}

TEST_F(EnginePathTest, WhatIsToBeWrittenIsWrittenThoughTheProgramEnds) {
  load();
  for (int i = 0; i < 3; ++i) {
    engine_->post(ExportPath{kModel, {0, 0, 1, 1}, PathMode::linear, 0, 200, "last.png"});
  }
  engine_->post(SetParameter{kModel, "seed", "9"});
  wait_for([](const Snapshot& s) { return s.models[0].next_seed == 9; });
  engine_.reset();
  EXPECT_EQ(writer_.written().size(), 3U);
}

}  // namespace
}  // namespace zscape
