#pragma once

#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/backend.h"
#include "engine/path.h"

namespace zscape {

// So many of the next pieces of work with a model throw, as a library does that has no memory left.
inline std::atomic<int> fake_failures = 0;

inline void fail_if_told() {
  if (fake_failures > 0) {
    --fake_failures;
    throw std::runtime_error("the fake has no memory left");
  }
}

inline std::vector<float> straight_path(std::span<const float> from, std::span<const float> to,
                                        int points) {
  std::vector<float> stops(from.begin(), from.end());
  stops.insert(stops.end(), to.begin(), to.end());
  return path_through(stops, static_cast<int>(from.size()), PathMode::linear, points);
}

// A backend without numerics: its model is one number that each step lowers, so that engine,
// window and threads can be tested quickly and under ThreadSanitizer.
struct FakeModel : FrozenModel {
  ModelSpec model_spec;
  std::int64_t steps = 0;
  std::uint64_t number = 0;
  std::int64_t learned = 0;  // steps behind the weights, however far the run is
  static inline std::atomic<bool> evaluation_is_held =
      false;  // those in slices; until it is let go

  const ModelSpec& spec() const override { return model_spec; }
  std::int64_t step() const override { return steps; }
  std::uint64_t revision() const override { return number; }
  std::size_t bytes() const override { return sizeof(FakeModel); }
  DecoderPtr half_precision_decoder() const override { return std::make_shared<FakeModel>(*this); }

  void decode(std::span<const float> z, std::span<const int>,
              std::span<float> pictures) const override {
    fail_if_told();
    const std::size_t rows = z.size() / static_cast<std::size_t>(model_spec.latent);
    const std::size_t size = pictures.size() / std::max<std::size_t>(rows, 1);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const float code = z[i / size * static_cast<std::size_t>(model_spec.latent)];
      pictures[i] = 0.5F + 0.5F * std::sin(code + static_cast<float>(steps) * 0.01F +
                                           static_cast<float>(i % size));
    }
  }

  std::vector<double> decode_values(std::span<const float> z,
                                    std::span<const int> labels) const override {
    std::vector<float> pictures(z.size() / static_cast<std::size_t>(model_spec.latent) *
                                static_cast<std::size_t>(model_spec.inputs()));
    decode(z, labels, pictures);
    return {pictures.begin(), pictures.end()};
  }

  Expected<Codes> encode(const Dataset& data, SplitName split, const Indices& indices,
                         const Progress& progress) const override {
    Codes codes;
    codes.split = split;
    codes.latent = model_spec.latent;
    codes.indices = indices;
    codes.step = steps;
    codes.revision = number;
    for (const std::int64_t index : *indices) {
      if (index % 16 == 0 && !report(progress, 0.5))
        return fail("the fake was cancelled", ErrorCode::cancelled);
      const auto angle = static_cast<float>(data.split(split).label(index)) * 0.628F;
      for (int i = 0; i < model_spec.latent; ++i) {
        codes.mean.own().push_back(2 * std::cos(angle - 1.57F * static_cast<float>(i)));
        if (model_spec.has_prior()) codes.sigma.push_back(0.1F);
      }
    }
    return codes;
  }

  std::span<const double> explained_variance() const override { return {}; }

  // Of rows held out of training it rises after the eighth step: the model overfits. In slices of
  // sixteen rows.
  Expected<LossSums> add_losses(const LossSums& sums, const Dataset& data, SplitName split,
                                const Indices& indices, const EvaluationSettings&,
                                const Progress& progress) const override {
    constexpr std::int64_t kSlice = 16;
    const auto all = indices ? static_cast<std::int64_t>(indices->size()) : data.split(split).count;
    const double reconstruction = split == SplitName::train
                                      ? std::abs(static_cast<double>(learned) - 8)
                                      : 100 / (1.0 + static_cast<double>(steps));
    LossSums done = sums;
    while (evaluation_is_held && progress) {
      if (!progress(0)) return done;
    }
    while (done.inputs < all && report(progress, 0)) {
      done.add({0, reconstruction, 1, 0.01}, std::min(kSlice, all - done.inputs));
    }
    return done;
  }

