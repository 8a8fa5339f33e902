#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

// The fields of the draft that hold a text that was refused.
std::array<FieldEdit*, 6> draft_fields(ControlsPanelState& state) {
  return {&state.latent, &state.hidden,     &state.sigma,
          &state.noise,  &state.mask_ratio, &state.samples};
}

void forget_refused(ControlsPanelState& state) {
  for (FieldEdit* edit : draft_fields(state)) edit->refused.reset();
}

bool holds_refused(ControlsPanelState& state) {
  return std::ranges::any_of(draft_fields(state),
                             [](const FieldEdit* edit) { return edit->refused.has_value(); });
}

// The draft follows the model when it changes. New data changes only shape and classes of the
// draft.
void follow_model(ControlsPanelState& state, const ModelSpec& spec) {
  if (state.draft_of == spec) return;
  if (state.applied == spec) {  // changes since Apply stay
    state.applied.reset();
    state.draft_of = spec;
    return;
  }
  ModelSpec same_shape = spec;
  if (state.draft_of) {
    same_shape.shape = state.draft_of->shape;
    same_shape.classes = state.draft_of->classes;
  }
  if (state.draft_of == same_shape) {
    state.draft.shape = spec.shape;
    if (state.draft.reads_label()) state.draft.classes = spec.classes;
  } else {
    state.draft = spec;
    forget_refused(state);
  }
  state.draft_of = spec;
}

ModelSpec of_kind(const ModelSpec& spec, ModelKind kind, const Snapshot& snapshot) {
  ModelSpec changed = with_kind(spec, kind);
  if (changed.hides_patches() &&
      snapshot.data) {  // a patch that fits, so that the kind is possible
    const ImageShape& shape = snapshot.data->shape;
    changed.patch = std::max(changed.patch, 1);
    while (shape.height % changed.patch != 0 || shape.width % changed.patch != 0) --changed.patch;
  }
  return snapshot.data ? fitted(changed, *snapshot.data) : changed;
}

// Why a model of this kind cannot learn from the data; empty: it can.
std::string why_no(ModelKind kind, const ModelSpec& draft, const Snapshot& snapshot) {
  if (!snapshot.data) return "";
  if (traits_of(kind).reads_label && snapshot.data->classes() == 0) {
    return tr("This data has no labels, and {} needs them.", name_of(kind));
  }
  const auto valid = validate(of_kind(draft, kind, snapshot));
  return valid ? "" : valid.error().message;
}

void draw_kind(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const auto count = static_cast<float>(kinds().size());
  const float width = std::floor((ImGui::GetContentRegionAvail().x - (count - 1) * gap) / count);
  Styled styled;
  styled.var(ImGuiStyleVar_FramePadding, {0, ImGui::GetStyle().FramePadding.y});
  for (const KindTraits& kind : kinds()) {
    if (kind.kind != kinds().front().kind) ImGui::SameLine(0, gap);
    const std::string why_not =
        nothing.empty() ? why_no(kind.kind, draft, controls.snapshot) : nothing;
    const std::string name(kind.name);
    if (choice(frame, "kind_" + name, name.c_str(), width, draft.kind == kind.kind, kind.help,
               why_not)) {
      draft = of_kind(draft, kind.kind, controls.snapshot);
      forget_refused(controls.state);
    }
  }
}

void draw_widths(Controls& controls, const std::string& nothing) {
  ControlsPanelState& state = controls.state;
  ModelSpec& draft = state.draft;
  const PanelFrame& frame = controls.frame;
  const bool compact = is_compact(frame);
  const float top = ImGui::GetCursorPosY();
  const Parameter& latent_row = parameter("latent");
  const Parameter& hidden_row = parameter("hidden");
  row_label(frame, latent_row.label, controls.view && draft.latent != controls.view->spec.latent);
  const auto latent = text_field(frame, "latent", state.latent, fmt::format("{}", draft.latent),
                                 compact ? frame.px(38) : -1, latent_row.tooltip(), nothing, "",
                                 controls.refusal(latent_row));
  if (latent) controls.change_draft(latent_row, *latent);

  const bool pending =
      controls.view && (state.hidden.refused || draft.hidden != controls.view->spec.hidden);
  next_label(frame, hidden_row.label, pending, top);
  const std::string held =
      draft.hidden.empty() ? tr("none") : fmt::format("{}", fmt::join(draft.hidden, ", "));
  const auto hidden =
      text_field(frame, "hidden", state.hidden, held, -1, hidden_row.tooltip(),
                 nothing.empty() ? controls.why_not(hidden_row, controls.draft()) : nothing, "",
                 controls.refusal(hidden_row));
  if (hidden) controls.change_draft(hidden_row, *hidden);
}

