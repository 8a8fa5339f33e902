#include "engine/program/graph_json.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

#include "engine/data/base64.h"
#include "engine/json_text.h"
#include "engine/program/arguments.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

using nlohmann::json;
using namespace std::string_literals;

constexpr std::size_t kMostNodes = 20000;
const std::string kBatches = "num_batches_tracked";

// Checks that PyTorch writes into a graph; they compute nothing.
bool is_check(std::string_view target) {
  constexpr std::array kChecks = {"torch.ops.aten._assert_tensor_metadata.default",
                                  "torch.ops.aten._assert_scalar.default",
                                  "torch.ops.aten._assert_async.msg",
                                  "torch.ops.aten.sym_constrain_range.default",
                                  "torch.ops.aten.sym_constrain_range_for_size.default",
                                  "_operator.eq",
                                  "_operator.ne",
                                  "_operator.le",
                                  "_operator.ge",
                                  "_operator.lt",
                                  "_operator.gt",
                                  "_operator.and_",
                                  "_operator.or_"};
  return std::ranges::find(kChecks, target) != kChecks.end();
}

std::optional<SizeOperation> size_operation(std::string_view target) {
  constexpr std::array<std::pair<std::string_view, SizeOperation>, 8> kOperations = {{
      {"_operator.add", SizeOperation::add},
      {"_operator.sub", SizeOperation::sub},
      {"_operator.mul", SizeOperation::mul},
      {"_operator.floordiv", SizeOperation::floordiv},
      {"_operator.mod", SizeOperation::mod},
      {"_operator.neg", SizeOperation::neg},
      {"torch.sym_min", SizeOperation::min},
      {"torch.sym_max", SizeOperation::max},
  }};
  const auto* found =
      std::ranges::find(kOperations, target, &std::pair<std::string_view, SizeOperation>::first);
  if (found == kOperations.end()) return std::nullopt;
  return found->second;
}

// Operators that pass a weight on as it is, or turned.
bool passes_on(std::string_view name) {
  constexpr std::array<std::string_view, 17> kNames = {
      "aten::alias",    "aten::clone",       "aten::contiguous", "aten::detach",    "aten::expand",
      "aten::flatten",  "aten::permute",     "aten::reshape",    "aten::squeeze",   "aten::t",
      "aten::to",       "aten::transpose",   "aten::unflatten",  "aten::unsqueeze", "aten::view",
      "aten::_to_copy", "aten::_unsafe_view"};
  return std::ranges::find(kNames, name) != kNames.end();
}

int slot_in(const ProgramNode& node, std::size_t argument) {
  if (argument >= node.arguments.size()) return -1;
  const Argument& of = node.arguments[argument];
  return of.from == Argument::From::slot ? of.slots.front() : -1;
}

class Builder {
 public:
  Builder(const json& text, bool strip_sigmoid) : text_(text), strip_sigmoid_(strip_sigmoid) {}

  std::shared_ptr<const ProgramGraph> build() {
    read_states();
    read_inputs();
    const json& nodes = text_.at("graph").at("nodes");
    if (nodes.size() > kMostNodes) throw std::invalid_argument(tr("it has too many nodes"));
    for (const json& node : nodes) read_node(node);
    read_outputs();
    if (strip_sigmoid_) strip_sigmoid();
    find_last_uses();
    find_fresh_values();
    std::erase_if(graph_->state_slots,
                  [this](const auto& bound) { return uses_of(bound.second) == 0; });
    graph_->slots = next_slot_;
    return graph_;
  }

 private:
  int slot_of(const std::string& name) const {
    const auto found = slots_.find(name);
    if (found == slots_.end()) throw std::invalid_argument(tr("nothing is named {}", name));
    return found->second;
  }

  int new_slot(const std::string& name) { return slots_[name] = next_slot_++; }

