#include "engine/lab/lines.h"

#include <fmt/format.h>

#include "engine/number.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape::lab {

OrderedJson axes_json(const LabPlace& place) {
  OrderedJson json = OrderedJson::object();
  for (const AxisPlace& each : place) {
    const auto number = number_from<double>(each.value);
    const bool is_number = number && fmt::format("{}", *number) == each.value;
    json[each.axis] = is_number ? OrderedJson::parse(each.value) : OrderedJson(each.value);
  }
  return json;
}

LabPlace axes_from(const OrderedJson& json) {
  LabPlace place;
  for (const auto& [axis, value] : json.items()) {
    place.push_back({axis, value.is_number() ? fmt::format("{}", value.get<double>())
                                             : value.get<std::string>()});
  }
  return place;
}

std::string plan_text(const RunPlan& plan) {
  auto json = to_json(plan);
  json.erase("data");
  json.erase("labels_file");
  return json.dump();
}

}  // namespace zscape::lab