void draw_likelihood(Controls& controls, const std::string& nothing) {
  ControlsPanelState& state = controls.state;
  ModelSpec& draft = state.draft;
  const PanelFrame& frame = controls.frame;
  const ModelSpec held = controls.view ? controls.view->spec : draft;
  const bool gaussian = draft.likelihood == Likelihood::gaussian;
  const Parameter& row = parameter("likelihood");
  row_label(frame, row.label,
            draft.likelihood != held.likelihood || (gaussian && draft.sigma != held.sigma));
  const float sigma_room = gaussian ? frame.px(is_compact(frame) ? 58 : 78) : 0;
  const std::string help = fmt::format("{} {}", row.help, row.choice(controls.draft())->help);
  if (begin_choices(frame, "likelihood", std::string(name_of(draft.likelihood)),
                    controls.width() - sigma_room, help, nothing)) {
    draw_entries(controls, row);
    ImGui::EndCombo();
  }
  if (!gaussian) return;
  ImGui::SameLine(0, frame.px(8));
  ImGui::PushStyleColor(ImGuiCol_Text, color::kMuted);
  ImGui::TextUnformatted("s");
  ImGui::PopStyleColor();
  ImGui::SameLine(0, frame.px(6));
  const auto sigma = text_field(
      frame, "sigma", state.sigma, draft.learned_sigma ? "–" : format_setting(draft.sigma), -1,
      parameter("sigma").tooltip(),
      draft.optimal_sigma   ? tr("s is that of each batch.")
      : draft.learned_sigma ? tr("s is learned and starts at 1.")
                            : nothing,
      "", [](const std::string& typed) {
        double value = 0;
        return parse_number(typed, value) && value > 0 ? std::string() : tr("a number above 0");
      });
  double typed = 0;
  if (sigma && parse_number(*sigma, typed)) draft.sigma = typed;
}

void draw_apply(Controls& controls, const std::string& nothing) {
  ControlsPanelState& state = controls.state;
  const bool refused = holds_refused(state);
  const bool changed = controls.view && (refused || state.draft != controls.view->spec);
  std::string why_not = nothing;
  const bool is_open = controls.view && !shows_given_codes(*controls.view);
  if (why_not.empty() && !changed && is_open) why_not = tr("This model is open already.");
  if (why_not.empty() && refused) {
    why_not = tr("A field in red holds what cannot be taken. Correct it or press Escape in it.");
  }
  if (why_not.empty()) {
    if (const auto valid = validate(state.draft); !valid) why_not = valid.error().message;
  }
  row_label(controls.frame, "");
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const float width = std::floor((controls.width() - gap) / 2);
  if (button(controls.frame, "apply", tr("Apply"), width,
             tr("Make this model. It gets new weights and starts at step 0."), why_not,
             Emphasis::accent)) {
    state.applied = state.draft;
    controls.commands.push_back(ReplaceModel{controls.model, state.draft});
  }
  ImGui::SameLine(0, gap);
  if (button(controls.frame, "revert", tr("Revert"), width, tr("Discard these changes"),
             changed ? "" : tr("There are no changes."))) {
    state.draft = controls.view->spec;
    forget_refused(state);
  }
}

}  // namespace

void draw_model_controls(Controls& controls) {
  const std::string nothing =
      controls.view && controls.snapshot.data ? std::string() : kNothingLoaded;
  if (controls.view) follow_model(controls.state, controls.view->spec);
  draw_kind(controls, nothing);
  draw_widths(controls, nothing);
  draw_likelihood(controls, nothing);
  draw_model_options(controls, nothing);
  draw_apply(controls, nothing);
}

}  // namespace zscape
