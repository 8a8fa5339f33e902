#include "app/gui/settings_file.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/gui/text_file.h"
#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

using Json = nlohmann::json;

constexpr std::pair<Border, const char*> kOpenNames[] = {{Border::left, "controls_open"},
                                                         {Border::right, "preview_open"},
                                                         {Border::lower, "curves_open"}};

template <class Value>
std::optional<Value> find(const Json& object, const char* name, bool (Json::*is)() const noexcept) {
  const auto found = object.find(name);
  if (found == object.end() || !((*found).*is)()) return std::nullopt;
  return found->get<Value>();
}

}  // namespace

Expected<Settings> read_settings(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return Settings{};
  const Expected<std::string> text = read_text(path);
  if (!text) return fail(tr("{}: {}", path, text.error().message));
  const Json object = json_or_discarded(*text);
  if (!object.is_object()) {
    return fail(tr("{}: these settings cannot be read; {}", path, set_aside(path)));
  }
  Settings settings;
  Appearance& appearance = settings.appearance;
  appearance.light = find<std::string>(object, "theme", &Json::is_string) == "light";
  const auto percent = find<int>(object, "text_percent", &Json::is_number_integer);
  if (percent && std::ranges::find(kTextPercents, *percent) != kTextPercents.end()) {
    appearance.text_percent = *percent;
  }
  appearance.reduced_motion =
      find<bool>(object, "reduced_motion", &Json::is_boolean).value_or(false);
  if (const auto palette = find<std::string>(object, "palette", &Json::is_string)) {
    appearance.classes = palette_named(*palette).value_or(appearance.classes);
  }
  const auto megabytes = find<int>(object, "store_megabytes", &Json::is_number_integer);
  if (megabytes && std::ranges::find(kStoreMegabytes, *megabytes) != kStoreMegabytes.end()) {
    settings.store_megabytes = *megabytes;
  }
  settings.hint_seen = find<bool>(object, "hint_seen", &Json::is_boolean).value_or(false);
  for (const auto& [border, name] : kOpenNames) {
    settings.open.of(border) = find<bool>(object, name, &Json::is_boolean);
  }
  return settings;
}

Expected<void> write_settings(const Settings& settings, const std::string& path) {
  const Appearance& appearance = settings.appearance;
  Json object = {{"theme", appearance.light ? "light" : "dark"},
                 {"text_percent", appearance.text_percent},
                 {"reduced_motion", appearance.reduced_motion},
                 {"palette", std::string(name_of(appearance.classes))},
                 {"store_megabytes", settings.store_megabytes},
                 {"hint_seen", settings.hint_seen}};
  for (const auto& [border, name] : kOpenNames) {
    if (const auto open = settings.open.of(border)) object[name] = *open;
  }
  return write_text(path, object.dump(2) + "\n");
}

}  // namespace zscape
