#include "engine/model/program.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "engine/model/page_tensor.h"
#include "engine/random.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

using c10::IValue;

IValue value_of(const Argument& argument, const std::vector<IValue>& slots, at::Device device) {
  const auto at_slot = [&](int slot) -> const IValue& {
    return slots[static_cast<std::size_t>(slot)];
  };
  switch (argument.from) {
    case Argument::From::constant:
      return argument.value;
    case Argument::From::slot:
      return at_slot(argument.slots.front());
    case Argument::From::device:
      return device;
    case Argument::From::numbers: {
      c10::List<std::int64_t> list;
      list.reserve(argument.slots.size());
      for (std::size_t i = 0; i < argument.slots.size(); ++i) {
        const int slot = argument.slots[i];
        list.push_back(slot < 0 ? argument.numbers[i] : at_slot(slot).toInt());
      }
      return list;
    }
    case Argument::From::tensors:
      break;
  }
  if (std::ranges::find(argument.slots, -1) != argument.slots.end()) {
    c10::List<std::optional<at::Tensor>> list;
    for (const int slot : argument.slots) {
      list.push_back(slot < 0 ? std::nullopt : std::optional(at_slot(slot).toTensor()));
    }
    return list;
  }
  c10::List<at::Tensor> list;
  list.reserve(argument.slots.size());
  for (const int slot : argument.slots) list.push_back(at_slot(slot).toTensor());
  return list;
}

// Python's floor division and remainder.
std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  TORCH_CHECK(b != 0 && b != -1, "a size is divided by ", b);
  return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

std::int64_t computed(SizeOperation operation, const std::vector<IValue>& of) {
  const std::int64_t a = of.front().toInt(), b = of.back().toInt();
  std::int64_t result = 0;
  bool overflows = false;
  switch (operation) {
    case SizeOperation::add:
      overflows = __builtin_add_overflow(a, b, &result);
      break;
    case SizeOperation::sub:
      overflows = __builtin_sub_overflow(a, b, &result);
      break;
    case SizeOperation::mul:
      overflows = __builtin_mul_overflow(a, b, &result);
      break;
    case SizeOperation::neg:
      overflows = __builtin_sub_overflow(std::int64_t{0}, a, &result);
      break;
    case SizeOperation::floordiv:
      return floor_quotient(a, b);
    case SizeOperation::mod:
      return a - b * floor_quotient(a, b);
    case SizeOperation::min:
      return std::min(a, b);
    case SizeOperation::max:
      return std::max(a, b);
  }
  TORCH_CHECK(!overflows, "a size is too large");
  return result;
}

void fill(at::Tensor& tensor, const ProgramState& state, std::uint64_t seed,
          std::uint64_t tensor_number) {
  Random random(seed, Stream::initialisation, tensor_number);
  const std::span values(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
  switch (state.fresh) {
    case ProgramState::Fresh::kept:
      break;
    case ProgramState::Fresh::uniform:
      for (float& value : values) {
        value = static_cast<float>((2 * random.uniform() - 1) * state.bound);
      }
      break;
    case ProgramState::Fresh::normal:
      random.fill_normal(values);
      break;
    case ProgramState::Fresh::fill:
      std::ranges::fill(values, state.fill);
      break;
  }
}

}  // namespace

ProgramNetwork::ProgramNetwork(std::shared_ptr<const ProgramGraph> graph)
    : graph_(std::move(graph)) {
  for (const ProgramState& state : graph_->states) {
    values_.push_back(state.same_as >= 0 ? values_[static_cast<std::size_t>(state.same_as)]
                                         : at::zeros(state.shape));
  }
  for (const auto& [tensor, slot] : graph_->constants) constants_.push_back(tensor);
}

at::Tensor ProgramNetwork::value_of(std::string_view name) const {
  const auto found = std::ranges::find(graph_->states, name, &ProgramState::name);
  if (found == graph_->states.end()) return {};
  return values_[static_cast<std::size_t>(found - graph_->states.begin())];
}

void ProgramNetwork::call(const ProgramNode& node, std::vector<IValue>& slots,
                          std::vector<IValue>& stack, const ProgramMode& mode) const {
  stack.clear();
  for (const Argument& argument : node.arguments) {
    stack.push_back(zscape::value_of(argument, slots, device_));
  }
  if (node.allowed == nullptr) {
    slots[static_cast<std::size_t>(node.outputs.front())] = computed(node.size_operation, stack);
    return;
  }
  if (mode.is_trial) check_growth(*node.allowed, stack);
  if (node.allowed->own != nullptr) {
    const at::Tensor batches =
        node.batches < 0 ? at::Tensor() : values_[static_cast<std::size_t>(node.batches)];
    stack = node.allowed->own({stack, mode, batches});
  } else {
    node.handle->callBoxed(stack);
  }
  if (node.gives_list) {
    const std::vector<at::Tensor> list = stack.front().toTensorVector();
    TORCH_CHECK(list.size() >= node.outputs.size(), "it gives ", list.size(), " tensors, not ",
                node.outputs.size());
    stack.assign(list.begin(), list.end());
  }
  TORCH_CHECK(stack.size() >= node.outputs.size(), "it gives ", stack.size(), " values, not ",
              node.outputs.size());
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (mode.is_trial) check_result(stack[i]);
    if (node.outputs[i] >= 0) {
      slots[static_cast<std::size_t>(node.outputs[i])] = std::move(stack[i]);
    }
  }
}

