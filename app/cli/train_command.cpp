#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "app/cli/commands.h"
#include "app/cli/epoch_report.h"
#include "app/cli/interrupt.h"
#include "engine/io/atomic_file.h"

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Means of losses over an epoch, each step with the weight of its batch.
class EpochMeans {
 public:
  void add(const Losses& losses, std::int64_t batch) {
    const auto weight = static_cast<double>(batch);
    sums_.loss += weight * losses.loss;
    sums_.reconstruction += weight * losses.reconstruction;
    sums_.kl += weight * losses.kl;
    inputs_ += batch;
  }
  std::int64_t inputs() const { return inputs_; }
  Losses means() const {
    const auto count = static_cast<double>(inputs_);
    return {sums_.loss / count, sums_.reconstruction / count, sums_.kl / count, kNotMeasured.mse};
  }

 private:
  Losses sums_;
  std::int64_t inputs_ = 0;
};

template <class Value>
void keep_first(std::vector<Value>& values, std::int64_t rows, std::size_t width) {
  if (!values.empty()) values.resize(static_cast<std::size_t>(rows) * width);
}

std::shared_ptr<const Dataset> limited(std::shared_ptr<const Dataset> data, std::int64_t limit) {
  if (limit == 0 || limit >= data->train.count) return data;
  auto copy = std::make_shared<Dataset>(*data);
  copy->train.count = limit;
  keep_first(copy->train.pixels, limit, static_cast<std::size_t>(data->inputs()));
  keep_first(copy->train.labels, limit, 1);
  keep_first(copy->train.factors, limit, data->factor_names.size());
  return copy;
}

// One run of `zscape train`, once data and model are there.
class TrainingRun {
 public:
  TrainingRun(const TrainOptions& options, const Dataset& data, Trainer& trainer, Console& console)
      : options_(options), data_(data), trainer_(trainer), console_(console), progress_(console) {
    const std::int64_t batch =
        std::min<std::int64_t>(options.settings.batch_size, data.train.count);
    steps_per_epoch_ = (data.train.count + batch - 1) / batch;
  }

  // Trains to the end or to Ctrl-C.
  Outcome<void> train() {
    if (!options_.json) console_.out << epoch_table_header() << std::endl;
    while (trainer_.position().epoch < options_.epochs && !interrupted()) {
      if (auto done = train_epoch(); !done) return done;
    }
    return {};
  }

  RunRecord record() const {
    const TrainingPosition position = trainer_.position();
    return {data_.name, options_.seed, position.epoch, position.step, options_.settings.kl_weight,
            // Figures of earlier weights would be false.
            measured_at_ == position.step ? test_ : kNotMeasured};
  }

 private:
  // Up to the end of the epoch and its report, or to Ctrl-C.
  Outcome<void> train_epoch() {
    const std::int64_t epoch = trainer_.position().epoch;
    const Clock::time_point epoch_start = Clock::now();
    EpochMeans means;
    while (trainer_.position().epoch == epoch) {
      if (interrupted()) return {};
      const std::int64_t seen = trainer_.position().seen_in_epoch;
      const Losses losses = trainer_.step(options_.settings);
      if (!std::isfinite(losses.loss)) return diverged("the loss");
      const TrainingPosition position = trainer_.position();
      means.add(losses,
                (position.epoch > epoch ? data_.train.count : position.seen_in_epoch) - seen);
      if (progress_.is_due()) show_progress(epoch, losses, means, epoch_start);
    }
    EpochReport report;
    report.samples_per_second = static_cast<double>(means.inputs()) / seconds_since(epoch_start);
    report.epoch = trainer_.position().epoch;
    report.step = trainer_.position().step;
    report.train = means.means();
    report.kl_weight = options_.settings.kl_weight;
    const Outcome<Losses> test = test_losses();
    if (!test) {
      // Ctrl-C while testing: the epoch is complete, its report is not.
      return interrupted() ? Outcome<void>() : tl::unexpected(test.error());
    }
    report.test = *test;
    report.seconds = seconds_since(start_);
    print(report);
    return {};
  }

