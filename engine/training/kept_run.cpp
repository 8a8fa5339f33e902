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

constexpr auto kPutAway = "put_away";
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

KlSchedule::Kind kind_from(std::int64_t number) {
  return static_cast<KlSchedule::Kind>(std::clamp<std::int64_t>(number, 0, 2));
}

SettingsChange change_from(const Json& values) {
  SettingsChange change;
  change.step = count_from(values.at(0));
  change.settings.kl_weight = values.at(1).get<double>();
  change.settings.learning_rate = values.at(2).get<double>();
  change.settings.batch_size = whole_from<int>(values.at(3));
  change.last_learning_rate = values.at(4).get<double>();
  change.schedule = {kind_from(count_from(values.at(5))), values.at(6).get<double>(),
                     whole_from<int>(values.at(7)), count_from(values.at(8))};
  return change;
}

KeptPast past_from(const Json& memory) {
  KeptPast past;
  for (const Json& state : memory.value("states", Json::array())) {
    past.states.emplace_back(count_from(state.at(0)), state.at(1).get<std::string>());
  }
  for (const Json& moment : memory.value("moments", Json::array())) {
    past.moments.push_back(moment.get<std::string>());
  }
  return past;
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
  Json gaps = Json::array();
  for (const GapPoint& point : run.curves.gaps) {
    gaps.push_back({point.step, point.inputs, point.log_likelihood, point.elbo, point.amortisation,
                    point.approximation});
  }
  if (!gaps.empty()) memory["gaps"] = std::move(gaps);
  Json changes = Json::array();
  for (const SettingsChange& change : run.curves.changes) {
    const auto& [step, settings, schedule, last_learning_rate] = change;
    changes.push_back({step, settings.kl_weight, settings.learning_rate, settings.batch_size,
                       last_learning_rate, static_cast<int>(schedule.kind), schedule.steps,
                       schedule.cycles, schedule.first_step});
  }
  memory["settings"] = std::move(changes);
  memory["states"] = run.past.states;
  memory["moments"] = run.past.moments;
  Json stored = Json::array();
  for (const KeptStoredRun& one : run.stored) {
    stored.push_back({{"file", one.file},
                      {"pinned", one.is_pinned},
                      {"states", one.past.states},
                      {"moments", one.past.moments}});
  }
  if (!stored.empty()) memory["stored"] = std::move(stored);
  memory["computed_by"] = run.computed_by;
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
      run.curves.marks.push_back(
          {count_from(mark.at(0)), mark.at(1).get<double>(), kind_from(schedule)});
    }
    for (const Json& values : memory.value("gaps", Json::array())) {
      run.curves.gaps.push_back({count_from(values.at(0)), count_from(values.at(1)),
                                 values.at(2).get<float>(), values.at(3).get<float>(),
                                 values.at(4).get<float>(), values.at(5).get<float>()});
    }
    for (const Json& values : memory.value("settings", Json::array())) {
      run.curves.changes.push_back(change_from(values));
    }
    run.past = past_from(memory);
    for (const Json& one : memory.value("stored", Json::array())) {
      run.stored.push_back(
          {one.at("file").get<std::string>(), one.at("pinned").get<bool>(), past_from(one)});
    }
    run.computed_by = memory.value("computed_by", std::string());
  } catch (const Json::exception& error) {
    return fail(tr("its memory of the run cannot be read: {}", error.what()));
  }
  run.checkpoint = std::move(checkpoint);
  return run;
}

std::string with_put_away(const std::string& memory, const StoredRun& shown) {
  Json json = json_from<Json>(memory);
  json[kPutAway] = {{"model", shown.model.value},
                    {"why", static_cast<int>(shown.why)},
                    {"time", shown.kept_at},
                    {"data", shown.data},
                    {"lambda", shown.settings.kl_weight}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Expected<StoredRun> put_away_from(const std::string& memory) {
  StoredRun shown;
  try {
    const Json json = json_from<Json>(memory).at(kPutAway);
    shown.model = {whole_from<std::uint32_t>(json.at("model"))};
    constexpr auto kLast = static_cast<std::int64_t>(PutAway::earlier_step);
    shown.why = static_cast<PutAway>(std::min(count_from(json.at("why")), kLast));
    shown.kept_at = json.at("time").get<std::time_t>();
    shown.data = json.at("data").get<std::string>();
    shown.settings.kl_weight = json.at("lambda").get<double>();
  } catch (const Json::exception& error) {
    return fail(tr("it is no run that was put away: {}", error.what()));
  }
  return shown;
}

}  // namespace zscape
