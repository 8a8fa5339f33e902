#include <fmt/format.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/path_prompt.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/inputs/data_notes.h"
#include "engine/text.h"

namespace zscape {
namespace {

// A plan with these options of data: the table of parameters reads and writes them there.
RunPlan plan_of(const DataRequest& options) {
  RunPlan plan;
  plan.data = options;
  return plan;
}

constexpr std::array kTexts = {"image_size", "range", "label_column", "labels_file"};

void forget(DataRequest& options, std::string_view key) {
  if (key == "image_size") options.image_size.reset();
  if (key == "range") options.range.reset();
  if (key == "label_column") options.label_column.clear();
  if (key == "labels_file") options.labels_file.clear();
}

bool is_named_by(const std::string& source, const Dataset& data) {
  std::error_code ignored;
  const std::filesystem::path whole = std::filesystem::absolute(with_home(source), ignored);
  return source == data.source || whole.lexically_normal() == data.source;
}

// What the data on show were read by, where nothing else is asked for.
void follow_loaded(Controls& controls) {
  ControlsPanelState& state = controls.state;
  const Dataset* data = controls.snapshot.data.get();
  if (state.options_of == data) return;
  const bool had_data = std::exchange(state.options_of, data) != nullptr;
  if (data == nullptr) return;
  // An Undo or a session brings other data than those that the field names.
  if (had_data && !state.source.empty() && !state.data_source.editing &&
      !is_named_by(state.source, *data)) {
    name_source(state, data->source == "synthetic" ? "" : data->source);
  }
  state.data_options.sequence = data->steps > 0;
  if (!data->pictures) return;
  state.data_options.fit = data->pictures->fit;
  state.data_options.ground = data->pictures->ground;
}

void draw_choice(Controls& controls, const char* key) {
  const PanelFrame& frame = controls.frame;
  DataRequest& options = controls.state.data_options;
  const Parameter& row = parameter(key);
  row_label(frame, row.label);
  const ParameterChoice* held = row.choice(plan_of(options));
  const std::string_view present = held != nullptr ? held->word : std::string_view(row.initial);
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const auto count = static_cast<float>(row.field.choices.size());
  const float each = std::floor((controls.width() - (count - 1) * gap) / count);
  for (const ParameterChoice& named : row.field.choices) {
    if (&named != row.field.choices.data()) ImGui::SameLine(0, gap);
    const std::string help =
        *named.help != 0 ? fmt::format("{}: {}", row.tooltip(), named.help) : row.tooltip();
    if (choice(frame, fmt::format("{}_{}", key, named.word), named.name().c_str(), each,
               named.word == present, help)) {
      RunPlan plan = plan_of(options);
      row.field.read(plan, named.word);
      options = plan.data;
    }
  }
}

// Of the data on show an array of three axes may be sequences; of others nobody knows yet.
bool may_be_sequences(const Dataset* data, const std::string& source) {
  if (data == nullptr || source != data->source || data->steps > 0) return true;
  return data->shape.height > 1 && data->shape.channels == 1 && !data->pictures;
}

void draw_sequence(Controls& controls) {
  const Parameter& row = parameter("sequence");
  row_label(controls.frame, row.label);
  bool& sequence = controls.state.data_options.sequence;
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const float each = std::floor((controls.width() - gap) / 2);
  if (choice(controls.frame, "sequence_no", tr("no"), each, !sequence, row.tooltip())) {
    sequence = false;
  }
  ImGui::SameLine(0, gap);
  if (choice(controls.frame, "sequence_yes", tr("yes"), each, sequence, row.tooltip())) {
    sequence = true;
  }
}

// An empty field leaves the choice to the data.
void draw_text(Controls& controls, const char* key) {
  DataRequest& options = controls.state.data_options;
  const Parameter& row = parameter(key);
  row_label(controls.frame, row.label);
  const auto refused = [&](const std::string& text) {
    RunPlan plan;
    return text.empty() || row.field.read(plan, text) ? std::string() : row.field.range;
  };
  const char* hint = row.key == "labels_file" ? tr("a file")
                     : *row.initial != 0      ? tr("found")
                                              : tr("as they are");
  const auto typed =
      text_field(controls.frame, key, controls.state.listed[row.key],
                 row.field.text(plan_of(options)), -1, row.tooltip(), {}, hint, refused);
  if (!typed) return;
  RunPlan plan = plan_of(options);
  if (typed->empty()) {
    forget(plan.data, key);
  } else {
    row.field.read(plan, *typed);
  }
  options = plan.data;
}

void draw_data_facts(Controls& controls) {
  const Theme& theme = controls.frame.theme;
  const auto& data = controls.snapshot.data;
  if (!data) {
    small_text(theme, tr("nothing loaded"));
    return;
  }
  const std::string sizes = fmt::format("{} + {} · {}", format_count(data->train.count),
                                        format_count(data->test.count), shape_text(data->shape));
  const std::string facts = data->classes() == 0   ? sizes
                            : data->classes() == 1 ? tr("{} · 1 class", sizes)
                                                   : tr("{} · {} classes", sizes, data->classes());
  std::string help =
      tr("{}: {}\ntraining inputs + test inputs · their shape · classes", data->name, facts);
  if (const std::string columns = metadata_names(*data); !columns.empty()) {
    help += '\n' + tr("metadata: {}", columns);
  }
  for (const auto* notes : {&data->assumed, &data->left_out}) {
    for (const std::string& note : *notes) help += '\n' + with_controls_named(note);
  }
  if (is_compact(controls.frame)) {  // beside the heading
    ImGui::SameLine();
    const std::string few = data->name + " · " + format_count(data->train.count + data->test.count);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + theme.px(2));
    small_text(theme, few.c_str());
    tooltip(theme, help.c_str());
    return;
  }
  ImGui::TextUnformatted(data->name.c_str());
  const float name_width = ImGui::GetItemRectSize().x;
  const float room = controls.width() - width_of(theme.small, facts.c_str());
  if (room > name_width + theme.px(12)) {
    ImGui::SameLine();
    ImGui::SetCursorPosX(ImGui::GetStyle().WindowPadding.x + room);
    ImGui::SetCursorPosY(ImGui::GetCursorPosY() + theme.px(2));
  }
  small_text(theme, facts.c_str());
  tooltip(theme, help.c_str());
}

// Data of one's own have options; sets that zscape knows by name have none.
bool is_own(const std::string& source) {
  return source.find_first_of("/.~:") != std::string::npos;
}

void draw_options_switch(Controls& controls) {
  ControlsPanelState& state = controls.state;
  more_switch(controls.frame, "data_more", state.more_data, false,
              state.more_data
                  ? tr("Hide how data are read")
                  : tr("Show how data are read: size, fit and ground of pictures, the range of "
                       "numbers, labels, sequences"));
}

}  // namespace

