#include "app/cli/foreign_model.h"

#include "engine/text.h"

namespace zscape {

void ForeignModelOptions::add(OptionList& options, ParameterOptions& parameters) {
  const char* const kForeign = tr("Of a model file without zscape's metadata");
  std::vector<std::pair<std::string_view, std::optional<Activation>>> activations;
  for (int i = 0; i <= static_cast<int>(Activation::tanh); ++i) {
    activations.emplace_back(name_of(static_cast<Activation>(i)), static_cast<Activation>(i));
  }
  options
      .choice<std::optional<Activation>>("--activation", activation_, std::move(activations),
                                         tr("What stands between its layers."), "reference")
      ->group(kForeign);
  parameters.add(parameter("likelihood"))->group(kForeign);
}

SaidOfModel ForeignModelOptions::said(const ParameterOptions& parameters) const {
  const RunPlan plan = parameters.values();
  SaidOfModel said{.image_size = plan.data.image_size, .likelihood = {}, .activation = activation_};
  if (parameters.has("likelihood")) said.likelihood = plan.spec.likelihood;
  return said;
}

std::string told_assumption(const std::string& assumed) {
  return tr("{}; --image-size, --activation and --likelihood say otherwise", assumed);
}

}  // namespace zscape
