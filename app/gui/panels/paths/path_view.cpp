#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/panels/paths/mark_names.h"
#include "app/gui/panels/paths/marks_list.h"
#include "app/gui/panels/paths/path_speed.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kMostExported = 10'000;  // frames, as on the command line

struct Draw : PathViewInput {
  const Path& path;
  PathViewRequests& asked;
};

struct ModeText {
  const char* title;
  const char* help;
};
const ModeText& text_of(PathMode mode) {
  static constexpr ModeText kTexts[] = {
      {tr("Linear"),
       tr("A straight line in latent space: z = (1 − t) z₀ + t z₁. Click to show and play it.")},
      {tr("Spherical"),
       tr("The direction from the origin turns evenly and the length changes evenly, so the path "
          "keeps to lengths that are common under the prior. Click to show and play it.")},
      {tr("Geodesic"),
       tr("The shortest path measured in decoded pictures x: it minimises Σ ‖x(t+1) − x(t)‖² "
          "between the control points. Click to show and play it.")},
  };
  return kTexts[static_cast<std::size_t>(mode)];
}

constexpr const char* kFadeHelp =
    tr("For comparison: the pixels of the control points' pictures are mixed without the decoder. "
       "Where a path looks no better, latent space adds nothing.");

// The frames of a film in as many rows as they need. Returns the place of the first row.
Rect draw_strip(const Draw& draw, const Film& film, const std::string& name, bool is_chosen) {
  const Path& path = draw.path;
  const StripRows rows = strip_rows(path.frames());
  const float all = ImGui::GetContentRegionAvail().x;
  const float width = std::max(std::floor(all / static_cast<float>(rows.columns)), 8.0f);
  const ImVec2 size = picture_size(draw.pictures.shape(), width, draw.px(96));
  const ImVec2 first = ImGui::GetCursorScreenPos();
  const bool known = !film.z.empty() || &film == &path.fade;
  Styled styled;
  styled.var(ImGuiStyleVar_ItemSpacing, {0, draw.px(2)});
  ImGui::PushID(name.c_str());
  for (int frame = 0; frame < path.frames(); ++frame) {
    const auto index = static_cast<std::size_t>(frame);
    if (frame % rows.columns != 0) ImGui::SameLine(0, 0);
    ImGui::PushID(frame);
    const bool clicked = picture_button(draw.frame, draw.pictures, "frame",
                                        known ? film.images[index].slot : kNoPicture, size, false);
    ImGui::PopID();
    draw.frame.widgets.note(fmt::format("path_{}_{}_frame_{}", path.id, name, frame));
    if (is_chosen) draw.frame.widgets.note(fmt::format("path_{}_frame_{}", path.id, frame));
    if (!known || film.z.empty()) continue;
    if (ImGui::IsItemHovered()) {
      draw.asked.hovered =
          HoveredPicture{film.z[index], path.label,
                         tr("{}, {}, frame {} of {}", path.name, name, frame + 1, path.frames())};
    }
    if (!clicked) continue;
    draw.asked.select = path.id;
    draw.asked.play_from = static_cast<double>(frame) / (path.frames() - 1);
    if (!is_chosen) draw.asked.mode = mode_named(name);
  }
  ImGui::PopID();
  return {first, {size.x * static_cast<float>(rows.columns), size.y}};
}

// A line over the strip's rows at the position that is played.
void draw_playhead(const Draw& draw, const Rect& strip) {
  const Playback& playback = draw.scene.playback();
  if (!playback.engaged()) return;
  const StripRows rows = strip_rows(draw.path.frames());
  const auto last = static_cast<double>(draw.path.frames() - 1);
  const double frame = playback.position() * last;
  const int row = static_cast<int>(std::lround(frame)) / rows.columns;
  const auto column = static_cast<float>(frame - row * rows.columns);
  const float width = strip.size.x / static_cast<float>(rows.columns);
  const float x = std::round(strip.origin.x + (column + 0.5f) * width);
  const float y = strip.origin.y + static_cast<float>(row) * (strip.size.y + draw.px(2));
  ImGui::GetWindowDrawList()->AddRectFilled({x - draw.px(1), y}, {x + draw.px(1), y + strip.size.y},
                                            color::kAccent);
}

