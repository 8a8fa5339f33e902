#include "app/cli/options.h"

#include <algorithm>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

std::string initial_of(const Parameter& parameter) {
  return *parameter.initial != 0 ? parameter.initial : parameter.field.text(RunPlan{});
}

std::string key_flag(const Parameter& parameter) {
  std::string key(parameter.key);
  std::ranges::replace(key, '_', '-');
  return "--" + key;
}

std::string names_of(const Parameter& parameter) {
  if (parameter.option.empty()) return parameter.flag();
  return parameter.flag() + "," + key_flag(parameter);
}

}  // namespace

std::string OptionList::with_point(std::string text) {
  const auto is_digit = [&](std::size_t place) {
    return place < text.size() && text[place] >= '0' && text[place] <= '9';
  };
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || text.find(',', comma + 1) != std::string::npos || comma == 0 ||
      !is_digit(comma - 1) || !is_digit(comma + 1)) {
    return {};
  }
  text[comma] = '.';
  return text;
}

CLI::Option* ParameterOptions::add(const Parameter& parameter, const std::string& help,
                                   const std::optional<std::string>& initial,
                                   std::function<bool(std::string_view)> other) {
  return add_named(names_of(parameter), parameter, help, initial, std::move(other));
}

CLI::Option* ParameterOptions::add_by_key(const Parameter& parameter) {
  return add_named(key_flag(parameter), parameter, "", {}, {});
}

CLI::Option* ParameterOptions::add_named(const std::string& names, const Parameter& parameter,
                                         const std::string& help,
                                         const std::optional<std::string>& initial,
                                         std::function<bool(std::string_view)> other) {
  std::optional<std::string>& given =
      texts_[static_cast<std::size_t>(&parameter - parameters().data())];
  if (parameter.field.form == ParameterField::Form::flag) {
    return options_.flag(
        names, [&given] { given = "yes"; }, help.empty() ? parameter.help : help);
  }
  const std::string unit = *parameter.unit != 0 ? std::string(" ") + parameter.unit : "";
  return options_.add(names, parameter.field.placeholder + unit,
                      help.empty() ? parameter.help : help, initial.value_or(initial_of(parameter)),
                      [&parameter, &given, other = std::move(other)](std::string_view text) {
                        RunPlan alone;
                        if (parameter.field.read(alone, text)) {
                          given = text;
                        } else if (!other || !other(text)) {
                          return parameter.field.range;
                        }
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

bool ParameterOptions::has(std::string_view key) const {
  return texts_[static_cast<std::size_t>(&parameter(key) - parameters().data())].has_value();
}

RunPlan ParameterOptions::values() const {
  RunPlan plan;
  for (const auto& [parameter, text] : given()) parameter->field.read(plan, text);
  return plan;
}

Outcome<RunPlan> ParameterOptions::plan() const {
  RunPlan plan = values();
  for (const auto& [parameter, text] : given()) {
    if (parameter->waits_for_data != nullptr && parameter->waits_for_data(plan)) continue;
    if (auto fits = check(*parameter, plan); !fits) return tl::unexpected(fits.error());
  }
  return plan;
}

Outcome<void> ParameterOptions::check(const RunPlan& plan) const {
  for (const auto& [parameter, text] : given()) {
    if (auto fits = check(*parameter, plan); !fits) return fits;
  }
  return {};
}

Outcome<void> ParameterOptions::check(const Parameter& parameter, const RunPlan& plan) {
  if (parameter.applies(plan)) return {};
  return wrong_usage(tr("{}: {}", parameter.flag(), parameter.elsewhere));
}

}  // namespace zscape
