#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/error.h"
#include "engine/model/program.h"
#include "engine/program/archive.h"

namespace zscape {

// What zscape keeps of an archive beside its weights, in the metadata of a model file: the graph
// of torch's export schema (_export/serde/schema.py) without traces of the Python that made it, the
// names and forms of its state_dict, and its constants.
Expected<nlohmann::json> graph_text(const ExportedArchive& archive, const std::string& where);

// The graph of such a text, its operators found and its slots numbered. strip_sigmoid: leaves out a
// sigmoid at its end. Errors begin with where.
Expected<std::shared_ptr<const ProgramGraph>> graph_from(const nlohmann::json& text,
                                                         bool strip_sigmoid,
                                                         const std::string& where);

// The forms of a graph's inputs without the batch, which must be free.
Expected<std::vector<std::vector<std::int64_t>>> input_shapes(const nlohmann::json& text,
                                                              const std::string& where);

}  // namespace zscape
