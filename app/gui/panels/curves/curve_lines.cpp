#include "app/gui/panels/curves/curve_lines.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Whether a model measures the figure in the unit of the active model's axis. Where the active one
// has no KL, the plot is for those that have it.
bool comparable(const ModelSpec& active, const ModelSpec& other, CurveField field) {
  return field == CurveField::kl ? other.has_prior() : share_term(active, other);
}

// The means of a curve over two stretches that follow one another.
struct Halves {
  double earlier = 0, later = 0;  // NaN where a value is not finite
  std::size_t fewest = 0;         // points in the shorter one

  // By more than a thousandth.
  bool falls() const { return later < earlier - 1e-3 * std::abs(earlier); }
  bool rises() const { return later > earlier + 1e-3 * std::abs(earlier); }
};

Halves halves_of(const Curve& curve, CurveField field, std::int64_t from, std::int64_t half) {
  std::array<double, 2> sum{};
  std::array<std::size_t, 2> count{};
  for (std::size_t i = curve.size(); i-- > 0 && curve[i].step >= from;) {
    const std::size_t part = curve[i].step < half ? 0 : 1;
    sum[part] += value_of(curve[i], field);
    ++count[part];
  }
  const auto mean = [&](std::size_t part) { return sum[part] / static_cast<double>(count[part]); };
  return {mean(0), mean(1), std::min(count[0], count[1])};
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

Reading reading_of(const Curve& curve, CurveField field, double step, const std::string& name) {
  const auto index = index_at(curve, step);
  if (!index) return {name, "–"};
  const CurvePoint& point = curve[*index];
  const bool is_there = point.step == static_cast<std::int64_t>(step);
  return {is_there ? name : tr("{} at step {}", name, format_count(point.step)),
          format_value(value_of(point, field))};
}

std::optional<double> kl_weight_at(const ModelView& view, double step) {
  if (!view.spec.has_prior()) return std::nullopt;
  const Curve& train = view.curves.train;
  if (const auto index = index_at(train, step)) {  // a schedule leaves no marks
    const float known = train[*index].kl_weight;
    if (std::isfinite(known)) return known;
  }
  const auto& marks = view.curves.marks;
  if (marks.empty()) return view.settings.kl_weight;
  const auto after =
      std::ranges::upper_bound(marks, static_cast<std::int64_t>(step), {}, &KlWeightMark::step);
  if (after == marks.begin()) return std::nullopt;
  return std::prev(after)->kl_weight;
}

KlRise kl_rise(const Curves& curves) {
  constexpr std::size_t kFewest = 24;      // points of training, so that chance does not decide
  constexpr double kRise = 0.02;           // of the earlier KL
  constexpr std::size_t kFewestTests = 3;  // in each half, likewise
  const Curve& train = curves.train;
  if (train.size() < kFewest) return KlRise::none;
  const std::size_t first = train.size() / 2, middle = first + (train.size() - first) / 2;
  for (std::size_t i = first; i < train.size(); ++i) {  // λ changed, or is not known
    if (train[i].kl_weight != train.back().kl_weight) return KlRise::none;
  }
  const std::int64_t from = train[first].step, half = train[middle].step;
  const Halves kl = halves_of(train, CurveField::kl, from, half);
  const Halves loss = halves_of(train, CurveField::loss, from, half);
  if (!(kl.later > kl.earlier * (1 + kRise)) || !loss.falls()) return KlRise::none;
  for (const Curve* test : {&curves.test_sample, &curves.test}) {
    const Halves tested = halves_of(*test, CurveField::loss, from, half);
    if (tested.fewest < kFewestTests) continue;
    return tested.falls() ? KlRise::learns : tested.rises() ? KlRise::overfits : KlRise::none;
  }
  return KlRise::none;
}

}  // namespace zscape
