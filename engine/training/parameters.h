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

// One word that a parameter accepts.
struct ParameterChoice {
  std::string_view word;   // the spelling in files and on the command line
  const char* label = "";  // in the window; empty: the word
  const char* help = "";   // for people: what it means
  std::string name() const { return *label != 0 ? label : std::string(word); }
};

// How a parameter's value is read and written; the text is the same everywhere.
struct ParameterField {
  enum class Form {
    number,
    numbers,  // with commas between them
    word,     // one of the choices, or free text
    flag,     // there or not; its text is "yes" or empty
  };
  Form form = Form::number;
  std::string placeholder;                          // in the help: "N", "mlp|conv"
  std::string range;                                // what it accepts: "a number above 0"
  double least = 0, most = 0;                       // of a number, inclusive
  std::vector<ParameterChoice> choices = {};        // of a word
  std::function<std::string(const RunPlan&)> text;  // empty: it is not set
  // False, and nothing changed: the text is not in the range.
  std::function<bool(RunPlan&, std::string_view)> read;
};

// One parameter of a run. The command line and its help, JSON in all files, range checks, scripts,
// the log and the window's labels, tooltips and greyed-out fields all come from these rows.
struct Parameter {
  // When a new value takes effect.
  enum class Effect {
    next_step,
    next_run,   // at the next reset or Apply
    new_model,  // Apply makes another model
    whole_run,  // fixed before the run begins
  };
  // Where the window shows it.
  enum class Place {
    nowhere,
    by_hand,        // in a panel's own layout
    more_training,  // in a row among the rarer options
    more_model,     // likewise
  };

  std::string_view key;          // in JSON, scripts and the log; with hyphens on the command line
  std::string_view option = {};  // the command line's shorter word; empty: none
  const char* label;             // "Learning rate"
  const char* help;              // one sentence
  const char* formula = "";
  const char* unit = "";     // "epochs"
  const char* initial = "";  // its default in words, if the value does not tell: "measured"
  ParameterField field;

  bool (*belongs)(const RunPlan&) = nullptr;  // null: to every plan
  // Whether it belongs there is known only with the data; null: before.
  bool (*waits_for_data)(const RunPlan&) = nullptr;
  const char* elsewhere = "";  // one sentence: why other plans do not have it
  Effect effect = Effect::whole_run;
  Place place = Place::by_hand;
  bool may_change = false;  // when a run resumes
  // The command that gives the engine the plan's value; null: SetParameter.
  Command (*command)(ModelId, const RunPlan&) = nullptr;

  // It can be changed in a running model.
  bool is_setting() const { return effect == Effect::next_step || effect == Effect::next_run; }
  bool applies(const RunPlan& plan) const { return belongs == nullptr || belongs(plan); }
  // Its text if it applies and is set, else empty.
  std::string value(const RunPlan& plan) const { return applies(plan) ? field.text(plan) : ""; }
  const ParameterChoice* choice(const RunPlan& plan) const;  // the present one; null: none
  std::string flag() const;                                  // "--lr"
  std::string tooltip() const;                               // help, formula, effect
};

// All parameters in the order in which a plan reads them; later ones may depend on earlier ones.
std::span<const Parameter> parameters();

// The row with this key; find_parameter() returns null if there is none.
const Parameter* find_parameter(std::string_view key);
const Parameter& parameter(std::string_view key);

// Success, or what is wrong: "learning_rate: 0 is not a number above 0".
Expected<void> set(RunPlan& plan, const Parameter& parameter, std::string_view text);
Expected<void> check(const RunPlan& plan);  // each parameter alone

// The command that gives one parameter of a model the plan's value, and the commands for all
// parameters with this effect.
Command setting_command(ModelId model, const Parameter& parameter, const RunPlan& plan);
std::vector<Command> setting_commands(ModelId model, Parameter::Effect effect, const RunPlan& plan);

// The plan with which the model would go on: its spec, its settings with the schedule's final λ,
// and the seed and hold-out of its next run.
RunPlan next_plan(const ModelView& view);

}  // namespace zscape
