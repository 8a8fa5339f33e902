#include "app/gui/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>
#include <stdexcept>
#include <tuple>

#include "app/files/source_kind.h"
#include "app/gui/marks_json.h"
#include "app/gui/text_file.h"
#include "app/gui/view/latent/reach.h"
#include "app/gui/view/latent/view_fit.h"
#include "engine/json_text.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kVersion = 3;  // 1: of zscape 0.1; 2: weights alone

float number_in(const Json& json) {
  const auto value = json.get<float>();
  if (!in_reach(value)) throw std::runtime_error(tr("a number lies beyond ±1,000,000"));
  return value;
}

// The layout's sizes and their names in a file.
constexpr std::pair<const char*, std::optional<float> LayoutSizes::*> kSizes[] = {
    {"controls", &LayoutSizes::left},
    {"preview", &LayoutSizes::right},
    {"curves", &LayoutSizes::lower}};

constexpr std::pair<const char*, SharedAxes> kAxes[] = {
    {"own", SharedAxes::own}, {"scale", SharedAxes::scale}, {"extent", SharedAxes::extent}};

// The order of `count` panes; what is none means the usual one.
PaneArrangement panes_from(const Json& json, std::size_t count) {
  PaneArrangement panes;
  for (const auto& [name, axes] : kAxes) {
    if (json.value("axes", "") == name) panes.axes = axes;
  }
  std::set<std::size_t> seen;
  for (const int pane : wholes_from<int>(json.value("order", Json::array()))) {
    if (pane < 0 || static_cast<std::size_t>(pane) >= count) return panes;
    if (seen.insert(static_cast<std::size_t>(pane)).second) {
      panes.order.push_back(static_cast<std::size_t>(pane));
    }
  }
  if (panes.order.size() != count) panes.order.clear();
  return panes;
}

Json panes_json(const PaneArrangement& panes) {
  Json json{{"order", panes.order}};
  for (const auto& [name, axes] : kAxes) {
    if (axes == panes.axes) json["axes"] = name;
  }
  return json;
}

RunPlan plan_in(const Json& json) {
  auto plan = plan_from_json(json);
  if (!plan) throw std::runtime_error(plan.error().message);
  return std::move(*plan);
}

// In version 1 some parameters had other names.
RunPlan older_plan(const Json& json) {
  Json plan = json.at("training");
  plan.erase("running");
  const Json& data = json.at("data");
  plan["data"] = data.at("source");
  if (data.contains("image_size")) {
    const auto size = wholes_from<int>(data["image_size"]);
    if (size.size() != 2) throw std::runtime_error(tr("an image size is not two numbers"));
    plan["image_size"] = fmt::format("{}x{}", size[0], size[1]);
  }
  return plan_in(plan);
}

// "run": a whole run; "model": weights alone. Empty: neither.
std::string weights_from(const Json& json, const fs::path& folder) {
  for (const char* key : {"run", "model"}) {
    if (!json.contains(key)) continue;
    return (folder / json[key].get<std::string>()).lexically_normal().string();
  }
  return {};
}

Session::Other other_from(const Json& json, const fs::path& folder) {
  Session::Other other;
  other.weights = weights_from(json, folder);
  if (json.contains("pins")) other.marks = marks_from(json);
  Json plan = json.contains("plan") ? json["plan"] : json;
  plan.erase("model");
  if (json.contains("plan")) {
    other.plan = plan_in(plan);
    return other;
  }
  const bool has_none = plan.at("hidden").empty();  // version 1: a conv network, or pca
  if (has_none) plan.erase("hidden");
  other.plan = plan_in(plan);
  if (has_none && !other.plan.spec.is_linear()) {
    plan["network"] = "conv";
    other.plan = plan_in(plan);
  }
  return other;
}

OrbitCamera camera_from(const Json& json) {
  constexpr float kUpright = std::numbers::pi_v<float> / 2;
  OrbitCamera camera;
  camera.yaw = number_in(json.at("yaw"));
  camera.pitch = std::clamp(number_in(json.at("pitch")), -kUpright, kUpright);
  camera.zoom = number_in(json.at("zoom"));
  if (camera.zoom <= 0) throw std::runtime_error(tr("a setting is not greater than 0"));
  camera.pan_x = number_in(json.at("pan").at(0));
  camera.pan_y = number_in(json.at("pan").at(1));
  return camera;
}

