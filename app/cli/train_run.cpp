#include "app/cli/train_run.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <utility>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/together.h"
#include "engine/code_range.h"
#include "engine/data/formats.h"
#include "engine/json_text.h"
#include "engine/text.h"
#include "engine/training/plan_json.h"

namespace zscape {
namespace {

// The same file or folder from whatever folder the run goes on.
std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

// The data must be those that the checkpoint's run learned from.
Expected<void> check_data(const Checkpoint& checkpoint, const Dataset& data,
                          std::uint32_t checksum) {
  try {
    if (json_from<Json>(checkpoint.run).at("data_checksum") == checksum) return {};
  } catch (const Json::exception& error) {
    return fail(tr("its memory of the run cannot be read: {}", error.what()));
  }
  if (data.shape != checkpoint.spec.shape) {
    return fail(
        tr("its run learned from inputs of {}, and {} has inputs of {}; --data may name the place "
           "of the same data",
           shape_text(checkpoint.spec.shape), data.source, shape_text(data.shape)));
  }
  return fail(
      tr("its run learned from other data than {} holds now; --data may name the place of "
         "the same data",
         data.source));
}

// Keeps lines short: rounded(1.23456, 1000) is 1.235.
double rounded(double value, double parts) {
  return std::round(value * parts) / parts;
}

std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
}

constexpr auto kRow = "{:>5}  {:>8}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}";

bool changes_weight(const RunPlan& plan) {
  return plan.spec.has_prior() && plan.schedule.kind != KlSchedule::Kind::constant;
}

// A training loss that is no reconstruction + λ · KL, as the test loss always is.
bool is_bound(const ModelSpec& spec) {
  return spec.has_prior() && spec.objective == Objective::iwae && spec.samples > 1;
}

}  // namespace

std::string model_beside(const std::string& checkpoint) {
  const std::filesystem::path path(checkpoint);
  const bool is_ours = path.filename() == "checkpoint.safetensors";
  return (path.parent_path() /
          (is_ours ? "model.safetensors" : path.stem() += "-model.safetensors"))
      .string();
}

std::string out_of(const Checkpoint& checkpoint) {
  try {
    return json_from<Json>(checkpoint.run).value("out", "");
  } catch (const Json::exception&) {
    return "";  // plan_of() says what is wrong
  }
}

Expected<RunPlan> plan_of(const Checkpoint& checkpoint) {
  try {
    const Json memory = json_from<Json>(checkpoint.run);
    const bool is_older = memory.contains("arguments");
    auto plan = plan_from_json(memory.at(is_older ? "arguments" : "plan"));
    // JSON of a plan does not hold a PyTorch program; the checkpoint does.
    if (plan && checkpoint.spec.program) plan->spec = checkpoint.spec;
    return plan;
  } catch (const Json::exception& error) {
    return fail(tr("its options cannot be read: {}", error.what()));
  }
}

TrainRun::TrainRun(const TrainOptions& options, std::shared_ptr<const Dataset> data,
                   Backend& backend, Console& console)
    : options_(options),
      data_(std::move(data)),
      backend_(backend),
      console_(console),
      progress_(console) {}

Outcome<void> TrainRun::begin(const Checkpoint* checkpoint) {
  const auto refused = [this](const Error& error) {
    return failed(fmt::format("{}: {}", options_.resume, error.message));
  };
  // Checked before the model takes memory.
  if (checkpoint) {
    if (auto same = check_data(*checkpoint, *data_, backend_.checksum(*data_)); !same) {
      return refused(same.error());
    }
  }
  if (checkpoint && describe(checkpoint->spec) != describe(options_.plan.spec)) {
    return refused({tr("its options name {}, and it holds {}", describe(options_.plan.spec),
                       describe(checkpoint->spec))});
  }
  auto trainer =
      backend_.make_trainer(task_of(options_.plan, data_, options_.start, options_.ranks));
  if (!trainer) return failed(trainer.error().message);
  loop_.emplace(options_.plan, *std::move(trainer), data_, options_.ranks);
  if (checkpoint == nullptr) return {};
  if (auto restored = loop_->restore(*checkpoint); !restored) return refused(restored.error());
  return {};
}

Outcome<void> TrainRun::check_same() const {
  RunPlan plan = options_.plan;
  plan.compute = {};
  plan.data.source = data_->name;  // it may lie elsewhere
  const Json mine = {backend_.checksum(*data_), to_json(plan)};
  std::string text = one_line(mine);
  options_.ranks->broadcast(text, 0);
  const Json first = json_from<Json>(text);
  if (first.at(0) != mine.at(0)) {
    return agreed(*options_.ranks,
                  failed(tr("{} holds other data here than on the host of rank 0", data_->source)));
  }
  const bool is_same = first == mine;
  return agreed(*options_.ranks,
                is_same ? Outcome<void>() : failed(tr("it was started with other options")));
}

