#pragma once

#include <functional>
#include <string>

#include "app/cli/run.h"
#include "engine/lab/queue.h"
#include "engine/ranks.h"

namespace zscape {

// A lab whose runs several ranks carry out. Rank 0 has the queue and the results folder; it hands
// out runs and takes results by messages, on a thread that never trains, and trains on another. The
// other ranks need no folder, only the data. Where one rank alone cannot go on, all end with one
// line (end_all).

struct LabLead {
  std::string models;                                 // the folder for KEY.safetensors; empty: none
  std::function<void(const LabResult&)> took = {};    // after each result
  std::function<void(const std::string&)> note = {};  // a line for people
  std::function<void()> waits = {};                   // a few times a second
};

// What rank 0 does, until no run is left or a signal has come to any rank; then interrupted().
// Ends the others' follow_lab().
void lead_lab(Ranks& ranks, LabQueue& queue, const Surroundings& surroundings, const LabLead& lead);

// Ends the others' follow_lab() where rank 0 does not begin.
void leave_lab(Ranks& ranks);

// What every other rank does.
void follow_lab(Ranks& ranks, const Surroundings& surroundings);

}  // namespace zscape
