#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_work.h"
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
  return tr("{}, {} labels: accuracy {:.4f} ± {:.4f} over {} draw{}", name_of(task.mode),
            grouped(task.labels), accuracy.mean(), accuracy.standard_deviation(), task.draws,
            task.draws == 1 ? "" : "s");
}

}  // namespace

Outcome<void> run_classify(const ClassifyOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::engine);
  const auto opened = open_model(backend, options.model);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  ProgressLine line(console);
  const auto data = load_data_for(model, options.model, options.data, backend, line);
  if (!data) return tl::unexpected(data.error());
  const auto accuracy =
      model.classify(**data, options.task,
                     line.progress(tr("training on {} labels", grouped(options.task.labels))));
  if (!accuracy) return ended_by(accuracy.error());
  line.clear();
  console.out << (options.json ? one_line(to_json(options.task, *accuracy))
                               : for_people(options.task, *accuracy))
              << std::endl;
  return {};
}

}  // namespace zscape
