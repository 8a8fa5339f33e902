#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/outcome.h"
#include "engine/backend.h"
#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"

namespace zscape {

// What the commands that work with a saved model have in common.

// Opens a model. out: the file that the result is to be written to, so that a bad place is found
// before the work; empty: none.
Outcome<OpenedModel> open_model(Backend& backend, const std::string& path,
                                const std::string& out = "");

// Loads data that this model can read. path: the model's, for the error.
Outcome<std::shared_ptr<const Dataset>> load_data_for(const FrozenModel& model,
                                                      const std::string& path,
                                                      const DataRequest& request, Backend& backend,
                                                      ProgressLine& line);

std::string_view name_of(SplitName split);

// Whether the split has the row; option is the one that names it.
Outcome<void> check_row(const Dataset& data, SplitName split, std::int64_t row,
                        std::string_view option);

// Whether the model can draw this class; nothing asks for none.
Outcome<void> check_label(const ModelSpec& spec, std::optional<int> label);

// The same for a command that draws one class at a time: a cvae must be told which.
Outcome<void> need_label(const ModelSpec& spec, std::optional<int> label, const std::string& path);

// Pictures of many codes, [n, d]; Ctrl-C ends it. z: [n, k]. labels: [n] for a cvae, else empty.
Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::span<const int> labels);
// The same label, where the model reads one, for all of them.
Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::optional<int> label);

}  // namespace zscape
