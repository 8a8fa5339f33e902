#include "app/gui/panels/controls/model_choice.h"

#include <fmt/core.h>
#include <imgui.h>

#include <cmath>
#include <string>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {

std::optional<ModelId> draw_model_choice(const Snapshot& snapshot, ModelId model,
                                         const PanelFrame& frame) {
  if (snapshot.models.size() < 2) return {};
  std::optional<ModelId> chosen;
  const float gap = frame.theme.px(2);
  const auto count = static_cast<float>(snapshot.models.size());
  const float width = std::floor((ImGui::GetContentRegionAvail().x - (count - 1) * gap) / count);
  for (const ModelView& view : snapshot.models) {
    if (&view != &snapshot.models.front()) ImGui::SameLine(0, gap);
    const std::string name = fmt::format("choose_model_{}", view.id.value);
    if (choice(frame, name, name_with_lambda(view).c_str(), width, view.id == model,
               tr("Controls, figures, time line and marks belong to this model."))) {
      chosen = view.id;
    }
  }
  return chosen;
}

}  // namespace zscape
