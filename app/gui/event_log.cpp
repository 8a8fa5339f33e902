#include "app/gui/event_log.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json to_json(const EventLog::Value& value) {
  struct {
    Json operator()(bool flag) const { return flag; }
    Json operator()(std::int64_t whole) const { return whole; }
    Json operator()(double real) const { return number(real); }
    Json operator()(const std::string& text) const { return text; }
    Json operator()(const std::vector<double>& reals) const {
      Json list = Json::array();
      for (const double real : reals) list.push_back(number(real));
      return list;
    }
  } visitor;
  return std::visit(visitor, value);
}

void add_model(Json& line, const ModelSpec& spec) {
  RunPlan plan;
  plan.spec = spec;
  for (const Parameter& parameter : parameters()) {
    if (parameter.effect != Parameter::Effect::new_model) continue;
    const std::string text = parameter.value(plan);
    if (!text.empty()) line[std::string(parameter.key)] = json_value(parameter, text);
  }
}

void add_details(Json& line, const Command& command) {
  if (const auto* lambda = std::get_if<SetKlWeight>(&command)) {
    line["lambda"] = number(lambda->kl_weight);
  } else if (const auto* setting = std::get_if<SetParameter>(&command)) {
    if (const Parameter* parameter = find_parameter(setting->key)) {
      line[setting->key] = json_value(*parameter, setting->text);
    }
  } else if (const auto* replace = std::get_if<ReplaceModel>(&command)) {
    add_model(line, replace->spec);
  } else if (const auto* added = std::get_if<AddModel>(&command)) {
    add_model(line, added->spec);
    if (added->kl_weight) line["lambda"] = number(*added->kl_weight);
  } else if (const auto* load = std::get_if<LoadData>(&command)) {
    line["source"] = load->source;
  } else if (const auto* save = std::get_if<SaveModel>(&command)) {
    line["path"] = save->path;
  } else if (const auto* exported = std::get_if<ExportCurves>(&command)) {
    line["path"] = exported->path;
  } else if (const auto* inputs = std::get_if<ExportInputs>(&command)) {
    line["path"] = inputs->path;
    line["inputs"] = inputs->train.size() + inputs->test.size();
  } else if (const auto* course = std::get_if<SetKlSchedule>(&command)) {
    RunPlan plan;
    plan.schedule.kind = course->schedule.kind;
    line["schedule"] = parameter("lambda_schedule").choice(plan)->word;
    line["steps"] = number(course->schedule.steps);
    line["cycles"] = course->schedule.cycles;
    line["first_step"] = course->schedule.first_step;
  } else if (const auto* held = std::get_if<SetHoldOut>(&command)) {
    line["validation"] = held->hold_out.rows;
    line["patience"] = held->hold_out.patience;
  } else if (const auto* opened = std::get_if<OpenModel>(&command)) {
    line["path"] = opened->path;
  } else if (const auto* walk = std::get_if<ExportPath>(&command)) {
    line["path"] = walk->path;
    line["frames"] = walk->frames;
  }
}

// Paths may hold bytes that are no UTF-8: they are replaced rather than thrown at.
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
  Json line{{"event", event}, {"time", number(time_s)}, {"step", step}};
  if (pane_ != 0) line["pane"] = pane_;
  for (const auto& [name, value] : fields) line[std::string(name)] = to_json(value);
  put(file_.get(), line);
}

void EventLog::write_command(const Command& command, double time_s, std::int64_t step) {
  if (!file_) return;
  Json line{{"event", "command"}, {"time", number(time_s)}, {"step", step}};
  line["command"] = name_of(command);
  line["model"] = std::visit([](const auto& any) { return any.model.value; }, command);
  add_details(line, command);
  put(file_.get(), line);
}

}  // namespace zscape
