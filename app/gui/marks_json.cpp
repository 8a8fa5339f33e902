#include "app/gui/marks_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "app/gui/panels/paths/path_speed.h"
#include "app/gui/view/latent/reach.h"
#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

using Json = nlohmann::json;

Json place_json(const std::vector<float>& z, const std::optional<PointRef>& source) {
  Json json{{"z", z}};
  if (source) {
    json["input"] = {{"split", key_of(source->split)}, {"index", source->index}};
  }
  return json;
}

std::pair<std::vector<float>, std::optional<PointRef>> place_from(const Json& json) {
  auto z = json.at("z").get<std::vector<float>>();
  if (!in_reach(z)) throw std::runtime_error(tr("a number lies beyond ±1,000,000"));
  if (!json.contains("input")) return {std::move(z), std::nullopt};
  const Json& input = json["input"];
  return {std::move(z),
          PointRef{split_from(input.at("split")), whole_from<std::int64_t>(input.at("index"))}};
}

// What pins and paths have in common.
template <class Mark>
void take_named(const Json& json, Mark& mark, int& next) {
  mark.id = whole_from<int>(json.at("id"));
  if (mark.id == std::numeric_limits<int>::max()) {
    throw std::runtime_error(tr("the number of a pin or a path is too large"));
  }
  json.at("name").get_to(mark.name);
  mark.label = whole_from<int>(json.at("label"));
  next = std::max(next, mark.id + 1);
}

}  // namespace

Json marks_json(const Marks& marks) {
  Json pins = Json::array(), paths = Json::array();
  for (const PinMark& pin : marks.pins) {
    pins.push_back(place_json(pin.z, pin.source));
    pins.back().update({{"id", pin.id}, {"name", pin.name}, {"label", pin.label}});
  }
  for (const PathMark& path : marks.paths) {
    Json points = Json::array();
    for (const auto& [z, source] : path.points) points.push_back(place_json(z, source));
    paths.push_back({{"id", path.id},
                     {"name", path.name},
                     {"label", path.label},
                     {"mode", std::string(name_of(path.mode))},
                     {"points", points}});
  }
  return {{"pins", pins}, {"paths", paths}};
}

Marks marks_from(const Json& json) {
  Marks marks;
  for (const Json& entry : json.at("pins")) {
    PinMark& pin = marks.pins.emplace_back();
    take_named(entry, pin, marks.next_pin);
    std::tie(pin.z, pin.source) = place_from(entry);
  }
  for (const Json& entry : json.at("paths")) {
    PathMark& path = marks.paths.emplace_back();
    take_named(entry, path, marks.next_path);
    const auto mode = mode_named(entry.at("mode").get<std::string>());
    if (!mode) throw std::runtime_error(tr("the mode of a path is not known"));
    path.mode = *mode;
    for (const Json& point : entry.at("points")) {
      auto& [z, source] = path.points.emplace_back();
      std::tie(z, source) = place_from(point);
    }
    if (path.points.size() < 2) throw std::runtime_error(tr("a path has fewer than two points"));
  }
  return marks;
}

Json layers_json(const Layers& layers) {
  Json json = Json::array();
  for (const Layer layer : kLayers) {
    if (layers.shown(layer)) json.push_back(text_of(layer).id);
  }
  return json;
}

Layers layers_from(const Json& view) {
  Layers layers;
  const auto shown = view.at("layers").get<std::vector<std::string>>();
  for (const Layer layer : kLayers) {
    layers.show(layer, std::ranges::find(shown, text_of(layer).id) != shown.end());
  }
  layers.ellipses_of_all = view.at("ellipses_of_all").get<bool>();
  layers.card = view.value("hover_card", true);  // older sessions do not say
  return layers;
}

const char* key_of(SplitName split) {
  return split == SplitName::train ? "train" : "test";
}

SplitName split_from(const Json& json) {
  const std::string name = json.get<std::string>();
  if (name != "train" && name != "test") {
    throw std::runtime_error(tr("a split is neither \"train\" nor \"test\""));
  }
  return name == "train" ? SplitName::train : SplitName::test;
}

}  // namespace zscape
