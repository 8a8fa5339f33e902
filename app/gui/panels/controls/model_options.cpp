#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/panels/frame/dialog_keys.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

// The draft with this value of a parameter.
ModelSpec with_word(const Controls& controls, const Parameter& row, std::string_view word) {
  RunPlan plan = controls.draft();
  row.field.read(plan, word);
  return plan.spec;
}

// The values of a parameter as buttons side by side; the present one is lit. change: makes the
// draft with a value.
template <class Change>
void draw_choices(Controls& controls, const Parameter& row, std::string_view present, float width,
                  const std::string& nothing, Change change) {
  ModelSpec& draft = controls.state.draft;
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const auto count = static_cast<float>(row.field.choices.size());
  const float each = std::floor((width - (count - 1) * gap) / count);
  for (const ParameterChoice& named : row.field.choices) {
    if (&named != row.field.choices.data()) ImGui::SameLine(0, gap);
    const ModelSpec candidate = change(named.word);
    const std::string why_not = nothing.empty() ? why_not_become(draft, candidate) : nothing;
    if (choice(controls.frame, fmt::format("{}_{}", row.key, named.word), named.name().c_str(),
               each, named.word == present, named.help, why_not)) {
      draft = candidate;
    }
  }
}

void draw_choices(Controls& controls, const Parameter& row, float width,
                  const std::string& nothing) {
  const ParameterChoice* held = row.choice(controls.draft());  // null: what a file brought
  draw_choices(controls, row, held != nullptr ? held->word : std::string_view(), width, nothing,
               [&](std::string_view word) { return with_word(controls, row, word); });
}

void draw_noise(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  const bool pending = controls.view && controls.view->spec.adds_noise() &&
                       !(draft.noise == controls.view->spec.noise);
  const Parameter& row = parameter("noise");
  row_label(frame, row.label, pending);
  const float field = frame.px(52), gap = ImGui::GetStyle().ItemInnerSpacing.x;
  // Another kind of noise keeps the amount; Apply checks it.
  draw_choices(controls, row, name_of(draft.noise.kind), controls.width() - field - gap, nothing,
               [&draft](std::string_view word) {
                 ModelSpec spec = draft;
                 spec.noise.kind = *noise_named(word);
                 return spec;
               });
  ImGui::SameLine(0, gap);
  const bool masks = draft.noise.kind == Noise::Kind::mask;
  if (const auto typed = number_field(
          frame, "noise_amount", controls.state.noise, draft.noise.amount, 0, masks ? 1 : 1e6,
          field,
          masks ? tr("The share of the pixels that is set to zero, from 0 to 1")
                : tr("The standard deviation σ of the noise. Pixels lie between 0 and 1."),
          nothing)) {
    draft.noise.amount = *typed;
  }
}

void draw_patches(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  const bool same_kind = controls.view && controls.view->spec.hides_patches();
  const bool pending = same_kind && (draft.patch != controls.view->spec.patch ||
                                     draft.mask_ratio != controls.view->spec.mask_ratio);
  const Parameter& row = parameter("patch");
  const Parameter& share = parameter("mask_ratio");
  row_label(frame, row.label, pending);
  const float top = ImGui::GetCursorPosY();
  const float width = frame.px(is_compact(frame) ? 50 : 60);
  if (begin_choices(frame, "patch", std::to_string(draft.patch), width, row.tooltip(), nothing)) {
    const int common = std::gcd(draft.shape.height, draft.shape.width);
    for (int side = 1; side <= std::max(common, 16); ++side) {
      const bool usual = side == 4 || side == 8 || side == 16;  // listed even if they do not fit
      if (common % side != 0 && !usual) continue;
      ModelSpec candidate = draft;
      candidate.patch = side;
      const std::string why_not = why_not_become(draft, candidate);
      const auto flags = why_not.empty() ? 0 : ImGuiSelectableFlags_Disabled;
      if (list_entry(fmt::format("{}", side).c_str(), side == draft.patch, flags)) {
        draft.patch = side;
      }
      frame.widgets.note(fmt::format("patch_{}", side));
      if (!why_not.empty()) tooltip(frame.theme, why_not.c_str());
    }
    ImGui::EndCombo();
  }
  ImGui::SameLine();
  inner_label(frame, share.label);
  ImGui::SameLine(0, frame.px(6));
  ImGui::SetCursorPosY(top);
  const auto typed =
      text_field(frame, "mask_ratio", controls.state.mask_ratio, format_setting(draft.mask_ratio),
                 -1, share.tooltip(), nothing, "", controls.refusal(share));
  if (typed) controls.change_draft(share, *typed);
}

void draw_deviation(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const Parameter& row = parameter("sigma");
  row_label(controls.frame, row.label,
            controls.view && controls.view->spec.likelihood == Likelihood::gaussian &&
                (draft.learned_sigma != controls.view->spec.learned_sigma ||
                 draft.optimal_sigma != controls.view->spec.optimal_sigma));
  const char* present = draft.optimal_sigma ? "optimal" : draft.learned_sigma ? "learned" : "fixed";
  draw_choices(controls, row, present, controls.width(), nothing, [&](std::string_view word) {
    ModelSpec spec = draft;
    spec.optimal_sigma = word == "optimal";
    spec.learned_sigma = spec.optimal_sigma || word == "learned";
    if (spec.learned_sigma != draft.learned_sigma) spec.sigma = ModelSpec().sigma;
    return spec;
  });
}

