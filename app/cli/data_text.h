#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "app/cli/json_value.h"
#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// What was understood of data: for `zscape info`, as one object and in about ten lines.
Json data_json(const Dataset& data);
void print_data(const Dataset& data, std::ostream& out);

// What numbers were read and how, in a line; nothing where the data are a set of ours or pictures.
void tell_what_was_read(const Dataset& data, std::ostream& out);

// A rule for the pictures of a folder, "fit" or "ground", in the words of its option.
std::string rule_text(const char* key, const PictureRules& rules);
// Null: they are no pictures of a folder.
void add_rules(Json& json, const std::optional<PictureRules>& rules);

// Refuses --fit and --ground where no pictures of a folder are read. given: what the line says.
Expected<void> check_rules(const DataRequest& given, const Dataset& data);

// The first six training inputs as pictures, or fewer where there are no more: [n, inputs].
std::vector<float> first_pictures(const Dataset& data);

}  // namespace zscape