Outcome<void> TrainRun::train() {
  if (!options_.json) {
    if (is_bound(options_.plan.spec)) {
      console_.err << tr("note: iwae {0} is the importance-weighted bound of {0} samples, which is "
                         "trained; test loss is reconstruction + λ · KL with one sample, another "
                         "measure",
                         options_.plan.spec.samples)
                   << std::endl;
    }
    console_.out << epoch_table_header(options_.plan) << std::endl;
  }
  if (loop_->is_over() && options_.plan.spec.is_linear() && !options_.resume.empty()) {
    console_.err << tr("the run of {} is finished after {}: pca is fitted in one step, and "
                       "more --epochs change nothing",
                       options_.resume, epochs_text(loop_->position().epoch))
                 << std::endl;
  } else if (loop_->is_over()) {
    console_.err << tr("the run of {} is finished after {}; a larger --epochs continues it",
                       options_.resume, epochs_text(loop_->position().epoch))
                 << std::endl;
  }
  const Budget until_signal{.go_on = [] { return !interrupted(); }};
  const auto stops = [this] {
    return options_.ranks ? interrupted_together(*options_.ranks) : interrupted();
  };
  while (!loop_->is_over() && !stops()) {
    const auto events = loop_->advance(until_signal);
    if (!events) return failed(events.error().message);
    for (const LoopEvent& event : *events) {
      auto done = std::visit([this](const auto& happened) { return accept(happened); }, event);
      if (!done) return done;
    }
  }
  progress_.clear();
  if (interrupted() && !options_.checkpoint.empty()) {
    if (auto saved = save_checkpoint(); !saved) return saved;
  }
  if (!options_.out.empty()) {
    if (auto saved = save_model(options_.out); !saved) return saved;
    console_.err << tr("saved {}", options_.out) << std::endl;
  }
  return {};
}

Outcome<void> TrainRun::accept(const StepTaken& taken) {
  if (!progress_.is_due()) return {};
  const RunPlan& plan = options_.plan;
  if (plan.spec.is_linear()) return {};  // one step in closed form has no progress
  const std::int64_t an_epoch = loop_->steps_per_epoch();
  const std::int64_t steps = loop_->position().step;
  const std::int64_t epoch = (steps - 1) / an_epoch;  // of the last step
  const std::int64_t step = steps - epoch * an_epoch;
  const std::int64_t left = plan.epochs * an_epoch - steps;
  const double eta = loop_->seconds() / static_cast<double>(steps) * static_cast<double>(left);
  progress_.show(tr("epoch {}/{}", epoch + 1, plan.epochs),
                 static_cast<double>(step) / static_cast<double>(an_epoch),
                 tr("{}/{}  loss {:.2f}  {} samples/s  ETA {}", step, an_epoch, taken.losses.loss,
                    grouped(std::llround(loop_->samples_per_second())), duration_text(eta)));
  return {};
}

Outcome<void> TrainRun::accept(const EpochMeasured& epoch) {
  progress_.clear();  // both streams may be the same terminal
  console_.out << (options_.json ? to_json_line(options_.plan, epoch)
                                 : to_table_row(options_.plan, epoch))
               << std::endl;
  progress_.plain_line(
      options_.plan.spec.is_linear()
          ? tr("fitted: loss {:.5f}, test loss {:.5f}", epoch.train.loss, epoch.test.loss)
          : tr("epoch {}/{}: loss {:.2f}, test loss {:.2f}, {} samples/s", epoch.epoch,
               options_.plan.epochs, epoch.train.loss, epoch.test.loss,
               grouped(std::llround(epoch.samples_per_second))));
  if (options_.checkpoint.empty()) return {};
  if (epoch.epoch % options_.checkpoint_every != 0 && !loop_->is_over()) return {};
  return save_checkpoint();
}

Outcome<void> TrainRun::accept(const Stopped& stopped) {
  progress_.clear();
  console_.err << tr("stopped: no better validation loss for {} epochs; epoch {} is kept",
                     stopped.epochs_waited, stopped.best_epoch)
               << std::endl;
  return {};
}

