#include "app/gui/panels/latent/fork_menu.h"

#include <imgui.h>

#include <algorithm>

#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kPopup = "fork_menu";
constexpr float kField = 92, kLabel = 76;  // pixels at 100 %
constexpr double kLargestKlWeight = 1e6, kLargestSeed = 9007199254740992.0;  // 2^53

bool has_noise(const ModelSpec& spec) {
  return spec.kind == ModelKind::dae || spec.kind == ModelKind::mae;
}

double noise_of(const ModelSpec& spec) {
  return spec.kind == ModelKind::mae ? spec.mask_ratio : spec.noise.amount;
}

// A typed value counts without Enter, since the button follows at once.
void draw_value(const char* widget, const char* label, double& value, FieldEdit& edit, double high,
                bool whole, const std::string& help, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  ImGui::AlignTextToFramePadding();
  small_text(theme, label, color::kMuted);
  ImGui::SameLine(theme.px(kLabel));
  if (const auto typed =
          number_field(frame, widget, edit, value, 0, high, theme.px(kField), help, {}, whole)) {
    value = *typed;
  } else if (edit.editing) {
    double now = value;
    if (parse_number(edit.text, now) && now >= 0 && now <= high) value = now;
  }
}

}  // namespace

std::optional<Fork> draw_fork_menu(const Snapshot& snapshot, const ModelView& model,
                                   const Moment& moment, ForkMenuState& state, float width,
                                   const std::string& why_not, const PanelFrame& frame) {
  const Theme& theme = frame.theme;
  const std::int64_t step = moment.position.step;
  const std::string reason = snapshot.models.size() >= kMostPanes
                                 ? tr("Three models are open. Close one first (key B).")
                                 : why_not;
  const std::string step_text = format_count(step);
  if (button(frame, "time_line_fork", tr("Fork"), width,
             tr("Opens another future beside this one: it goes on from step {} with another λ, "
                "seed or noise, on the same batches.",
                step_text),
             reason)) {
    ImGui::OpenPopup(kPopup);
    state = {};
    state.serial = model.serial;
    state.step = step;
    state.kl_weight = moment.kl_weight;
    state.seed = static_cast<double>(model.seed);
    state.noise = noise_of(model.spec);
  }
  const ImVec2 low = ImGui::GetItemRectMin();
  const ImVec2 room = ImGui::GetIO().DisplaySize;
  const float left = std::min(low.x, room.x - theme.px(kLabel + kField + 20));
  ImGui::SetNextWindowPos({left, low.y - theme.px(4)}, ImGuiCond_Always, {0, 1});
  std::optional<Fork> asked;
  Styled styled(theme.small);
  styled.var(ImGuiStyleVar_WindowPadding, {theme.px(10), theme.px(10)});
  if (!ImGui::BeginPopup(kPopup)) return asked;
  const bool is_of_this = state.serial == model.serial && state.step == step;
  if (!is_of_this || !reason.empty() || ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape))) {
    ImGui::CloseCurrentPopup();
    ImGui::EndPopup();
    return asked;
  }
  small_text(theme, tr("Another future from step {}", step_text).c_str());
  ImGui::Dummy({0, theme.px(2)});
  if (model.spec.has_prior()) {
    draw_value("fork_lambda", "λ", state.kl_weight, state.kl_weight_edit, kLargestKlWeight, false,
               tr("The KL weight from there on. It ends a schedule."), frame);
  }
  if (has_noise(model.spec)) {
    const bool is_mae = model.spec.kind == ModelKind::mae;
    draw_value("fork_noise", is_mae ? tr("Mask ratio") : tr("Noise"), state.noise, state.noise_edit,
               is_mae || model.spec.noise.kind == Noise::Kind::mask ? 1 : 1e3, false,
               tr("How much the inputs are corrupted from there on."), frame);
  }
  draw_value("fork_seed", tr("Seed"), state.seed, state.seed_edit, kLargestSeed, true,
             tr("With the same seed both futures take the same batches and the same noise."),
             frame);
  ImGui::Dummy({0, theme.px(2)});
  if (button(frame, "fork_open", tr("Open beside"), theme.px(kLabel + kField),
             tr("What is not changed stays as it was: without a change both futures are equal to "
                "the bit."),
             "", Emphasis::accent)) {
    Fork fork{free_model_id(snapshot), model.id, step};
    const bool has_schedule = model.kl_schedule.kind != KlSchedule::Kind::constant;
    if (model.spec.has_prior() &&
        (state.kl_weight != moment.kl_weight || (has_schedule && state.kl_weight_edit.asked_s > 0)))
      fork.kl_weight = state.kl_weight;
    const auto seed = static_cast<std::uint64_t>(state.seed);
    if (static_cast<double>(model.seed) != state.seed) fork.seed = seed;
    if (has_noise(model.spec) && state.noise != noise_of(model.spec)) fork.noise = state.noise;
    asked = fork;
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
  return asked;
}

}  // namespace zscape