Session session_from(const Json& json, const fs::path& folder) {
  const int version = whole_from<int>(json.at(kSessionKey));
  if (version < 1 || version > kVersion) {
    throw std::runtime_error(tr("it was written by another version of zscape"));
  }
  Session session;
  session.plan = version == 1 ? older_plan(json) : plan_in(json.at("plan"));
  session.running = (version == 1 ? json.at("training") : json).at("running").get<bool>();
  session.has_run = json.contains("run");
  session.weights = weights_from(json, folder);
  if (const auto kept = json.find("kept"); kept != json.end()) {
    session.kept_at = kept->at("time").get<std::time_t>();
    session.step = kept->at("step").get<std::int64_t>();
  }
  session.closed = json.value("closed", true);

  const Json& view = json.at("view");
  session.center = {number_in(view.at("center").at(0)), number_in(view.at("center").at(1))};
  session.height = number_in(view.at("height"));
  const auto axes = wholes_from<int>(view.at("axes"));
  if (axes.size() < 2) throw std::runtime_error(tr("the view has fewer than two axes"));
  std::copy_n(axes.begin(), std::min<std::size_t>(axes.size(), 3), session.axes.axes.begin());
  session.axes.principal = view.value("principal", false);
  session.axes.spatial = view.value("spatial", false);
  for (const Json& value : view.value("through", Json::array())) {
    session.through.push_back(number_in(value));
  }
  if (view.contains("camera")) session.camera = camera_from(view["camera"]);
  session.split = split_from(view.at("split"));
  session.hidden_labels = wholes_from<int>(view.at("hidden_labels"));
  session.label = whole_from<int>(view.at("label"));
  session.layers = layers_from(view);
  session.marks = marks_from(json);
  if (json.contains("selected")) {
    for (const SplitName split : {SplitName::train, SplitName::test}) {
      const auto chosen = wholes_from<std::int64_t>(json["selected"].at(key_of(split)));
      const std::set<std::int64_t> sorted(chosen.begin(), chosen.end());
      auto& rows = session.selected[static_cast<std::size_t>(split)];
      rows.assign(sorted.begin(), sorted.end());
      if (!rows.empty() && rows.front() < 0)
        throw std::runtime_error(tr("a row number is negative"));
    }
  }
  session.seen = seen_from(json.value("seen", Json::object()));
  const Json& layout = json.at("layout");
  for (const auto& [name, size] : kSizes) {
    if (layout.contains(name)) session.sizes.*size = number_in(layout[name]);
  }
  session.sizes.panels_hidden = layout.at("panels_hidden").get<bool>();
  for (const Json& other : json.value("other_models", Json::array())) {
    session.others.push_back(other_from(other, folder));
  }
  if (json.contains("second_model")) {  // as sessions had it while there were two at most
    session.others.push_back(other_from(json["second_model"], folder));
  }
  if (json.contains("panes")) {
    session.panes = panes_from(json["panes"], session.others.size() + 1);
  }
  return session;
}

// The marks without the places that they have because the model learns.
Marks unmoved(Marks marks) {
  for (PinMark& pin : marks.pins) {
    if (pin.source) pin.z.clear();
  }
  for (PathMark& path : marks.paths) {
    for (ControlPoint& point : path.points) {
      if (point.source) point.z.clear();
    }
  }
  return marks;
}

Command opening(const Session& session, ModelId model, const std::string& weights) {
  if (session.has_run) return ResumeRun{model, weights};
  return OpenModel{model, weights};
}

}  // namespace

