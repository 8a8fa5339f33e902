#pragma once

#include <array>
#include <cstddef>
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

// Whether over the newest half of a training curve the KL rises while the loss falls under one λ,
// as it does while a VAE learns.
bool kl_rises_as_loss_falls(const Curve& train);

}  // namespace zscape
