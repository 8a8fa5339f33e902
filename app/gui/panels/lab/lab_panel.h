#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/theme.h"
#include "app/gui/view/lab/lab_page.h"
#include "app/gui/view/lab/lab_scatter.h"

namespace zscape {

// What the place Lab shows.
struct LabShown {
  std::span<const LabCard> cards;
  const LabPage* page = nullptr;  // null: the shelf with all questions
  LabSetup setup;                 // of the page
  bool has_quick = false;         // whether it can be run quickly
  LabProgress progress;           // of the page, too
  bool can_forget = false;        // the page is a folder or a file that a person has opened
  std::optional<std::size_t> in_explorer, beside;         // runs whose models are open
  std::function<LabScatterPtr(std::size_t run)> scatter;  // null: not there yet
};

// Which of the page's parts is open, and what is being typed and drawn.
struct LabPanelState {
  std::string id;        // of the page that the rest belongs to
  std::size_t plot = 0;  // of the experiment's plots; behind them the map
  std::string map_x, map_y;
  std::string along;               // the axis of the row of scatters; empty: the first
  std::optional<LabPlace> chosen;  // the dot that was clicked
  std::size_t seed = 0;            // which of its runs
  std::optional<GuessPlace> pen;   // while a curve is drawn
  FieldEdit number, data, jobs;
};

struct LabRequests {
  std::optional<std::string> open;  // a card
  bool back = false;                // to the shelf
  bool open_results = false;        // asks for a folder
  bool forget = false;              // this page's card leaves the shelf
  std::optional<LabGuess> guess;
  bool keeps_guess = false;  // it is to be written: no pen is down
  std::optional<LabSetup> setup;
  bool run = false, stop = false;
  std::optional<std::size_t> open_run, beside_run;  // in LabTable::runs
  std::vector<std::size_t> scatters;                // of runs on the screen
};

LabRequests draw_lab_panel(const LabShown& shown, LabPanelState& state, const PanelFrame& frame);

}  // namespace zscape
