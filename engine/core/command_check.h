#pragma once

#include "engine/command.h"
#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// Success, or why the engine refuses a setting.
Expected<void> check(const SetKlWeight& command);
Expected<void> check(const SetKlSchedule& command);
Expected<void> check(const SetHoldOut& command, const Dataset* data);  // data null: not loaded yet

}  // namespace zscape