Session session_of(const Snapshot& snapshot, const ModelView& model, const Scene& scene,
                   const LatentPanelState& latent, const Selection& selection,
                   const LayoutSizes& sizes, const ChosenSequences* sequences) {
  Session session;
  session.plan = next_plan(model);
  if (snapshot.data) session.plan.data.source = snapshot.data->source;
  session.running = model.state == RunState::running;
  // Keeps the λ that a schedule has reached, not the schedule.
  session.plan.settings.kl_weight = model.settings.kl_weight;
  if (!latent.auto_fit && latent.view.pixels_per_unit > 0) {
    session.center = latent.view.center;
    session.height = latent.view.size.y / latent.view.pixels_per_unit;
  }
  session.axes = scene.axis_choice();
  if (scene.through_by_hand()) session.through = scene.through();
  if (latent.view.orbit) {
    session.camera = latent.view.orbit;
    session.camera->pan_x /= std::max(latent.view.size.y, 1.0f);
    session.camera->pan_y /= std::max(latent.view.size.y, 1.0f);
  }
  session.split = latent.split;
  for (int label = 0; label < kMaxLabels; ++label) {
    if (latent.hidden[static_cast<std::size_t>(label)]) session.hidden_labels.push_back(label);
  }
  session.label = scene.label();
  session.layers = latent.layers;
  session.marks = scene.marks().marks();
  for (const SplitName split : {SplitName::train, SplitName::test}) {
    session.selected[static_cast<std::size_t>(split)] = selection.rows(split);
  }
  session.seen = zscape::seen_of(latent, snapshot.data.get(), sequences);
  session.sizes = sizes;
  for (const ModelView& other : snapshot.models) {
    if (other.id == model.id) continue;
    session.others.push_back({{}, next_plan(other), {}});
    session.others.back().plan.settings.kl_weight = other.settings.kl_weight;
  }
  return session;
}

bool same_marks(const Session& a, const Session& b) {
  const auto seen = [](const Session& session) {
    return std::tie(session.center, session.height, session.axes, session.through, session.camera,
                    session.split, session.hidden_labels, session.label, session.layers,
                    session.selected, session.seen, session.sizes, session.running,
                    session.plan.seed, session.plan.hold_out, session.plan.data.source);
  };
  if (a.panes != b.panes || seen(a) != seen(b) || a.others.size() != b.others.size()) return false;
  for (std::size_t i = 0; i < a.others.size(); ++i) {
    if (unmoved(a.others[i].marks) != unmoved(b.others[i].marks)) return false;
  }
  return unmoved(a.marks) == unmoved(b.marks);
}

std::vector<Command> loading_commands(const Session& session, ModelId model) {
  std::vector<Command> commands = {Pause{model}};
  for (Command& command : setting_commands(model, Parameter::Effect::next_run, session.plan)) {
    commands.push_back(std::move(command));
  }
  commands.push_back(LoadData{model, as_kept(session.plan.data)});
  commands.push_back(opening(session, model, session.weights));
  return commands;
}

std::vector<Command> restoring_commands(const Session& session, ModelId model, bool sets_next) {
  std::vector<Command> commands;
  const auto set = [&](Parameter::Effect effect) {
    for (Command& command : setting_commands(model, effect, session.plan)) {
      commands.push_back(std::move(command));
    }
  };
  if (sets_next) set(Parameter::Effect::next_run);
  if (!session.has_run) set(Parameter::Effect::next_step);  // a whole run has its settings
  for (std::size_t i = 0; i < session.others.size(); ++i) {
    const Session::Other& other = session.others[i];
    const ModelId id = other_model_id(model, i);
    commands.push_back(AddModel{id, other.plan.spec, other.plan.settings.kl_weight});
    if (!other.weights.empty()) commands.push_back(opening(session, id, other.weights));
  }
  return commands;
}

void restore_view(const Session& session, Scene& scene, LatentPanelState& latent,
                  Selection& selection, const Dataset* data) {
  scene.choose_axes(session.axes);
  scene.set_label(session.label);
  scene.restore(session.marks);
  scene.set_through(session.through);
  latent.layers = session.layers;
  latent.split = session.split;
  if (data != nullptr) show(session.seen, *data, latent);
  latent.hidden.reset();
  for (const int label : session.hidden_labels) {
    if (label >= 0 && label < kMaxLabels) latent.hidden.set(static_cast<std::size_t>(label));
  }
  selection.clear();
  for (const SplitName split : {SplitName::train, SplitName::test}) {
    selection.choose(split, session.selected[static_cast<std::size_t>(split)], SelectMode::add);
  }
  latent.view.orbit = session.camera;
  if (latent.view.orbit) {
    latent.view.orbit->pan_x *= std::max(latent.view.size.y, 1.0f);
    latent.view.orbit->pan_y *= std::max(latent.view.size.y, 1.0f);
  }
  latent.auto_fit = !(session.height > 0);
  latent.placed = false;
  if (latent.auto_fit) return;
  latent.placed = true;
  jump(latent.view, {session.center, std::max(latent.view.size.y, 1.0f) / session.height});
}

