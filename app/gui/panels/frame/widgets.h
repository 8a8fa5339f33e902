#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// The building blocks of the panels. Each notes itself in frame.widgets under `name`, is greyed
// where `why_not` says why it cannot be used now, and shows that reason as its tooltip, else
// `help`.

enum class Emphasis { normal, accent };

// A number or a text under edit: shows what holds, until it is edited; then what was asked for,
// until that had time to take effect.
struct FieldEdit {
  std::string text;  // while edited
  bool editing = false;
  double asked = 0;       // newest value asked for …
  double asked_s = -1e9;  // … and when

  void ask(double value, double time_s) {
    asked = value;
    asked_s = time_s;
  }
  double value_to_show(double held, double time_s) const {
    constexpr double kPatience = 0.5;  // seconds
    return time_s - asked_s < kPatience ? asked : held;
  }
};

// Whether a panel of controls is so small that rows share a line and labels are small.
bool is_compact(const PanelFrame& frame);

// A heading with room above it.
void section(const PanelFrame& frame, const char* title);

// The muted label of a row; what follows begins at the common left edge of all fields. An accent
// dot marks a field whose edit was not applied yet.
void row_label(const PanelFrame& frame, const char* label, bool pending = false);

bool button(const PanelFrame& frame, std::string_view name, const char* label, float width,
            const std::string& help, const std::string& why_not = {},
            Emphasis emphasis = Emphasis::normal);

// A muted label within a row.
void inner_label(const PanelFrame& frame, const char* label, bool pending = false);

// A row's label that stands, in a compact panel, behind the field before it, where it has room for
// itself and a field. top: of that row.
void next_label(const PanelFrame& frame, const char* label, bool pending, float top);

// One of several buttons side by side, of which one is chosen.
bool choice(const PanelFrame& frame, std::string_view name, const char* label, float width,
            bool chosen, const std::string& help, const std::string& why_not = {});

// A text field. Returns the text once it was changed and left, or Enter was pressed.
std::optional<std::string> text_field(const PanelFrame& frame, std::string_view name,
                                      FieldEdit& edit, const std::string& held, float width,
                                      const std::string& help, const std::string& why_not = {},
                                      const char* hint = "");

// A text field for a path: where it is too long for the field, it is seen small, or only its end,
// until it is edited.
std::optional<std::string> path_field(const PanelFrame& frame, std::string_view name,
                                      FieldEdit& edit, const std::string& held, float width,
                                      const std::string& help, const char* hint = "");

// A number field with the same manners; text that is no number in [low, high] is dropped.
std::optional<double> number_field(const PanelFrame& frame, std::string_view name, FieldEdit& edit,
                                   double held, double low, double high, float width,
                                   const std::string& help, const std::string& why_not = {});

// A field that opens a list; ImGui::EndCombo() follows where it returns true.
bool begin_choices(const PanelFrame& frame, std::string_view name, const char* shown, float width);

// A track with a knob at position, in [0, 1]. Returns the new position while it is dragged; both
// ends are reached.
std::optional<double> slider(const PanelFrame& frame, std::string_view name, double position,
                             float width, const std::string& help, const std::string& why_not = {});

// A cross in a square, which closes what it stands in.
bool cross_button(const PanelFrame& frame, std::string_view name, ImVec2 corner, float side,
                  float opacity = 1);

// How far the knob's middle stays from the ends of a slider.
float slider_inset(const Theme& theme);

}  // namespace zscape
