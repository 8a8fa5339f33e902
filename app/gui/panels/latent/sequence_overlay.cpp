#include <fmt/format.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/coloring.h"
#include "engine/number.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kReach = 7;      // pixels around a step of a trajectory that mean it
constexpr float kLeastStep = 1;  // pixels between two corners of a line that are drawn

// The active sequence where the plot shows its split; null: none.
const SequenceRef* active_in(const LatentDraw& draw) {
  const SequenceRef* active = draw.input.sequences ? draw.input.sequences->active() : nullptr;
  return active && active->split == draw.state.split ? active : nullptr;
}

// Where each step of a sequence is drawn; empty: its codes are not known.
std::vector<Vec2> places_of(const LatentDraw& draw, SequenceRef sequence) {
  const SequenceCodes& codes = *draw.input.sequence_codes;
  const std::span<const float> means = codes.means(sequence);
  const auto latent = static_cast<std::size_t>(std::max(codes.latent(), 1));
  std::vector<Vec2> places;
  if (codes.latent() != draw.scene.latent()) return places;
  places.reserve(means.size() / latent);
  for (std::size_t first = 0; first < means.size(); first += latent) {
    places.push_back(draw.scene.screen_of(draw.state.view, means.subspan(first, latent)));
  }
  return places;
}

bool is_place(Vec2 at) {
  return std::isfinite(at.x) && std::isfinite(at.y);
}

// In the colours of time. Of a very long sequence not every step is a corner.
void draw_line(const LatentDraw& draw, ImDrawList& list, std::span<const Vec2> places, float thick,
               float opacity) {
  constexpr std::size_t kMostCorners = 4000;
  const std::size_t stride = places.size() / kMostCorners + 1;
  std::vector<std::pair<Vec2, std::size_t>> corners;  // with their steps
  for (std::size_t step = 0; step < places.size(); step += stride) {
    const Vec2 at = places[step];
    const bool is_last = step + stride >= places.size();
    if (!is_place(at)) continue;
    if (!corners.empty() && !is_last) {
      const Vec2 before = corners.back().first;
      if (std::hypot(at.x - before.x, at.y - before.y) < draw.px(kLeastStep)) continue;
    }
    corners.emplace_back(at, step);
  }
  const auto last = static_cast<float>(std::max<std::size_t>(places.size() - 1, 1));
  for (const bool outline : {true, false}) {
    for (std::size_t i = 1; i < corners.size(); ++i) {
      const float part = static_cast<float>(corners[i].second) / last;
      const ImU32 tint = outline ? with_alpha(color::kBackground, 0.7f * opacity)
                                 : with_alpha(map_color(part), opacity);
      list.AddLine(corners[i - 1].first, corners[i].first, tint,
                   draw.px(outline ? thick + 3 : thick));
    }
  }
}

// A ring where it begins, a square where it ends.
void draw_ends(const LatentDraw& draw, ImDrawList& list, std::span<const Vec2> places,
               const std::string& widget) {
  const float radius = draw.px(5), reach = draw.px(kReach);
  const auto note = [&](const char* which, Vec2 at) {
    draw.frame.widgets.note(fmt::format("{}_{}", widget, which),
                            {{at.x - reach, at.y - reach}, {2 * reach, 2 * reach}});
  };
  const Vec2 begin = places.front(), end = places.back();
  if (near_plot(draw.state.view, end, radius)) {
    const ImVec2 low{end.x - radius, end.y - radius}, high{end.x + radius, end.y + radius};
    list.AddRectFilled({low.x - draw.px(1.5f), low.y - draw.px(1.5f)},
                       {high.x + draw.px(1.5f), high.y + draw.px(1.5f)}, color::kBackground);
    list.AddRectFilled(low, high, map_color(1));
    note("end", end);
  }
  if (near_plot(draw.state.view, begin, radius)) {
    list.AddCircleFilled(begin, radius + draw.px(1.5f), color::kBackground, 20);
    list.AddCircle(begin, radius, color::kText, 20, draw.px(2));
    note("begin", begin);
  }
}

void draw_step(const LatentDraw& draw, ImDrawList& list, Vec2 at, bool is_active) {
  const float radius = draw.px(is_active ? 6.0f : 4.5f);
  if (!near_plot(draw.state.view, at, radius)) return;
  list.AddCircleFilled(at, radius + draw.px(2), color::kBackground, 24);
  list.AddCircleFilled(at, radius, is_active ? color::kAccent : color::kText, 24);
  if (!is_active) return;
  draw.frame.widgets.note("sequence_marker",
                          {{at.x - radius, at.y - radius}, {2 * radius, 2 * radius}});
}

