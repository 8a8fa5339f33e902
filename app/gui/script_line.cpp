#include "app/gui/script_line.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "app/gui/view/latent/reach.h"
#include "engine/json_text.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using Json = nlohmann::json;
namespace action = script_action;

// The fields of one line. Keeps the first error; an unknown field is an error too, so that a typing
// error is noticed.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) { known_.insert("do"); }

  const Json* find(const std::string& name) {
    known_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }

  std::string text(const std::string& name) {
    const Json* field = find(name);
    if (field && field->is_string() && !field->get<std::string>().empty()) return *field;
    complain(tr("\"{}\" must be a non-empty string", name));
    return {};
  }

  std::optional<double> number(const std::string& name, double low, double high) {
    const Json* field = find(name);
    if (!field) return std::nullopt;
    if (field->is_number()) {
      const double value = *field;
      if (value >= low && value <= high) return value;
    }
    complain(std::isinf(high) ? tr("\"{}\" must be a number of at least {}", name, low)
                              : tr("\"{}\" must be a number between {} and {}", name, low, high));
    return std::nullopt;
  }

  std::optional<std::int64_t> whole(const std::string& name, std::int64_t low) {
    const Json* field = find(name);
    if (!field) return std::nullopt;
    if (field->is_number_integer() && field->get<std::int64_t>() >= low) return *field;
    complain(tr("\"{}\" must be a whole number of at least {}", name, low));
    return std::nullopt;
  }

  Vec2 point(const std::string& name) {
    const Json* field = find(name);
    if (!field || !field->is_array() || field->size() != 2 || !(*field)[0].is_number() ||
        !(*field)[1].is_number()) {
      complain(tr("\"{}\" must be two numbers, like [0.5,-1]", name));
      return {};
    }
    const Vec2 place{(*field)[0].get<float>(), (*field)[1].get<float>()};
    if (!in_reach(place.x) || !in_reach(place.y)) {
      complain(tr("\"{}\" must lie within ±1,000,000", name));
    }
    return place;
  }

  void complain(std::string what) {
    if (!error) error = std::move(what);
  }

  void check_unknown() {
    for (const auto& [name, value] : object_.items()) {
      if (!known_.contains(name)) complain(tr("this action does not take \"{}\"", name));
    }
  }

  std::optional<std::string> error;

 private:
  const Json& object_;
  std::set<std::string> known_;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr std::pair<std::string_view, int> kNamedKeys[] = {
    {"Escape", GLFW_KEY_ESCAPE},     {"Enter", GLFW_KEY_ENTER},
    {"Tab", GLFW_KEY_TAB},           {"Backspace", GLFW_KEY_BACKSPACE},
    {"Delete", GLFW_KEY_DELETE},     {"Home", GLFW_KEY_HOME},
    {"End", GLFW_KEY_END},           {"Left", GLFW_KEY_LEFT},
    {"Right", GLFW_KEY_RIGHT},       {"Up", GLFW_KEY_UP},
    {"Down", GLFW_KEY_DOWN},         {"PageUp", GLFW_KEY_PAGE_UP},
    {"PageDown", GLFW_KEY_PAGE_DOWN}};

// Takes "Ctrl+" and "Shift+" off the beginning of a key's name; returns GLFW's bits.
int take_mods(std::string_view& name) {
  constexpr std::pair<std::string_view, int> kMods[] = {{"Ctrl+", GLFW_MOD_CONTROL},
                                                        {"Shift+", GLFW_MOD_SHIFT}};
  int mods = 0;
  for (const auto& [prefix, bit] : kMods) {
    if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
    name.remove_prefix(prefix.size());
    mods |= bit;
  }
  return mods;
}

action::Key parse_key(Fields& fields) {
  const std::string text = fields.text("name");
  std::string_view name = text;
  const int mods = take_mods(name);
  for (const auto& [named, key] : kNamedKeys) {
    if (named == name) return {key, 0, mods};
  }
  if (name == "Space") return {GLFW_KEY_SPACE, ' ', mods};
  if (name == ".") return {GLFW_KEY_PERIOD, '.', mods};
  if (name == "?") return {GLFW_KEY_SLASH, '?', GLFW_MOD_SHIFT};
  for (int number = 1; number <= 12; ++number) {
    if (name == fmt::format("F{}", number)) return {GLFW_KEY_F1 + number - 1, 0, mods};
  }
  if (name.size() == 1 && std::isalnum(static_cast<unsigned char>(name[0]))) {
    // GLFW numbers letters and digits by their capital ASCII code; the character is unshifted.
    const auto letter = static_cast<unsigned char>(name[0]);
    const bool types = (mods & GLFW_MOD_CONTROL) == 0;
    return {std::toupper(letter), types ? static_cast<unsigned>(std::tolower(letter)) : 0, mods};
  }
  fields.complain(
      tr("no key is called \"{}\"; use a letter, a digit, \".\", \"?\", Space, Escape, Enter, Tab, "
         "Backspace, Delete, Home, End, Left, Right, Up, Down, PageUp, PageDown or F1 to F12, with "
         "Ctrl+ or Shift+ before it where needed",
         text));
  return {};
}

// text is valid UTF-8: the JSON parser has checked it.
std::vector<unsigned> code_points(const std::string& text) {
  std::vector<unsigned> result;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x80) {
      result.push_back(byte);
    } else if (byte < 0xC0) {  // continues the one before
      result.back() = result.back() << 6 | (byte & 0x3Fu);
    } else {
      result.push_back(byte < 0xE0 ? byte & 0x1Fu : byte < 0xF0 ? byte & 0x0Fu : byte & 0x07u);
    }
  }
  return result;
}

