#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <imgui.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/panels/controls/controls_panel.h"
#include "app/gui/panels/curves/curves_panel.h"
#include "app/gui/panels/frame/notices_panel.h"
#include "app/gui/panels/frame/status_panel.h"
#include "app/gui/view/frame/theme.h"

namespace zscape {

constexpr ModelId kModel{};
constexpr Rect kControlsPlace{{8, 8}, {304, 640}};
constexpr Rect kSmallestPlace{{8, 8}, {264, 478}};  // in a window of 1024×700
constexpr Rect kCurvesPlace{{320, 400}, {696, 260}};

inline Snapshot paused_snapshot() {
  auto data = std::make_shared<Dataset>();
  data->name = data->source = "synthetic";
  data->shape = {28, 28, 1};
  for (int label = 0; label < 10; ++label) data->class_names.push_back(std::to_string(label));
  data->train.count = 60000;
  data->test.count = 10000;
  for (Split* split : {&data->train, &data->test}) {
    split->labels.resize(static_cast<std::size_t>(split->count));
  }
  Snapshot snapshot;
  snapshot.device = "CPU, 2 threads";
  snapshot.data = data;
  ModelView view;
  view.spec = reference_spec(ModelKind::vae, *data, 2);
  view.state = RunState::paused;
  snapshot.models.push_back(view);
  return snapshot;
}

inline Curve curve_of(int points, const std::function<float(int)>& value) {
  Curve curve;
  for (int index = 0; index < points; ++index) {
    const float y = value(index);
    curve.append({index + 1, y, y, y});
  }
  return curve;
}

// A window without pixels: frames are laid out and thrown away.
class PanelsTest : public ::testing::Test {
 protected:
  PanelsTest() {
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DisplaySize = {1024, 700};
    theme_ = make_theme(1, false);
    move({-1, -1});
  }
  ~PanelsTest() override { ImGui::DestroyContext(); }

  static void move(Vec2 to) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMousePosEvent(to.x, to.y);
#else
    ImGui::GetIO().MousePos = {to.x, to.y};
#endif
  }
  static void press(bool down) {
#if IMGUI_VERSION_NUM >= 18700
    ImGui::GetIO().AddMouseButtonEvent(0, down);
#else
    ImGui::GetIO().MouseDown[0] = down;
#endif
  }
  static void type(const std::string& text) {
    ImGui::GetIO().AddInputCharactersUTF8(text.c_str());
  }

  template <class Draw>
  auto frame(const Rect& place, Draw draw) {
    time_s_ += 1.0 / 60;
    ImGui::GetIO().DeltaTime = 1.0f / 60;
    ImGui::NewFrame();
    widgets_.clear();
    const PanelFrame panel{theme_, widgets_, place, time_s_};
    if constexpr (std::is_void_v<decltype(draw(panel))>) {
      draw(panel);
      ImGui::Render();
    } else {
      auto result = draw(panel);
      ImGui::Render();
      return result;
    }
  }

  std::vector<Command> controls() {
    return frame(controls_place_, [this](const PanelFrame& panel) {
      return draw_controls_panel(snapshot_, kModel, controls_, panel);
    });
  }
  void curves() {
    frame(kCurvesPlace, [this](const PanelFrame& panel) {
      draw_curves_panel(snapshot_, kModel, curves_, panel);
    });
  }

  Vec2 place_of(const std::string& widget, float at = 0.5f) {
    const auto place = widgets_.find(widget);
    EXPECT_TRUE(place) << "no widget " << widget;
    if (!place) return {-1, -1};
    return {place->origin.x + place->size.x * at, place->center().y};
  }

  // What came of pressing and releasing the button on a widget of the controls.
  std::vector<Command> click(const std::string& widget, float at = 0.5f) {
    std::vector<Command> all;
    const auto collect = [&] {
      for (Command& command : controls()) all.push_back(std::move(command));
    };
    controls();
    controls();  // the first frame only learns its sizes
    move(place_of(widget, at));
    collect();
    press(true);
    collect();
    press(false);
    collect();
    collect();
    return all;
  }

  ModelView& view() {
    return snapshot_.models[0];
  }

  Snapshot snapshot_ = paused_snapshot();
  Theme theme_;
  WidgetMap widgets_;
  ControlsPanelState controls_;
  CurvesPanelState curves_;
  Rect controls_place_ = kControlsPlace;
  double time_s_ = 0;
};

}  // namespace zscape
