#include "app/gui/panels/curves/curve_lines.h"

#include <cmath>

#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Whether a model measures the figure in the unit of the active model's axis. Where the active one
// has no KL, the plot is for those that have it.
bool comparable(const ModelSpec& active, const ModelSpec& other, CurveField field) {
  return field == CurveField::kl ? other.has_prior() : share_term(active, other);
}

}  // namespace

const char* name_of(CurveSeries series) {
  constexpr std::array<const char*, kSeriesCount> kNames = {tr("training"), tr("test"),
                                                            tr("test sample"), tr("former run")};
  return kNames[static_cast<std::size_t>(series)];
}

CurveRuns runs_of(const Snapshot& snapshot, const ModelView& active) {
  CurveRuns runs{active, {}};
  for (const ModelView& model : snapshot.models) runs.models.push_back(&model);
  return runs;
}

const Curve* curve_of(const CurveRuns& runs, const ModelView& model, CurveSeries series,
                      CurveField field) {
  const bool is_active = &model == &runs.active;
  if (series == CurveSeries::former) {
    const bool fits = is_active && model.ghost && comparable(model.spec, model.ghost_spec, field) &&
                      (field != CurveField::kl || model.spec.has_prior());
    return fits ? &model.ghost->train : nullptr;
  }
  if (!is_active && !comparable(runs.active.spec, model.spec, field)) return nullptr;
  const Curves& curves = model.curves;
  return series == CurveSeries::train  ? &curves.train
         : series == CurveSeries::test ? &curves.test
                                       : &curves.test_sample;
}

std::vector<std::string> left_out(const CurveRuns& runs, CurveField field) {
  std::vector<std::string> reasons;
  if (field == CurveField::kl) return reasons;
  for (const ModelView* model : runs.models) {
    if (model == &runs.active) continue;
    std::string why = why_not_shared(runs.active.spec, model->spec);
    if (!why.empty()) reasons.push_back(std::move(why));
  }
  return reasons;
}

bool kl_rises_as_loss_falls(const Curve& train) {
  constexpr std::size_t kFewest = 24;           // points, so that chance does not decide
  constexpr double kRise = 0.02, kFall = 1e-3;  // of the earlier value
  if (train.size() < kFewest) return false;
  const std::size_t first = train.size() / 2, middle = first + (train.size() - first) / 2;
  std::array<double, 2> kl{}, loss{}, count{};
  for (std::size_t i = first; i < train.size(); ++i) {
    const CurvePoint& point = train[i];
    if (!std::isfinite(point.kl) || !std::isfinite(point.loss)) return false;
    if (point.kl_weight != train.back().kl_weight) return false;  // λ changed, or is not known
    const std::size_t part = i < middle ? 0 : 1;
    kl[part] += point.kl;
    loss[part] += point.loss;
    ++count[part];
  }
  for (const std::size_t part : {0U, 1U}) {
    kl[part] /= count[part];
    loss[part] /= count[part];
  }
  return kl[1] > kl[0] * (1 + kRise) && loss[1] < loss[0] - kFall * std::abs(loss[0]);
}

}  // namespace zscape
