// Errors on few labels and on the test split while a classifier learns, with the encoder frozen,
// fine-tuned and from scratch.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/optim.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "engine/eval/few_labels.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kHidden = 128;  // of the classifier on the codes
constexpr std::int64_t kBatch = 64;
constexpr std::int64_t kLeastSteps = 300, kMostSteps = 4000;
constexpr double kRate = 1e-3;
constexpr double kTunedRate = 1e-4;  // of weights that have learned already
constexpr std::int64_t kAtOnce = 1000;
constexpr std::uint64_t kOrders = std::uint64_t{1} << 20;  // of one course

enum class Way { frozen, finetune, scratch };
constexpr std::array kWays = {Way::frozen, Way::finetune, Way::scratch};

// Labelled inputs as tensors.
struct Examples {
  at::Tensor x;       // [n, d]
  at::Tensor labels;  // [n]

  Examples at(const std::vector<std::int64_t>& places) const {
    const at::Tensor rows = at::tensor(places, at::kLong);
    return {x.index_select(0, rows), labels.index_select(0, rows)};
  }
};

// An encoder with a classifier of one hidden layer on its codes.
class Learner {
 public:
  Learner(const Autoencoder& start, std::int64_t classes, Way way, std::uint64_t seed)
      : model_(start.clone()), learns_encoder_(way != Way::frozen) {
    if (way == Way::scratch) model_.initialise(seed);
    const std::int64_t k = model_.spec().latent;
    const auto first = [&](std::int64_t outputs, std::int64_t inputs, std::uint64_t number) {
      return (normal_noise(outputs, inputs, seed, Stream::evaluation,
                           counter_of(MeasureUse::tuning, number)) /
              std::sqrt(static_cast<double>(inputs)))
          .requires_grad_();
    };
    head_ = {first(kHidden, k, 0), at::zeros({kHidden}).requires_grad_(),
             first(classes, kHidden, 1), at::zeros({classes}).requires_grad_()};
    std::vector<torch::optim::OptimizerParamGroup> groups;
    const auto rate = [](double value) {
      return std::make_unique<torch::optim::AdamOptions>(torch::optim::AdamOptions(value));
    };
    groups.emplace_back(head_, rate(kRate));
    if (learns_encoder_) {
      std::vector<at::Tensor> weights;
      for (const auto& [name, tensor] : model_.learned()) {
        if (name.starts_with("encoder.")) weights.push_back(tensor.requires_grad_());
      }
      groups.emplace_back(weights, rate(way == Way::scratch ? kRate : kTunedRate));
    }
    search_ = std::make_unique<torch::optim::Adam>(groups, torch::optim::AdamOptions(kRate));
  }

  // What a frozen encoder makes of the inputs is the same in each epoch.
  Examples prepared(const Examples& examples) const {
    return learns_encoder_ ? examples : Examples{codes(examples.x), examples.labels};
  }

  void step(const Examples& batch) {  // prepared
    const at::AutoGradMode with_gradients(true);
    search_->zero_grad();
    at::cross_entropy_loss(logits(batch.x), batch.labels).backward();
    search_->step();
  }

  // The share that is classified wrongly, and the mean cross entropy.
  std::pair<double, double> error(const Examples& examples) const {  // prepared
    const at::NoGradGuard no_grad;
    double wrong = 0, entropy = 0;
    const auto count = static_cast<double>(examples.x.size(0));
    for (std::int64_t first = 0; first < examples.x.size(0); first += kAtOnce) {
      const std::int64_t rows = std::min(kAtOnce, examples.x.size(0) - first);
      const at::Tensor of = logits(examples.x.narrow(0, first, rows));
      const at::Tensor labels = examples.labels.narrow(0, first, rows);
      wrong += static_cast<double>(of.argmax(1).ne(labels).sum().item<std::int64_t>());
      entropy += at::cross_entropy_loss(of, labels).item<double>() * static_cast<double>(rows);
    }
    return {wrong / count, entropy / count};
  }

 private:
  at::Tensor codes(const at::Tensor& x) const {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> parts;
    for (const at::Tensor& piece : x.split(kAtOnce)) {
      parts.push_back(model_.encode(piece, {}).mean);
    }
    return at::cat(parts);
  }

  at::Tensor logits(const at::Tensor& x) const {
    const at::Tensor code = learns_encoder_ ? model_.encode(x, {}).mean : x;
    return at::linear(at::relu(at::linear(code, head_[0], head_[1])), head_[2], head_[3]);
  }

  Autoencoder model_;
  bool learns_encoder_;
  std::vector<at::Tensor> head_;
  std::unique_ptr<torch::optim::Adam> search_;
};

// The errors at even distances, as many as epochs, and where the held-out cross entropy was least.
struct Course {
  std::vector<double> epochs, in, out;
  std::size_t stop = 0;  // in these
};

// Batches of a few places, in a new order on each pass.
class Batches {
 public:
  Batches(std::int64_t count, std::uint64_t seed, std::uint64_t counter)
      : count_(count), seed_(seed), counter_(counter) {}
  at::Tensor next() {
    if (at_ == left_.size()) {
      left_ = at::tensor(permutation(count_, seed_, Stream::evaluation, counter_++), at::kLong)
                  .split(kBatch);
      at_ = 0;
    }
    return left_[at_++];
  }

