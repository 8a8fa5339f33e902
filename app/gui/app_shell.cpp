#include "app/gui/app_shell.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <imgui_internal.h>

#include <algorithm>

#include "app/files/folders.h"
#include "app/gui/panels/frame/settings_panel.h"
#include "app/gui/view/frame/z_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Empty where there is no home.
std::string settings_path() {
  const auto folder = config_folder();
  return folder.empty() ? std::string() : (folder / "settings.json").string();
}

bool is_press(const InputEvent& event) {
  if (const auto* key = std::get_if<KeyChanged>(&event)) return key->down;
  const auto* button = std::get_if<ButtonChanged>(&event);
  return button != nullptr && button->down;
}

}  // namespace

AppShell::AppShell(Options options) : options_(std::move(options)), chooser_(options_.wake) {
  ready_made_ = ready_made_models();
  if (settings_path().empty()) options_.remembers = false;
  if (!options_.remembers) {
    settings_.hint_seen = true;  // there is nobody to tell
    return;
  }
  recent_ = RecentFiles((state_folder() / "recent.json").string());
  if (const auto read = read_settings(settings_path())) {
    settings_ = *read;
  } else {
    tell(read.error().message, true);
  }
  written_ = settings_;
}

void AppShell::remember() {
  if (!options_.remembers || settings_ == written_) return;
  written_ = settings_;  // told once, not every frame
  if (const auto written = write_settings(settings_, settings_path()); !written) {
    tell(written.error().message, true);
  }
}

void AppShell::filter(std::vector<InputQueue::Queued>& events) {
  if (help_open_ && any_press(events)) {
    help_open_ = false;
    std::erase_if(events, [](const auto& queued) {
      return is_press(queued.event) || std::holds_alternative<CharTyped>(queued.event);
    });
  }
}

std::vector<InputQueue::Queued> AppShell::for_fields(std::vector<InputQueue::Queued> events,
                                                     bool typing) {
  std::erase_if(events, [typing](const auto& queued) {
    const auto* key = std::get_if<KeyChanged>(&queued.event);
    return key != nullptr && key->key == GLFW_KEY_TAB && key->down && !typing;
  });
  return events;
}

LatentKeys AppShell::handle(const std::vector<InputQueue::Queued>& events, bool typing,
                            const ShellFrame& frame) {
  for (const auto& [event, time] : events) {
    const auto* dropped = std::get_if<FilesDropped>(&event);
    if (dropped == nullptr) continue;
    for (const std::string& path : dropped->paths) open_path(path, frame);
  }
  KeyPresses presses = read_keys(events, typing);
  if (ImGui::GetTopMostPopupModal() != nullptr) return {};  // it has the keyboard
  if (presses.latent.escape && ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup)) {
    ImGui::ClosePopupToLevel(0, true);
    presses.latent.escape = false;
  }
  for (const KeyAction action : presses.actions) perform(action, frame);
  if (presses.place) go_to(*presses.place);
  return presses.latent;
}

void AppShell::perform(KeyAction action, const ShellFrame& frame) {
  const ModelView* model = frame.snapshot.find(frame.model);
  switch (action) {
    case KeyAction::play_pause:
      play_or_pause(frame.snapshot);
      break;
    case KeyAction::step:
      for (const ModelView& each : frame.snapshot.models) {
        if (can_step(each.state)) post(Step{each.id});
      }
      break;
    case KeyAction::compare:
      requests_.compare = true;
      break;
    case KeyAction::hide_panels:
      sizes_.panels_hidden = !sizes_.panels_hidden;
      break;
    case KeyAction::screenshot:
      requests_.screenshot = screenshot_path();
      break;
    case KeyAction::save_model:
      if (model && can_save(model->state)) {
        save_model({frame.model, frame.controls.path});
      } else {
        tell(tr("there is no model to save yet"), true);
      }
      break;
    case KeyAction::copy_z:
      if (frame.scene.latent() == 0) break;
      ImGui::SetClipboardText(z_text(frame.scene.shown_z()).c_str());
      tell(tr("copied the displayed z"), false);
      break;
    case KeyAction::quit:
      request_close(frame);
      break;
    case KeyAction::help:
      help_open_ = true;
      break;
    case KeyAction::save_session:
      choose(ChooserPurpose::save_session);
      break;
    case KeyAction::open:
      choose(ChooserPurpose::open_file);
      break;
  }
}

void AppShell::go_to(Place place) {
  if (is_offered(place)) {
    place_ = place;
  } else {
    tell(tr("{} is still empty in this version", title_of(place)));
  }
}

// All models together: the key pauses while any of them trains.
void AppShell::play_or_pause(const Snapshot& snapshot) {
  const bool pauses = std::ranges::any_of(
      snapshot.models, [](const ModelView& model) { return can_pause(model.state); });
  for (const ModelView& model : snapshot.models) {
    if (can_pause(model.state)) post(Pause{model.id});
    if (!pauses && can_start(model.state)) post(Start{model.id});
  }
}

void AppShell::draw_borders(const Layout& layout, const ShellFrame& frame) {
  splitters_.draw(layout, sizes_, frame.window, frame.theme, frame.widgets);
}

void AppShell::draw(const Layout& layout, const StatusRequests& status, const ShellFrame& frame) {
  if (status.cancel && frame.snapshot.activity) {
    post(Cancel{frame.model, frame.snapshot.activity->id});
  }
  if (status.settings) open_settings();
  draw_settings_panel(settings_.appearance,
                      {frame.theme, frame.widgets, layout.status, frame.time_s});
  if (!frame.scene.pins().empty()) settings_.hint_seen = true;
  if (!settings_.hint_seen && !help_open_ && frame.scene.latent() > 0) {
    const LatentView& view = frame.latent.view;
    settings_.hint_seen =
        draw_first_hint({frame.theme, frame.widgets, {view.origin, view.size}, frame.time_s});
  }
  remember();
  follow_saves(frame);
  draw_files(frame);
  draw_save_question(frame);
  draw_closing(frame);
  if (status.help) help_open_ = true;
  if (help_open_) draw_help_panel(help_lines(), frame.whole());
}

}  // namespace zscape
