#include "app/gui/panels/frame/path_prompt.h"

#include <fmt/format.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/widgets.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr float kWidth = 560, kListHeight = 240;
constexpr std::size_t kMostEntries = 2000;

// The typed path up to its last slash, and the rest.
std::pair<std::string, std::string> split(const std::string& text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string::npos) return {"", text};
  return {text.substr(0, slash + 1), text.substr(slash + 1)};
}

void list_folder(PathPromptState& state, const std::string& folder) {
  if (state.folder == folder) return;
  state.folder = folder;
  state.entries.clear();
  std::error_code error;
  const std::string place = folder.empty() ? "." : with_home(folder);
  for (fs::directory_iterator it(place, error), end; !error && it != end; it.increment(error)) {
    if (state.entries.size() == kMostEntries) break;
    std::error_code ignored;
    state.entries.push_back({it->path().filename().string(), it->is_directory(ignored)});
  }
  std::ranges::sort(state.entries, [](const auto& a, const auto& b) {
    return std::pair(!a.is_folder, a.name) < std::pair(!b.is_folder, b.name);
  });
}

int edited(ImGuiInputTextCallbackData* data) {
  auto& state = *static_cast<PathPromptState*>(data->UserData);
  if (data->EventFlag == ImGuiInputTextFlags_CallbackCompletion) {
    // state.text lacks what was typed in this frame.
    const std::string typed(data->Buf, static_cast<std::size_t>(data->BufTextLen));
    list_folder(state, split(typed).first);
    const std::string longer = completed(typed, state.entries);
    data->DeleteChars(0, data->BufTextLen);
    data->InsertChars(0, longer.c_str());
  } else if (state.to_end) {
    data->ClearSelection();
    data->CursorPos = data->BufTextLen;
    state.to_end = false;
  } else {
    const std::string typed(data->Buf, static_cast<std::size_t>(data->BufTextLen));
    const std::size_t rest = without_offer(typed, state.offered).size();
    if (rest < typed.size()) data->DeleteChars(0, static_cast<int>(typed.size() - rest));
  }
  return 0;
}

bool typed_path(PathPromptState& state) {
  ImGui::SetNextItemWidth(-1);
  if (std::exchange(state.focus, false)) ImGui::SetKeyboardFocusHere();
  return ImGui::InputText("##path", &state.text,
                          ImGuiInputTextFlags_EnterReturnsTrue |
                              ImGuiInputTextFlags_CallbackCompletion |
                              ImGuiInputTextFlags_CallbackAlways,
                          edited, &state);
}

void set_text(PathPromptState& state, std::string text) {
  state.text = std::move(text);
  state.offered = split(state.text).first;
  state.focus = true;
  state.to_end = true;
}

// Returns a recent path that was clicked.
std::optional<std::string> draw_entries(PathPromptState& state, std::span<const std::string> recent,
                                        const PanelFrame& frame) {
  std::optional<std::string> chosen;
  const auto [folder, begun] = split(state.text);
  ImGui::BeginChild("entries", {0, frame.px(kListHeight)}, true);
  if (begun.empty() && !state.saves && !recent.empty()) {
    small_text(frame.theme, tr("Recent"));
    for (std::size_t i = 0; i < recent.size(); ++i) {
      const bool is_gone = state.gone.contains(recent[i]);
      const int flags = ImGuiSelectableFlags_DontClosePopups |
                        (is_gone ? static_cast<int>(ImGuiSelectableFlags_Disabled) : 0);
      if (list_entry(recent[i].c_str(), false, flags)) chosen = recent[i];
      frame.widgets.note(fmt::format("prompt_recent_{}", i));
      if (is_gone) tooltip(frame.theme, tr("{} is not there any more.", recent[i]).c_str());
    }
    ImGui::Dummy({0, frame.px(4)});
    small_text(frame.theme, folder.empty() ? tr("This folder") : folder.c_str());
  }
  bool any = false;
  for (const PathPromptState::Entry& entry : state.entries) {
    if (!entry.name.starts_with(begun) || (begun.empty() && entry.name.starts_with("."))) continue;
    any = true;
    const std::string shown = entry.is_folder ? entry.name + "/" : entry.name;
    if (list_entry(shown.c_str(), false, ImGuiSelectableFlags_DontClosePopups)) {
      set_text(state, folder + shown);
    }
    frame.widgets.note("entry_" + entry.name);
  }
  if (!any) {
    small_text(frame.theme,
               state.saves ? tr("This is a new file.") : tr("No name begins like this."));
  }
  ImGui::EndChild();
  return chosen;
}

}  // namespace

