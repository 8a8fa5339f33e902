// A lab that several ranks carry out, without MPI and without numerics: each rank is a thread.

#include "app/cli/rank_crew.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

#include "engine/lab/execute.h"
#include "tests/fake_backend.h"
#include "tests/fake_ranks.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr auto kExperiment = R"({"name": "few", "question": "Does it work?", "text": ["Yes."],
  "data": "synthetic", "plan": {"model": "vae", "epochs": 1},
  "axes": [{"name": "latent", "values": [1, 2, 3]}], "seeds": 3, "measure": ["test_loss"]})";

// A machine without the data.
struct BareBackend : FakeBackend {
  Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest&, const Progress&) override {
    return fail("it has no data");
  }
};

Surroundings surroundings(bool has_data = true) {
  return {
      .settled = [](const ComputeOptions& options) -> Expected<ComputeOptions> { return options; },
      .make_backend = [has_data](const ComputeOptions&) -> std::shared_ptr<Backend> {
        if (has_data) return std::make_shared<FakeBackend>();
        return std::make_shared<BareBackend>();
      },
      .machine_info = {},
      .explore = {}};
}

class RankCrewTest : public testing::Test {
 protected:
  RankCrewTest() : experiment_(experiment_from(kExperiment, "few.json").value()) {
    FakeBackend backend;
    LabData data(backend);
    runs_ = runs_of(experiment_).value();
    EXPECT_TRUE(settle(runs_, data));
  }
  ~RankCrewTest() override { fs::remove_all(root_); }

  std::string folder(const std::string& name) const {
    const fs::path made = root_ / name;
    fs::create_directories(made / "models");
    return made.string();
  }
  static std::string text(const std::string& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  // bare: the rank whose machine has no data. most: the lab is left after so many results.
  std::string results_by(int size, const std::string& name, int bare = -1, int most = 1000) {
    const std::string place = folder(name);
    FakeRanks::run(size, [&](const std::shared_ptr<Ranks>& ranks) {
      const Surroundings own = surroundings(ranks->rank() != bare);
      if (!ranks->is_first()) {
        follow_lab(*ranks, own);
        return;
      }
      auto queue = LabQueue::open(place, experiment_, runs_).value();
      {
        RankCrew crew(*ranks, own, "", runs_.front(),
                      [&](const std::string& note) { notes_.push_back(note); });
        int taken = 0;
        const auto done = work_off(queue, crew, [&](const CrewProgress& progress) {
          if (progress.ended != nullptr) ++taken;
          return taken < most;
        });
        EXPECT_EQ(done.has_value(), most == 1000);
      }
      if (queue.is_done()) {
        EXPECT_TRUE(queue.finish());
      }
    });
    return text(results_file(place));
  }

  fs::path root_ = fs::path(testing::TempDir()) / ("crew-" + std::to_string(::getpid()));
  Experiment experiment_;
  std::vector<LabRun> runs_;
  std::vector<std::string> notes_;
};

TEST_F(RankCrewTest, GivesTheSameTableWithAnyNumberOfRanks) {
  const std::string by_two = results_by(2, "two");
  EXPECT_EQ(std::ranges::count(by_two, '\n'), 9);
  EXPECT_EQ(results_by(4, "four"), by_two);
  EXPECT_THAT(notes_, testing::IsEmpty());
}

TEST_F(RankCrewTest, GivesNoRunsToAMachineWithoutTheData) {
  const std::string by_two = results_by(2, "two");
  EXPECT_EQ(results_by(3, "bare", 1), by_two);
  EXPECT_THAT(notes_, testing::ElementsAre(testing::AllOf(testing::HasSubstr("rank 1 on host1"),
                                                          testing::HasSubstr("it has no data"))));
  EXPECT_EQ(results_by(2, "only", 1), by_two);  // rank 0 does all
}

TEST_F(RankCrewTest, GoesOnAfterABreakToTheSameTable) {
  const std::string whole = results_by(2, "whole");
  const std::string part = results_by(3, "broken", -1, 4);
  EXPECT_GE(std::ranges::count(part, '\n'), 4);
  EXPECT_LT(std::ranges::count(part, '\n'), 9);
  EXPECT_EQ(part.back(), '\n');
  EXPECT_EQ(results_by(4, "broken"), whole);
}

TEST_F(RankCrewTest, EndsTheOthersWhereRankZeroMakesNoCrew) {
  FakeRanks::run(3, [&](const std::shared_ptr<Ranks>& ranks) {
    const Surroundings own = surroundings();
    ranks->is_first() ? leave_lab(*ranks) : follow_lab(*ranks, own);
  });
}

}  // namespace
}  // namespace zscape