  void read_states() {
    for (const json& state : text_.at("states")) {
      ProgramState read;
      read.name = state.at("name").get<std::string>();
      read.shape = wholes_from<std::int64_t>(state.at("shape"));
      double numbers = 1;
      for (const std::int64_t side : read.shape) {
        if (side < 0) throw std::invalid_argument(tr("{} has a negative size", read.name));
        numbers *= static_cast<double>(side);
      }
      constexpr double kMost = 0x1p34;
      if (numbers > kMost) throw std::invalid_argument(tr("{} is too large", read.name));
      const auto type = scalar_type_from(state.at("type"));
      if (!type)
        throw std::invalid_argument(tr("{} has a type that zscape does not read", read.name));
      read.type = *type;
      read.learns = state.at("learns").get<bool>() && at::isFloatingType(*type);
      read.same_as = whole_from<int>(state.at("same_as"));
      const auto count = static_cast<int>(graph_->states.size());
      if (read.same_as >= count || read.same_as < -1 ||
          (read.same_as >= 0 &&
           graph_->states[static_cast<std::size_t>(read.same_as)].shape != read.shape)) {
        throw std::invalid_argument(tr("{} shares its memory with none", read.name));
      }
      if (!names_.emplace(read.name, count).second) {
        throw std::invalid_argument(tr("two states are named {}", read.name));
      }
      graph_->states.push_back(std::move(read));
    }
    for (const json& constant : text_.at("constants")) {
      const auto type = scalar_type_from(constant.at("type"));
      const auto shape = wholes_from<std::int64_t>(constant.at("shape"));
      const auto bytes = from_base64(constant.at("data").get_ref<const std::string&>());
      if (!type || !bytes) throw std::invalid_argument(tr("a constant cannot be read"));
      auto left = static_cast<std::int64_t>(bytes->size() / c10::elementSize(*type));
      for (const std::int64_t side : shape) {
        if (side < 0 || (side > 0 && left % side != 0)) {
          throw std::invalid_argument(tr("a constant is not of its size"));
        }
        left = side > 0 ? left / side : 0;
      }
      const bool is_empty = std::ranges::find(shape, 0) != shape.end();
      if (!is_empty && left != 1) throw std::invalid_argument(tr("a constant is not of its size"));
      at::Tensor tensor = at::empty(shape, *type);
      if (!is_empty) std::ranges::copy(*bytes, static_cast<std::byte*>(tensor.data_ptr()));
      constants_[constant.at("name").get<std::string>()] = tensor;
    }
  }

  void bind_state(const std::string& name, int slot) {
    const auto found = names_.find(name);
    if (found == names_.end()) {
      const auto constant = constants_.find(name);
      if (constant == constants_.end())
        throw std::invalid_argument(tr("it lacks the values of {}", name));
      graph_->constants.emplace_back(constant->second, slot);
      fixed_.insert(slot);
      return;
    }
    graph_->state_slots.emplace_back(found->second, slot);
    state_at_[slot] = found->second;
    fixed_.insert(slot);
  }

  void read_inputs() {
    for (const json& spec : text_.at("signature").at("input_specs")) {
      if (!spec.is_object() || spec.size() != 1)
        throw std::invalid_argument(tr("an input is none"));
      const std::string kind = spec.begin().key();
      const json& value = spec.begin().value();
      if (kind == "parameter") {
        bind_state(value.at("parameter_name"), new_slot(value.at("arg").at("name")));
      } else if (kind == "buffer") {
        bind_state(value.at("buffer_name"), new_slot(value.at("arg").at("name")));
      } else if (kind == "tensor_constant") {
        bind_state(value.at("tensor_constant_name"), new_slot(value.at("arg").at("name")));
      } else if (kind == "user_input" && value.at("arg").contains("as_tensor")) {
        const std::string name = value.at("arg").at("as_tensor").at("name");
        graph_->inputs.push_back(new_slot(name));
        const auto type = scalar_type_from(text_.at("tensors").at(name).at("dtype"));
        if (!type)
          throw std::invalid_argument(tr("its input has a type that zscape does not read"));
        graph_->input_types.push_back(*type);
      } else if (kind == "constant_input" || kind == "user_input") {
        continue;  // a number or None that the graph has taken in
      } else {
        throw std::invalid_argument(tr("it reads a {}, which zscape has not", kind));
      }
    }
    if (graph_->inputs.empty() || graph_->inputs.size() > 2) {
      throw std::invalid_argument(
          tr("it reads {} inputs; zscape gives one, or two where the second is the label",
             graph_->inputs.size()));
    }
  }

  void read_node(const json& json_node) {
    ProgramNode node;
    node.target = json_node.at("target").get<std::string>();
    if (is_check(node.target)) return;
    const auto named = json_node.find("name");
    node.name = named != json_node.end() && named->is_string() ? named->get<std::string>() : "?";
    try {
      read_call(json_node, node);
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(tr("{} ({}): {}", node.name, node.target, error.what()));
    }
  }

