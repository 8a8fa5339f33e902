#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace zscape {

// Keeps the order in which fields are set, so that people can read it.
using Json = nlohmann::ordered_json;

// JSON has no NaN: a missing figure is null.
inline Json number_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

template <class Number>
Json number_or_null(const std::optional<Number>& value) {
  return value ? number_or_null(static_cast<double>(*value)) : Json(nullptr);
}

// One line. File names may hold bytes that are not UTF-8; these are replaced.
inline std::string one_line(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace zscape
