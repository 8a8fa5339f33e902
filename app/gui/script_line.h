#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "engine/command.h"
#include "engine/error.h"
#include "engine/training/parameters.h"

namespace zscape {

// The parsed lines of a script (script.h says what they mean).
namespace script_action {
struct Wait {
  std::optional<std::int64_t> epoch, step;
  std::optional<double> seconds;
  bool idle = false;
  double timeout_s = 300;
};
struct Point {
  Vec2 z;
  bool click = false;  // else the pointer only rests there
};
struct Drag {
  Vec2 from, to;
  int button = 0;
};
struct Wheel {
  Vec2 z;
  float by = 0;
};
struct Leave {};
struct Key {
  int key = 0;
  unsigned codepoint = 0;  // 0: types nothing
  int mods = 0;
};
struct Type {
  std::vector<unsigned> codepoints;
};
struct Widget {
  std::string name;
  float at = 0.5f;
  bool click = false;
};
struct Post {
  std::vector<Command> commands;  // their ModelId is filled in when posted
};
struct Value {
  const Parameter* parameter = nullptr;
  std::string text;  // that it can read
};
struct Model {
  std::vector<Value> values;
};
struct Screenshot {
  std::string file;
};
struct Drop {
  std::string file;
};
struct Quit {};
}  // namespace script_action

using ScriptAction = std::variant<script_action::Wait, script_action::Point, script_action::Drag,
                                  script_action::Wheel, script_action::Leave, script_action::Key,
                                  script_action::Type, script_action::Widget, script_action::Post,
                                  script_action::Model, script_action::Screenshot,
                                  script_action::Drop, script_action::Quit>;

struct ScriptLine {
  int number = 0;  // in the file, from 1
  ScriptAction action;
};

// Reads one line. The error does not name the place.
Expected<ScriptAction> parse_script_action(const std::string& line);

}  // namespace zscape
