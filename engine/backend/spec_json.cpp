#include "engine/backend/spec_json.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using nlohmann::json;

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

double number_or_nan(const json& object, const char* key) {
  const auto entry = object.find(key);
  return entry != object.end() && entry->is_number() ? entry->get<double>()
                                                     : std::numeric_limits<double>::quiet_NaN();
}

bool shapes_model(const Parameter& parameter) {
  return parameter.effect == Parameter::Effect::new_model;
}

}  // namespace

json to_json(const ModelSpec& spec) {
  RunPlan plan;
  plan.spec = spec;
  json object = {{"shape", {spec.shape.height, spec.shape.width, spec.shape.channels}},
                 {"classes", spec.classes}};
  for (const Parameter& parameter : parameters()) {
    const std::string text = parameter.value(plan);
    if (!shapes_model(parameter) || text.empty()) continue;
    object[std::string(parameter.key)] = json_value(parameter, text);
  }
  object["sigma"] = spec.sigma;  // the present value if it is learned
  object["learned_sigma"] = spec.learned_sigma;
  if (spec.scaling) {
    object["scaling"] = {{"mean", spec.scaling->mean}, {"deviation", spec.scaling->deviation}};
  }
  return object;
}

ModelSpec spec_from_json(const json& object) {
  json values = json::object();
  for (const Parameter& parameter : parameters()) {
    const auto entry = object.find(parameter.key);
    if (shapes_model(parameter) && entry != object.end()) values[entry.key()] = *entry;
  }
  object.at("kind");  // both are required
  object.at("likelihood");
  if (values.value("hidden", json()).empty()) values.erase("hidden");
  if (const auto noise = values.find("noise"); noise != values.end() && noise->is_object()) {
    // zscape 0.1 wrote an object.
    *noise = noise->at("kind").get<std::string>() + ":" + noise->at("amount").dump();
  }
  const auto plan = plan_from_json(values);
  if (!plan) throw json::other_error::create(501, plan.error().message, &object);
  ModelSpec spec = plan->spec;
  spec.learned_sigma = object.value("learned_sigma", spec.learned_sigma);
  const auto shape = object.at("shape").get<std::array<int, 3>>();
  spec.shape = {shape[0], shape[1], shape[2]};
  spec.classes = object.at("classes").get<int>();
  if (const auto scaling = object.find("scaling"); scaling != object.end()) {
    spec.scaling = std::make_shared<const Scaling>(
        Scaling{scaling->at("mean").get<std::vector<float>>(),
                scaling->at("deviation").get<std::vector<float>>()});
  }
  return spec;
}

json to_json(const RunRecord& record) {
  json object = {{"seed", record.seed},
                 {"epochs", record.epochs},
                 {"steps", record.steps},
                 {"lambda", record.kl_weight},
                 {"test_loss", number_or_null(record.test.loss)},
                 {"test_reconstruction", number_or_null(record.test.reconstruction)},
                 {"test_kl", number_or_null(record.test.kl)},
                 {"mse", number_or_null(record.test.mse)}};
  if (!record.codes.low.empty()) {
    object["code_range"] = {{"low", record.codes.low}, {"high", record.codes.high}};
  }
  return object;
}

RunRecord record_from_json(const json& figures) {
  RunRecord record;
  record.seed = figures.value("seed", std::uint64_t{0});
  record.epochs = figures.value("epochs", std::int64_t{0});
  record.steps = figures.value("steps", std::int64_t{0});
  record.kl_weight = figures.value("lambda", 1.0);
  record.test = {number_or_nan(figures, "test_loss"), number_or_nan(figures, "test_reconstruction"),
                 number_or_nan(figures, "test_kl"), number_or_nan(figures, "mse")};
  if (const auto range = figures.find("code_range"); range != figures.end()) {
    record.codes = {range->at("low").get<std::vector<float>>(),
                    range->at("high").get<std::vector<float>>()};
  }
  return record;
}

}  // namespace zscape