void draw_sequence(const LatentDraw& draw, ImDrawList& list, SequenceRef sequence) {
  const std::vector<Vec2> places = places_of(draw, sequence);
  if (places.empty()) return;
  const bool is_active = active_in(draw) && *active_in(draw) == sequence;
  draw_line(draw, list, places, is_active ? 3.2f : 2.0f, is_active ? 1.0f : 0.8f);
  draw_ends(draw, list, places, fmt::format("sequence_{}", sequence.number));
  const auto step = static_cast<std::size_t>(draw.input.sequences->step());
  if (step < places.size() && is_place(places[step])) {
    draw_step(draw, list, places[step], is_active);
  }
  if (!near_plot(draw.state.view, places.front(), 0)) return;
  draw_label(list, draw.state.view, draw.theme(),
             {places.front().x + draw.px(9), places.front().y + draw.px(4)},
             format_count(sequence.number), is_active ? color::kAccent : color::kText);
}

// The step of a drawn sequence under a place on the screen.
std::optional<PointRef> step_at(const LatentDraw& draw, Vec2 screen) {
  const ChosenSequences& sequences = *draw.input.sequences;
  std::optional<PointRef> found;
  float nearest = draw.px(kReach);
  for (const SequenceRef& sequence : sequences.chosen()) {
    const std::vector<Vec2> places = places_of(draw, sequence);
    for (std::size_t step = 0; step < places.size(); ++step) {
      const float away = std::hypot(places[step].x - screen.x, places[step].y - screen.y);
      if (!(away <= nearest)) continue;
      nearest = away;
      found = PointRef{sequence.split,
                       sequence.number * sequences.steps() + static_cast<std::int64_t>(step)};
    }
  }
  return found;
}

// ---- The row of the player

std::string number_check(const std::string& typed, std::int64_t count) {
  const auto number = number_from<std::int64_t>(typed);
  if (number && *number >= 0 && *number < count) return {};
  return tr("a whole number from 0 to {}", format_count(count - 1));
}

void draw_number(const LatentDraw& draw, const SequenceRef* active) {
  ChosenSequences& sequences = *draw.input.sequences;
  const std::int64_t count = sequences.count(draw.state.split);
  ImGui::AlignTextToFramePadding();
  small_text(draw.theme(), tr("Sequence"));
  ImGui::SameLine(0, draw.px(6));
  const auto typed =
      text_field(draw.frame, "sequence_number", draw.state.sequence_number,
                 active ? fmt::format("{}", active->number) : std::string(), draw.px(58),
                 tr("Follow the sequence of this number, from 0 to {}", format_count(count - 1)),
                 {}, "no.", [count](const std::string& text) { return number_check(text, count); });
  const auto number = typed ? number_from<std::int64_t>(*typed) : std::nullopt;
  if (number) sequences.choose(SequenceRef{draw.state.split, *number});
}

void draw_player(const LatentDraw& draw) {
  ChosenSequences& sequences = *draw.input.sequences;
  const Playback& playback = sequences.playback();
  ImGui::SameLine(0, draw.px(8));
  if (play_button(draw.frame, "sequence_play", playback.playing(),
                  playback.playing() ? tr("Stop here") : tr("Play the steps of the sequence"))) {
    playback.playing() ? sequences.pause() : sequences.play();
  }
  const std::string step =
      tr("step {} of {}", format_count(sequences.step()), format_count(sequences.steps()));
  const std::string longest =
      tr("step {} of {}", format_count(sequences.steps() - 1), format_count(sequences.steps()));
  const Theme& theme = draw.theme();
  const float gap = draw.px(8);
  const float text = width_of(theme.small, longest.c_str());
  const float buttons = switch_width(theme, tr("loop")) + switch_width(theme, tr("clear")) + gap;
  ImGui::SameLine(0, draw.px(4));
  const float room = ImGui::GetContentRegionAvail().x;
  const bool has_text = room > draw.px(80) + text + buttons + 2 * gap;
  const float track = std::max(room - buttons - gap - (has_text ? text + gap : 0.0f), draw.px(40));
  const auto moved =
      slider(draw.frame, "sequence_scrub", sequences.position(), track,
             tr("The step whose code is marked, with its input and reconstruction in the preview: "
                "{} (keys ← and →)",
                step));
  if (moved) {
    sequences.pause();
    sequences.move_along(*moved);
  }
  if (has_text) {
    ImGui::SameLine(0, gap);
    ImGui::AlignTextToFramePadding();
    small_text(theme, step.c_str(), color::kText);
    draw.frame.widgets.note("sequence_step");
    ImGui::SameLine(0, std::max(text - width_of(theme.small, step.c_str()), 0.0f) + gap);
  } else {
    ImGui::SameLine(0, gap);
  }
  const float top = ImGui::GetCursorScreenPos().y;
  const float inset =
      std::floor((ImGui::GetFrameHeight() - height_of(theme.small) - draw.px(5)) / 2);
  ImGui::SetCursorScreenPos({ImGui::GetCursorScreenPos().x, top + inset});
  if (small_switch(draw.frame, "sequence_loop", tr("loop"), playback.loops(),
                   tr("Start again at the end"))) {
    sequences.set_loops(!playback.loops());
  }
  ImGui::SameLine(0, gap);
  if (small_switch(draw.frame, "sequence_clear", tr("clear"), false,
                   tr("Follow no sequence any longer (Esc)"))) {
    sequences.clear();
  }
}

}  // namespace

