#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/panels/frame/path_prompt.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kPopup = "file_menu_items";
constexpr float kLongestPath = 320;  // pixels at 100 %

// A path as a menu item: the file's name, then as much of the end of its folder as fits.
void path_item(const std::string& path, const std::string& name, FileMenuState& state,
               const PanelFrame& frame) {
  const std::filesystem::path file(path);
  std::string folder = file.parent_path().string();
  const float room = frame.px(kLongestPath);
  bool cut = false;
  while (folder.size() > 1 && ImGui::CalcTextSize(folder.c_str()).x > room) {
    const std::size_t slash = folder.find('/', 1);
    folder = slash == std::string::npos ? std::string() : folder.substr(slash);
    cut = true;
  }
  if (cut) folder = "…" + folder;
  const bool is_there = !state.gone.contains(path);
  if (menu_entry(fmt::format("{}##{}", file.filename().string(), name).c_str(), folder.c_str(),
                 is_there)) {
    state.request = FileRequest{FileRequest::Kind::open_path, path};
  }
  frame.widgets.note(name);
  if (!is_there) tooltip(frame.theme, tr("{} is not there any more.", path).c_str());
}

void heading(const PanelFrame& frame, const char* text) {
  ImGui::Separator();
  small_text(frame.theme, text);
}

}  // namespace

void draw_file_menu(FileMenuState& state, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::PushFont(theme.small);
  const char* text = tr("More …");
  const ImVec2 size = ImGui::CalcTextSize(text);
  const float pad = theme.px(8), height = ImGui::GetFontSize() + theme.px(6);
  ImGui::SameLine();
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x - size.x -
                       2 * pad);
  if (ImGui::InvisibleButton("file_menu", {size.x + 2 * pad, height})) {
    ImGui::OpenPopup(kPopup);
    state.gone = gone_of(state.recent);
  }
  frame.widgets.note("file_menu");
  const bool lit = ImGui::IsItemHovered() || ImGui::IsPopupOpen(kPopup);
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  ImDrawList& list = *ImGui::GetWindowDrawList();
  if (lit) list.AddRectFilled(low, high, color::kRaised, theme.px(4));
  list.AddText({low.x + pad, std::floor((low.y + high.y - size.y) / 2)},
               lit ? color::kText : color::kMuted, text);
  ImGui::PopFont();
  if (!ImGui::IsPopupOpen(kPopup)) {
    tooltip(
        theme,
        tr("Open files and folders, save the session, choose recent files or ready-made models"));
  }

  // Above the button where the panel lies low.
  ImGui::SetNextWindowPos({low.x, low.y - theme.px(4)}, ImGuiCond_Appearing, {0, 1});
  if (!ImGui::BeginPopup(kPopup)) return;
  const auto item = [&](const char* label, const char* keys, const char* name,
                        FileRequest::Kind kind) {
    if (menu_entry(label, keys)) state.request = FileRequest{kind, {}};
    frame.widgets.note(name);
  };
  item(tr("Open …"), tr("Ctrl-O"), "menu_open", FileRequest::Kind::open_file);
  item(tr("Open a data folder …"), nullptr, "menu_open_folder", FileRequest::Kind::open_folder);
  item(tr("Save the session …"), tr("Ctrl-Shift-S"), "menu_save_session",
       FileRequest::Kind::save_session);
  item(tr("Start afresh"), nullptr, "menu_new", FileRequest::Kind::begin_afresh);
  if (!state.sessions.empty()) heading(frame, tr("Sessions"));
  for (std::size_t i = 0; i < state.sessions.size(); ++i) {
    const FileMenuState::Entry& session = state.sessions[i];
    const std::string name = fmt::format("session_{}", i);
    if (menu_entry(fmt::format("{}##{}", session.text, name).c_str())) {
      state.request = FileRequest{FileRequest::Kind::open_path, session.path};
    }
    frame.widgets.note(name);
  }
  if (!state.recent.empty()) heading(frame, tr("Recent"));
  for (std::size_t i = 0; i < state.recent.size(); ++i) {
    path_item(state.recent[i], fmt::format("recent_{}", i), state, frame);
  }
  if (!state.ready_made.empty()) heading(frame, tr("Ready-made models"));
  for (std::size_t i = 0; i < state.ready_made.size(); ++i) {
    path_item(state.ready_made[i], fmt::format("ready_made_{}", i), state, frame);
  }
  ImGui::EndPopup();
}

}  // namespace zscape
