// Every command in every state, and all of them in random order: whatever came before, the engine
// answers, and what it does next is what it would have done without.

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <utility>

#include "engine/number.h"
#include "tests/engine_fixture.h"

namespace zscape {
namespace {

constexpr ModelId kSecond{1}, kOther{7};
constexpr auto kFlood = 3000;  // ZSCAPE_TRANSITIONS sets another number

class Commands {
 public:
  explicit Commands(std::uint64_t seed) : random_(seed) {}

  static constexpr std::size_t kCount = std::variant_size_v<Command>;

  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  ModelId any_model() {
    return ModelId{(below(8) == 0 ? kOther.value : static_cast<std::uint32_t>(below(2)))};
  }

  // One of this type, with values that are right more often than not.
  Command one(std::size_t type) { return make(type, std::make_index_sequence<kCount>()); }
  // The newest run that is put away, so that some commands name one that is there.
  void know(std::uint64_t newest_run) { newest_run_ = newest_run; }
  Command any() { return one(static_cast<std::size_t>(below(static_cast<int>(kCount)))); }

 private:
  template <std::size_t... Types>
  Command make(std::size_t type, std::index_sequence<Types...>) {
    Command command;
    ((type == Types ? void(command = filled(std::variant_alternative_t<Types, Command>{}))
                    : void()),
     ...);
    return command;
  }

  template <class Value>
  Value pick(std::initializer_list<Value> values) {
    return *(values.begin() + below(static_cast<int>(values.size())));
  }
  ModelSpec spec() {
    ModelSpec spec;
    spec = with_kind(spec, pick({ModelKind::ae, ModelKind::vae, ModelKind::cvae, ModelKind::pca}));
    spec.latent = pick({1, 2, 3});
    return spec;
  }
  SplitName split() { return pick({SplitName::train, SplitName::test}); }
  std::vector<float> codes(int rows) {
    std::vector<float> z(static_cast<std::size_t>(rows) * 2);
    for (float& value : z) value = static_cast<float>(below(7)) - 3;
    return z;
  }

  template <class T>
  Command filled(T command) {
    command.model = any_model();
    if constexpr (std::is_same_v<T, SetKlWeight>) command.kl_weight = pick({0.0, 1.0, 20.0, -1.0});
    if constexpr (std::is_same_v<T, SetKlSchedule>) {
      command.schedule = {KlSchedule::Kind::warm_up, pick({1.0, 10.0, 100.0})};
    }
    if constexpr (std::is_same_v<T, SetHoldOut>) command.hold_out = {pick({0, 64, 9000}), 2};
    if constexpr (std::is_same_v<T, SetParameter>) {
      command.key = pick({"learning_rate", "batch", "seed", "latent", "nonsense"});
      command.text = pick({"0.001", "64", "7", "2", "100", "-1"});  // 100: the fake throws
    }
    if constexpr (std::is_same_v<T, ReplaceModel>) command.spec = spec();
    if constexpr (std::is_same_v<T, LoadData>) {
      command.request.source =
          pick({"fake", "fake", "slow", "wide", "unlabelled", "throw", "nowhere"});
    }
    if constexpr (std::is_same_v<T, SaveModel>) command.path = pick({"model", ""});
    if constexpr (std::is_same_v<T, OpenModel>) {
      command.path = pick({"model", "missing", "wide", "broken", "heavy"});
    }
    if constexpr (std::is_same_v<T, KeepRun> || std::is_same_v<T, ResumeRun>) command.path = "run";
    if constexpr (std::is_same_v<T, KeepRun>) command.states = pick({"", "run."});
    if constexpr (std::is_same_v<T, ReturnToStep>) command.step = pick({0, 2, 30, 500, -1});
    if constexpr (std::is_same_v<T, Fork>) {
      command.model = pick({kSecond, kOther, kModel});
      command.of = pick({kModel, kSecond});
      command.step = pick({0, 2, 30, 500, -1});
      if (below(2) == 0) command.kl_weight = pick({0.0, 20.0, -1.0});
      if (below(3) == 0) command.seed = 7;
      if (below(4) == 0) command.noise = pick({0.5, -2.0});
    }
    if constexpr (std::is_same_v<T, Decode>) command.z = codes(pick({1, 3}));
    if constexpr (std::is_same_v<T, MeasureErrors>) command.split = split();
    if constexpr (std::is_same_v<T, FindGeodesic>) {
      command.stops = codes(pick({0, 2, 3}));
      command.frames = 4;
    }
    if constexpr (std::is_same_v<T, ExportPath>) {
      command.stops = codes(2);
      command.frames = pick({2, 5});
      command.path = testing::TempDir() + pick({"walk.png", "walk.gif", "walk.txt"});
    }
    if constexpr (std::is_same_v<T, Cancel>) command.activity = random_() % 200;
    if constexpr (std::is_same_v<T, Reconstruct>) {
      command.split = split();
      command.index = pick({0, 5, 100000, -1});
    }
    if constexpr (std::is_same_v<T, ExportCurves>) command.path = testing::TempDir() + "curves.csv";
    if constexpr (std::is_same_v<T, ExportInputs>) {
      command.train = {1, 2};
      command.path = testing::TempDir() + "inputs.csv";
    }
    if constexpr (std::is_same_v<T, AddModel>) {
      command.model = pick({kSecond, kSecond, kModel, kOther});
      command.spec = spec();
    }
    if constexpr (std::is_same_v<T, ReturnTo> || std::is_same_v<T, PinRun>) {
      command.run = random_() % 40 + (below(2) == 0 ? 0 : newest_run_ - newest_run_ % 40);
    }
    if constexpr (std::is_same_v<T, PinRun>) command.pinned = below(3) == 0;
    if constexpr (std::is_same_v<T, SetStoreSize>) {
      command.bytes = pick({std::size_t{0}, std::size_t{1} << 20, std::size_t{64} << 20});
    }
    if constexpr (std::is_same_v<T, RemoveModel>) command.model = pick({kSecond, kOther, kModel});
    return command;
  }