std::set<std::string> gone_of(std::span<const std::string> files) {
  std::set<std::string> gone;
  for (const std::string& file : files) {
    std::error_code error;
    if (!fs::exists(file, error)) gone.insert(file);
  }
  return gone;
}

std::string without_offer(const std::string& text, const std::string& offered) {
  if (offered.empty() || !text.starts_with(offered)) return text;
  std::string typed = text.substr(offered.size());
  if (typed.starts_with('/') || typed.starts_with("~/")) return typed;
  return text;
}

std::string with_home(const std::string& text) {
  const char* home = std::getenv("HOME");
  const bool is_home = text == "~" || text.starts_with("~/");
  return home == nullptr || !is_home ? text : home + text.substr(1);
}

std::string completed(const std::string& text, std::span<const PathPromptState::Entry> entries) {
  const auto [folder, begun] = split(text);
  std::optional<std::string> common;
  for (const PathPromptState::Entry& entry : entries) {
    if (!entry.name.starts_with(begun)) continue;
    const std::string name = entry.is_folder ? entry.name + "/" : entry.name;
    if (!common) {
      common = name;
      continue;
    }
    const auto [end, other] = std::ranges::mismatch(*common, name);
    common->erase(end, common->end());
  }
  return folder + common.value_or(begun);
}

void ask_for_path(PathPromptState& state, std::string title, std::string start, bool saves) {
  state = {};
  state.wanted = true;
  state.title = std::move(title);
  state.saves = saves;
  set_text(state, std::move(start));
}

std::optional<std::string> draw_path_prompt(PathPromptState& state,
                                            std::span<const std::string> recent,
                                            const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const float most = std::min(theme.px(kWidth), frame.rect.size.x - theme.px(16));
  const bool opens = std::exchange(state.wanted, false);
  if (opens) state.gone = gone_of(recent);
  if (!begin_middle_popup("##path_prompt", opens, most, state.title.c_str(), frame)) {
    return std::nullopt;
  }
  list_folder(state, split(state.text).first);
  const bool entered = typed_path(state);
  frame.widgets.note("prompt_path");
  std::optional<std::string> result = draw_entries(state, recent, frame);
  const std::string name = split(state.text).second;
  const bool replaces =
      state.saves &&
      std::ranges::find(state.entries, name, &PathPromptState::Entry::name) != state.entries.end();
  const bool is_warned = state.warned_of == state.text;
  small_text(theme, replaces && is_warned ? tr("Press Enter once more to replace it.")
                    : replaces            ? tr("This file exists and will be replaced.")
                    : state.saves
                        ? tr("Tab completes the name.")
                        : tr("Tab completes the name. You can also open a folder of data."));

  const float width = theme.px(84), gap = ImGui::GetStyle().ItemSpacing.x;
  ImGui::SameLine();
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - 2 * width - gap);
  const bool given_up =
      button(frame, "prompt_cancel", tr("Cancel"), width, tr("Esc does the same."), {},
             replaces ? Emphasis::accent : Emphasis::normal) ||
      ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape));
  ImGui::SameLine();
  const bool accepted = button(
      frame, "prompt_accept",
      replaces      ? tr("Replace")
      : state.saves ? tr("Save")
                    : tr("Open"),
      width,
      replaces ? tr("The file's present contents will be lost.") : tr("Enter does the same."),
      state.text.empty() ? tr("Type a path first.") : "",
      replaces ? Emphasis::normal : Emphasis::accent);
  const bool enters = entered && (!replaces || is_warned);
  if (entered && !enters) {
    state.warned_of = state.text;
    state.focus = state.to_end = true;
  }
  if ((enters || accepted) && !state.text.empty()) result = state.text;
  // At the end of the folder that was offered, "~" alone is the home too.
  if (result && result->ends_with('~') && result->size() == state.offered.size() + 1) {
    *result = "~";
  }
  if (result) {
    *result = with_home(without_offer(*result, state.offered));
    while (result->size() > 1 && result->back() == '/') result->pop_back();
  }
  if (result || given_up) ImGui::CloseCurrentPopup();
  ImGui::EndPopup();
  return given_up ? std::nullopt : result;
}

}  // namespace zscape
