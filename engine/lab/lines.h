#pragma once

#include <string>

#include "engine/lab/experiment.h"
#include "engine/lab/ordered_json.h"

// What lines of JSON have in common: of results.jsonl, and between processes.
namespace zscape::lab {

// {"latent": 2, "depth": "PCA"}, in the order of the axes; labels that are numbers as numbers.
OrderedJson axes_json(const LabPlace& place);
LabPlace axes_from(const OrderedJson& json);  // throws OrderedJson::exception

// A plan as JSON without the place of its data, which may be another on each machine.
std::string plan_text(const RunPlan& plan);

}  // namespace zscape::lab
