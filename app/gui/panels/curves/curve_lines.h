#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/panels/curves/plot.h"
#include "engine/snapshot.h"

namespace zscape {

// What a curve was measured on.
enum class CurveSeries : std::size_t { train, test, test_sample, former };
inline constexpr std::size_t kSeriesCount = 4;
const char* name_of(CurveSeries series);

// The models whose curves share the plots: the active one, and all open ones in their order.
struct CurveRuns {
  const ModelView& active;
  std::vector<const ModelView*> models;  // the active one among them

  bool several() const { return models.size() > 1; }
};
CurveRuns runs_of(const Snapshot& snapshot, const ModelView& active);

// The curve of a figure that can be drawn on the active model's axis; null: none, or of another
// unit. former: only of the active model.
const Curve* curve_of(const CurveRuns& runs, const ModelView& model, CurveSeries series,
                      CurveField field);

// Why the other models' curves of this figure are not on the axis, a sentence each.
std::vector<std::string> left_out(const CurveRuns& runs, CurveField field);

// What a curve says of a step: the value there or, where it was measured more rarely, the one
// before it, named with its own step; "–" before its first point. Never a later one.
struct Reading {
  std::string name;
  std::string value;
};
Reading reading_of(const Curve& curve, CurveField field, double step, const std::string& name);

// λ at a step of this run, if known; before the first mark it is not.
std::optional<double> kl_weight_at(const ModelView& view, double step);

// Why the KL rises over the newest half of the training curve, under one λ and while the training
// loss falls: by what the test loss does meanwhile. none: it does not rise, or that is not certain.
enum class KlRise { none, learns, overfits };
KlRise kl_rise(const Curves& curves);

}  // namespace zscape
