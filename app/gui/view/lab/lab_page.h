#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/view/lab/lab_chart.h"
#include "app/gui/view/lab/lab_guess.h"
#include "engine/lab/claim.h"

namespace zscape {

// How a lab is run.
struct LabSetup {
  std::string data;  // as --data names it
  bool quick = true;
  int jobs = 0;  // processes at once; 0: as the command chooses

  bool operator==(const LabSetup&) const = default;
};

enum class LabActivity { idle, running, stopping };

// A question on the shelf.
struct LabCard {
  std::string id;  // for widgets and files: the experiment's name; of an opened folder its path
  std::string question;
  std::string name;        // of the experiment; an opened folder's says which
  bool is_opened = false;  // by the person: a folder or a file of one's own
  std::size_t runs = 0, finished = 0, failed = 0;
  int confirmed = 0, refuted = 0, undecided = 0;  // claims
  bool reads = false;                             // its folder is being read
  bool may_tell = false;  // its verdicts: the person has predicted, or wants to see without
  LabActivity activity = LabActivity::idle;
};

// "8 of 24 runs", "2 confirmed, 1 refuted", "not run yet".
std::string state_text(const LabCard& card);

// How far a lab has come, and how long it will take.
struct LabProgress {
  std::size_t runs = 0, finished = 0, failed = 0;
  std::optional<double> seconds_left = {};
  LabActivity activity = LabActivity::idle;
  std::string error = {};    // why the last start failed
  std::string why_not = {};  // it cannot be started now; empty: it can
};

// By the runs that have ended since a lab was started; nothing: none has.
std::optional<double> seconds_left(std::size_t ended, std::size_t to_come, double elapsed_s);

// "about 3 minutes", "less than a minute".
std::string time_text(double seconds);

std::string progress_text(const LabProgress& progress);

// An open experiment, worked out whenever results or the prediction change.
struct LabPage {
  std::string id;
  std::shared_ptr<const LabTable> table;  // never null; without results before it was run
  LabGuess guess;
  bool is_opened = false;        // a folder from elsewhere
  std::vector<LabChart> charts;  // of the experiment's plots
  std::vector<std::string> columns;
  std::vector<ClaimVerdict> verdicts;  // none before results may be seen
  std::string guess_text, answer;      // empty: none

  const Experiment& experiment() const { return table->experiment; }
  bool is_measured() const { return !table->results.empty(); }
  bool asks() const { return experiment().prediction.has_value(); }
  // Figures stay covered until the person has predicted, or says that they want to see without.
  bool may_see() const { return !asks() || guess.kept; }
};

LabPage page_of(std::string id, std::shared_ptr<const LabTable> table, const LabGuess& guess);

// The table of an experiment that was not run.
std::shared_ptr<const LabTable> empty_table(const Experiment& experiment);

// Which model a dot stands for: the run of its first seed that has one.
std::optional<std::size_t> run_of(const LabTable& table, const LabDot& dot, std::size_t which = 0);

// The runs along one axis, a seed each, at the place of `near` (or the first one) on the others.
struct LabAlong {
  std::string label;    // "latent 2"
  std::size_t run = 0;  // in LabTable::runs
};
std::vector<LabAlong> runs_along(const LabTable& table, const std::string& axis,
                                 const LabPlace* near);

}  // namespace zscape
