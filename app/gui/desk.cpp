#include "app/gui/desk.h"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>

#include "app/files/folders.h"
#include "app/gui/panels/settings_panel.h"

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

Desk::Desk(bool remembers) : remembers_(remembers && !settings_path().empty()) {
  if (!remembers_) return;
  if (const auto read = read_settings(settings_path())) {
    settings_ = *read;
  } else {
    tell(read.error().message, true);
  }
  written_ = settings_;
}

void Desk::remember() {
  if (!remembers_ || settings_ == written_) return;
  written_ = settings_;  // told once, not every frame
  if (const auto written = write_settings(settings_, settings_path()); !written) {
    tell(written.error().message, true);
  }
}

void Desk::filter(std::vector<InputQueue::Queued>& events, bool typing) {
  if (help_open_ && any_press(events)) {
    help_open_ = false;
    std::erase_if(events, [](const auto& queued) {
      return is_press(queued.event) || std::holds_alternative<CharTyped>(queued.event);
    });
  }
  // Dear ImGui would give the keyboard to the first text field.
  std::erase_if(events, [typing](const auto& queued) {
    const auto* key = std::get_if<KeyChanged>(&queued.event);
    return key != nullptr && key->key == GLFW_KEY_TAB && key->down && !typing;
  });
}

LatentKeys Desk::handle(const std::vector<InputQueue::Queued>& events, bool typing,
                        const DeskFrame& frame) {
  const KeyPresses presses = read_keys(events, typing);
  for (const KeyAction action : presses.actions) perform(action, frame);
  return presses.latent;
}

void Desk::perform(KeyAction action, const DeskFrame& frame) {
  const ModelView* model = frame.snapshot.find(frame.model);
  const auto post = [this](Command command) { wishes_.commands.push_back(std::move(command)); };
  switch (action) {
    case KeyAction::play_pause:
      if (model && can_pause(model->state)) post(Pause{frame.model});
      if (model && can_start(model->state)) post(Start{frame.model});
      break;
    case KeyAction::step:
      if (model && can_step(model->state)) post(Step{frame.model});
      break;
    case KeyAction::hide_panels:
      sizes_.panels_hidden = !sizes_.panels_hidden;
      break;
    case KeyAction::screenshot:
      wishes_.screenshot = screenshot_path();
      break;
    case KeyAction::save_model:
      if (model && can_save(model->state)) {
        post(SaveModel{frame.model, frame.controls.path});
      } else {
        tell("there is no model to save yet", true);
      }
      break;
    case KeyAction::quit:
      wishes_.quit = true;
      break;
    case KeyAction::help:
      help_open_ = true;
      break;
    case KeyAction::save_session:
    case KeyAction::open:
      break;
  }
}

void Desk::draw_borders(const Layout& layout, const DeskFrame& frame) {
  splitters_.draw(layout, sizes_, frame.window, frame.theme, frame.widgets);
}

void Desk::draw(const Layout& layout, const StatusWishes& status, const DeskFrame& frame) {
  const PanelFrame whole{frame.theme, frame.widgets, {{0, 0}, frame.window}, frame.time_s};
  if (status.settings) open_settings();
  draw_settings_panel(settings_.look,
                      {frame.theme, frame.widgets, layout.status, frame.time_s});
  remember();
  if (status.help) help_open_ = true;
  if (help_open_) draw_help_panel(help_lines(), whole);
}

}  // namespace zscape
