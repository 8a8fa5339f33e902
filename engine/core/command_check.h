#pragma once

#include "engine/command.h"
#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// Success, or why a setting cannot be.
Expected<void> check(const SetKlWeight& command);
Expected<void> check(const SetKlSchedule& command);
Expected<void> check(const SetHoldOut& command, const Dataset* data);  // null: still to come

}  // namespace zscape