  std::mt19937_64 random_;
  std::uint64_t newest_run_ = 0;
};

// What looks up the inputs of codes in the snapshot's data must find them there.
bool has_rows_of(const Dataset& data, const CodesPtr& codes) {
  return !codes || codes->count() == 0 || codes->indices->back() < data.split(codes->split).count;
}

bool is_all_of_its_data(const Snapshot& seen) {
  if (!seen.data) return true;
  const auto fits = [&](const CodesPtr& codes) { return has_rows_of(*seen.data, codes); };
  return std::ranges::all_of(seen.models, [&](const ModelView& model) {
    return fits(model.train_sample) && fits(model.test_sample) && fits(model.train_codes) &&
           fits(model.test_codes) &&
           std::ranges::all_of(*model.history, [&](const MomentPtr& moment) {
             return fits(moment->train_sample) && fits(moment->test_sample);
           });
  });
}

// Looks at every snapshot, those between two looks of a window as well.
struct Inspector {
  std::atomic<const Engine*> engine = nullptr;  // null: it is not there yet
  std::atomic<int> snapshots = 0, wrong = 0;

  void look() {
    const Engine* const seen = engine;
    if (seen == nullptr) return;
    ++snapshots;
    if (!is_all_of_its_data(*seen->snapshot())) ++wrong;
  }
};

EngineOptions watched_by(std::shared_ptr<Inspector> inspector) {
  EngineOptions options;
  options.on_publish = [inspector = std::move(inspector)] { inspector->look(); };
  return options;
}

class Transitions : public EngineTest {
 protected:
  explicit Transitions(std::shared_ptr<Inspector> inspector = std::make_shared<Inspector>())
      : EngineTest(watched_by(inspector)), inspector_(inspector) {
    inspector_->engine = &engine_;
  }
  ~Transitions() override {
    EXPECT_GT(inspector_->snapshots, 0);
    EXPECT_EQ(inspector_->wrong, 0) << "snapshots had codes of rows that their data do not have";
  }

  std::shared_ptr<Inspector> inspector_;

  // From whatever came before: one model of the fake data, ten steps from the seed. The weights are
  // a number that only the steps since the last reset change.
  void expect_a_fresh_run() {
    backend_->save_throws = false;
    engine_.post(Pause{kModel});
    for (const ModelId other : {kSecond, kOther}) engine_.post(RemoveModel{other});
    engine_.post(LoadData{kModel, "fake"});
    engine_.post(ReplaceModel{kModel, {}});
    wait_until_all_is_answered();
    engine_.post(Pause{kModel});
    engine_.post(SetHoldOut{kModel, {}});
    engine_.post(SetParameter{kModel, "learning_rate", "0.001"});
    engine_.post(SetParameter{kModel, "batch", "64"});
    engine_.post(ReplaceModel{kModel, {}});
    engine_.post(SetKlWeight{kModel, 2});
    engine_.post(Reset{kModel});
    let_it_turn();
    wait_for_step_exactly(0);
    for (int step = 1; step <= 10; ++step) {
      engine_.post(Step{kModel});
      wait_for_step_exactly(step);
    }
    const SnapshotPtr now = engine_.snapshot();
    const ModelView& model = now->models[0];
    EXPECT_EQ(model.state, RunState::paused);
    EXPECT_EQ(model.settings.kl_weight, 2);
    EXPECT_EQ(model.settings.batch_size, 64);
    EXPECT_EQ(model.position.epoch, 1);  // 8 steps of 64 are one of 512
    ASSERT_TRUE(model.weights);
    EXPECT_EQ(model.weights->step(), 10);
    const auto& weights = dynamic_cast<const FakeModel&>(*model.weights);
    EXPECT_EQ(weights.learned, 10);
  }

