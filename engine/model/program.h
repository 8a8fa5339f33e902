#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/foreign_program.h"
#include "engine/model/operators.h"

namespace zscape {

// Where an argument of a node comes from, settled when a program is opened.
struct Argument {
  enum class From {
    constant,  // `value`
    slot,      // slots[0]
    numbers,   // a list of whole numbers: slots where ≥ 0, else the constants
    tensors,   // a list of tensors; a slot below 0: none
    device,    // where the program runs
  };
  From from = From::constant;
  c10::IValue value;
  std::vector<int> slots;
  std::vector<std::int64_t> numbers;
};

// Arithmetic with sizes, which are whole numbers when a program runs.
enum class SizeOperation { add, sub, mul, floordiv, mod, neg, min, max };

// One call.
struct ProgramNode {
  std::string name;  // for messages
  std::string target;
  const AllowedOperator* allowed = nullptr;  // null: `size_operation`
  std::optional<c10::OperatorHandle> handle;
  SizeOperation size_operation = SizeOperation::add;
  std::vector<Argument> arguments;  // in the schema's order
  std::vector<int> outputs;         // slots; below 0: nobody reads it
  bool gives_list = false;          // one list of tensors, which fills all outputs
  int batches = -1;                 // batch norm: the state that counts its batches
  std::vector<int> last_uses;       // slots that nobody reads after this node
};

// One array of a program's state_dict.
struct ProgramState {
  std::string name;
  std::vector<std::int64_t> shape;
  at::ScalarType type = at::kFloat;  // as the graph reads it; zscape keeps it as float
  bool learns = false;
  int same_as = -1;  // the earlier state that it shares its memory with; -1: none
  // How fresh weights are drawn: U(±bound), N(0, 1) or all `fill`; `kept`: they are not.
  enum class Fresh { kept, uniform, normal, fill };
  Fresh fresh = Fresh::kept;
  double bound = 0;
  float fill = 0;
};

// A graph that is ready to run. Immutable; any number of threads may run it.
struct ProgramGraph {
  std::vector<ProgramState> states;
  std::vector<std::pair<int, int>> state_slots;  // (state, slot), those that the graph reads
  std::vector<std::pair<at::Tensor, int>> constants;
  std::vector<int> inputs;  // slots of x or z, and of the label
  std::vector<at::ScalarType> input_types;
  std::vector<ProgramNode> nodes;  // in the order of their calls
  std::vector<int> outputs;
  int slots = 0;
  bool writes_input = false;     // an operator overwrites its argument
  bool ends_in_sigmoid = false;  // left out: what comes out is its logits
};

struct Program final : ForeignProgram {
  std::shared_ptr<const ProgramGraph> encoder, decoder;  // null: there is none
  // Values of the states that fresh weights keep, by their names in a file; empty: not known.
  std::vector<std::pair<std::string, at::Tensor>> kept;
};

// A graph with weights of its own. Copies share them.
class ProgramNetwork {
 public:
  ProgramNetwork() = default;
  explicit ProgramNetwork(std::shared_ptr<const ProgramGraph> graph);  // zeros

  explicit operator bool() const { return graph_ != nullptr; }
  const ProgramGraph& graph() const { return *graph_; }

  // The graph's outputs for a batch. label: undefined, unless the graph reads one.
  std::vector<at::Tensor> forward(const at::Tensor& x, const at::Tensor& label,
                                  const ProgramMode& mode) const;

  // One float tensor for each state; those that share memory share it here.
  const std::vector<at::Tensor>& values() const { return values_; }
  at::Tensor value_of(std::string_view name) const;  // undefined: no such state

  void initialise(std::uint64_t seed, std::uint64_t& tensor_number);
  ProgramNetwork clone() const;
  void move_to(at::Device device);
  at::Device device() const { return device_; }

 private:
  void call(const ProgramNode& node, std::vector<c10::IValue>& slots,
            std::vector<c10::IValue>& stack, const ProgramMode& mode) const;

  std::shared_ptr<const ProgramGraph> graph_;
  std::vector<at::Tensor> values_;
  std::vector<at::Tensor> constants_;
  at::Device device_ = at::kCPU;
};

// Runs a graph once on inputs of zeros, of these shapes without the batch. Fails, and names the
// node, where it cannot run or would take too much memory.
Expected<std::vector<std::vector<std::int64_t>>> try_program(
    const ProgramNetwork& network, const std::vector<std::vector<std::int64_t>>& inputs);

}  // namespace zscape
