#include "engine/training/kept_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/json_text.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using Json = nlohmann::json;

constexpr std::pair<const char*, Curve Curves::*> kCurves[] = {
    {"curves.train", &Curves::train},
    {"curves.test", &Curves::test},
    {"curves.test_sample", &Curves::test_sample},
    {"curves.validation", &Curves::validation}};

constexpr std::int64_t kColumns = 10;
// A float holds whole numbers up to 2^24: a step takes two.
constexpr std::int64_t kStepParts = std::int64_t{1} << 20;

// The tensors of a checkpoint are finite.
constexpr float kNotANumber = std::numeric_limits<float>::lowest();
constexpr float kInfinite = std::numeric_limits<float>::max();

float finite(float value) {
  return std::isnan(value) ? kNotANumber : std::isinf(value) ? kInfinite : value;
}

float number(float value) {
  return value == kNotANumber ? std::numeric_limits<float>::quiet_NaN()
         : value == kInfinite ? std::numeric_limits<float>::infinity()
                              : value;
}

StateTensor to_tensor(const std::string& name, const Curve& curve) {
  StateTensor tensor{name, {static_cast<std::int64_t>(curve.size()), kColumns}, {}};
  tensor.values.reserve(curve.size() * kColumns);
  for (std::size_t i = 0; i < curve.size(); ++i) {
    const CurvePoint& point = curve[i];
    for (const float value :
         {static_cast<float>(point.step / kStepParts), static_cast<float>(point.step % kStepParts),
          point.loss, point.reconstruction, point.kl, point.mse, point.kl_weight,
          static_cast<float>(point.epoch), point.seconds, point.samples_per_second}) {
      tensor.values.push_back(finite(value));
    }
  }
  return tensor;
}

// False: these are no points with rising steps.
bool read_curve(const StateTensor& tensor, Curve& curve) {
  if (tensor.shape.size() != 2 || tensor.shape[1] != kColumns) return false;
  for (std::size_t at = 0; at < tensor.values.size(); at += kColumns) {
    const float* value = tensor.values.data() + at;
    for (const float whole : {value[0], value[1], value[7]}) {
      if (!(whole >= 0) || whole > static_cast<float>(1 << 24)) return false;
    }
    CurvePoint point;
    point.step =
        static_cast<std::int64_t>(value[0]) * kStepParts + static_cast<std::int64_t>(value[1]);
    if (!curve.empty() && point.step <= curve.back().step) return false;
    point.loss = number(value[2]);
    point.reconstruction = number(value[3]);
    point.kl = number(value[4]);
    point.mse = number(value[5]);
    point.kl_weight = number(value[6]);
    point.epoch = static_cast<std::int64_t>(value[7]);
    point.seconds = number(value[8]);
    point.samples_per_second = number(value[9]);
    curve.append(point);
  }
  return true;
}

}  // namespace

Checkpoint to_checkpoint(KeptRun run) {
  for (const auto& [name, curve] : kCurves) {
    const Curve& points = run.curves.*curve;
    if (!points.empty()) run.checkpoint.state.tensors.push_back(to_tensor(name, points));
  }
  Json memory = json_from<Json>(run.checkpoint.run);
  memory["plan"] = to_json(run.plan);
  memory["data_checksum"] = run.data_checksum;
  memory["steps_before"] = run.steps_before;
  memory["epochs_before"] = run.epochs_before;
  Json marks = Json::array();
  for (const KlWeightMark& mark : run.curves.marks) {
    marks.push_back({mark.step, mark.kl_weight, static_cast<int>(mark.schedule)});
  }
  memory["lambda_marks"] = std::move(marks);
  // A folder's name may not be UTF-8.
  run.checkpoint.run = memory.dump(-1, ' ', false, Json::error_handler_t::replace);
  return std::move(run.checkpoint);
}

Expected<KeptRun> kept_run_from(Checkpoint checkpoint) {
  KeptRun run;
  for (const auto& [name, curve] : kCurves) {
    auto& tensors = checkpoint.state.tensors;
    const auto found = std::ranges::find(tensors, name, &StateTensor::name);
    if (found == tensors.end()) continue;
    if (!read_curve(*found, run.curves.*curve)) return fail(tr("{} is not a curve", name));
    tensors.erase(found);
  }
  try {
    const Json memory = json_from<Json>(checkpoint.run);
    RunPlan endless;
    endless.epochs = 0;  // what JSON leaves out
    auto plan = plan_from_json(memory.at("plan"), std::move(endless));
    if (!plan) return tl::unexpected(plan.error());
    run.plan = *std::move(plan);
    run.data_checksum = whole_from<std::uint32_t>(memory.at("data_checksum"));
    run.steps_before = count_from(memory.value("steps_before", Json(0)));
    run.epochs_before = count_from(memory.value("epochs_before", Json(0)));
    for (const Json& mark : memory.value("lambda_marks", Json::array())) {
      const std::int64_t schedule = mark.size() > 2 ? count_from(mark[2]) : 0;
      const auto kind = std::clamp<std::int64_t>(schedule, 0, 2);
      run.curves.marks.push_back(
          {count_from(mark.at(0)), mark.at(1).get<double>(), static_cast<KlSchedule::Kind>(kind)});
    }
  } catch (const Json::exception& error) {
    return fail(tr("its memory of the run cannot be read: {}", error.what()));
  }
  run.checkpoint = std::move(checkpoint);
  return run;
}

}  // namespace zscape