  void read_call(const json& json_node, ProgramNode& node) {
    const auto slots = [this](const std::string& name) { return slot_of(name); };
    if (const auto operation = size_operation(node.target)) {
      node.size_operation = *operation;
      for (const json& input : json_node.at("inputs")) {
        node.arguments.push_back(size_from(input.at("arg"), slots));
      }
      const bool takes_one = *operation == SizeOperation::neg;
      if (node.arguments.size() != (takes_one ? 1U : 2U)) {
        throw std::invalid_argument(tr("it has another number of arguments"));
      }
      const json& output = json_node.at("outputs").at(0);
      node.outputs = {new_slot(output.at("as_sym_int").at("as_name"))};
      graph_->nodes.push_back(std::move(node));
      return;
    }
    const std::string begin = "torch.ops.aten.";
    const std::size_t dot = node.target.rfind('.');
    const std::string name = node.target.starts_with(begin) && dot >= begin.size()
                                 ? "aten::" + node.target.substr(begin.size(), dot - begin.size())
                                 : "";
    node.allowed = allowed_operator(name);
    if (node.allowed == nullptr) {
      throw std::invalid_argument(tr("zscape does not run this operator"));
    }
    const std::string overload = node.target.substr(dot + 1);
    node.handle =
        c10::Dispatcher::singleton().findSchema({name, overload == "default" ? "" : overload});
    if (!node.handle) throw std::invalid_argument(tr("LibTorch has no such operator"));
    const c10::FunctionSchema& schema = node.handle->schema();

    std::map<std::string, const json*> given;
    for (const json& input : json_node.at("inputs")) {
      given[input.at("name").get<std::string>()] = &input.at("arg");
    }
    std::size_t used = 0;
    for (const c10::Argument& wanted : schema.arguments()) {
      const auto found = given.find(wanted.name());
      if (found != given.end()) {
        node.arguments.push_back(argument_from(*found->second, wanted, slots));
        ++used;
      } else if (wanted.default_value()) {
        Argument constant;
        constant.value = *wanted.default_value();
        node.arguments.push_back(std::move(constant));
      } else {
        throw std::invalid_argument(tr("it lacks the argument {}", wanted.name()));
      }
    }
    if (used != given.size()) throw std::invalid_argument(tr("it has an argument too many"));

    bool overwrites = false;
    for (std::size_t i = 0; i < schema.arguments().size(); ++i) {
      const auto* alias = schema.arguments()[i].alias_info();
      if (alias == nullptr || !alias->isWrite()) continue;
      const bool is_statistic = node.allowed->own != nullptr;  // of batch norm
      if (i > 0 && !is_statistic) throw std::invalid_argument(tr("it writes into its arguments"));
      overwrites = overwrites || i == 0;
    }
    const int first = slot_in(node, 0);
    if (const auto state = state_at_.find(first);
        state != state_at_.end() && (name == "aten::add_" || name == "aten::add") &&
        graph_->states[static_cast<std::size_t>(state->second)].name.ends_with(kBatches)) {
      // Batch norm counts its batches itself, and only in training.
      slots_[json_node.at("outputs").at(0).at("as_tensor").at("name")] = first;
      return;
    }
    if (overwrites && node.allowed->own == nullptr) {
      if (fixed_.contains(first))
        throw std::invalid_argument(tr("it changes what the model keeps"));
      graph_->writes_input = true;
    }
    find_batches(node);
    read_node_outputs(json_node, schema, node);
    graph_->nodes.push_back(std::move(node));
  }

  // Batch norm's running mean names its count of batches.
  void find_batches(ProgramNode& node) const {
    constexpr std::size_t kMean = 3;
    if (node.allowed->name.find("batch_norm") == std::string_view::npos) return;
    const auto state = state_at_.find(slot_in(node, kMean));
    if (state == state_at_.end()) return;
    std::string name = graph_->states[static_cast<std::size_t>(state->second)].name;
    name = name.substr(0, name.rfind('.') + 1) + kBatches;
    const auto found = names_.find(name);
    if (found == names_.end()) return;
    if (graph_->states[static_cast<std::size_t>(found->second)].shape.empty()) {
      node.batches = found->second;
    }
  }

