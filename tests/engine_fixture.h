#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "engine/engine.h"
#include "tests/fake_backend.h"

namespace zscape {

inline constexpr ModelId kModel{0};

class EngineTest : public testing::Test {
 protected:
  explicit EngineTest(EngineOptions options = {},
                      std::shared_ptr<FakeBackend> backend = std::make_shared<FakeBackend>())
      : backend_(std::move(backend)), engine_(backend_, std::move(options)) {}

  // Waits until a snapshot fulfils the claim; the bound is only there to end a broken test.
  SnapshotPtr wait_for(const std::function<bool(const Snapshot&)>& claim) {
    for (int i = 0; i < 60000; ++i) {
      SnapshotPtr snapshot = engine_.snapshot();
      if (claim(*snapshot)) return snapshot;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ADD_FAILURE() << "the snapshot that was waited for never came";
    return engine_.snapshot();
  }

  SnapshotPtr wait_for_state(RunState state) {
    return wait_for([=](const Snapshot& s) { return s.models[0].state == state; });
  }
  SnapshotPtr wait_for_step(std::int64_t step) {
    return wait_for([=](const Snapshot& s) { return s.models[0].position.step >= step; });
  }
  SnapshotPtr wait_for_notice(const std::string& part) {
    return wait_for([=](const Snapshot& s) {
      return !s.notices.empty() && s.notices.back().text.find(part) != std::string::npos;
    });
  }

  // Until the engine has gone through its loop once more: what would go on by itself has begun.
  void let_it_turn() {
    for (const std::uint64_t seed : {1001, 1002}) {
      engine_.post(SetParameter{kModel, "seed", std::to_string(seed)});
      wait_for([=](const Snapshot& s) { return s.models[0].next_seed == seed; });
    }
  }

  void load() {
    ModelSpec spec;
    engine_.post(ReplaceModel{kModel, spec});
    engine_.post(LoadData{kModel, "fake"});
    wait_for_state(RunState::paused);
  }

  std::shared_ptr<FakeBackend> backend_;
  Engine engine_;
};

}  // namespace zscape