  Outcome<Losses> test_losses() {
    if (data_.test.count == 0) return kNotMeasured;
    const auto losses =
        trainer_.freeze()->evaluate(data_, SplitName::test, nullptr, options_.settings.kl_weight,
                                    options_.seed, until_interrupted());
    if (!losses) return ended_by(losses.error());
    if (!std::isfinite(losses->loss)) return diverged("the test loss");
    test_ = *losses;
    measured_at_ = trainer_.position().step;
    return test_;
  }

  tl::unexpected<Failure> diverged(std::string_view what) const {
    return failed(
        fmt::format("training diverged at step {}: {} is not finite; a learning rate "
                    "(--lr) below {} may help",
                    trainer_.position().step, what, options_.settings.learning_rate));
  }

  // epoch: the one under way, from 0 on; the trainer may have completed it just now.
  void show_progress(std::int64_t epoch, const Losses& losses, const EpochMeans& means,
                     Clock::time_point epoch_start) {
    const std::int64_t steps = trainer_.position().step;
    const std::int64_t step = steps - epoch * steps_per_epoch_;
    const std::int64_t left = options_.epochs * steps_per_epoch_ - steps;
    const double per_second = static_cast<double>(means.inputs()) / seconds_since(epoch_start);
    const double eta =
        seconds_since(start_) / static_cast<double>(steps) * static_cast<double>(left);
    progress_.show(fmt::format("epoch {}/{}", epoch + 1, options_.epochs),
                   static_cast<double>(step) / static_cast<double>(steps_per_epoch_),
                   fmt::format("{}/{}  loss {:.2f}  {} samples/s  ETA {}", step, steps_per_epoch_,
                               losses.loss, grouped(std::llround(per_second)), duration_text(eta)));
  }

  void print(const EpochReport& report) {
    progress_.clear();  // both streams may be the same terminal
    console_.out << (options_.json ? to_json_line(report) : to_table_row(report)) << std::endl;
    progress_.plain_line(fmt::format(
        "epoch {}/{}: loss {:.2f}, test loss {:.2f}, {} samples/s", report.epoch, options_.epochs,
        report.train.loss, report.test.loss, grouped(std::llround(report.samples_per_second))));
  }

  const TrainOptions& options_;
  const Dataset& data_;
  Trainer& trainer_;
  Console& console_;
  ProgressLine progress_;
  Clock::time_point start_ = Clock::now();
  std::int64_t steps_per_epoch_ = 1;
  Losses test_ = kNotMeasured;
  std::int64_t measured_at_ = -1;
};

}  // namespace

Outcome<void> run_train(const TrainOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::engine);
  if (!options.out.empty()) {
    if (const auto can = check_can_write(options.out); !can) return failed(can.error().message);
  }
  auto loaded = [&] {
    ProgressLine line(console);
    return backend.load_data(options.data, line.progress("loading " + options.data));
  }();
  if (!loaded) return ended_by(loaded.error());
  const std::shared_ptr<const Dataset> data = limited(*std::move(loaded), options.limit);

  ModelSpec spec = options.spec;
  spec.shape = data->shape;
  spec.classes = spec.reads_label() ? data->classes() : 0;
  auto trainer = backend.make_trainer(spec, data, options.seed, nullptr);
  if (!trainer) return failed(trainer.error().message);

  TrainingRun run(options, *data, **trainer, console);
  if (auto trained = run.train(); !trained) return trained;
  if (!options.out.empty()) {
    const auto saved = backend.save_model(*(*trainer)->freeze(), run.record(), options.out);
    if (!saved) return failed(saved.error().message);
    console.err << "saved " << options.out << std::endl;
  }
  if (interrupted()) return tl::unexpected(Failure{ExitCode::interrupted, "interrupted"});
  return {};
}

}  // namespace zscape
