#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/frozen_model.h"

namespace zscape {

// What `zscape train` prints after an epoch. NaN: the model has no such figure.
struct EpochReport {
  std::int64_t epoch = 0;  // from 1 on
  std::int64_t step = 0;
  Losses train;                // means over the epoch's inputs, each before the step that used it
  Losses test = kNotMeasured;  // the whole test split after the epoch
  std::optional<double> validation_loss;  // of the inputs held out; nothing: none are
  double kl_weight = 0;
  double seconds = 0;             // since the run began
  double samples_per_second = 0;  // of the epoch's training steps alone
};

std::string to_json_line(const EpochReport& report);

// The same for people, in columns under epoch_table_header().
std::string epoch_table_header(bool has_validation);
std::string to_table_row(const EpochReport& report);

}  // namespace zscape