void draw_network(Controls& controls, const std::string& nothing) {
  const Parameter& row = parameter("network");
  row_label(controls.frame, row.label,
            controls.view && controls.state.draft.network != controls.view->spec.network);
  draw_choices(controls, row, controls.width(), nothing);
}

void draw_pixels(Controls& controls, const std::string& nothing) {
  const PanelFrame& frame = controls.frame;
  const Parameter& row = parameter("binarise");
  row_label(frame, row.label,
            controls.view && controls.state.draft.binarise != controls.view->spec.binarise);
  const std::string present = row.choice(controls.draft())->name();
  if (begin_choices(frame, row.key, present, -1, row.tooltip(), nothing)) {
    draw_entries(controls, row);
    ImGui::EndCombo();
  }
}

void draw_objective(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  const bool pending = controls.view && controls.view->spec.has_prior() &&
                       (draft.objective != controls.view->spec.objective ||
                        draft.samples != controls.view->spec.samples);
  const Parameter& row = parameter("objective");
  const Parameter& samples = parameter("samples");
  row_label(frame, row.label, pending);
  const float field = frame.px(is_compact(frame) ? 34 : 44);
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x, label = frame.px(20);
  const float top = ImGui::GetCursorPosY();
  draw_choices(controls, row, controls.width() - field - label - gap, nothing);
  ImGui::SameLine(0, gap);
  inner_label(frame, samples.label);
  ImGui::SameLine(0, frame.px(6));
  ImGui::SetCursorPosY(top);
  const auto typed =
      text_field(frame, "samples", controls.state.samples, fmt::format("{}", draft.samples), -1,
                 samples.tooltip(), nothing, "", controls.refusal(samples));
  if (typed) controls.change_draft(samples, *typed);
}

}  // namespace

void more_switch(const PanelFrame& frame, std::string_view name, bool& open, bool pending,
                 const std::string& help) {
  const Theme& theme = frame.theme;
  const char* label = open ? tr("less") : tr("more");
  ImGui::SameLine();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float left = at.x + ImGui::GetContentRegionAvail().x - switch_width(theme, label);
  if (pending && !open) {
    ImGui::GetWindowDrawList()->AddCircleFilled(
        {left - theme.px(4), at.y + height_of(theme.title) / 2}, theme.px(2.5f), color::kAccent,
        10);
  }
  ImGui::SetCursorScreenPos({left, at.y - theme.px(1)});
  // No taller than the heading's own line.
  Styled styled;
  styled.var(ImGuiStyleVar_ItemSpacing, {0, ImGui::GetStyle().ItemSpacing.y - theme.px(1)});
  if (small_switch(frame, name, label, false, help)) open = !open;
}

std::string why_not_become(const ModelSpec& draft, const ModelSpec& candidate) {
  const auto now = validate(draft), then = validate(candidate);
  if (then || (!now && now.error().message == then.error().message)) return "";
  return then.error().message;
}

bool rare_options_differ(const ModelSpec& draft, const ModelSpec& held) {
  return draft.kind == held.kind &&
         (draft.network != held.network || draft.learned_sigma != held.learned_sigma ||
          draft.optimal_sigma != held.optimal_sigma || draft.binarise != held.binarise ||
          draft.objective != held.objective || draft.samples != held.samples);
}

void draw_entries(Controls& controls, const Parameter& row) {
  const ModelSpec draft = controls.state.draft;
  const ParameterChoice* present = row.choice(controls.draft());
  for (const ParameterChoice& named : row.field.choices) {
    const ModelSpec candidate = with_word(controls, row, named.word);
    const std::string why_not = why_not_become(draft, candidate);
    const auto flags = why_not.empty() ? 0 : ImGuiSelectableFlags_Disabled;
    if (list_entry(named.name().c_str(), &named == present, flags)) {
      controls.state.draft = candidate;
    }
    controls.frame.widgets.note(fmt::format("{}_{}", row.key, named.word));
    tooltip(controls.frame.theme, why_not.empty() ? named.help : why_not.c_str());
  }
}

void draw_model_options(Controls& controls, const std::string& nothing) {
  const ModelSpec& draft = controls.state.draft;
  if (draft.adds_noise()) draw_noise(controls, nothing);
  if (draft.hides_patches()) draw_patches(controls, nothing);
  if (!controls.state.more_model) return;
  if (draft.likelihood == Likelihood::gaussian) draw_deviation(controls, nothing);
  if (draft.has_prior()) draw_objective(controls, nothing);
  if (!draft.is_linear()) draw_network(controls, nothing);
  draw_pixels(controls, nothing);
  draw_listed(controls, Parameter::Place::more_model);
}

}  // namespace zscape
