#include "app/cli/parameter_options.h"

#include <algorithm>

#include "engine/text.h"

namespace zscape {
namespace {

std::string help_of(const Parameter& parameter) {
  const std::string usual = parameter.field.text(RunPlan{});
  const std::string initial = *parameter.initial != 0 ? parameter.initial : usual;
  if (initial.empty()) return parameter.help;
  return tr("{} Default: {}.", parameter.help, initial);
}

std::string names_of(const Parameter& parameter) {
  if (parameter.option.empty()) return parameter.flag();
  std::string key(parameter.key);
  std::ranges::replace(key, '_', '-');
  return parameter.flag() + ",--" + key;
}

}  // namespace

void ParameterOptions::add(OptionList& options, const Parameter& parameter) {
  std::optional<std::string>& given =
      texts_[static_cast<std::size_t>(&parameter - parameters().data())];
  const std::string unit = *parameter.unit != 0 ? std::string(" ") + parameter.unit : "";
  options.add(names_of(parameter), parameter.field.placeholder + unit, help_of(parameter), "",
              [&parameter, &given](std::string_view text) {
                RunPlan alone;
                if (!parameter.field.read(alone, text)) return parameter.field.range;
                given = text;
                return std::string();
              });
}

std::vector<GivenParameter> ParameterOptions::given() const {
  std::vector<GivenParameter> given;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    if (texts_[i]) given.push_back({&parameters()[i], *texts_[i]});
  }
  return given;
}

Outcome<RunPlan> ParameterOptions::plan() const {
  RunPlan plan;
  const std::vector<GivenParameter> all = given();
  for (const auto& [parameter, text] : all) parameter->field.read(plan, text);
  for (const auto& [parameter, text] : all) {
    if (parameter->applies(plan)) continue;
    return wrong_usage(tr("{} {} does not fit this run. {} Leave it out, or change the rest.",
                          parameter->flag(), text, parameter->elsewhere));
  }
  return plan;
}

}  // namespace zscape
