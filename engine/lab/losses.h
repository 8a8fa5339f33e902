#pragma once

#include <array>
#include <string_view>

#include "engine/training/loop.h"

namespace zscape::lab {

// A loss that every epoch has: "test_loss" for its last value, "curve:test_loss" for all of them.
struct LossRow {
  std::string_view name;
  double (*value)(const EpochMeasured&);  // NaN: the model has none
};

inline double validation_loss(const EpochMeasured& epoch) {
  return epoch.validation ? epoch.validation->loss : kNotMeasured.loss;
}

inline constexpr std::array kLosses = {
    LossRow{"train_loss", [](const EpochMeasured& epoch) { return epoch.train.loss; }},
    LossRow{"train_reconstruction",
            [](const EpochMeasured& epoch) { return epoch.train.reconstruction; }},
    LossRow{"train_kl", [](const EpochMeasured& epoch) { return epoch.train.kl; }},
    LossRow{"test_loss", [](const EpochMeasured& epoch) { return epoch.test.loss; }},
    LossRow{"test_reconstruction",
            [](const EpochMeasured& epoch) { return epoch.test.reconstruction; }},
    LossRow{"test_kl", [](const EpochMeasured& epoch) { return epoch.test.kl; }},
    LossRow{"test_mse", [](const EpochMeasured& epoch) { return epoch.test.mse; }},
    LossRow{"validation_loss", validation_loss},
    LossRow{"epochs", [](const EpochMeasured& epoch) { return static_cast<double>(epoch.epoch); }},
    LossRow{"steps", [](const EpochMeasured& epoch) { return static_cast<double>(epoch.step); }},
};

inline constexpr std::string_view kCurve = "curve:";

}  // namespace zscape::lab
