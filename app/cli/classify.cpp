#include <fmt/format.h>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_command.h"
#include "engine/text.h"

namespace zscape {
namespace {

std::string_view name_of(FewLabels::Mode mode) {
  switch (mode) {
    case FewLabels::Mode::frozen:
      return "frozen";
    case FewLabels::Mode::finetune:
      return "finetune";
    case FewLabels::Mode::scratch:
      return "scratch";
  }
  return "?";
}

Json to_json(const FewLabels& task, const FewLabelAccuracy& accuracy) {
  Json line;
  line["labels"] = task.labels;
  line["mode"] = name_of(task.mode);
  line["draws"] = task.draws;
  line["accuracy"] = number_or_null(accuracy.mean());
  line["accuracy_std"] = number_or_null(accuracy.standard_deviation());
  return line;
}

std::string for_people(const FewLabels& task, const FewLabelAccuracy& accuracy) {
  if (task.draws == 1) {
    return tr("{}, {} labels: accuracy {:.4f} ± {:.4f} over 1 draw", name_of(task.mode),
              grouped(task.labels), accuracy.mean(), accuracy.standard_deviation());
  }
  return tr("{}, {} labels: accuracy {:.4f} ± {:.4f} over {} draws", name_of(task.mode),
            grouped(task.labels), accuracy.mean(), accuracy.standard_deviation(), task.draws);
}

class ClassifyCommand : public ModelCommand {
 public:
  explicit ClassifyCommand(CLI::App& app) : ModelCommand(app) {
    using Mode = FewLabels::Mode;
    add_data(true);  // its --labels says how many it learns from
    options_.number("--labels", task_.labels, 1, 10'000'000,
                    tr("Labels in all, as many of each class."), "100");
    std::vector<std::pair<std::string_view, Mode>> modes;
    for (const Mode mode : {Mode::frozen, Mode::finetune, Mode::scratch}) {
      modes.emplace_back(name_of(mode), mode);
    }
    options_
        .choice<Mode>("--mode", task_.mode, std::move(modes),
                      tr("The encoder as it is, trained further, or trained from random weights."))
        ->required();
    options_.number("--draws", task_.draws, 1, 10'000, tr("Random choices of the labels."), "10");
    add_seed();
    add_threads(0);
    add_json();
  }

 private:
  Outcome<void> work(const ModelWork& work) const override {
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    FewLabels task = task_;
    task.seed = parameters_.values().seed;
    const auto accuracy = work.model.classify(
        **data, task, work.line.progress(tr("training on {} labels", grouped(task.labels))));
    if (!accuracy) return ended_by(accuracy.error());
    if (auto finite =
            check_finite(accuracy->accuracies, tr("the accuracy is not a finite number; the data "
                                                  "have no test inputs to measure it on"));
        !finite) {
      return finite;
    }
    work.line.clear();
    work.console.out << (json_ ? one_line(to_json(task, *accuracy)) : for_people(task, *accuracy))
                     << std::endl;
    return {};
  }

  FewLabels task_;
};

}  // namespace

const MakeCommand make_classify = make<ClassifyCommand>;

}  // namespace zscape
