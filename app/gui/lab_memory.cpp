#include "app/gui/lab_memory.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "app/gui/text_file.h"
#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

using Json = nlohmann::json;

Json json_of(const LabGuess& guess) {
  Json json = {{"kept", guess.kept}, {"skipped", guess.skipped}, {"late", guess.late}};
  if (guess.choice) json["choice"] = *guess.choice;
  if (guess.number) json["number"] = *guess.number;
  if (guess.curve.empty()) return json;
  Json& curve = json["curve"] = Json::array();
  for (const double height : guess.curve) {
    curve.push_back(std::isnan(height) ? Json() : Json(std::round(1e4 * height) / 1e4));
  }
  return json;
}

bool flag(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

LabGuess guess_from(const Json& json) {
  LabGuess guess;
  if (!json.is_object()) return guess;
  guess.kept = flag(json, "kept");
  guess.skipped = flag(json, "skipped");
  guess.late = flag(json, "late");
  if (json.contains("choice")) guess.choice = whole_from<std::size_t>(json["choice"]);
  if (json.contains("number")) guess.number = json["number"].get<double>();
  if (!json.contains("curve") || json["curve"].size() != kGuessPlaces) return guess;
  for (const Json& height : json["curve"]) {
    guess.curve.push_back(height.is_number() ? std::clamp(height.get<double>(), 0.0, 1.0)
                                             : std::numeric_limits<double>::quiet_NaN());
  }
  return guess;
}

}  // namespace

Expected<LabMemory> read_lab_memory(const std::string& path) {
  LabMemory memory;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return memory;
  const Expected<std::string> text = read_text(path);
  if (!text) return fail(tr("{}: {}", path, text.error().message));
  try {
    const Json json = json_from(*text);
    for (const auto& [name, guess] : json.at("predictions").items()) {
      memory.guesses[name] = guess_from(guess);
    }
    for (const auto& [name, setup] : json.at("setups").items()) {
      memory.setups[name] = {setup.at("data").get<std::string>(), setup.at("quick").get<bool>(),
                             whole_from<int>(setup.at("jobs"))};
    }
    for (const Json& each : json.at("opened")) memory.opened.push_back(each.get<std::string>());
  } catch (const Json::exception&) {
    return fail(tr("{}: the predictions cannot be read; {}", path, set_aside(path)));
  }
  if (memory.opened.size() > kMostOpened) memory.opened.resize(kMostOpened);
  return memory;
}

Expected<void> write_lab_memory(const LabMemory& memory, const std::string& path) {
  Json predictions = Json::object(), setups = Json::object();
  for (const auto& [name, guess] : memory.guesses) predictions[name] = json_of(guess);
  for (const auto& [name, setup] : memory.setups) {
    setups[name] = {{"data", setup.data}, {"quick", setup.quick}, {"jobs", setup.jobs}};
  }
  const Json json = {
      {"predictions", predictions}, {"setups", setups}, {"opened", Json(memory.opened)}};
  return write_text(path, json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace zscape
