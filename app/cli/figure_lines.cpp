#include "app/cli/subcommand.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr NumberRange<int> kLabels{1, 10'000'000, tr("a whole number from 1 to 10000000")};
constexpr NumberRange<int> kDraws{1, 10'000, tr("a whole number from 1 to 10000")};

class Eval : public Subcommand {
 public:
  explicit Eval(CLI::App& app) : Subcommand(app, "eval", tr("measure a model on data")) {
    add_saved_model(options_, eval_.model);
    add_data(options_, eval_.data)->required();
    add_split(options_, eval_.split);
    options_.number("--importance-samples", eval_.importance_samples, kSmallCount,
                    tr("samples an input for log p(x)"), "64");
    add_noise(options_, eval_.noise, tr("corrupt what the model reads; targets stay clean"),
              "none");
    add_seed(options_, eval_.seed);
    add_threads(options_, eval_.threads);
    add_json(options_, eval_.json);
  }

  Outcome<Request> request() const override {
    if (eval_.noise && eval_.importance_samples) {
      return wrong_usage(
          tr("--importance-samples: log p(x) is of clean inputs; leave out this or --noise"));
    }
    return eval_;
  }

 private:
  EvalOptions eval_;
};

class Classify : public Subcommand {
 public:
  explicit Classify(CLI::App& app)
      : Subcommand(app, "classify", tr("train a classifier on few labels and measure it")) {
    add_saved_model(options_, classify_.model);
    add_data(options_, classify_.data)->required();
    options_.number("--labels", classify_.task.labels, kLabels,
                    tr("labels in all, as many of each class"), "100");
    options_
        .choice<FewLabels::Mode>(
            "--mode", classify_.task.mode,
            {{"frozen", FewLabels::Mode::frozen},
             {"finetune", FewLabels::Mode::finetune},
             {"scratch", FewLabels::Mode::scratch}},
            tr("the encoder as it is, trained further, or trained from nothing"))
        ->required();
    options_.number("--draws", classify_.task.draws, kDraws, tr("random choices of the labels"),
                    "10");
    add_seed(options_, classify_.task.seed);
    add_threads(options_, classify_.threads);
    add_json(options_, classify_.json);
  }

  Outcome<Request> request() const override { return classify_; }

 private:
  ClassifyOptions classify_;
};

}  // namespace

SubcommandPtr make_eval_line(CLI::App& app) {
  return std::make_unique<Eval>(app);
}
SubcommandPtr make_classify_line(CLI::App& app) {
  return std::make_unique<Classify>(app);
}

}  // namespace zscape