  // The lengthy lane answers in order: what was asked for before is over then.
  void wait_until_all_is_answered() {
    wait_for([](const Snapshot& s) {
      return s.models.size() == 1 && s.models[0].state != RunState::loading && s.data &&
             s.data->source == "fake" && !s.activity;
    });
    const std::string path = "barrier " + std::to_string(++barriers_);
    engine_.post(KeepRun{kModel, path});
    wait_for([&](const Snapshot& s) { return s.models[0].kept.path == path; });
  }

  void wait_for_step_exactly(std::int64_t step) {
    wait_for([=](const Snapshot& s) { return s.models[0].position.step == step; });
  }

  int barriers_ = 0;

  void bring_into(RunState state) {
    for (const ModelId other : {kSecond, kOther}) engine_.post(RemoveModel{other});
    engine_.post(Pause{kModel});
    engine_.post(SetParameter{kModel, "learning_rate", "0.001"});
    if (state == RunState::loading) {
      backend_->let_go = false;
      engine_.post(LoadData{kModel, "held"});
      wait_for([](const Snapshot& s) { return s.activity.has_value(); });
      return;
    }
    load();
    if (state == RunState::running) {
      engine_.post(Start{kModel});
      wait_for_state(RunState::running);
    }
  }
};

// The codes of whole splits come after a pause, when the codes that follow are not there yet.
TEST_F(Transitions, NewDataLeaveNoCodesOfTheFormer) {
  for (const bool beside : {false, true}) {
    load();
    if (beside) engine_.post(AddModel{kSecond, {}});
    for (const char* source : {"fake", "wide", "fake"}) {
      engine_.post(LoadData{kModel, source});
      const std::int64_t rows = source == std::string("wide") ? 64 : 512;
      wait_for([&](const Snapshot& s) {
        return s.data->train.count == rows &&
               std::ranges::all_of(s.models, [&](const ModelView& model) {
                 return model.train_codes && model.train_codes->count() == rows;
               });
      });
    }
  }
}

TEST_F(Transitions, EveryCommandIsTakenInEveryState) {
  Commands commands(1);
  for (const RunState state : {RunState::loading, RunState::paused, RunState::running}) {
    for (std::size_t type = 0; type < Commands::kCount; ++type) {
      bring_into(state);
      engine_.post(commands.one(type));
      let_it_turn();
      backend_->let_go = true;
    }
    expect_a_fresh_run();
  }
}

TEST_F(Transitions, AnyOrderLeavesAnEngineThatTrainsAsAFreshOne) {
  const char* const given = std::getenv("ZSCAPE_TRANSITIONS");
  const int count = given ? number_from<int>(given).value_or(kFlood) : kFlood;
  Commands commands(2);
  for (int i = 1; i <= count; ++i) {
    backend_->save_throws = commands.below(10) == 0;
    backend_->warns = commands.below(50) == 0;
    if (commands.below(40) == 0) fake_failures = 1;
    if (commands.below(40) == 0) backend_->no_trainer = true;
    engine_.post(commands.any());
    const SnapshotPtr seen = engine_.snapshot();
    ASSERT_GE(seen->models.size(), 1U);
    ASSERT_EQ(seen->models[0].id, kModel);
    const StoredRuns& stored = *seen->stored;
    if (!stored.runs.empty()) commands.know(stored.runs.back().id);
    ASSERT_LE(stored.bytes, std::max(stored.room_bytes, stored.pinned_bytes()));
    if (commands.below(20) == 0) let_it_turn();  // else they pile up
    if (i % 1000 == 0 || i == count) {
      fake_failures = 0;
      backend_->no_trainer = false;
      expect_a_fresh_run();
    }
  }
}

}  // namespace
}  // namespace zscape