void draw_sequence_bar(const LatentDraw& draw) {
  if (draw.input.sequences == nullptr || !draw.input.sequences->available()) return;
  const ImVec2 corner = ImGui::GetCursorScreenPos();
  const SequenceRef* active = active_in(draw);
  draw_number(draw, active);
  if (active != nullptr) {
    draw_player(draw);
  } else {
    ImGui::SameLine(0, draw.px(8));
    ImGui::AlignTextToFramePadding();
    const std::string hint = tr("Click a point to follow its sequence; Shift-click adds others.");
    small_text(draw.theme(), beginning_that_fits(hint, ImGui::GetContentRegionAvail().x).c_str());
    draw.frame.widgets.note("sequence_hint");
  }
  ImGui::SetCursorScreenPos(
      {corner.x, corner.y + ImGui::GetFrameHeight() + ImGui::GetStyle().ItemSpacing.y});
}

void draw_sequences(const LatentDraw& draw, ImDrawList& list) {
  if (draw.input.sequences == nullptr || draw.input.sequence_codes == nullptr ||
      !draw.shows(Layer::paths)) {
    return;
  }
  // The active one, which is the last, lies above the others.
  for (const SequenceRef& sequence : draw.input.sequences->chosen()) {
    if (sequence.split == draw.state.split) draw_sequence(draw, list, sequence);
  }
}

bool click_follows(const LatentDraw& draw, Vec2 place, std::optional<std::size_t> point) {
  ChosenSequences* sequences = draw.input.sequences;
  if (sequences == nullptr || !sequences->available() || draw.state.tool == Tool::select) {
    return false;
  }
  const bool adds = ImGui::GetIO().KeyShift;
  std::optional<PointRef> input;
  if (point) {
    input = draw.input.points.ref(*point);
  } else if (draw.input.sequence_codes != nullptr && draw.shows(Layer::paths)) {
    input = step_at(draw, place);
  }
  if (!input) return false;
  const SequenceRef* active = active_in(draw);
  if (adds) {
    sequences->toggle(*input);
  } else if (active && *active == sequence_of(*input, sequences->steps())) {
    sequences->pause();
    sequences->move_to(input->index % sequences->steps());  // the others stay
  } else {
    sequences->choose(*input);
  }
  draw.state.layers.show(Layer::paths);
  return true;
}

bool show_sequence_step(const LatentDraw& draw) {
  ChosenSequences* sequences = draw.input.sequences;
  const SequenceRef* active = active_in(draw);
  if (active == nullptr || draw.input.sequence_codes == nullptr || !draw.snapshot.data)
    return false;
  LatentPanelState& state = draw.state;
  const ImVec2 moved = ImGui::GetIO().MouseDelta;
  if (state.pointer_inside && (moved.x != 0 || moved.y != 0)) sequences->pointer_moved();
  const bool is_pointed_at = state.pointer_inside || draw.input.pointer_elsewhere;
  if (is_pointed_at && !sequences->beats_pointer()) return false;
  const std::span<const float> z = draw.input.sequence_codes->mean(*active, sequences->step());
  if (z.empty() || z.size() != static_cast<std::size_t>(draw.scene.latent())) return false;
  const PointRef input = *sequences->shown();
  const int label = draw.snapshot.data->split(input.split).label(input.index);
  draw.scene.point_at(z, draw.scene.labels() > 0 && label >= 0 ? label : draw.scene.label());
  draw.scene.show_input(input, true);
  const auto point = draw.input.points.find(input);
  state.nearest.reset();
  if (point) state.nearest = Picked{*point, 0};
  return true;
}

}  // namespace zscape
