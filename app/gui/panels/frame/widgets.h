#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/gui/view/frame/theme.h"

namespace zscape {

// The building blocks of the panels. Each notes itself in frame.widgets under `name`. Where
// `why_not` gives a reason, it is greyed and its tooltip shows that reason instead of `help`.

enum class Emphasis { normal, accent };

constexpr ImGuiWindowFlags kNoScroll =
    ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;

// Of a window that is drawn over the panels and stays where it is.
constexpr ImGuiWindowFlags kFixed = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                    ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoSavedSettings |
                                    ImGuiWindowFlags_NoFocusOnAppearing;

// Begins a small overlay there, with an edge of this colour; call ImGui::End(). The colours and
// measures in `styled` must outlive it.
void begin_overlay(const char* name, const Rect& place, ImU32 edge, Styled& styled);

// Greys what is drawn while it lives.
class Greyed {
 public:
  explicit Greyed(bool greyed) { ImGui::BeginDisabled(greyed); }
  ~Greyed() { ImGui::EndDisabled(); }
  Greyed(const Greyed&) = delete;
  Greyed& operator=(const Greyed&) = delete;
};

// Gives buttons the colour of the chosen one while it lives.
struct Chosen : Styled {
  explicit Chosen(bool chosen);
};

// A number or text under edit. It shows the present value until it is edited, then the value asked
// for, until that had time to take effect.
struct FieldEdit {
  std::string text;  // while edited
  bool editing = false;
  bool quiet = false;    // typed in since the pointer came: no tooltip covers what follows
  bool entered = false;  // Enter was pressed in this frame, on a changed text or not
  // A text that was refused stays in the field, in red, until another is typed, Escape is pressed
  // or the value changes.
  std::optional<std::string> refused;
  std::string refused_for;  // the value that it would have replaced
  double refused_s = -1e9;  // when
  double asked = 0;         // newest value asked for …
  double asked_s = -1e9;    // … and when

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

// The muted label of a row; the next item begins at the common left edge of all fields. pending: an
// accent dot marks a field whose edit is not applied yet.
void row_label(const PanelFrame& frame, const char* label, bool pending = false);

bool button(const PanelFrame& frame, std::string_view name, const char* label, float width,
            const std::string& help, const std::string& why_not = {},
            Emphasis emphasis = Emphasis::normal);

// A muted label within a row.
void inner_label(const PanelFrame& frame, const char* label, bool pending = false);

// A row's label. In a compact panel it stays in the row before it (whose top is `top`), if the
// label and a field fit there.
void next_label(const PanelFrame& frame, const char* label, bool pending, float top);

// One of several buttons side by side; the chosen one is lit.
bool choice(const PanelFrame& frame, std::string_view name, const char* label, float width,
            bool chosen, const std::string& help, const std::string& why_not = {});

// A small on-off switch of text.
bool small_switch(const PanelFrame& frame, std::string_view name, const char* label, bool on,
                  const std::string& help, const std::string& why_not = {});
float switch_width(const Theme& theme, const char* label);

// What a typed text must be, if it is refused ("a number from 0 to 1"); empty: it is taken.
using TextCheck = std::function<std::string(const std::string&)>;

// A text field. Returns the text once it was changed and left, or confirmed with Enter, unless the
// check refuses it.
std::optional<std::string> text_field(const PanelFrame& frame, std::string_view name,
                                      FieldEdit& edit, const std::string& held, float width,
                                      const std::string& help, const std::string& why_not = {},
                                      const char* hint = "", const TextCheck& check = {});

// A text field for a path. A path too long for the field is shown small, or only its end, until it
// is edited.
std::optional<std::string> path_field(const PanelFrame& frame, std::string_view name,
                                      FieldEdit& edit, const std::string& held, float width,
                                      const std::string& help, const char* hint = "");

// A number field that works alike; text that is no number in [low, high] is refused. whole: as is
// one with a fraction.
std::optional<double> number_field(const PanelFrame& frame, std::string_view name, FieldEdit& edit,
                                   double held, double low, double high, float width,
                                   const std::string& help, const std::string& why_not = {},
                                   bool whole = false);

// A field that opens a list; call ImGui::EndCombo() where it returns true.
bool begin_choices(const PanelFrame& frame, std::string_view name, const std::string& shown,
                   float width, const std::string& help, const std::string& why_not = {});

// A track with a knob at position, in [0, 1]. Returns the new position while it is dragged.
std::optional<double> slider(const PanelFrame& frame, std::string_view name, double position,
                             float width, const std::string& help, const std::string& why_not = {});

// A button with a triangle or, while something is played, two bars.
bool play_button(const PanelFrame& frame, std::string_view name, bool playing,
                 const std::string& help, const std::string& why_not = {});

// A cross with arms of this length, and one as a button that closes the window it stands in.
void draw_cross(ImDrawList& list, ImVec2 middle, float arm, ImU32 rgba, float thickness);
bool cross_button(const PanelFrame& frame, std::string_view name, ImVec2 corner, float side,
                  float opacity = 1);

// A tick in a square of this side.
void draw_tick(ImDrawList& list, ImVec2 low, float side, ImU32 rgba, const Theme& theme);

// A row of an open list, with room before its name; it lights up under the pointer. True: clicked.
bool list_row(const PanelFrame& frame, std::string_view name, const char* text, float width,
              float inset, const char* help, const std::string& why_not);

// A popup of this width over the middle of frame.rect, with a title, that has the keyboard alone.
// Call ImGui::EndPopup() where it returns true.
bool begin_middle_popup(const char* name, bool opens, float width, const char* title,
                        const PanelFrame& frame);

// How far the knob's middle stays from the ends of a slider.
float slider_inset(const Theme& theme);

}  // namespace zscape
