#include "app/gui/event_log.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using Json = nlohmann::ordered_json;

void add_model(Json& line, const ModelSpec& spec) {
  RunPlan plan;
  plan.spec = spec;
  for (const Parameter& parameter : parameters()) {
    if (parameter.effect != Parameter::Effect::new_model) continue;
    const std::string text = parameter.value(plan);
    if (!text.empty()) line[std::string(parameter.key)] = json_value(parameter, text);
  }
}

template <class Any>
void add_details(Json& line, const Any& command) {
  if constexpr (requires { command.spec; }) add_model(line, command.spec);
  if constexpr (requires { command.path; }) {
    if (!command.path.empty()) line["path"] = command.path;
  }
  if constexpr (std::is_same_v<Any, SetKlWeight>) {
    line["lambda"] = command.kl_weight;
  } else if constexpr (std::is_same_v<Any, SetParameter>) {
    if (const Parameter* parameter = find_parameter(command.key)) {
      line[command.key] = json_value(*parameter, command.text);
    }
  } else if constexpr (std::is_same_v<Any, Fork>) {
    line["of"] = command.of.value;
    line["from_step"] = command.step;
    if (command.kl_weight) line["lambda"] = *command.kl_weight;
    if (command.seed) line["seed"] = *command.seed;
    if (command.noise) line["noise"] = *command.noise;
  } else if constexpr (std::is_same_v<Any, AddModel>) {
    if (command.kl_weight) line["lambda"] = *command.kl_weight;
  } else if constexpr (std::is_same_v<Any, LoadData>) {
    line["source"] = command.request.source;
  } else if constexpr (std::is_same_v<Any, ExportInputs>) {
    line["inputs"] = command.train.size() + command.test.size();
  } else if constexpr (std::is_same_v<Any, SetKlSchedule>) {
    RunPlan plan;
    plan.schedule.kind = command.schedule.kind;
    line["schedule"] = parameter("lambda_schedule").choice(plan)->word;
    line["steps"] = command.schedule.steps;
    line["cycles"] = command.schedule.cycles;
    line["first_step"] = command.schedule.first_step;
  } else if constexpr (std::is_same_v<Any, SetHoldOut>) {
    line["validation"] = command.hold_out.rows;
    line["patience"] = command.hold_out.patience;
  } else if constexpr (std::is_same_v<Any, ExportPath>) {
    line["frames"] = command.frames;
  }
}

// Replaces bytes of paths that are not UTF-8 instead of throwing. Writes null for a number that is
// not finite.
void put(std::FILE* file, const Json& line) {
  const std::string text =
      line.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace) + '\n';
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

Expected<EventLog> EventLog::open(const std::string& path) {
  EventLog log;
  log.file_.reset(std::fopen(path.c_str(), "w"));
  if (!log.file_) {
    return fail(
        tr("--log {}: the file cannot be written ({}); name one in a folder that you may write to",
           path, std::strerror(errno)));
  }
  return log;
}

void EventLog::write(std::string_view event, double time_s, std::int64_t step,
                     std::initializer_list<Field> fields) {
  if (!file_) return;
  Json line{{"event", event}, {"time", time_s}, {"step", step}};
  if (pane_ != 0) line["pane"] = pane_;
  for (const auto& [name, value] : fields) {
    std::visit([&](const auto& any) { line[std::string(name)] = any; }, value);
  }
  put(file_.get(), line);
}

void EventLog::write_command(const Command& command, double time_s, std::int64_t step) {
  if (!file_) return;
  Json line{{"event", "command"}, {"time", time_s}, {"step", step}};
  line["command"] = name_of(command);
  std::visit(
      [&line](const auto& any) {
        line["model"] = any.model.value;
        add_details(line, any);
      },
      command);
  put(file_.get(), line);
}

}  // namespace zscape