action::Wait parse_wait(Fields& fields) {
  action::Wait wait;
  wait.epoch = fields.whole("epoch", 0);
  wait.step = fields.whole("step", 0);
  wait.seconds = fields.number("seconds", 0, kInfinity);
  if (const Json* idle = fields.find("idle")) {
    wait.idle = *idle == Json(true);
    if (!wait.idle) fields.complain(tr("\"idle\" must be true"));
  }
  wait.timeout_s = fields.number("timeout", 0, kInfinity).value_or(300);
  const int conditions =
      wait.epoch.has_value() + wait.step.has_value() + wait.seconds.has_value() + wait.idle;
  if (conditions != 1) {
    fields.complain(
        tr("\"wait\" needs exactly one of \"epoch\", \"step\", \"seconds\" and \"idle\""));
  }
  return wait;
}

// The line's values for the chosen parameters, in the order of the table.
std::vector<action::Value> parse_values(Fields& fields, bool (*is_meant)(const Parameter&)) {
  std::vector<action::Value> values;
  for (const Parameter& parameter : parameters()) {
    if (!is_meant(parameter)) continue;
    const Json* field = fields.find(std::string(parameter.key));
    if (field == nullptr) continue;
    const auto text = text_of(*field, parameter);
    RunPlan alone;
    if (text && parameter.field.read(alone, *text)) {
      values.push_back({&parameter, *text});
    } else {
      fields.complain(tr("\"{}\" must be {}", parameter.key, parameter.field.range));
    }
  }
  return values;
}

bool shapes_model(const Parameter& parameter) {
  return parameter.effect == Parameter::Effect::new_model;
}

action::Post parse_set(Fields& fields) {
  action::Post post;
  const auto is_setting = [](const Parameter& parameter) { return parameter.is_setting(); };
  for (const auto& [parameter, text] : parse_values(fields, is_setting)) {
    RunPlan plan;
    parameter->field.read(plan, text);
    post.commands.push_back(setting_command({}, *parameter, plan));
  }
  if (post.commands.empty()) {
    fields.complain(tr("\"set\" needs a parameter of the run, like \"lambda\" or \"seed\""));
  }
  return post;
}

action::Widget parse_widget(Fields& fields, bool click) {
  action::Widget widget;
  widget.name = fields.text("name");
  widget.at = static_cast<float>(fields.number("at", 0, 1).value_or(0.5));
  widget.click = click;
  return widget;
}

action::Wheel parse_wheel(Fields& fields) {
  action::Wheel wheel{fields.point("z"), 0};
  const auto by = fields.number("by", -100, 100);
  if (!by)
    fields.complain(tr("\"wheel\" needs \"by\", the number of wheel clicks (negative: backwards)"));
  wheel.by = static_cast<float>(by.value_or(0));
  return wheel;
}

std::optional<ScriptAction> parse_action(const std::string& verb, Fields& fields) {
  if (verb == "wait") return parse_wait(fields);
  if (verb == "hover") return action::Point{fields.point("z"), false};
  if (verb == "click") return action::Point{fields.point("z"), true};
  if (verb == "drag") {
    return action::Drag{fields.point("from"), fields.point("to"), GLFW_MOUSE_BUTTON_LEFT};
  }
  if (verb == "right_drag") {
    return action::Drag{fields.point("from"), fields.point("to"), GLFW_MOUSE_BUTTON_RIGHT};
  }
  if (verb == "wheel") return parse_wheel(fields);
  if (verb == "leave") return action::Leave{};
  if (verb == "key") return parse_key(fields);
  if (verb == "type") return action::Type{code_points(fields.text("text"))};
  if (verb == "click_widget") return parse_widget(fields, true);
  if (verb == "hover_widget") return parse_widget(fields, false);
  if (verb == "set") return parse_set(fields);
  if (verb == "start") return action::Post{{Start{}}};
  if (verb == "pause") return action::Post{{Pause{}}};
  if (verb == "step") return action::Post{{Step{}}};
  if (verb == "reset") return action::Post{{Reset{}}};
  if (verb == "model") return action::Model{parse_values(fields, shapes_model)};
  if (verb == "data") return action::Post{{LoadData{{}, fields.text("source")}}};
  if (verb == "save") return action::Post{{SaveModel{{}, fields.text("file")}}};
  if (verb == "open") return action::Post{{OpenModel{{}, fields.text("file")}}};
  if (verb == "screenshot") return action::Screenshot{fields.text("file")};
  if (verb == "drop") return action::Drop{fields.text("file")};
  if (verb == "quit") return action::Quit{};
  return std::nullopt;
}

}  // namespace

Expected<ScriptAction> parse_script_action(const std::string& line) {
  const Json object = json_or_discarded(line);
  if (object.is_discarded()) return fail(tr("this is not JSON; write one JSON object per line"));
  if (!object.is_object() || !object.contains("do") || !object["do"].is_string()) {
    return fail(tr(R"(a line must be an object with "do", like {"do":"wait","epoch":2})"));
  }
  Fields fields(object);
  const std::string verb = object["do"];
  const auto parsed = parse_action(verb, fields);
  if (!parsed) {
    return fail(
        tr("\"{}\" is not an action; the actions are wait, hover, click, drag, right_drag, wheel, "
           "leave, key, "
           "type, click_widget, hover_widget, set, start, pause, step, reset, model, data, save, "
           "open, screenshot, drop and quit",
           verb));
  }
  fields.check_unknown();
  if (fields.error) return fail(*fields.error);
  return *parsed;
}

}  // namespace zscape
