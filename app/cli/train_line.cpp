#include "app/cli/parameter_options.h"
#include "app/cli/subcommand.h"
#include "engine/data/formats.h"
#include "engine/text.h"

namespace zscape {
namespace {

class Train : public Subcommand {
 public:
  explicit Train(CLI::App& app) : Subcommand(app, "train", tr("train a model and save it")) {
    for (const Parameter& parameter : parameters()) parameters_.add(options_, parameter);
    options_.text("--out", "FILE", train_.out, tr("Saves the model as a safetensors file."));
    options_.text("--checkpoint", "DIR", train_.checkpoint,
                  tr("Keeps a checkpoint and the present model in this folder."));
    options_.number("--checkpoint-every", train_.checkpoint_every, kCount,
                    tr("Epochs from one checkpoint to the next. Default: 1."));
    options_.text("--resume", "FILE", train_.resume, tr("Goes on from this checkpoint."));
    options_.flag("--json", train_.json, tr("Prints one JSON object an epoch."));
    options_.footer(data_formats_help());
  }

  Outcome<Request> request() const override {
    TrainOptions train = train_;
    train.given = parameters_.given();
    if (!train.resume.empty()) return train;  // the checkpoint has the plan to judge it by
    auto plan = parameters_.plan();
    if (!plan) return tl::unexpected(plan.error());
    if (auto fits = check_alone(plan->spec); !fits) return tl::unexpected(fits.error());
    train.plan = std::move(*plan);
    return train;
  }

 private:
  // With a form to stand in for the data's, only what was asked for can be wrong.
  static Outcome<void> check_alone(ModelSpec spec) {
    constexpr int kSide = 32;
    spec.shape = {kSide, kSide, 1};
    spec.patch = 1;
    if (spec.is_linear()) spec.latent = 1;
    spec.classes = spec.reads_label() ? 1 : 0;
    if (const auto valid = validate(spec); !valid) return wrong_usage(valid.error().message);
    return {};
  }

  TrainOptions train_;
  ParameterOptions parameters_;
};

}  // namespace

SubcommandPtr make_train_line(CLI::App& app) {
  return std::make_unique<Train>(app);
}

}  // namespace zscape
