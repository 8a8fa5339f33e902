#pragma once

#include <memory>
#include <string>

#include "engine/codes.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/model_spec.h"

namespace zscape {

// Codes that something else made, for the splits of some data.
struct GivenCodes {
  CodesPtr train;
  CodesPtr test;  // null: there are none for the test part
};

// The codes of these data's inputs, in their order: each row of `rows` is one, and they stand in
// the order in which the user's own data have the inputs (training part before test part). Where
// there are as many as the data's training part has inputs, they are of that part alone. Where the
// splits of both have the same order, as of two files that were split here, the codes share the
// memory of the rows. name: for messages. Refuses another number of rows, and pictures.
Expected<GivenCodes> given_codes(const std::shared_ptr<const Dataset>& rows,
                                 const std::shared_ptr<const Dataset>& data,
                                 const std::string& name);

// Whether a decoder draws inputs of these data from these codes.
Expected<void> check_decoder(const ModelSpec& decoder, const GivenCodes& codes,
                             const Dataset& data);

}  // namespace zscape
