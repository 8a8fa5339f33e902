#include "engine/json_text.h"
#include "engine/training/plan_json.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_plan(FuzzBytes bytes) {
  const auto json = json_or_discarded(text_of(bytes));
  if (json.is_discarded()) return false;
  const auto plan = plan_from_json(json);
  if (!plan) return false;
  const auto again = plan_from_json(to_json(*plan));
  demand(again && to_json(*again) == to_json(*plan), "a plan that was read can be written");
  return true;
}

}  // namespace

FuzzTarget plan_target() {
  return {.name = "plan", .run = read_plan};
}

}  // namespace zscape
