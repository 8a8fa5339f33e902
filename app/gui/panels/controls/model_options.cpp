#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "app/gui/panels/controls/controls_parts.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

// One of a few names for a value, as a button or an entry of a list.
template <class Value>
struct Named {
  Value value;
  const char* widget;
  const char* name;
  const char* help;
};
template <class Value>
Named(Value, const char*, const char*, const char*) -> Named<Value>;

// Buttons side by side, of which the present value is lit. change: makes the candidate.
template <class Value, std::size_t kCount, class Change>
void draw_choices(Controls& controls, const std::array<Named<Value>, kCount>& values, Value present,
                  float width, const std::string& nothing, Change change) {
  ModelSpec& draft = controls.state.draft;
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const float each = std::floor((width - static_cast<float>(kCount - 1) * gap) / kCount);
  for (const Named<Value>& named : values) {
    if (&named != values.data()) ImGui::SameLine(0, gap);
    const ModelSpec candidate = change(draft, named.value);
    const std::string why_not = nothing.empty() ? why_not_become(draft, candidate) : nothing;
    if (choice(controls.frame, named.widget, named.name, each, present == named.value, named.help,
               why_not)) {
      draft = candidate;
    }
  }
}

// A number of the draft: whatever can be read is taken, and Apply says what is wrong with it.
void draw_number(Controls& controls, const char* widget, FieldEdit& edit, double& held, float width,
                 const std::string& help, const std::string& nothing) {
  const auto typed =
      text_field(controls.frame, widget, edit, format_setting(held), width, help, nothing);
  double value = 0;
  if (typed && parse_number(*typed, value)) held = value;
}

void draw_noise(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  const bool pending = controls.view && controls.view->spec.adds_noise() &&
                       !(draft.noise == controls.view->spec.noise);
  row_label(frame, "Noise", pending);
  constexpr std::array kKinds = {
      Named{Noise::Kind::mask, "noise_mask", "mask",
            "Sets this share of the inputs to zero: exactly round(share · d) of them (Vincent et "
            "al. 2010)."},
      Named{Noise::Kind::gaussian, "noise_gaussian", "gauss",
            "Adds N(0, σ²) to each input; the number is σ."},
  };
  const float field = frame.theme.px(52), gap = ImGui::GetStyle().ItemInnerSpacing.x;
  draw_choices(controls, kKinds, draft.noise.kind, controls.width() - field - gap, nothing,
               [](ModelSpec spec, Noise::Kind kind) {
                 spec.noise.kind = kind;
                 return spec;
               });
  ImGui::SameLine(0, gap);
  draw_number(controls, "noise_amount", controls.state.noise, draft.noise.amount, field,
              draft.noise.kind == Noise::Kind::mask
                  ? "The share of the inputs that is set to zero, 0 … 1."
                  : "σ, the standard deviation of the noise; pixels lie in 0 … 1.",
              nothing);
}

void draw_patches(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  const bool same_kind = controls.view && controls.view->spec.hides_patches();
  const bool pending = same_kind && (draft.patch != controls.view->spec.patch ||
                                     draft.mask_ratio != controls.view->spec.mask_ratio);
  row_label(frame, "Patch", pending);
  const float top = ImGui::GetCursorPosY();
  const float width = frame.theme.px(is_compact(frame) ? 50 : 60);
  ImGui::BeginDisabled(!nothing.empty());
  if (begin_choices(frame, "patch", fmt::format("{}", draft.patch).c_str(), width)) {
    const int common = std::gcd(draft.shape.height, draft.shape.width);
    for (int side = 1; side <= std::max(common, 16); ++side) {
      const bool usual = side == 4 || side == 8 || side == 16;  // shown though they may not fit
      if (common % side != 0 && !usual) continue;
      ModelSpec candidate = draft;
      candidate.patch = side;
      const std::string why_not = why_not_become(draft, candidate);
      const auto flags = why_not.empty() ? 0 : ImGuiSelectableFlags_Disabled;
      if (ImGui::Selectable(fmt::format("{}", side).c_str(), side == draft.patch, flags)) {
        draft.patch = side;
      }
      frame.widgets.note(fmt::format("patch_{}", side));
      if (!why_not.empty()) tooltip(frame.theme, why_not.c_str());
    }
    ImGui::EndCombo();
  } else {
    tooltip(frame.theme, nothing.empty()
                             ? "The side of a square patch in pixels. It must divide both sides of "
                               "the image."
                             : nothing.c_str());
  }
  ImGui::EndDisabled();
  ImGui::SameLine();
  inner_label(frame, "hidden");
  ImGui::SameLine(0, frame.theme.px(6));
  ImGui::SetCursorPosY(top);
  draw_number(controls, "mask_ratio", controls.state.mask_ratio, draft.mask_ratio, -1,
              "The share of the patches that is hidden: round(share · patches) of them. The model "
              "is scored on the hidden pixels alone: the mean of (x − x′)² over them.",
              nothing);
}

void draw_deviation(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  row_label(controls.frame, "Deviation s",
            controls.view && controls.view->spec.likelihood == Likelihood::gaussian &&
                draft.learned_sigma != controls.view->spec.learned_sigma);
  constexpr std::array kDeviations = {
      Named{false, "sigma_fixed", "fixed", "s stays the number beside the loss."},
      Named{true, "sigma_learned", "learned",
            "s is learned with the weights: one number for all pixels, trained as log s from 0 on, "
            "at least 0.001."},
  };
  draw_choices(controls, kDeviations, draft.learned_sigma, controls.width(), nothing,
               [](ModelSpec spec, bool learned) {
                 if (learned != spec.learned_sigma) spec.sigma = ModelSpec().sigma;
                 spec.learned_sigma = learned;
                 return spec;
               });
}