// The name of a strip, with its line in the plot below; true if clicked.
bool draw_strip_name(const Draw& draw, const char* id, const std::string& title,
                     const std::string& remark, const PathLineStyle& style, bool is_choice,
                     bool is_chosen, const char* help) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float width = ImGui::GetContentRegionAvail().x;
  const float height = height_of(draw.theme().small) + draw.px(2);
  const bool clicked = ImGui::InvisibleButton(id, {width, height});
  const bool hovered = is_choice && ImGui::IsItemHovered();
  draw.frame.widgets.note(id);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  const ImVec2 middle{at.x + draw.px(5), std::round(at.y + height / 2)};
  if (is_choice && is_chosen) {
    list.AddCircleFilled(middle, draw.px(4.5f), style.tint, 16);
  } else if (is_choice) {
    list.AddCircle(middle, draw.px(4), style.tint, 16, draw.px(1.5f));
  }
  const Styled styled(draw.theme().small);
  list.AddText({at.x + draw.px(14), at.y}, is_chosen || hovered ? color::kText : color::kMuted,
               title.c_str());
  const float end = draw.px(20) + ImGui::CalcTextSize(title.c_str()).x;
  const std::array<ImVec2, 2> sample{ImVec2{at.x + end, middle.y},
                                     {at.x + end + draw.px(24), middle.y}};
  draw_styled_line(list, draw.theme(), sample, style, draw.px(is_chosen ? 2.2f : 1.2f));
  const std::string shown = beginning_that_fits(remark, width - end - draw.px(34));
  const ImVec2 text = ImGui::CalcTextSize(shown.c_str());
  list.AddText({at.x + width - text.x, at.y}, color::kMuted, shown.c_str());
  tooltip(draw.theme(), help);
  return clicked;
}

constexpr const char* kHiddenHelp = tr(
    "The past keeps decoders without the gradient that a search needs, and the geodesic that was "
    "found belongs to the present decoder. Return to now to see it.");

bool hides_geodesic(const Draw& draw, PathMode mode) {
  return mode == PathMode::geodesic && draw.scene.in_past() && draw.path.film(mode).z.empty();
}

// The remark beside the name of a geodesic.
std::string remark_on(const Draw& draw, PathMode mode) {
  const Path& path = draw.path;
  if (mode != PathMode::geodesic) return {};
  const bool found = !path.film(mode).z.empty();
  const bool searching = draw.scene.searching(path);
  if (shows_inputs_for_places(draw.model)) return tr("needs a decoder");
  if (hides_geodesic(draw, mode)) return tr("hidden in the past");
  if (!found) {
    return path.searched && !searching ? tr("not found") : tr("searching for the shortest path …");
  }
  const DecoderPtr decoder = draw.model.decoder();
  if (decoder && path.searched == decoder->revision()) return {};
  return tr("found at step {}", format_count(path.searched_step));
}

void draw_end(const Draw& draw, std::size_t end) {
  const bool is_last = end == 1;
  const Path& path = draw.path;
  const ControlPoint& point = is_last ? path.points.back() : path.points.front();
  const PictureSlot slot = path.inputs[end];
  const ImVec2 picture = picture_size(draw.pictures.shape(), draw.px(28), draw.px(28));
  const float gap = draw.px(6);
  const Styled styled(draw.theme().small);
  const float half = ImGui::GetContentRegionAvail().x / 2 - draw.px(4);
  const float own = slot == kNoPicture ? 0 : picture.x + gap;
  const std::string name =
      beginning_that_fits(end_name(draw.snapshot, draw.scene, point), half - own);
  const ImVec2 text = ImGui::CalcTextSize(name.c_str());
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float right = at.x + ImGui::GetContentRegionAvail().x;
  const float text_x = is_last ? right - own - text.x : at.x + own;
  const float text_y = std::round(at.y + (draw.px(28) - text.y) / 2);
  ImDrawList& list = *ImGui::GetWindowDrawList();
  list.AddText({text_x, text_y}, color::kMuted, name.c_str());
  if (slot == kNoPicture) return;
  const ImVec2 low{is_last ? right - picture.x : at.x, at.y};
  draw_picture(list, draw.pictures, slot, low, low + picture);
  draw.frame.widgets.note(fmt::format("path_{}_input_{}", path.id, is_last ? "to" : "from"),
                          {low, picture});
}

// The inputs at both ends, to compare the strips below with them.
void draw_ends(const Draw& draw) {
  draw_end(draw, 0);
  draw_end(draw, 1);
  ImGui::Dummy({ImGui::GetContentRegionAvail().x, draw.px(28)});
}

// Returns the width of the plot below, whose steps line up with the frames.
float draw_strips(const Draw& draw) {
  const Path& path = draw.path;
  Styled styled;
  styled.var(ImGuiStyleVar_ItemSpacing, {draw.px(8), draw.px(2)});
  for (const PathMode mode : kPathModes) {
    const std::string name(name_of(mode));
    const bool chosen = path.mode == mode;
    const bool hides = hides_geodesic(draw, mode);
    if (draw_strip_name(draw, ("path_mode_" + name).c_str(), text_of(mode).title,
                        remark_on(draw, mode), style_of(mode, chosen), true, chosen,
                        hides ? kHiddenHelp : text_of(mode).help) &&
        !chosen) {
      draw.asked.mode = mode;
    }
    if (hides) draw.frame.widgets.note("geodesic_hidden");
    const Rect strip = draw_strip(draw, path.film(mode), name, chosen);
    if (chosen) draw_playhead(draw, strip);
  }
  draw_strip_name(draw, "path_mode_fade", tr("Cross-fade"), tr("mixed pixels, no decoder"),
                  style_of_fade(), false, false, kFadeHelp);
  const Rect fade = draw_strip(draw, path.fade, "fade", false);
  const bool one_row = strip_rows(path.frames()).rows == 1;
  return one_row ? fade.size.x : ImGui::GetContentRegionAvail().x;
}