  void read_node_outputs(const json& json_node, const c10::FunctionSchema& schema,
                         ProgramNode& node) {
    for (const json& output : json_node.at("outputs")) {
      if (output.contains("as_tensor")) {
        node.outputs.push_back(new_slot(output.at("as_tensor").at("name")));
      } else if (output.contains("as_sym_int")) {
        node.outputs.push_back(new_slot(output.at("as_sym_int").at("as_name")));
      } else if (output.contains("as_tensors") && json_node.at("outputs").size() == 1) {
        node.gives_list = true;
        for (const json& each : output.at("as_tensors")) {
          node.outputs.push_back(new_slot(each.at("name")));
        }
      } else if (output.contains("as_none")) {
        node.outputs.push_back(-1);
      } else {
        throw std::invalid_argument(tr("it gives something that is no tensor"));
      }
    }
    const auto& returns = schema.returns();
    const bool returns_list =
        returns.size() == 1 && returns.front().type()->kind() == c10::TypeKind::ListType;
    if (returns_list != node.gives_list ||
        (!node.gives_list && node.outputs.size() > returns.size())) {
      throw std::invalid_argument(tr("it gives another number of values than it should"));
    }
  }

  void read_outputs() {
    for (const json& spec : text_.at("signature").at("output_specs")) {
      if (!spec.is_object() || spec.size() != 1)
        throw std::invalid_argument(tr("an output is none"));
      const std::string kind = spec.begin().key();
      const json& value = spec.begin().value();
      if (kind == "user_output") {
        if (!value.at("arg").contains("as_tensor")) {
          throw std::invalid_argument(tr("it gives an output that is no tensor"));
        }
        graph_->outputs.push_back(slot_of(value.at("arg").at("as_tensor").at("name")));
      } else if (kind == "buffer_mutation") {
        const std::string buffer = value.at("buffer_name");
        if (!buffer.ends_with("running_mean") && !buffer.ends_with("running_var") &&
            !buffer.ends_with(kBatches)) {
          throw std::invalid_argument(tr("it changes {} while it runs", buffer));
        }
      } else {
        throw std::invalid_argument(tr("it gives a {}, which zscape does not take", kind));
      }
    }
    if (graph_->outputs.empty()) throw std::invalid_argument(tr("it gives nothing"));
  }

  template <class Visit>
  static void visit_slots(const ProgramNode& node, const Visit& visit) {
    for (const Argument& argument : node.arguments) {
      if (argument.from == Argument::From::constant) continue;
      for (const int slot : argument.slots) {
        if (slot >= 0) visit(slot);
      }
    }
  }

  int uses_of(int wanted) const {
    int uses = 0;
    for (const ProgramNode& node : graph_->nodes) {
      visit_slots(node, [&](int slot) { uses += slot == wanted ? 1 : 0; });
    }
    return uses + static_cast<int>(std::ranges::count(graph_->outputs, wanted));
  }

  // A sigmoid commutes with what only turns a tensor.
  void strip_sigmoid() {
    if (graph_->outputs.size() != 1) return;
    for (int slot = graph_->outputs.front(); uses_of(slot) == 1;) {
      const auto node = std::ranges::find_if(graph_->nodes, [&](const ProgramNode& each) {
        return each.outputs.size() == 1 && each.outputs.front() == slot;
      });
      if (node == graph_->nodes.end() || node->allowed == nullptr) return;
      const int input = slot_in(*node, 0);
      if (input < 0) return;
      if (passes_on(node->allowed->name)) {
        slot = input;
        continue;
      }
      const bool is_sigmoid = node->allowed->name == "aten::sigmoid" ||
                              (node->allowed->name == "aten::sigmoid_" && uses_of(input) == 1);
      if (!is_sigmoid) return;
      graph_->nodes.erase(node);
      for (ProgramNode& each : graph_->nodes) {
        for (Argument& argument : each.arguments) {
          std::ranges::replace(argument.slots, slot, input);
        }
      }
      std::ranges::replace(graph_->outputs, slot, input);
      graph_->ends_in_sigmoid = true;
      return;
    }
  }

  void find_last_uses() {
    std::map<int, std::size_t> last;
    for (std::size_t i = 0; i < graph_->nodes.size(); ++i) {
      for (const int slot : graph_->nodes[i].outputs) {
        if (slot >= 0) last[slot] = i;
      }
      visit_slots(graph_->nodes[i], [&](int slot) { last[slot] = i; });
    }
    for (const auto& [slot, node] : last) {
      if (std::ranges::find(graph_->outputs, slot) != graph_->outputs.end()) continue;
      graph_->nodes[node].last_uses.push_back(slot);
    }
  }