void draw_network(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  row_label(controls.frame, "Network",
            controls.view && draft.network != controls.view->spec.network);
  constexpr std::array kNetworks = {
      Named{Network::mlp, "network_mlp", "layers",
            "Fully connected layers of the widths above, LeakyReLU in the encoder, ReLU in the "
            "decoder (mlp)."},
      Named{Network::conv, "network_conv", "conv",
            "Two convolutions and one linear layer, mirrored in the decoder. Learns more from each "
            "image and takes longer for it."},
  };
  draw_choices(controls, kNetworks, draft.network, controls.width(), nothing,
               [](ModelSpec spec, Network network) {
                 spec.network = network;
                 if (network == Network::conv) {
                   spec.hidden.clear();
                 } else if (spec.hidden.empty()) {
                   spec.hidden = ModelSpec().hidden;
                 }
                 return spec;
               });
}

void draw_pixels(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  row_label(frame, "Pixels", controls.view && draft.binarise != controls.view->spec.binarise);
  constexpr std::array kBinarise = {
      Named{Binarise::none, "binarise_none", "as they are",
            "Grey values are read as they are. Under Bernoulli the figures are a score then, not a "
            "density."},
      Named{Binarise::threshold, "binarise_threshold", "black or white",
            "Above ½: 1, else 0. The Bernoulli likelihood is a density of such pixels."},
      Named{Binarise::dynamic, "binarise_dynamic", "drawn anew",
            "Each pixel is 1 with its grey value as the probability, drawn anew for each step "
            "(dynamic binarisation)."},
  };
  const auto present = std::ranges::find(kBinarise, draft.binarise, &Named<Binarise>::value);
  ImGui::BeginDisabled(!nothing.empty());
  if (begin_choices(frame, "binarise", present->name, -1)) {
    for (const auto& named : kBinarise) {
      ModelSpec candidate = draft;
      candidate.binarise = named.value;
      const std::string why_not = why_not_become(draft, candidate);
      const auto flags = why_not.empty() ? 0 : ImGuiSelectableFlags_Disabled;
      if (ImGui::Selectable(named.name, named.value == draft.binarise, flags)) {
        draft.binarise = named.value;
      }
      frame.widgets.note(named.widget);
      tooltip(frame.theme, why_not.empty() ? named.help : why_not.c_str());
    }
    ImGui::EndCombo();
  } else {
    tooltip(frame.theme, nothing.empty() ? "What becomes of grey pixels before the network reads "
                                           "them (binarisation)."
                                         : nothing.c_str());
  }
  ImGui::EndDisabled();
}

void draw_objective(Controls& controls, const std::string& nothing) {
  ModelSpec& draft = controls.state.draft;
  const PanelFrame& frame = controls.frame;
  const bool pending = controls.view && controls.view->spec.has_prior() &&
                       (draft.objective != controls.view->spec.objective ||
                        draft.samples != controls.view->spec.samples);
  row_label(frame, "Objective", pending);
  constexpr std::array kObjectives = {
      Named{Objective::elbo, "objective_elbo", "elbo",
            "reconstruction + λ · KL, the reconstruction averaged over K draws of z. With λ = 1 it "
            "is the negative evidence lower bound."},
      Named{Objective::iwae, "objective_iwae", "iwae",
            "−log (1/K) Σ w with w = p(x|z) · (p(z) / q(z|x))^λ over K draws of z: nearer to "
            "−log p(x) the more are drawn (Burda et al. 2016). K = 1 is the elbo with the KL "
            "estimated by its one draw."},
  };
  const float field = frame.theme.px(is_compact(frame) ? 34 : 44);
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x, label = frame.theme.px(20);
  const float top = ImGui::GetCursorPosY();
  draw_choices(controls, kObjectives, draft.objective, controls.width() - field - label - gap,
               nothing, [](ModelSpec spec, Objective objective) {
                 spec.objective = objective;
                 return spec;
               });
  ImGui::SameLine(0, gap);
  inner_label(frame, "K");
  ImGui::SameLine(0, frame.theme.px(6));
  ImGui::SetCursorPosY(top);
  const auto typed =
      text_field(frame, "samples", controls.state.samples, fmt::format("{}", draft.samples), -1,
                 "K, how many z are drawn for each input and step. More cost as "
                 "much more time.",
                 nothing);
  double value = 0;
  if (typed && parse_number(*typed, value) && value == std::floor(value) && value >= 1 &&
      value <= 10000) {
    draft.samples = static_cast<int>(value);
  }
}

}  // namespace

void more_switch(const PanelFrame& frame, std::string_view name, bool& open, bool pending,
                 const std::string& help) {
  const Theme& theme = frame.theme;
  const char* label = open ? "less" : "more";
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
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing,
                      ImVec2(0, ImGui::GetStyle().ItemSpacing.y - theme.px(1)));
  if (small_switch(frame, name, label, false, help, "")) open = !open;
  ImGui::PopStyleVar();
}

std::string why_not_become(const ModelSpec& draft, const ModelSpec& candidate) {
  const auto now = validate(draft), then = validate(candidate);
  if (then || (!now && now.error().message == then.error().message)) return "";
  return then.error().message;
}

bool rare_options_differ(const ModelSpec& draft, const ModelSpec& held) {
  return draft.kind == held.kind &&
         (draft.network != held.network || draft.learned_sigma != held.learned_sigma ||
          draft.binarise != held.binarise || draft.objective != held.objective ||
          draft.samples != held.samples);
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
}

}  // namespace zscape
