#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_work.h"
#include "engine/figures.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kImportanceSamples = 64;
constexpr std::size_t kNumbersInLine = 10;

Json to_json(const Figures& figures) {
  Json line;
  for (const Figure& row : figure_table()) {
    if (row.values) {
      const std::vector<double>& values = row.values(figures);
      line[row.key] = values.empty() ? Json(nullptr) : Json(values);
    } else if (const auto value = row.value(figures)) {
      line[row.key] = row.decimals == 0 ? Json(std::llround(*value)) : Json(*value);
    } else {
      line[row.key] = nullptr;
    }
  }
  return line;
}

std::string name_in_text(const Figure& row) {
  std::string name = row.key;
  std::ranges::replace(name, '_', ' ');
  return name;
}

void print_numbers(const std::string& name, std::span<const double> values, int decimals,
                   std::ostream& out) {
  for (std::size_t first = 0; first < values.size(); first += kNumbersInLine) {
    const auto part = values.subspan(first, std::min(kNumbersInLine, values.size() - first));
    std::string line;
    for (const double value : part) line += fmt::format(" {:7.{}f}", value, decimals);
    out << fmt::format("{:<23}{}\n", first == 0 ? name : "", line);
  }
}

void print_table(const Figures& figures, std::ostream& out) {
  for (const Figure& row : figure_table()) {
    if (row.values) {
      print_numbers(name_in_text(row), row.values(figures), row.decimals, out);
      continue;
    }
    const auto value = row.value(figures);
    std::string text = !value              ? "-"
                       : row.decimals == 0 ? grouped(std::llround(*value))
                                           : fmt::format("{:.{}f}", *value, row.decimals);
    if (value && row.of) text = tr("{} of {}", text, row.of(figures));
    std::string remark = value ? "" : row.needs;
    if (value && row.remarks) remark = fmt::format("{}", fmt::join(row.remarks(figures), "; "));
    out << fmt::format("{:<23} {:>12}{}{}\n", name_in_text(row), text, remark.empty() ? "" : "  ",
                       remark);
  }
}

}  // namespace

Outcome<void> run_eval(const EvalOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::engine);
  const auto opened = open_model(backend, options.model);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  if (options.importance_samples && !model.spec().has_prior()) {
    return wrong_usage(
        tr("--importance-samples: {} is of kind {}, which has no log p(x); leave it out",
           options.model, name_of(model.spec().kind)));
  }
  const int samples = options.importance_samples.value_or(kImportanceSamples);

  ProgressLine line(console);
  const auto data = load_data_for(model, options.model, options.data, backend, line);
  if (!data) return tl::unexpected(data.error());
  if ((*data)->split(options.split).count == 0) {
    return failed(tr("--split: the {} split of {} is empty; name the other", name_of(options.split),
                     (*data)->name));
  }
  const EvaluationSettings settings{1, options.seed, options.noise};
  const auto figures = model.figures(**data, options.split, samples, settings,
                                     line.progress("evaluating " + options.model));
  if (!figures) return ended_by(figures.error());
  line.clear();
  if (options.json) {
    console.out << one_line(to_json(*figures)) << std::endl;
  } else {
    print_table(*figures, console.out);
  }
  return {};
}

}  // namespace zscape
