#pragma once

#include <ATen/core/ivalue.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/random.h"

// What a PyTorch program may call. Everything else is refused by name when a program is opened.
namespace zscape {

// The noise that a program draws while it runs; its own stream, so that a step can be repeated.
class ProgramNoise {
 public:
  ProgramNoise(std::uint64_t seed, std::uint64_t first) : seed_(seed), next_(first) {}

  void fill_normal(std::span<float> values);
  void fill_uniform(std::span<float> values);  // in [0, 1)
  // 0 with this probability, else 1 / (1 − probability).
  void fill_dropout(std::span<float> values, double probability);

 private:
  std::uint64_t seed_;
  std::uint64_t next_;  // one counter for each array
};

// How a program runs: batch norm, dropout and noise follow it, whatever mode was exported.
struct ProgramMode {
  bool training = false;
  bool is_trial = false;  // the first run of a file: refuses to take much memory
  ProgramNoise* noise = nullptr;
};

// What an operator that zscape computes itself is handed: its arguments, in the schema's order.
struct OperatorCall {
  std::span<c10::IValue> arguments;
  const ProgramMode& mode;
  at::Tensor batches;  // batch norm: its count of batches; undefined: it has none
};
using OwnOperator = std::vector<c10::IValue> (*)(const OperatorCall& call);

// How an operator may take far more memory than its inputs.
enum class Growth {
  none,
  spreads,     // broadcasts its tensors
  multiplies,  // matrices
  named,       // times the numbers it is given
  resized,     // pictures of the sizes it is given
  padded,      // by what it is given
};

struct AllowedOperator {
  std::string_view name;      // "aten::linear"
  OwnOperator own = nullptr;  // null: LibTorch computes it
  Growth growth = Growth::none;
};

// Null: not in the list.
const AllowedOperator* allowed_operator(std::string_view name);
std::span<const AllowedOperator> allowed_operators();

// Throws if a call in a trial would take an unreasonable amount of memory.
void check_growth(const AllowedOperator& allowed, std::span<const c10::IValue> arguments);
void check_result(const c10::IValue& value);

}  // namespace zscape
