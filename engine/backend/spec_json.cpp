#include "engine/backend/spec_json.h"

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

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

// The value that a word stands for. Without the key: the default.
template <class Value, class Named>
Value choice(const json& object, const char* key, const Named& named, Value initial) {
  const auto entry = object.find(key);
  if (entry == object.end()) return initial;
  const auto value = named(entry->get<std::string>());
  if (!value) {
    throw json::other_error::create(501, "an unknown " + std::string(key), &object);
  }
  return *value;
}

}  // namespace

json to_json(const ModelSpec& spec) {
  json object = {{"kind", name_of(spec.kind)},
                 {"shape", {spec.shape.height, spec.shape.width, spec.shape.channels}},
                 {"latent", spec.latent},
                 {"classes", spec.classes},
                 {"network", name_of(spec.network)},
                 {"hidden", spec.hidden},
                 {"likelihood", name_of(spec.likelihood)},
                 {"sigma", spec.sigma},
                 {"learned_sigma", spec.learned_sigma},
                 {"binarise", name_of(spec.binarise)},
                 {"objective", name_of(spec.objective)},
                 {"samples", spec.samples}};
  if (spec.scaling) {
    object["scaling"] = {{"mean", spec.scaling->mean}, {"deviation", spec.scaling->deviation}};
  }
  if (spec.kind == ModelKind::dae) {
    object["noise"] = {{"kind", name_of(spec.noise.kind)}, {"amount", spec.noise.amount}};
  }
  if (spec.kind == ModelKind::mae) {
    object["patch"] = spec.patch;
    object["mask_ratio"] = spec.mask_ratio;
  }
  return object;
}

ModelSpec spec_from_json(const json& object) {
  ModelSpec spec;
  object.at("kind");  // these two there must be
  object.at("likelihood");
  spec.kind = choice(object, "kind", kind_named, spec.kind);
  spec.likelihood = choice(object, "likelihood", likelihood_named, spec.likelihood);
  spec.network = choice(object, "network", network_named, spec.network);
  spec.binarise = choice(object, "binarise", binarise_named, spec.binarise);
  spec.objective = choice(object, "objective", objective_named, spec.objective);
  const auto shape = object.at("shape").get<std::array<int, 3>>();
  spec.shape = {shape[0], shape[1], shape[2]};
  spec.latent = object.at("latent").get<int>();
  spec.classes = object.at("classes").get<int>();
  spec.hidden = object.at("hidden").get<std::vector<int>>();
  spec.sigma = object.at("sigma").get<double>();
  spec.learned_sigma = object.value("learned_sigma", spec.learned_sigma);
  spec.samples = object.value("samples", spec.samples);
  spec.patch = object.value("patch", spec.patch);
  spec.mask_ratio = object.value("mask_ratio", spec.mask_ratio);
  if (const auto noise = object.find("noise"); noise != object.end()) {
    spec.noise.kind = choice(*noise, "kind", noise_named, spec.noise.kind);
    spec.noise.amount = noise->at("amount").get<double>();
  }
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