 private:
  std::int64_t count_;
  std::uint64_t seed_, counter_;
  std::vector<at::Tensor> left_;
  std::size_t at_ = 0;
};

Expected<Course> course_of(Learner learner, const Examples& given, const DividedLabels& parts,
                           const Examples& test, std::int64_t epochs, std::uint64_t seed,
                           std::uint64_t counter, const Progress& progress) {
  const Examples learned = learner.prepared(given.at(parts.kept));
  const Examples held = parts.held.empty() ? learned : learner.prepared(given.at(parts.held));
  const Examples tested = learner.prepared(test);
  const std::int64_t count = learned.x.size(0);
  const std::int64_t steps_an_epoch = (count + kBatch - 1) / kBatch;
  const std::int64_t steps = std::clamp(epochs * steps_an_epoch, std::max(kLeastSteps, epochs),
                                        std::max(kMostSteps, epochs));
  Batches batches(count, seed, counter);
  Course course;
  double least = std::numeric_limits<double>::infinity();
  std::int64_t step = 0;
  for (std::int64_t point = 1; point <= epochs; ++point) {
    if (!report(progress, static_cast<double>(point - 1) / static_cast<double>(epochs))) {
      return measuring_cancelled();
    }
    for (; step < steps * point / epochs; ++step) {
      const at::Tensor rows = batches.next();
      learner.step({learned.x.index_select(0, rows), learned.labels.index_select(0, rows)});
    }
    const double held_out = learner.error(held).second;
    if (held_out < least) {
      least = held_out;
      course.stop = course.epochs.size();
    }
    course.epochs.push_back(static_cast<double>(step) / static_cast<double>(steps_an_epoch));
    course.in.push_back(learner.error(learned).first);
    course.out.push_back(learner.error(tested).first);
  }
  return course;
}

GivenLabels every_label(const Dataset& data) {
  GivenLabels given{*all_rows(data.train), {}, data.classes()};
  given.labels.assign(data.train.labels.begin(), data.train.labels.end());
  return given;
}

}  // namespace

Expected<Measured> measure_few_labels(const MeasureTask& task) {
  if (auto fits = check_reads_no_label(task.spec()); !fits) return tl::unexpected(fits.error());
  if (auto fits = check_labels(task.data); !fits) return tl::unexpected(fits.error());
  if (task.spec().network == Network::program) {
    return fail(
        tr("a PyTorch program cannot begin from random weights; use a network of zscape's"));
  }
  if (task.spec().is_linear()) {
    return fail(tr("pca has no weights that learn labels; use another kind"));
  }
  const std::uint64_t seed = task.settings.seed;
  const auto tested = drawn_rows(task.data.test.count, task.whole("test_inputs"), seed,
                                 counter_of(MeasureUse::rows));
  const Examples test = {read_rows(task.spec(), task.data, SplitName::test, tested, 0).x,
                         labels_of(task.data.test, tested)};
  static constexpr std::string_view kNames[] = {"frozen", "finetune", "scratch"};
  const std::vector<double> labels = values_of(task.request, "labels");
  const double pieces = static_cast<double>(labels.size() * kWays.size());
  MeasuredParts parts(task);
  double done = 0;
  for (std::size_t way = 0; way < kWays.size(); ++way) {
    const auto named = [&](const char* first) { return fmt::format("{}_{}", first, kNames[way]); };
    std::vector<double> stopped, in, out, stop;
    for (const double count : labels) {
      const FewLabels few{.labels = static_cast<int>(
                              std::min<double>(count, static_cast<double>(task.data.train.count))),
                          .seed = seed};
      const auto given = count < static_cast<double>(task.data.train.count)
                             ? draw_labels(task.data, few, 0)
                             : Expected<GivenLabels>(every_label(task.data));
      if (!given) return tl::unexpected(given.error());
      const Examples examples = {
          read_rows(task.spec(), task.data, SplitName::train, given->rows, 0).x,
          labels_of(task.data.train, given->rows)};
      const auto course = course_of(
          Learner(task.model, given->classes, kWays[way], seed), examples,
          divided(given->labels, given->classes), test, task.whole("epochs"), seed,
          counter_of(MeasureUse::tuning, kOrders * (1 + static_cast<std::uint64_t>(done))),
          part_of(task.progress, done / pieces, (done + 1) / pieces));
      if (!course) return tl::unexpected(course.error());
      done += 1;
      stopped.push_back(course->out[course->stop]);
      in.push_back(course->in.back());
      out.push_back(course->out.back());
      stop.push_back(course->epochs[course->stop]);
      parts.add_curve(
          {name_with(named("course_in"), labels, count), "epochs", course->epochs, course->in});
      parts.add_curve(
          {name_with(named("course_out"), labels, count), "epochs", course->epochs, course->out});
    }
    parts.add(named("error"), "labels", stopped);
    parts.add(named("error_in"), "labels", in);
    parts.add(named("error_out"), "labels", out);
    parts.add(named("stop"), "labels", stop);
  }
  return parts.take();
}

}  // namespace zscape
