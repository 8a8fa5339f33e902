#include "app/gui/script.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "app/gui/script_line.h"
#include "app/gui/text_file.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace action = script_action;

constexpr int kApproachMoves = 6;      // pointer moves on the way to a place
constexpr int kDragMoves = 16;         // with a button held
constexpr int kSettleFrames = 2;       // until what the pointer did is on the screen
constexpr double kWidgetPatience = 5;  // seconds for a widget to appear
constexpr double kCommandDelay = 2;    // seconds after which a command was certainly taken
constexpr double kIdleDelay = 0.4;     // idle for so long counts as idle

ModelSpec changed(const ModelSpec& spec, const action::Model& wish, const Snapshot& snapshot) {
  RunPlan plan;
  plan.spec = spec;
  for (const auto& [parameter, text] : wish.values) {
    const ModelKind before = plan.spec.kind;
    parameter->field.read(plan, text);
    const bool is_other = plan.spec.kind != before;
    if (is_other && snapshot.data) plan.spec = fitted(plan.spec, *snapshot.data);
  }
  return plan.spec;
}

}  // namespace

Script::Script() = default;
Script::Script(Script&&) noexcept = default;
Script& Script::operator=(Script&&) noexcept = default;
Script::~Script() = default;

Expected<Script> Script::load(const std::string& path) {
  const Expected<std::string> text = read_text(path);
  if (!text) {
    return fail(tr("--script {}: {}; name a file of JSON lines", path, text.error().message));
  }
  return parse(*text, path);
}

Expected<Script> Script::parse(const std::string& text, const std::string& name) {
  Script script;
  script.name_ = name;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    auto parsed = parse_script_action(line);
    if (!parsed) return fail(fmt::format("{}:{}: {}", name, number, parsed.error().message));
    script.lines_.push_back({number, std::move(*parsed)});
  }
  return script;
}

bool Script::done() const {
  return next_ == lines_.size() && events_.empty() && settle_frames_ == 0;
}

ScriptActions Script::advance(const ScriptContext& context) {
  if (!events_.empty()) {
    context.input.push(events_.front(), context.time_s);
    events_.pop_front();
    settle_frames_ = kSettleFrames;
    return {};
  }
  if (!context.input.empty()) return {};
  if (settle_frames_ > 0) {
    --settle_frames_;
    return {};
  }
  if (next_ == lines_.size()) return {};
  if (!line_since_s_) {
    line_since_s_ = context.time_s;
    idle_since_s_.reset();
  }
  const std::size_t before = next_;
  ScriptActions actions = perform(lines_[before], context);
  if (actions.error) {
    actions.error = fmt::format("{}:{}: {}", name_, lines_[before].number, *actions.error);
    next_ = lines_.size();
    return actions;
  }
  if (next_ != before) line_since_s_.reset();
  if (!actions.commands.empty()) {
    command_revision_ = context.snapshot.revision;
    command_since_s_ = context.time_s;
    pausing_ = std::holds_alternative<Pause>(actions.commands.back());
  }
  return actions;
}

