#include "app/gui/marks_json.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "app/gui/panels/paths/path_speed.h"
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

ControlPoint place_from(const Json& json) {
  ControlPoint place;
  place.z = json.at("z").get<std::vector<float>>();
  if (!std::ranges::all_of(place.z, [](float part) { return std::isfinite(part); })) {
    throw std::runtime_error(tr("a number is not finite"));
  }
  if (json.contains("input")) {
    const Json& input = json["input"];
    place.source = PointRef{split_from(input.at("split")), input.at("index").get<std::int64_t>()};
  }
  return place;
}

Json pin_json(const PinMark& pin) {
  Json json = place_json(pin.z, pin.source);
  json["id"] = pin.id;
  json["name"] = pin.name;
  json["label"] = pin.label;
  return json;
}

Json path_json(const PathMark& path) {
  Json points = Json::array();
  for (const ControlPoint& point : path.points) points.push_back(place_json(point.z, point.source));
  return {{"id", path.id},
          {"name", path.name},
          {"label", path.label},
          {"mode", std::string(name_of(path.mode))},
          {"points", points}};
}

PinMark pin_from(const Json& json) {
  ControlPoint place = place_from(json);
  return {json.at("id").get<int>(), json.at("name").get<std::string>(), std::move(place.z),
          json.at("label").get<int>(), place.source};
}

PathMark path_from(const Json& json) {
  PathMark path;
  path.id = json.at("id").get<int>();
  path.name = json.at("name").get<std::string>();
  path.label = json.at("label").get<int>();
  const auto mode = mode_named(json.at("mode").get<std::string>());
  if (!mode) throw std::runtime_error(tr("the mode of a path is not known"));
  path.mode = *mode;
  for (const Json& point : json.at("points")) path.points.push_back(place_from(point));
  if (path.points.size() < 2) throw std::runtime_error(tr("a path has fewer than two points"));
  return path;
}

}  // namespace

Json marks_json(const Marks& marks) {
  Json pins = Json::array(), paths = Json::array();
  for (const PinMark& pin : marks.pins) pins.push_back(pin_json(pin));
  for (const PathMark& path : marks.paths) paths.push_back(path_json(path));
  return {{"pins", pins}, {"paths", paths}};
}

Marks marks_from(const Json& json) {
  Marks marks;
  for (const Json& pin : json.at("pins")) {
    marks.pins.push_back(pin_from(pin));
    marks.next_pin = std::max(marks.next_pin, marks.pins.back().id + 1);
  }
  for (const Json& path : json.at("paths")) {
    marks.paths.push_back(path_from(path));
    marks.next_path = std::max(marks.next_path, marks.paths.back().id + 1);
  }
  return marks;
}

Json layers_json(const Layers& layers) {
  Json json = Json::array();
  for (int i = 0; i < kLayerCount; ++i) {
    const auto layer = static_cast<Layer>(i);
    if (layers.shown(layer)) json.push_back(text_of(layer).id);
  }
  return json;
}

Layers layers_from(const Json& view) {
  Layers layers;
  const auto shown = view.at("layers").get<std::vector<std::string>>();
  for (int i = 0; i < kLayerCount; ++i) {
    const auto layer = static_cast<Layer>(i);
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
