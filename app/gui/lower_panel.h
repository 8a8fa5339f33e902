#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/event_log.h"
#include "app/gui/panels/curves/certificate_panel.h"
#include "app/gui/panels/curves/curves_panel.h"
#include "app/gui/panels/inputs/samples_panel.h"
#include "app/gui/panes.h"
#include "app/gui/view/curves/kl_forecast.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// In frames where a pane's tab Samples is not drawn: its pictures give up their slots.
void hide_samples(Pane& pane);

// What lies below the plot: curves, figures, runs or lists of inputs, by the tab. It belongs to the
// active pane. Lives on the window's thread.
class LowerPanel {
 public:
  // Once a frame, whether or not it is on the screen: a serious warning is told of all the same.
  void follow(Panes& panes);
  std::vector<Command> draw(const Snapshot& now, Panes& panes, KlForecastState& forecast,
                            const PanelFrame& frame);

  // Shows the tab Samples or, where it is on the screen, draws again.
  void show_samples();
  // The event samples when others are on the screen, and jacobian.
  void log(EventLog& log, const Panes& panes, double time_s, std::int64_t step);

  // What is wrong with the present codes, for the status line; empty: nothing serious.
  const std::string& warning() const { return warning_; }
  // Of the codes on show in this frame; null: none yet.
  const ShownFigures* figures() const { return figures_; }
  // The figures, if they are others than at the last call; else null.
  const ShownFigures* take_news() { return std::exchange(news_, nullptr); }

 private:
  std::vector<Command> draw_tab(const Snapshot& now, Panes& panes, bool lists,
                                KlForecastState& forecast, const PanelFrame& frame);

  std::vector<Command> draw_samples(Panes& panes, const PanelFrame& frame);

  CurvesPanelState curves_;
  CertificatePanelState certificate_;
  SamplesPanelState samples_;
  std::array<std::uint64_t, 3> logged_{};  // the model, the choice and the revision of the samples
  InputJacobianPtr logged_jacobian_;
  bool is_drawn_ = false;                  // in this frame
  const ShownFigures* figures_ = nullptr;  // of this frame
  const ShownFigures* news_ = nullptr;
  std::string warning_;
};

}  // namespace zscape
