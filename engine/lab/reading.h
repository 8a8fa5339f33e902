#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/lab/experiment.h"
#include "engine/lab/ordered_json.h"
#include "engine/training/parameters.h"

// How the text of an experiment is read; of experiment.cpp and its neighbours.
namespace zscape::lab {

// What is wrong with a file, without its name. Caught by experiment_from().
struct Wrong {
  std::string text;
};
[[noreturn]] void refuse(const std::string& where, const std::string& what);

// "claims[0].if": a key or a place below another one.
std::string below(const std::string& where, std::string_view key);
std::string below(const std::string& where, std::size_t index);

// Refuses a key that is not among these.
void check_keys(const OrderedJson& object, const std::string& where,
                std::initializer_list<std::string_view> known);

// What must be there, and of this form.
const OrderedJson& needed(const OrderedJson& object, const std::string& where,
                          std::string_view key);
void need_object(const OrderedJson& value, const std::string& where);
void need_list(const OrderedJson& value, const std::string& where);
std::string text_from(const OrderedJson& value, const std::string& where);
double number_at(const OrderedJson& value, const std::string& where);
bool flag_at(const OrderedJson& object, const std::string& where, std::string_view key);
std::string text_or(const OrderedJson& object, const std::string& where, std::string_view key,
                    const std::string& otherwise);

// "a, b, c"; what a person may choose among.
std::string listed(const std::vector<std::string>& names);

// The parameter that a file or a command line names, by key or by option; null: none.
const Parameter* parameter_named(std::string_view name);

// One parameter's value, checked alone.
LabSetting setting_from(const std::string& name, const OrderedJson& value,
                        const std::string& where);

// A value of an axis as a predicate or a list names it: the label of that value.
std::string label_of(const OrderedJson& value, const std::string& where);
std::string value_of(const LabAxis& axis, const OrderedJson& value, const std::string& where);

// Values of axes, {"latent": 2, "depth": "PCA"}.
LabPlace place_from(const OrderedJson& value, const Experiment& experiment,
                    const std::string& where);

// What predicates may name.
struct Names {
  const Experiment& experiment;
  std::vector<std::string> columns;  // also of measures that this version does not take
};
Predicate predicate_from(const OrderedJson& value, const Names& names, const std::string& where);
Quantity quantity_from(const OrderedJson& value, const Names& names, const std::string& where);

// A measure with the names of what it gives, or why there is none of this name.
LabMeasure measure_from(const OrderedJson& value, const std::string& where);

}  // namespace zscape::lab
