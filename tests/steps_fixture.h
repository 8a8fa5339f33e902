#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "tests/training_fixture.h"

namespace zscape {

inline constexpr ModelId kModel{0};

// Trains on the patterns, whatever data are asked for.
class PatternBackend final : public Backend {
 public:
  explicit PatternBackend(std::shared_ptr<Backend> inner = backend()) : inner_(std::move(inner)) {}
  std::atomic<std::int64_t> rows = 320;
  std::atomic<bool> are_vectors = false;  // and standardised

  void enter_thread(ThreadRole role) override { inner_->enter_thread(role); }
  std::string device() const override { return "CPU"; }
  int threads() const override { return inner_->threads(); }
  Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest&, const Progress&) override {
    auto data = patterns(rows);
    if (!are_vectors) return data;
    auto vectors = std::make_shared<Dataset>(*data);
    vectors->shape = {1, data->inputs(), 1};
    for (Split* split : {&vectors->train, &vectors->test}) {
      split->values.own().assign(split->pixels.begin(), split->pixels.end());
      split->pixels.own().clear();
    }
    const auto inputs = static_cast<std::size_t>(data->inputs());
    vectors->scaling = std::make_shared<const Scaling>(
        Scaling{std::vector<double>(inputs, 100), std::vector<float>(inputs, 80)});
    return vectors;
  }
  Expected<GreyPicture> load_picture(const std::string&, int) override { return fail("no"); }
  Expected<std::vector<std::uint8_t>> load_input(const std::string&, const ImageShape&,
                                                 const PictureRules&) override {
    return fail("no");
  }
  std::uint32_t checksum(const Dataset& data) const override { return inner_->checksum(data); }
  Expected<Spectrum> spectrum(const Dataset& data, const SpectrumKind& kind,
                              const Progress& progress) const override {
    return inner_->spectrum(data, kind, progress);
  }
  Expected<std::unique_ptr<Trainer>> make_trainer(const TrainingTask& task) override {
    return inner_->make_trainer(task);
  }
  Expected<OpenedModel> open_model(const std::string&, const SaidOfModel&) override {
    return fail("no");
  }
  Expected<void> save_model(const FrozenModel&, const RunRecord&, const std::string&) override {
    return fail("no");
  }
  Expected<Checkpoint> open_checkpoint(const std::string& path) override {
    return inner_->open_checkpoint(path);
  }
  Expected<void> save_checkpoint(const Checkpoint& checkpoint, const std::string& path) override {
    return inner_->save_checkpoint(checkpoint, path);
  }
  Expected<void> save_moment(const Moment& moment, const ModelSpec& spec,
                             const std::string& path) override {
    return inner_->save_moment(moment, spec, path);
  }
  Expected<Moment> open_moment(const std::string& path, const ModelSpec& spec) override {
    return inner_->open_moment(path, spec);
  }

 private:
  std::shared_ptr<Backend> inner_;
};

// A window of its own, whose model takes one step after the other.
struct Steps {
  explicit Steps(std::int64_t rows = 320, int threads = 1)
      : backend(std::make_shared<PatternBackend>(make_torch_backend({.threads = threads}))),
        engine(backend, {}) {
    backend->rows = rows;
  }
  ModelView view() const { return engine.snapshot()->models[0]; }
  void wait_for(const std::function<bool(const ModelView&)>& claim) const {
    while (!claim(view())) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  void begin(ModelKind kind) { begin(spec_for(kind, *patterns())); }
  void begin(const ModelSpec& spec) {
    engine.post(SetParameter{kModel, "validation", "30"});
    engine.post(SetParameter{kModel, "batch", "48"});
    engine.post(ReplaceModel{kModel, spec});
    engine.post(LoadData{kModel, "fake", {}});
    wait_for([](const ModelView& now) { return now.state == RunState::paused; });
    engine.post(SetKlSchedule{kModel, {KlSchedule::Kind::warm_up, 600, 4, 0}});
  }
  void take(int steps) {
    const std::int64_t end = view().position.step + steps;
    for (int i = 0; i < steps; ++i) engine.post(Step{kModel});
    wait_for([end](const ModelView& now) { return now.position.step == end; });
  }
  void keep(const std::string& file) {
    engine.post(KeepRun{kModel, file});
    wait_for([](const ModelView& now) { return now.kept.number == 1; });
    EXPECT_TRUE(view().kept.is_done) << view().kept.error;
  }
  void resume(const std::string& file) {
    engine.post(LoadData{kModel, "fake", {}});
    engine.post(ResumeRun{kModel, file});
    wait_for([](const ModelView& now) { return now.kept.number == 1; });
  }

  std::shared_ptr<PatternBackend> backend;
  Engine engine;
};

}  // namespace zscape