  // Off by a hundredth of the row at every pixel.
  Expected<Reconstructions> reconstruct(const Dataset& data, SplitName, const Indices& indices,
                                        std::uint64_t) const override {
    fail_if_told();
    Reconstructions made;
    for (const std::int64_t index : *indices) {
      made.target.resize(made.target.size() + static_cast<std::size_t>(data.inputs()), 0.0F);
      made.output.resize(made.target.size(), 0.01F * static_cast<float>(index));
    }
    made.seen = made.target;
    return made;
  }
  // It lasts until it is let go or cancelled, where evaluations are held.
  Expected<Figures> figures(const Dataset& data, SplitName split, int importance_samples,
                            const EvaluationSettings& settings,
                            const Progress& progress) const override {
    fail_if_told();
    while (evaluation_is_held) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!report(progress, 0.5)) return fail("the fake was cancelled", ErrorCode::cancelled);
    }
    Figures figures;
    figures.images = data.split(split).count;
    figures.elbo = -static_cast<double>(steps);
    figures.log_likelihood = static_cast<double>(settings.seed);
    figures.importance_samples = importance_samples;
    return figures;
  }
  // Grows once, and lasts as long as figures() does.
  Expected<Certificate> certify(const Dataset&, SplitName split,
                                const CertificateSettings& settings,
                                const CertificateListener& listen,
                                const Progress& progress) const override {
    fail_if_told();
    Certificate certificate;
    certificate.inputs = settings.inputs;
    certificate.split = split;
    certificate.exact = ExactValue{-static_cast<double>(steps), 1, 0, true, 0};
    listen(certificate);
    while (evaluation_is_held) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!report(progress, 0.5)) return fail("the fake was cancelled", ErrorCode::cancelled);
    }
    certificate.is_done = true;
    return certificate;
  }
  Expected<FewLabelAccuracy> classify(const Dataset&, const FewLabels&,
                                      const Progress&) const override {
    return FewLabelAccuracy{};
  }
  // Straight, but it takes a while and can be cancelled.
  Expected<std::vector<float>> geodesic(std::span<const float> from, std::span<const float> to, int,
                                        int points, const Progress& progress) const override {
    fail_if_told();
    for (int i = 0; i < 10; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!report(progress, i / 10.0)) return fail("the fake was cancelled", ErrorCode::cancelled);
    }
    return straight_path(from, to, points);
  }
};

class FakeTrainer final : public Trainer {
 public:
  FakeTrainer(ModelSpec spec, std::int64_t rows, std::int64_t first_step)
      : spec_(std::move(spec)), rows_(rows) {
    position_.step = first_step;
  }

  // A learning rate above 1 makes the loss infinite; above 10 it throws, as a library does.
  Losses step(const StepSettings& settings) override {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (settings.learning_rate > 10) throw std::runtime_error("out of memory");
    if (settings.learning_rate > 1) return {INFINITY, INFINITY, 0, 0};
    ++position_.step;
    ++learned_;
    position_.seen_in_epoch += settings.batch_size;
    if (position_.seen_in_epoch >= rows_) {
      position_.seen_in_epoch = 0;
      ++position_.epoch;
    }
    const double loss = 100 / (1.0 + static_cast<double>(position_.step));
    return {loss + settings.kl_weight, loss, 1, 0};
  }

  TrainingPosition position() const override { return position_; }
  const ModelSpec& spec() const override { return spec_; }

  FrozenModelPtr freeze() const override {
    static std::atomic<std::uint64_t> number = 0;
    auto model = std::make_shared<FakeModel>();
    model->model_spec = spec_;
    model->steps = position_.step;
    model->number = ++number;
    model->learned = learned_;
    return model;
  }