std::vector<at::Tensor> ProgramNetwork::forward(const at::Tensor& x, const at::Tensor& label,
                                                const ProgramMode& mode) const {
  const ProgramGraph& graph = *graph_;
  std::vector<IValue> slots(static_cast<std::size_t>(graph.slots));
  for (const auto& [state, slot] : graph.state_slots) {
    const auto index = static_cast<std::size_t>(state);
    const at::Tensor& value = values_[index];
    slots[static_cast<std::size_t>(slot)] =
        graph.states[index].type == at::kFloat ? value : value.to(graph.states[index].type);
  }
  for (std::size_t i = 0; i < graph.constants.size(); ++i) {
    slots[static_cast<std::size_t>(graph.constants[i].second)] = constants_[i];
  }
  const std::array given = {x, label};
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    at::Tensor input = given[i];
    const at::ScalarType type = graph.input_types[i];
    if (i == 1 && !at::isFloatingType(type)) input = input.argmax(1);  // the class's number
    input = input.to(type);
    if (graph.writes_input && input.is_same(given[i])) input = input.clone();
    slots[static_cast<std::size_t>(graph.inputs[i])] = input;
  }
  std::vector<IValue> stack;
  for (const ProgramNode& node : graph.nodes) {
    try {
      call(node, slots, stack, mode);
    } catch (const c10::OutOfMemoryError&) {
      throw;
    } catch (const std::exception& error) {
      throw std::runtime_error(tr("{} ({}): {}", node.name, node.target, first_line(error)));
    }
    for (const int slot : node.last_uses) slots[static_cast<std::size_t>(slot)] = {};
  }
  std::vector<at::Tensor> outputs;
  for (const int slot : graph.outputs) {
    outputs.push_back(slots[static_cast<std::size_t>(slot)].toTensor().to(at::kFloat));
  }
  return outputs;
}

void ProgramNetwork::initialise(std::uint64_t seed, std::uint64_t& tensor_number) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const ProgramState& state = graph_->states[i];
    if (state.same_as < 0) fill(values_[i], state, seed, tensor_number++);
  }
}

ProgramNetwork ProgramNetwork::clone() const {
  ProgramNetwork copy = *this;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const int same = graph_->states[i].same_as;
    const bool is_here = values_[i].device().is_cpu();
    copy.values_[i] = same >= 0 ? copy.values_[static_cast<std::size_t>(same)]
                      : is_here ? copy_in_pages(values_[i])
                                : values_[i].detach().clone();
  }
  return copy;
}

void ProgramNetwork::move_to(at::Device device) {
  device_ = device;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const int same = graph_->states[i].same_as;
    values_[i] = same >= 0 ? values_[static_cast<std::size_t>(same)] : values_[i].to(device);
  }
  for (at::Tensor& constant : constants_) constant = constant.to(device);
}

Expected<std::vector<std::vector<std::int64_t>>> try_program(
    const ProgramNetwork& network, const std::vector<std::vector<std::int64_t>>& inputs) {
  constexpr std::int64_t kRows = 2;
  constexpr double kMostNumbers = 1 << 24;
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> given(2);
  for (std::size_t i = 0; i < inputs.size() && i < given.size(); ++i) {
    std::vector<std::int64_t> sizes = {kRows};
    double numbers = kRows;
    for (const std::int64_t side : inputs[i]) {
      sizes.push_back(side);
      numbers *= static_cast<double>(side);
      if (side < 1 || numbers > kMostNumbers) {
        return fail(tr("its inputs would have too many numbers, or none"));
      }
    }
    given[i] = at::zeros(sizes);
  }
  try {
    std::vector<std::vector<std::int64_t>> shapes;
    for (const at::Tensor& output :
         network.forward(given[0], given[1], {.training = false, .is_trial = true})) {
      if (output.dim() < 2 || output.size(0) != kRows) {
        return fail(tr("it gives outputs of another number of rows than its inputs"));
      }
      shapes.emplace_back(output.sizes().begin() + 1, output.sizes().end());
    }
    return shapes;
  } catch (const std::exception& error) {
    return fail(first_line(error));
  }
}

}  // namespace zscape
