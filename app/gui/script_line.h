#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/gui/view/latent/latent_view.h"
#include "engine/command.h"
#include "engine/error.h"
#include "engine/model_spec.h"

namespace zscape {

// The parsed lines of a script (script.h says what they mean).
namespace script_action {
struct Wait {
  std::optional<std::int64_t> epoch, step;
  std::optional<double> seconds;
  bool idle = false;
  double timeout_s = 300;
};
struct Hover {
  Vec2 z;
};
struct Click {
  Vec2 z;
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
  unsigned codepoint = 0;
  int mods = 0;
};  // codepoint 0: types nothing
struct Type {
  std::vector<unsigned> codepoints;
};
struct Widget {
  std::string name;
  float at = 0.5f;
  bool click = false;
};
struct Post {
  std::vector<Command> commands;
};  // their ModelId is filled in when posted
struct Model {
  std::optional<ModelKind> kind;
  std::optional<int> latent;
  std::optional<std::vector<int>> hidden;
  std::optional<Likelihood> likelihood;
  std::optional<double> sigma;
};
struct Screenshot {
  std::string file;
};
struct Drop {
  std::string file;
};
struct Quit {};
}  // namespace script_action

using ScriptAction =
    std::variant<script_action::Wait, script_action::Hover, script_action::Click,
                 script_action::Drag, script_action::Wheel, script_action::Leave,
                 script_action::Key, script_action::Type, script_action::Widget,
                 script_action::Post, script_action::Model, script_action::Screenshot,
                 script_action::Drop, script_action::Quit>;

struct ScriptLine {
  int number = 0;  // in the file, from 1
  ScriptAction action;
};

// Reads one line. The error does not name the place.
Expected<ScriptAction> parse_script_action(const std::string& line);

}  // namespace zscape
