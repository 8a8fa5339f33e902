#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "engine/command.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/kl_schedule.h"
#include "engine/trainer.h"

namespace zscape {

// What took the place of a run.
enum class PutAway {
  reset,
  new_model,
  new_data,
  opened_model,
  session,
  closed,
  another_run,
  earlier_step
};

// A small picture of a scatter: the first two coordinates of some codes.
struct Thumbnail {
  struct Dot {
    std::uint8_t x = 0, y = 0;  // from the left and from below, over the whole extent
    int label = -1;             // -1: none
  };
  std::vector<Dot> dots;
};

// A run that was put away whole, and to which ReturnTo goes back. Immutable.
struct StoredRun {
  std::uint64_t id = 0;  // rising from 1
  ModelId model;         // that it was
  PutAway why = PutAway::reset;
  ModelSpec spec;
  StepSettings settings;  // of its next step
  KlSchedule schedule;
  TrainingPosition position;
  Losses training = kNotMeasured;        // the newest point of the training curve
  double test_loss = kNotMeasured.loss;  // the newest of the test curve
  std::string data;                      // Dataset::name
  std::time_t kept_at = 0;               // when it was put away
  bool has_present_data = false;         // it learned from the data that are loaded now
  bool is_pinned = false;
  std::size_t bytes = 0;  // of memory
  std::shared_ptr<const Thumbnail> thumbnail;
};

// What is put away.
struct StoredRuns {
  std::vector<StoredRun> runs;  // the oldest first
  std::size_t bytes = 0;        // of them and of data that they alone hold
  std::size_t room_bytes = 0;   // that they may take
  std::size_t most_bytes = 0;   // they and the pasts of open runs
  std::uint64_t dropped = 0;    // so many went because there was no room

  const StoredRun* find(std::uint64_t id) const {
    for (const StoredRun& run : runs) {
      if (run.id == id) return &run;
    }
    return nullptr;
  }
  std::size_t pinned_bytes() const {
    std::size_t sum = 0;
    for (const StoredRun& run : runs) sum += run.is_pinned ? run.bytes : 0;
    return sum;
  }
};

}  // namespace zscape
