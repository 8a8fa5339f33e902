#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/command.h"
#include "engine/error.h"
#include "engine/snapshot.h"
#include "engine/training/plan.h"

namespace zscape {

// One of the words that a parameter takes.
struct ParameterChoice {
  std::string_view word;   // as every file and the command line spell it
  const char* label = "";  // in the window; empty: the word
  const char* help = "";   // for people: what it means
  std::string name() const { return *label != 0 ? label : std::string(word); }
};

// How a parameter's value is read and written. Its text is the same everywhere.
struct ParameterField {
  enum class Form {
    number,
    numbers,  // with commas between them
    word,     // one of the choices, or free text
  };
  Form form = Form::number;
  std::string placeholder;                          // in the help: "N", "mlp|conv"
  std::string range;                                // what it takes: "a number above 0"
  double least = 0, most = 0;                       // of a number; both are taken
  std::vector<ParameterChoice> choices = {};        // of a word
  std::function<std::string(const RunPlan&)> text;  // empty: it is not set
  // False: the text is not in the range, and nothing has changed.
  std::function<bool(RunPlan&, std::string_view)> read;
};

// One parameter of a run, and all that is known of it. The command line with its help, the JSON of
// plans, models, sessions and checkpoints, range checks, scripts, the log and the window's labels,
// tooltips and greyed-out fields follow from these rows.
struct Parameter {
  // When a new value takes effect.
  enum class Effect {
    next_step,
    next_run,   // at the next reset or Apply
    new_model,  // Apply makes another model
    whole_run,  // it is laid out before the run begins
  };
  // Where the window shows it.
  enum class Place {
    nowhere,
    by_hand,        // a panel lays it out
    more_training,  // in a row of its own among the rarer options
    more_model,     // likewise
  };

  std::string_view key;          // in JSON, scripts and the log; with hyphens on the command line
  std::string_view option = {};  // the command line's shorter word; empty: none
  const char* label;             // "Learning rate"
  const char* help;              // one sentence
  const char* formula = "";
  const char* unit = "";     // "epochs"
  const char* initial = "";  // what holds without it, where its value does not tell: "measured"
  ParameterField field;

  bool (*belongs)(const RunPlan&) = nullptr;  // null: to every plan
  const char* elsewhere = "";                 // one sentence: why it means nothing in other plans
  Effect effect = Effect::whole_run;
  Place place = Place::by_hand;
  bool may_change = false;  // when a run is resumed
  // What asks the engine for the plan's value; null: a SetParameter does.
  Command (*command)(ModelId, const RunPlan&) = nullptr;

  // A running model can be asked for it.
  bool is_setting() const { return effect == Effect::next_step || effect == Effect::next_run; }
  bool applies(const RunPlan& plan) const { return belongs == nullptr || belongs(plan); }
  // Its text where it applies and is set, else empty.
  std::string value(const RunPlan& plan) const { return applies(plan) ? field.text(plan) : ""; }
  const ParameterChoice* choice(const RunPlan& plan) const;  // the present one; null: none
  std::string flag() const;                                  // "--lr"
  std::string tooltip() const;                               // help, formula, effect
};

// All of them, in the order in which a plan reads them: what decides about others comes first.
std::span<const Parameter> parameters();

// The row of that key. find: null where there is none.
const Parameter* find_parameter(std::string_view key);
const Parameter& parameter(std::string_view key);

// Success, or why the value cannot be: "learning_rate: 0 is not a number above 0".
Expected<void> set(RunPlan& plan, const Parameter& parameter, std::string_view text);
Expected<void> check(const RunPlan& plan);  // of each parameter by itself

// What asks the engine to give this parameter of a model the plan's value, and all that take effect
// at that time.
Command setting_command(ModelId model, const Parameter& parameter, const RunPlan& plan);
std::vector<Command> setting_commands(ModelId model, Parameter::Effect effect, const RunPlan& plan);

// What the model would go on with: its spec, its settings with the λ that its schedule leads to,
// and the seed and hold-out of its next run.
RunPlan next_plan(const ModelView& view);

}  // namespace zscape