void draw_player(const Draw& draw) {
  Scene& scene = draw.scene;
  const Playback& playback = scene.playback();
  if (play_button(draw.frame, "path_play", playback.playing(),
                  playback.playing() ? tr("Stop here") : tr("Play along the path"))) {
    playback.playing() ? scene.pause_playing() : scene.play();
  }
  ImGui::SameLine(0, draw.px(4));
  if (choice(draw.frame, "path_loop", tr("Loop"), draw.px(46), playback.loops(),
             tr("Start again at the end"))) {
    scene.set_loops(!playback.loops());
  }
  ImGui::SameLine(0, draw.px(4));
  const auto moved =
      slider(draw.frame, "path_scrub", playback.position(), ImGui::GetContentRegionAvail().x,
             tr("The position on the path. Pictures between its frames are decoded too."));
  if (moved) draw.asked.play_from = *moved;
}

void draw_export(const Draw& draw) {
  const Path& path = draw.path;
  PathViewState& state = draw.state;
  if (state.path != path.id) state = {{}, {}, {}, std::nullopt, path.id};
  const PanelFrame& frame = draw.frame;
  const float gap = draw.px(4), button_width = draw.px(40), count_width = draw.px(44);
  const float width =
      ImGui::GetContentRegionAvail().x - 2 * (button_width + gap) - count_width - gap;
  const std::string held = state.file.empty() ? file_stem(path.name) : state.file;
  if (const auto typed = path_field(frame, "path_file", state.file_edit, held, width,
                                    tr("The file to write, without .png or .gif"))) {
    state.file = *typed;
    if (state.file.ends_with(".png") || state.file.ends_with(".gif")) {
      state.file.resize(state.file.size() - 4);
    }
  }
  ImGui::SameLine(0, gap);
  const int frames = state.frames.value_or(path.frames());
  if (const auto typed =
          number_field(frame, "path_frames", state.frames_edit, frames, 2, kMostExported,
                       count_width, tr("How many pictures to write"), {}, true)) {
    state.frames = static_cast<int>(*typed);
  }
  for (const char* kind : {"png", "gif"}) {
    const bool is_gif = kind[0] == 'g';
    ImGui::SameLine(0, gap);
    if (!button(frame, fmt::format("path_export_{}", kind), is_gif ? "GIF" : "PNG", button_width,
                is_gif ? tr("Write the chosen path as an animation")
                       : tr("Write the chosen path as one picture, its frames side by side"),
                shows_inputs_for_places(draw.model) ? kCodesAlone
                : draw.scene.in_past()
                    ? tr("Files are written with the present weights. Return to now first.")
                    : "")) {
      continue;
    }
    const std::string stem = state.file.empty() ? file_stem(path.name) : state.file;
    draw.asked.command = ExportPath{draw.model.id,
                                    path.stops(),
                                    path.mode,
                                    path.label,
                                    state.frames.value_or(path.frames()),
                                    fmt::format("{}.{}", stem, kind)};
  }
}

}  // namespace

void draw_path_strip(const PathViewInput& input, const Path& path, PathViewRequests& asked) {
  draw_strip({{input}, path, asked}, path.film(), std::string(name_of(path.mode)), true);
  ImGui::Dummy({1, input.frame.px(2)});
}

void draw_path_view(const PathViewInput& input, const Path& path, PathViewRequests& asked) {
  const Draw draw{input, path, asked};
  draw_ends(draw);
  draw_player(draw);  // above the strips, so that it is visible in a small window
  const float width = draw_strips(draw);
  draw_path_speed(input.frame, path, input.scene.playback(), width);
  draw_export(draw);
  ImGui::Dummy({1, draw.px(4)});
}

std::string end_name(const Snapshot& snapshot, const Scene& scene, const ControlPoint& end) {
  if (end.source) return input_name(snapshot, *end.source);
  const Vec2 place = scene.plane_of(end.z);
  if (scene.latent() == 1) return fmt::format("{:+.2f}", place.x);
  return fmt::format("{:+.2f} {:+.2f}", place.x, place.y);
}

std::string file_stem(const std::string& name) {
  std::string stem;
  for (const char letter : name) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool kept = std::isalnum(byte) != 0 || byte >= 0x80 || letter == '_' || letter == '.';
    if (kept) {
      stem += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
    } else if (!stem.empty() && stem.back() != '-') {
      stem += '-';
    }
  }
  const std::size_t first = stem.find_first_not_of("-.");
  if (first == std::string::npos) return "path";
  return stem.substr(first, stem.find_last_not_of("-.") + 1 - first);
}

}  // namespace zscape