  std::shared_ptr<const TrainerState> state() const override {
    return std::make_shared<const TrainerState>(
        TrainerState{position_, {{"learned", {1}, {static_cast<float>(learned_)}}}});
  }
  Expected<void> restore(const TrainerState& state) override {
    position_ = state.position;
    learned_ = std::lround(state.tensors.at(0).values.at(0));
    return {};
  }
  // As a closed form is: pca learns nothing after its first step.
  bool finished() const override { return spec_.kind == ModelKind::pca && position_.step > 0; }

 private:
  ModelSpec spec_;
  std::int64_t rows_;
  TrainingPosition position_;
  std::int64_t learned_ = 0;
};

// A tiny data set of ten classes.
inline std::shared_ptr<const Dataset> fake_data(std::int64_t train = 512, std::int64_t test = 128,
                                                ImageShape shape = {8, 8, 1}) {
  auto data = std::make_shared<Dataset>();
  data->name = "fake";
  data->source = "fake";
  data->shape = shape;
  for (int c = 0; c < 10; ++c) data->class_names.push_back(std::to_string(c));
  for (Split* split : {&data->train, &data->test}) {
    split->count = split == &data->train ? train : test;
    for (std::int64_t i = 0; i < split->count; ++i) {
      split->labels.push_back(static_cast<int>(i % 10));
      for (int j = 0; j < shape.size(); ++j) {
        split->pixels.own().push_back(static_cast<std::uint8_t>((i * 31 + j * 7) % 256));
      }
    }
  }
  return data;
}

// Sources: "fake" loads at once, "slow" takes a while and can be cancelled, "held" lasts until it
// is let go or cancelled, "throw" throws, "wide" has another image size, "unlabelled" no labels;
// anything else is an error.
class FakeBackend : public Backend {
 public:
  std::atomic<int> saved = 0;
  std::atomic<bool> let_go = false;
  std::atomic<bool> warns = false;
  std::atomic<bool> save_throws = false;
  std::atomic<bool> no_trainer = false;  // the next one cannot be made
  std::atomic<std::thread::id> engine_thread;
  mutable std::atomic<int> spectra_measured = 0;
  std::atomic<bool> spectrum_fails = false;
  mutable std::atomic<int> checksums_of_engine = 0;  // counted on its thread, while training waits
  RunRecord last_record;  // of the last model saved; to be read once that is known