bool leave_inputs(Session& session) {
  bool any = false;
  const auto leave = [&any](std::optional<PointRef>& source) {
    any = any || source.has_value();
    source.reset();
  };
  const auto leave_all = [&leave](Marks& marks) {
    for (PinMark& pin : marks.pins) leave(pin.source);
    for (PathMark& path : marks.paths) {
      for (ControlPoint& point : path.points) leave(point.source);
    }
  };
  leave_all(session.marks);
  for (Session::Other& other : session.others) leave_all(other.marks);
  for (std::vector<std::int64_t>& rows : session.selected) {
    any = any || !rows.empty();
    rows.clear();
  }
  any = any || !session.seen.sequences.empty();
  session.seen.sequences.clear();
  return any;
}

std::string session_text(const Session& session, const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  const auto near = [&folder](const fs::path& weights) {
    return weights.parent_path() == folder ? weights.filename().string() : weights.string();
  };
  Json layout{{"panels_hidden", session.sizes.panels_hidden}};
  for (const auto& [name, size] : kSizes) {
    if (session.sizes.*size) layout[name] = *(session.sizes.*size);
  }
  nlohmann::ordered_json json;  // the key that names it stands first
  json[kSessionKey] = kVersion;
  json["plan"] = to_json(session.plan);
  const char* key = session.has_run ? "run" : "model";
  json[key] = near(session.weights);
  json["kept"] = Json{{"time", session.kept_at}, {"step", session.step}};
  json["closed"] = session.closed;
  json["running"] = session.running;
  json["view"] = Json{{"center", {session.center.x, session.center.y}},
                      {"height", session.height},
                      {"axes", session.axes.axes},
                      {"principal", session.axes.principal},
                      {"spatial", session.axes.spatial},
                      {"through", session.through},
                      {"split", key_of(session.split)},
                      {"hidden_labels", session.hidden_labels},
                      {"label", session.label},
                      {"layers", layers_json(session.layers)},
                      {"ellipses_of_all", session.layers.ellipses_of_all},
                      {"hover_card", session.layers.card}};
  if (const auto& camera = session.camera) {
    json["view"]["camera"] = Json{{"yaw", camera->yaw},
                                  {"pitch", camera->pitch},
                                  {"zoom", camera->zoom},
                                  {"pan", {camera->pan_x, camera->pan_y}}};
  }
  const Json marks = marks_json(session.marks);
  json["pins"] = marks["pins"];
  json["paths"] = marks["paths"];
  if (!session.selected[0].empty() || !session.selected[1].empty()) {
    json["selected"] = Json{{key_of(SplitName::train), session.selected[0]},
                            {key_of(SplitName::test), session.selected[1]}};
  }
  if (Json seen = to_json(session.seen); !seen.empty()) json["seen"] = std::move(seen);
  json["layout"] = layout;
  Json others = Json::array();
  for (const Session::Other& other : session.others) {
    Json entry = marks_json(other.marks);
    entry["plan"] = to_json(other.plan);
    if (!other.weights.empty()) entry[key] = near(other.weights);
    others.push_back(std::move(entry));
  }
  if (!others.empty()) {
    json["other_models"] = others;
    json["panes"] = panes_json(session.panes);
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Expected<Session> read_session(const std::string& path) {
  const Expected<std::string> text = read_text(path);
  if (!text) return fail(tr("{}: this session cannot be read: {}", path, text.error().message));
  try {
    std::error_code error;
    const fs::path folder = fs::absolute(path, error).parent_path();
    Session session = session_from(json_from(*text), folder);
    if (!fs::exists(session.weights, error)) {
      throw std::runtime_error(tr("its model {} does not exist any more", session.weights));
    }
    return session;
  } catch (const Json::exception&) {
    return fail(tr("{}: this is not a valid session", path));
  } catch (const std::exception& error) {
    return fail(tr("{}: this is not a valid session: {}", path, error.what()));
  }
}

}  // namespace zscape