ScriptActions Script::perform(const ScriptLine& line, const ScriptContext& context) {
  ScriptActions actions;
  const double waited_s = context.time_s - *line_since_s_;
  bool reaches = true;  // the pointer can go there

  if (const auto* wait = std::get_if<action::Wait>(&line.action)) {
    if (waited_for(line, context)) {
      ++next_;
    } else if (waited_s > wait->timeout_s) {
      actions.error = tr("the condition of this wait was not met within {} s", wait->timeout_s);
    }
    return actions;
  }
  if (const auto* widget = std::get_if<action::Widget>(&line.action)) {
    const auto place = context.widgets.find(widget->name);
    if (!place) {
      if (waited_s > kWidgetPatience) {
        actions.error = tr("there is no widget \"{}\" on the screen", widget->name);
      }
      return actions;
    }
    move_pointer({place->origin.x + place->size.x * widget->at, place->center().y}, kApproachMoves);
    if (widget->click) click();
  } else if (const auto* point = std::get_if<action::Point>(&line.action)) {
    reaches = move_pointer(context.view.to_screen(point->z), kApproachMoves);
    if (point->click) click();
  } else if (const auto* drag = std::get_if<action::Drag>(&line.action)) {
    // Converts both ends first: the drag may move the view.
    const Vec2 to = context.view.to_screen(drag->to);
    reaches = move_pointer(context.view.to_screen(drag->from), kApproachMoves);
    events_.push_back(ButtonChanged{drag->button, true});
    reaches = move_pointer(to, kDragMoves) && reaches;
    events_.push_back(ButtonChanged{drag->button, false});
  } else if (const auto* wheel = std::get_if<action::Wheel>(&line.action)) {
    reaches = move_pointer(context.view.to_screen(wheel->z), kApproachMoves);
    const float turn = wheel->by < 0 ? -1.0f : 1.0f;
    for (float left = std::abs(wheel->by); left > 0; left -= 1) {
      events_.push_back(WheelTurned{{0, turn * std::min(left, 1.0f)}});
    }
  } else if (std::holds_alternative<action::Leave>(line.action)) {
    events_.push_back(PointerLeft{});
  } else if (const auto* key = std::get_if<action::Key>(&line.action)) {
    events_.push_back(KeyChanged{key->key, 0, true, key->mods});
    if (key->codepoint) events_.push_back(CharTyped{key->codepoint});
    events_.push_back(KeyChanged{key->key, 0, false, 0});
  } else if (const auto* type = std::get_if<action::Type>(&line.action)) {
    for (const unsigned codepoint : type->codepoints) events_.push_back(CharTyped{codepoint});
  } else if (const auto* post = std::get_if<action::Post>(&line.action)) {
    for (Command command : post->commands) {
      std::visit([&](auto& any) { any.model = context.model; }, command);
      actions.commands.push_back(std::move(command));
    }
  } else if (const auto* model = std::get_if<action::Model>(&line.action)) {
    const ModelView* view = context.snapshot.find(context.model);
    const ModelSpec spec = changed(view ? view->spec : ModelSpec{}, *model, context.snapshot);
    actions.commands.push_back(ReplaceModel{context.model, spec});
  } else if (const auto* screenshot = std::get_if<action::Screenshot>(&line.action)) {
    actions.screenshot = screenshot->file;
  } else if (const auto* drop = std::get_if<action::Drop>(&line.action)) {
    events_.push_back(FilesDropped{{drop->file}});
  } else if (std::holds_alternative<action::Quit>(line.action)) {
    actions.quit = true;
  }
  if (!reaches) {
    events_.clear();
    actions.error = tr("this place lies too far outside the window at the present zoom");
  }
  ++next_;
  return actions;
}

bool Script::waited_for(const ScriptLine& line, const ScriptContext& context) {
  const auto& wait = std::get<action::Wait>(line.action);
  if (wait.seconds) return context.time_s - *line_since_s_ >= *wait.seconds;

  // A snapshot may have been on its way when a command was posted: only the second one after it has
  // certainly seen the command.
  if (command_since_s_ && context.snapshot.revision < command_revision_ + 2 &&
      context.time_s - *command_since_s_ < kCommandDelay) {
    return false;
  }
  const ModelView* view = context.snapshot.find(context.model);
  const bool pauses = pausing_ && view && view->state == RunState::running;
  if (!view || (view->state == RunState::loading && !shows_given_codes(*view)) ||
      (wait.idle && pauses) || (wait.idle && context.snapshot.activity)) {
    idle_since_s_.reset();
    return false;
  }
  if (wait.epoch) return view->position.epoch >= *wait.epoch;
  if (wait.step) return view->position.step >= *wait.step;
  if (!idle_since_s_) idle_since_s_ = context.time_s;
  return context.time_s - *idle_since_s_ >= kIdleDelay;
}

bool Script::move_pointer(Vec2 to, int moves) {
  if (!is_on_a_screen(to)) return false;
  for (int move = 1; move <= moves; ++move) {
    const float part = static_cast<float>(move) / static_cast<float>(moves);
    events_.push_back(PointerMoved{pointer_ + part * (to - pointer_)});
  }
  pointer_ = to;
  return true;
}

void Script::click() {
  for (const bool down : {true, false}) {
    events_.push_back(ButtonChanged{GLFW_MOUSE_BUTTON_LEFT, down});
  }
}

}  // namespace zscape