  void enter_thread(ThreadRole role) override {
    if (role == ThreadRole::engine) engine_thread = std::this_thread::get_id();
  }
  std::string device() const override { return "fake"; }
  int threads() const override { return 1; }
  std::string take_warning() override { return warns.exchange(false) ? "the fake is slow" : ""; }

  Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest& request,
                                                     const Progress& progress) override {
    const std::string& source = request.source;
    if (source == "slow") {
      for (int i = 0; i < 50; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(4));
        if (!report(progress, i / 50.0))
          return fail("the fake was cancelled", ErrorCode::cancelled);
      }
    }
    while (source == "held" && !let_go) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (!report(progress, 0.5)) return fail("the fake was cancelled", ErrorCode::cancelled);
    }
    if (source == "throw") throw std::runtime_error("the loader threw");
    if (source == "wide") return fake_data(64, 32, {8, 16, 1});
    if (source == "noted") {
      auto data = std::make_shared<Dataset>(*fake_data());
      data->pictures = PictureRules{Fit::pad, Ground::white};
      data->assumed = {"pictures were cropped"};
      data->left_out = {"one is broken"};
      return data;
    }
    if (source == "unlabelled") {
      auto data = std::make_shared<Dataset>(*fake_data());
      data->class_names.clear();
      data->train.labels.clear();
      data->test.labels.clear();
      return data;
    }
    if (source != "fake" && source != "slow" && source != "held" && source != "synthetic") {
      return fail(source + ": no such data; use fake");
    }
    return fake_data();
  }

  Expected<GreyPicture> load_picture(const std::string& path, int side) override {
    if (path == "missing") return fail("missing: no such file");
    return GreyPicture{side, side,
                       std::vector<std::uint8_t>(static_cast<std::size_t>(side * side))};
  }

  Expected<std::vector<std::uint8_t>> load_input(const std::string& path, const ImageShape& shape,
                                                 const PictureRules&) override {
    if (path == "missing") return fail("missing: no such file");
    return std::vector<std::uint8_t>(static_cast<std::size_t>(shape.size()));
  }

  Expected<std::unique_ptr<Trainer>> make_trainer(const TrainingTask& task) override {
    if (no_trainer.exchange(false)) return fail("the fake has no room for this model");
    if (task.start && task.start->step() == kHeavy) throw std::runtime_error("it is too heavy");
    const std::int64_t rows =
        task.rows ? static_cast<std::int64_t>(task.rows->size()) : task.data->train.count;
    return std::make_unique<FakeTrainer>(task.spec, rows, task.start ? task.start->step() : 0);
  }
  Expected<Spectrum> spectrum(const Dataset& data, const SpectrumKind& kind,
                              const Progress&) const override {
    ++spectra_measured;
    if (spectrum_fails) return fail("too many inputs");
    return Spectrum{kind, {3, 2, 1}, data.train.count, data.inputs(), {}};
  }
  std::uint32_t checksum(const Dataset& data) const override {
    if (std::this_thread::get_id() == engine_thread) ++checksums_of_engine;
    return static_cast<std::uint32_t>(data.train.count);
  }

  using Backend::open_model;
  Expected<OpenedModel> open_model(const std::string& path, const SaidOfModel&) override {
    if (path == "missing") return fail("missing: no such file");
    auto model = std::make_shared<FakeModel>();
    model->model_spec = reference_spec(ModelKind::vae, *fake_data(), 2);
    if (path == "wide") model->model_spec.shape = {8, 16, 1};
    if (path == "broken") model->model_spec.hidden = {0};
    model->steps = path == "heavy" ? kHeavy : 7;
    RunRecord record;
    record.kl_weight = 3;
    record.steps = 50;
    record.epochs = 2;
    record.test = {106, 100, 2, 0.1};
    record.test_step = 40;
    if (path == "of other data") record.data = "elsewhere";
    return OpenedModel{model, record, path == "foreign" ? "it is taken for a vae" : ""};
  }

  Expected<void> save_model(const FrozenModel&, const RunRecord& record,
                            const std::string&) override {
    if (save_throws) throw std::runtime_error("the disk threw");
    last_record = record;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ++saved;
    return {};
  }

  Expected<Checkpoint> open_checkpoint(const std::string& path) override {
    const std::lock_guard lock(mutex_);
    const auto found = checkpoints_.find(path);
    if (found == checkpoints_.end()) return fail(path + ": no such file");
    return found->second;
  }
  Expected<void> save_checkpoint(const Checkpoint& checkpoint, const std::string& path) override {
    if (save_throws) throw std::runtime_error("the disk threw");
    const std::lock_guard lock(mutex_);
    checkpoints_[path] = checkpoint;
    return {};
  }
  Expected<void> save_moment(const Moment& moment, const ModelSpec&,
                             const std::string& path) override {
    const std::lock_guard lock(mutex_);
    moments_.emplace(path, moment);
    return {};
  }
  Expected<Moment> open_moment(const std::string& path, const ModelSpec&) override {
    const std::lock_guard lock(mutex_);
    const auto found = moments_.find(path);
    if (found == moments_.end()) return fail(path + ": no such file");
    return found->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Checkpoint> checkpoints_;  // by path
  std::map<std::string, Moment> moments_;
  static constexpr std::int64_t kHeavy = 13;  // steps of an opened model that no trainer takes
};

}  // namespace zscape