void name_source(ControlsPanelState& state, const std::string& source) {
  if (state.source == source) return;
  state.source = source;
  state.data_options = {};
}

DataRequest request_for(const ControlsPanelState& state, std::string source) {
  DataRequest request = state.data_options;
  request.source = std::move(source);
  if (!request.labels_file.empty()) {  // a session keeps it
    std::error_code ignored;
    const auto whole = std::filesystem::absolute(with_home(request.labels_file), ignored);
    if (!ignored) request.labels_file = whole.lexically_normal().string();
  }
  return request;
}

void draw_data_controls(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  const Theme& theme = frame.theme;
  ControlsPanelState& state = controls.state;
  section(frame, tr("Data"));
  follow_loaded(controls);
  const auto& data = controls.snapshot.data;
  const auto typed = [&state] {
    return state.data_source.editing ? state.data_source.text : state.source;
  };
  const bool has_more = is_own(typed()) || (data && is_own(data->source));
  const bool compact = is_compact(frame);
  if (has_more && !compact) draw_options_switch(controls);
  draw_data_facts(controls);
  if (has_more && compact) draw_options_switch(controls);
  const float load = theme.px(58), synthetic = theme.px(84),
              gap = ImGui::GetStyle().ItemInnerSpacing.x;
  if (const auto source = path_field(frame, "source", state.data_source, state.source,
                                     controls.width() - load - synthetic - 2 * gap,
                                     state.data_help.c_str(), tr("path, name"))) {
    name_source(state, *source);
  }
  std::string wanted = typed();  // with the letters of this frame, which Enter may have come with
  const bool again = wanted.empty() && data && is_own(data->source);
  if (again) wanted = data->source;
  ImGui::SameLine(0, gap);
  const bool enters = state.data_source.entered && !wanted.empty() && !again;
  if (button(frame, "load", tr("Load"), load,
             again ? tr("Load these data again, as said below \"more\"")
                   : tr("Load this data (Enter in the field)"),
             wanted.empty() ? tr("Type a folder, a file or a name first.") : "") ||
      enters) {
    controls.commands.push_back(LoadData{controls.model, request_for(state, with_home(wanted))});
  }
  ImGui::SameLine(0, gap);
  const bool is_synthetic = data && data->source == "synthetic";
  if (button(frame, "synthetic", tr("Synthetic"), synthetic,
             tr("Load the built-in digits, which zscape draws itself. They need no file."),
             is_synthetic ? tr("The synthetic digits are loaded already.") : "")) {
    controls.commands.push_back(LoadData{controls.model, "synthetic"});
  }
  if (!has_more || !state.more_data) return;
  for (const char* key : kTexts) draw_text(controls, key);
  if (may_be_sequences(data.get(), wanted)) draw_sequence(controls);
  const bool may_be_pictures = !data || data->pictures || wanted != data->source;
  if (!may_be_pictures) return;
  for (const char* key : {"fit", "ground"}) draw_choice(controls, key);
}

}  // namespace zscape