  // ---- Fresh weights: PyTorch's own, by the operator that reads them ----

  ProgramState* state_behind(int slot) {
    for (int steps = 0; slot >= 0 && steps < 16; ++steps) {
      const auto state = state_at_.find(slot);
      if (state != state_at_.end()) return &graph_->states[static_cast<std::size_t>(state->second)];
      const auto node = std::ranges::find_if(graph_->nodes, [&](const ProgramNode& each) {
        return !each.outputs.empty() && each.outputs.front() == slot;
      });
      if (node == graph_->nodes.end() || node->allowed == nullptr ||
          !passes_on(node->allowed->name)) {
        return nullptr;
      }
      slot = slot_in(*node, 0);
    }
    return nullptr;
  }

  void draw_uniform(const ProgramNode& node, std::size_t weight, std::size_t bias) {
    ProgramState* of = state_behind(slot_in(node, weight));
    if (of == nullptr || of->shape.empty() || of->shape.front() == 0) return;
    double numbers = 1;
    for (std::size_t i = 1; i < of->shape.size(); ++i) numbers *= static_cast<double>(of->shape[i]);
    const double bound = numbers > 0 ? 1 / std::sqrt(numbers) : 0;
    for (ProgramState* state : {of, state_behind(slot_in(node, bias))}) {
      if (state == nullptr) continue;
      state->fresh = ProgramState::Fresh::uniform;
      state->bound = bound;
    }
  }

  void fill_with(const ProgramNode& node, std::size_t argument, float value) {
    ProgramState* state = state_behind(slot_in(node, argument));
    if (state == nullptr) return;
    state->fresh = ProgramState::Fresh::fill;
    state->fill = value;
  }

  void find_fresh_values() {
    constexpr std::size_t kNone = 99;
    for (const ProgramNode& node : graph_->nodes) {
      if (node.allowed == nullptr) continue;
      const std::string_view name = node.allowed->name;
      if (name == "aten::linear" || name.starts_with("aten::conv")) {
        if (name != "aten::contiguous") draw_uniform(node, 1, 2);
      } else if (name == "aten::addmm") {
        draw_uniform(node, 2, 0);
      } else if (name == "aten::mm" || name == "aten::matmul") {
        draw_uniform(node, 1, kNone);
      } else if (name.find("batch_norm") != std::string_view::npos ||
                 name == "aten::instance_norm") {
        fill_with(node, 1, 1);
        fill_with(node, 2, 0);
        fill_with(node, 3, 0);
        fill_with(node, 4, 1);
        if (node.batches >= 0) {
          graph_->states[static_cast<std::size_t>(node.batches)].fresh = ProgramState::Fresh::fill;
        }
      } else if (name == "aten::group_norm" || name == "aten::layer_norm" ||
                 name == "aten::native_layer_norm") {
        fill_with(node, 2, 1);
        fill_with(node, 3, 0);
      } else if (name == "aten::native_group_norm") {
        fill_with(node, 1, 1);
        fill_with(node, 2, 0);
      } else if (name == "aten::rms_norm") {
        fill_with(node, 2, 1);
      } else if (name == "aten::prelu") {
        constexpr float kSlope = 0.25F;
        fill_with(node, 1, kSlope);
      } else if (name == "aten::embedding") {
        if (ProgramState* state = state_behind(slot_in(node, 0))) {
          state->fresh = ProgramState::Fresh::normal;
        }
      }
    }
  }

  const json& text_;
  const bool strip_sigmoid_;
  std::shared_ptr<ProgramGraph> graph_ = std::make_shared<ProgramGraph>();
  std::map<std::string, int> slots_;
  std::map<std::string, int> names_;  // of states
  std::map<int, int> state_at_;       // slot → state
  std::set<int> fixed_;               // slots of states and constants
  std::map<std::string, at::Tensor> constants_;
  int next_slot_ = 0;
};

int number_of(at::ScalarType type) {
  for (int number = 1; number <= 13; ++number) {
    if (scalar_type_from(json(number)) == type) return number;
  }
  return 0;
}

}  // namespace

