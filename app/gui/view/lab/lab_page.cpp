#include "app/gui/view/lab/lab_page.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

// Whether two places agree but for one axis.
bool agree_beside(const LabPlace& one, const LabPlace& other, const std::string& axis) {
  return std::ranges::all_of(one, [&](const AxisPlace& each) {
    if (each.axis == axis) return true;
    const auto same = std::ranges::find(other, each.axis, &AxisPlace::axis);
    return same == other.end() || same->value == each.value;
  });
}

}  // namespace

std::string state_text(const LabCard& card) {
  if (card.activity != LabActivity::idle) {
    return tr("running: {} of {} runs", card.finished, card.runs);
  }
  if (card.reads) return tr("reading");
  if (card.finished == 0) {
    return card.failed == 0 ? std::string(tr("not run yet")) : tr("{} runs failed", card.failed);
  }
  if (card.finished < card.runs) return tr("{} of {} runs", card.finished, card.runs);
  if (!card.may_tell) return tr("measured: predict first");
  if (card.confirmed + card.refuted + card.undecided == 0) return tr("{} runs", card.runs);
  std::vector<std::string> parts;
  if (card.confirmed > 0) parts.push_back(tr("{} confirmed", card.confirmed));
  if (card.refuted > 0) parts.push_back(tr("{} refuted", card.refuted));
  if (card.undecided > 0) parts.push_back(tr("{} undecided", card.undecided));
  return fmt::to_string(fmt::join(parts, ", "));
}

std::optional<double> seconds_left(std::size_t ended, std::size_t to_come, double elapsed_s) {
  if (ended == 0 || elapsed_s <= 0) return std::nullopt;
  return elapsed_s / static_cast<double>(ended) * static_cast<double>(to_come);
}

std::string time_text(double seconds) {
  if (seconds < 60) return tr("less than a minute");
  const auto minutes = static_cast<int>(std::lround(seconds / 60));
  if (minutes == 1) return tr("about a minute");
  if (minutes < 90) return tr("about {} minutes", minutes);
  return tr("about {} hours", static_cast<int>(std::lround(seconds / 3600)));
}

std::string progress_text(const LabProgress& progress) {
  std::string text = progress.failed == 0 ? tr("{} of {} runs", progress.finished, progress.runs)
                                          : tr("{} of {} runs, {} failed", progress.finished,
                                               progress.runs, progress.failed);
  if (progress.activity == LabActivity::stopping) return tr("{}, stopping", text);
  if (progress.activity == LabActivity::idle) return text;
  return progress.seconds_left ? tr("{}, {} left", text, time_text(*progress.seconds_left))
                               : tr("{}, the first ones tell how long it takes", text);
}

LabPage page_of(std::string id, std::shared_ptr<const LabTable> table, const LabGuess& guess) {
  LabPage page;
  page.id = std::move(id);
  page.table = std::move(table);
  page.guess = guess;
  const Experiment& experiment = page.table->experiment;
  for (const LabPlot& plot : experiment.plots) page.charts.push_back(chart_of(*page.table, plot));
  page.columns = columns_of(*page.table);
  if (experiment.prediction) page.guess_text = text_of_guess(guess, *experiment.prediction);
  if (!page.may_see() || !page.is_measured()) return page;
  page.verdicts = judge_claims(*page.table);
  if (experiment.prediction) page.answer = answer_to(guess, *experiment.prediction, *page.table);
  return page;
}

std::shared_ptr<const LabTable> empty_table(const Experiment& experiment) {
  const auto runs = runs_of(experiment);
  return std::make_shared<const LabTable>(
      table_of(experiment, runs ? *runs : std::vector<LabRun>(), {}));
}

std::optional<std::size_t> run_of(const LabTable& table, const LabDot& dot, std::size_t which) {
  std::vector<std::size_t> good;
  for (const std::size_t run : dot.runs) {
    const auto result = table.runs[run].result;
    if (result && table.results[*result].error.empty()) good.push_back(run);
  }
  if (good.empty()) return std::nullopt;
  return good[which % good.size()];
}

std::vector<LabAlong> runs_along(const LabTable& table, const std::string& axis,
                                 const LabPlace* near) {
  std::vector<LabAlong> along;
  const LabAxis* found = table.experiment.axis(axis);
  if (found == nullptr || table.runs.empty()) return along;
  const LabPlace& place = near ? *near : table.runs.front().axes;
  for (const std::size_t value : found->chosen) {
    const std::string& label = found->values[value].label;
    const auto run = std::ranges::find_if(table.runs, [&](const LabTableRun& each) {
      return each.result && table.results[*each.result].error.empty() &&
             std::ranges::find(each.axes, AxisPlace{axis, label}) != each.axes.end() &&
             agree_beside(each.axes, place, axis);
    });
    if (run == table.runs.end()) continue;
    along.push_back({tr("{} {}", axis, label), static_cast<std::size_t>(run - table.runs.begin())});
  }
  return along;
}

}  // namespace zscape
