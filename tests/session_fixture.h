#pragma once

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "app_shell_fixture.h"
#include "tests/fake_backend.h"

namespace zscape {

// What the engine would show once a run is written or read.
inline void attempt(ModelView& view, const std::string& path, bool is_done) {
  ++view.kept.number;
  view.kept.is_done = is_done;
  view.kept.path = path;
  view.kept.error = is_done ? "" : "the disk is full";
}

class SessionTest : public AppShellTest {
 protected:
  SessionTest() {
    view().weights = std::make_shared<FakeModel>();
    snapshot_.data = fake_data(32, 32, {28, 28, 1});
    scene_.set_model(view().spec, snapshot_.data);
    selection_.follow(snapshot_.data);
  }

  SessionKeeper::Contents window() {
    return {snapshot_, kModel, scene_, latent_, selection_, sizes_, time_s_, scenes_, panes_};
  }

  // Until the file is written on its thread; empty: it never was.
  std::string written(SessionKeeper& keeper) {
    for (int i = 0; i < 5000; ++i) {
      if (const auto result = keeper.advance(window()); result.written) return *result.written;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {};
  }

  // Writes a session to path, with the engine's part played here.
  void save(SessionKeeper& keeper, const std::string& path) {
    const auto begun = keeper.save(path, window());
    ASSERT_EQ(begun.commands.size(), 1U);
    const std::string weights = std::get<KeepRun>(begun.commands[0]).path;
    std::ofstream(weights) << "weights";
    EXPECT_FALSE(keeper.advance(window()).written);
    attempt(view(), weights, true);
    EXPECT_EQ(written(keeper), path);
  }

  LayoutSizes sizes_;
  PaneArrangement panes_;
};

}  // namespace zscape