Expected<json> graph_text(const ExportedArchive& archive, const std::string& where) {
  try {
    if (archive.program.at("schema_version").at("major") != 8) {
      return fail(
          tr("{}: it is of version {} of torch.export's files; zscape reads version 8, "
             "which torch 2.6 and later write",
             where, archive.program.at("schema_version").at("major").dump()));
    }
    const json& module = archive.program.at("graph_module");
    const json& graph = module.at("graph");
    json nodes = json::array();
    for (const json& node : graph.at("nodes")) {
      nodes.push_back({{"target", node.at("target")},
                       {"inputs", node.at("inputs")},
                       {"outputs", node.at("outputs")},
                       {"name", node.value("name", json(nullptr))}});
    }
    json text = {{"graph", {{"nodes", nodes}}}, {"signature", module.at("signature")}};
    text["tensors"] = json::object();
    for (const json& spec : module.at("signature").at("input_specs")) {
      const auto input = spec.find("user_input");
      if (input == spec.end() || !input->at("arg").contains("as_tensor")) continue;
      const std::string name = input->at("arg").at("as_tensor").at("name");
      const json& meta = graph.at("tensor_values").at(name);
      text["tensors"][name] = {{"dtype", meta.at("dtype")}, {"sizes", meta.at("sizes")}};
    }
    const bool all_frozen = std::ranges::none_of(archive.meta, [](const auto& each) {
      return each.second.at("is_param") && each.second.at("requires_grad");
    });
    text["states"] = json::array();
    std::map<std::string, int> places;
    for (const auto& [name, tensor] : archive.weights) {
      const json& meta = archive.meta.at(name);
      const auto [place, is_new] =
          places.emplace(archive.places.at(name), static_cast<int>(text["states"].size()));
      text["states"].push_back(
          {{"name", name},
           {"shape", tensor.sizes().vec()},
           {"type", number_of(tensor.scalar_type())},
           {"learns", meta.at("is_param").get<bool>() &&
                          (all_frozen || meta.at("requires_grad").get<bool>())},
           {"same_as", is_new ? -1 : place->second}});
    }
    text["constants"] = json::array();
    for (const auto& [name, tensor] : archive.constants) {
      const auto* bytes = static_cast<const std::byte*>(tensor.data_ptr());
      text["constants"].push_back({{"name", name},
                                   {"shape", tensor.sizes().vec()},
                                   {"type", number_of(tensor.scalar_type())},
                                   {"data", to_base64({bytes, tensor.nbytes()})}});
    }
    return text;
  } catch (const json::exception& error) {
    return fail(tr("{}: its graph cannot be read: {}", where, error.what()));
  }
}

Expected<std::shared_ptr<const ProgramGraph>> graph_from(const json& text, bool strip_sigmoid,
                                                         const std::string& where) {
  try {
    return Builder(text, strip_sigmoid).build();
  } catch (const json::exception& error) {
    return fail(tr("{}: its graph cannot be read: {}", where, error.what()));
  } catch (const std::invalid_argument& error) {
    return fail(fmt::format("{}: {}", where, error.what()));
  } catch (const c10::Error& error) {
    return fail(fmt::format("{}: {}", where, first_line(error)));
  }
}

Expected<std::vector<std::vector<std::int64_t>>> input_shapes(const json& text,
                                                              const std::string& where) {
  try {
    std::vector<std::vector<std::int64_t>> shapes;
    for (const json& spec : text.at("signature").at("input_specs")) {
      const auto input = spec.find("user_input");
      if (input == spec.end() || !input->at("arg").contains("as_tensor")) continue;
      const json& sizes = text.at("tensors")
                              .at(input->at("arg").at("as_tensor").at("name").get<std::string>())
                              .at("sizes");
      if (sizes.empty() || sizes.at(0).contains("as_int")) {
        return fail(
            tr("{}: it was exported for batches of one size; export it with "
               "dynamic_shapes=({{0: torch.export.Dim.DYNAMIC}},), one entry for each input",
               where));
      }
      std::vector<std::int64_t> shape;
      for (std::size_t i = 1; i < sizes.size(); ++i) {
        if (!sizes.at(i).contains("as_int")) {
          return fail(
              tr("{}: its input has a free size beside the batch; leave only axis 0 free", where));
        }
        shape.push_back(whole_from<std::int64_t>(sizes.at(i).at("as_int")));
      }
      shapes.push_back(std::move(shape));
    }
    return shapes;
  } catch (const json::exception& error) {
    return fail(tr("{}: its inputs cannot be read: {}", where, error.what()));
  }
}

}  // namespace zscape