Outcome<void> TrainRun::accept(const Diverged& diverged) {
  has_diverged_ = true;
  const double rate = options_.plan.settings.learning_rate;
  switch (diverged.loss) {
    case Diverged::Loss::training:
      return failed(
          tr("training diverged at step {}: the loss is not finite; a learning rate (--lr) "
             "below {} may help",
             diverged.step, rate));
    case Diverged::Loss::test:
      return failed(
          tr("training diverged at step {}: the test loss is not finite; a learning rate (--lr) "
             "below {} may help",
             diverged.step, rate));
    case Diverged::Loss::validation:
      break;
  }
  return failed(
      tr("training diverged at step {}: the validation loss is not finite; a learning rate (--lr) "
         "below {} may help",
         diverged.step, rate));
}

Outcome<void> TrainRun::save_model(const std::string& path) {
  auto [model, record] = loop_->result();
  const auto codes = code_range(*model, *data_, loop_->train_rows());
  if (!codes) return failed(codes.error().message);
  record.codes = *codes;
  record.limit = options_.drawn;
  return outcome_of(backend_.save_model(*model, record, path));
}

Outcome<void> TrainRun::save_checkpoint() {
  Checkpoint checkpoint = loop_->state();
  RunPlan plan = options_.plan;
  // As many ranks as resume it divide their cores again.
  if (!options_.ranks) plan.compute.threads = backend_.threads();
  if (!is_data_name(plan.data.source)) plan.data.source = absolute(plan.data.source);
  Json memory = json_from<Json>(checkpoint.run);
  memory["plan"] = to_json(plan);
  memory["data_checksum"] = backend_.checksum(*data_);
  memory["out"] = absolute(options_.out);
  checkpoint.run = one_line(memory);
  const auto saved = backend_.save_checkpoint(checkpoint, options_.checkpoint);
  if (!saved) return failed(saved.error().message);
  return save_model(model_beside(options_.checkpoint));
}

std::string to_json_line(const RunPlan& plan, const EpochMeasured& epoch) {
  const bool has_kl = std::isfinite(epoch.train.kl);
  Json line;
  line["epoch"] = epoch.epoch;
  line["step"] = epoch.step;
  line["loss"] = number_or_null(epoch.train.loss);
  line["reconstruction"] = number_or_null(epoch.train.reconstruction);
  line["kl"] = number_or_null(epoch.train.kl);
  line["mse"] = number_or_null(epoch.test.mse);
  line["test_loss"] = number_or_null(epoch.test.loss);
  line["test_reconstruction"] = number_or_null(epoch.test.reconstruction);
  line["test_kl"] = number_or_null(epoch.test.kl);
  line["lambda"] = has_kl ? Json(epoch.kl_weight) : Json(nullptr);
  line["seconds"] = number_or_null(rounded(epoch.seconds, 1000));
  line["samples_per_second"] = number_or_null(rounded(epoch.samples_per_second, 10));
  if (is_bound(plan.spec)) line["loss_is"] = fmt::format("iwae:{}", plan.spec.samples);
  if (epoch.validation) line["validation_loss"] = number_or_null(epoch.validation->loss);
  return one_line(line);
}

std::string epoch_table_header(const RunPlan& plan) {
  const bool bound = is_bound(plan.spec);
  const bool is_corrupted = plan.spec.traits().corruption != Corruption::none;
  std::string header =
      fmt::format(kRow, "epoch", "step", bound ? fmt::format("iwae {}", plan.spec.samples) : "loss",
                  "reconstr.", "kl", tr("test loss"), "reconstr.", "kl",
                  is_corrupted ? tr("clean mse") : "mse", "samples/s");
  if (plan.hold_out.rows > 0) header += fmt::format("  {:>10}", "validation");
  if (changes_weight(plan)) header += fmt::format("  {:>8}", "λ");
  return header;
}

std::string to_table_row(const RunPlan& plan, const EpochMeasured& epoch) {
  std::string row = fmt::format(kRow, epoch.epoch, epoch.step, cell(epoch.train.loss, 3),
                                cell(epoch.train.reconstruction, 3), cell(epoch.train.kl, 3),
                                cell(epoch.test.loss, 3), cell(epoch.test.reconstruction, 3),
                                cell(epoch.test.kl, 3), cell(epoch.test.mse, 5),
                                grouped(std::llround(epoch.samples_per_second)));
  if (epoch.validation) row += fmt::format("  {:>10}", cell(epoch.validation->loss, 3));
  if (changes_weight(plan)) row += fmt::format("  {:>8}", fmt::format("{:.4g}", epoch.kl_weight));
  return row;
}

}  // namespace zscape
