#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/input.h"
#include "app/gui/view/frame/widget_map.h"
#include "app/gui/view/latent/latent_view.h"
#include "engine/command.h"
#include "engine/error.h"
#include "engine/snapshot.h"

namespace zscape {

// What a script sees at the beginning of a frame: the places of the frame before, so call
// Script::advance before WidgetMap::clear and InputQueue::take_frame.
struct ScriptContext {
  const Snapshot& snapshot;
  ModelId model;
  const LatentView& view;
  const WidgetMap& widgets;
  InputQueue& input;
  double time_s;  // rising
};

// What a script asks of the window in one frame.
struct ScriptActions {
  std::vector<Command> commands;          // to post to the engine
  std::optional<std::string> screenshot;  // file to write from this frame, as the script has it
  bool quit = false;
  std::optional<std::string> error;  // "tour.jsonl:7: …"; the script has ended
};

struct ScriptLine;

// A recorded visitor: JSON lines that move the pointer, press keys and post commands.
//
//   {"do":"wait","epoch":2} | "step":500 | "seconds":1.5 | "idle":true  (nothing loads or works)
//   {"do":"hover","z":[0.4,-1]}                  {"do":"click","z":[0.4,-1]}
//   {"do":"drag","from":[0,0],"to":[1,1]}        {"do":"right_drag","from":[0,0],"to":[1,1]}
//   {"do":"wheel","z":[0,0],"by":3}              {"do":"leave"}  (the pointer leaves the window)
//   {"do":"key","name":"P"}  ("Ctrl+S", "F12")   {"do":"type","text":"400,200"}
//   {"do":"click_widget","name":"play"}          {"do":"hover_widget","name":"lambda","at":0.9}
//   {"do":"set","lambda":20,"learning_rate":1e-3,"batch":128,"seed":1}  (any of them)
//   {"do":"start"}  {"do":"pause"}  {"do":"step"}  {"do":"reset"}
//   {"do":"model","kind":"vae","latent":2,"hidden":[400],"likelihood":"gaussian","sigma":1}
//   {"do":"data","source":"synthetic"}   {"do":"save","file":…}   {"do":"open","file":…}
//   {"do":"screenshot","file":"a.png"}   {"do":"drop","file":…}  (on the window)
//   {"do":"quit"}
//
// z: the two visible coordinates of the latent plane. "model" needs only the parameters that
// change. "at": a place along the widget's width, 0 … 1. Relative paths start at the current
// folder. A wait takes "timeout" (seconds, default 300). A condition after a command is checked
// once the engine has had time to take the command. Empty lines and lines that begin with # are
// skipped. Pointer and keys go through the InputQueue, one event per frame; the next line begins
// when the queue is empty again. Used on the window's thread only.
class Script {
 public:
  static Expected<Script> load(const std::string& path);

  // name: what errors call the text.
  static Expected<Script> parse(const std::string& text, const std::string& name);

  Script(Script&&) noexcept;
  Script& operator=(Script&&) noexcept;
  ~Script();

  // Once a frame, and frames are needed until done(): a script does not wait for other events.
  ScriptActions advance(const ScriptContext& context);

  bool done() const;  // nothing is left to do

 private:
  Script();
  ScriptActions perform(const ScriptLine& line, const ScriptContext& context);
  bool waited_for(const ScriptLine& line, const ScriptContext& context);
  bool move_pointer(Vec2 to, int moves);  // false: no pointer can go there
  void click();

  std::string name_;
  std::vector<ScriptLine> lines_;
  std::size_t next_ = 0;
  std::optional<double> line_since_s_;     // when the present line was first looked at
  std::deque<InputEvent> events_;          // still to be pushed, one a frame
  Vec2 pointer_;                           // where the last of them leaves the pointer
  int settle_frames_ = 0;                  // to let pass before the next line
  std::uint64_t command_revision_ = 0;     // snapshot seen when the last command was posted …
  std::optional<double> command_since_s_;  // … and when that was
  bool pausing_ = false;                   // it was a Pause
  std::optional<double> idle_since_s_;
};

}  // namespace zscape
