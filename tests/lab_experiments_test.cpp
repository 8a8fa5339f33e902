// The experiments that come along: each claim and each choice of a prediction comes out as
// confirmed, as refuted and, where the error bars are wide, as undecided.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "engine/lab/claim.h"
#include "engine/lab/experiment.h"
#include "engine/lab/results.h"
#include "engine/random.h"

namespace zscape {
namespace {

// Few and far apart, so that drawn figures are often equal, and often orders of magnitude apart.
constexpr double kFigures[] = {0.0001, 0.005, 0.05, 0.25, 0.6, 0.95, 2, 3.5, 8, 15, 60, 3000};

// How a figure depends on the place.
enum class Course { same, any, rising, falling };

class Tables {
 public:
  explicit Tables(const Experiment& experiment)
      : experiment_(experiment), runs_(runs_of(experiment).value()) {
    for (std::size_t i = 0; i < runs_.size(); ++i) runs_[i].key = std::to_string(i);
  }

  // The number-th table. spread: between seeds, as a share of the figure.
  LabTable draw(std::uint64_t number, double spread) const {
    Random random(1, Stream::evaluation, number);
    const auto below = [&](std::size_t bound) {
      return static_cast<std::size_t>(random.below(static_cast<std::uint32_t>(bound)));
    };
    std::vector<LabResult> results;
    for (const LabRun& run : runs_) {
      results.push_back({.key = run.key, .axes = run.axes, .seed = run.plan.seed, .plan = "{}"});
    }
    const std::size_t seeds = static_cast<std::size_t>(experiment_.seeds);
    const std::size_t places = runs_.size() / seeds;
    for (const std::string& column : experiment_.columns()) {
      const auto course = static_cast<Course>(below(4));
      std::vector<double> values;
      const double first = kFigures[below(std::size(kFigures))];
      for (std::size_t i = 0; i < places; ++i) {
        values.push_back(course == Course::same ? first : kFigures[below(std::size(kFigures))]);
      }
      if (course == Course::rising) std::ranges::sort(values);
      if (course == Course::falling) std::ranges::sort(values, std::greater{});
      for (std::size_t i = 0; i < results.size(); ++i) {
        const double noise = spread * (2 * random.uniform() - 1);
        results[i].figures.push_back({column, values[i / seeds] * (1 + noise)});
      }
    }
    return table_of(experiment_, runs_, std::move(results));
  }

 private:
  const Experiment& experiment_;
  std::vector<LabRun> runs_;
};

constexpr std::uint64_t kMostTables = 20000;

// Fails if no drawn table with small error bars confirms it, none refutes it, or none with wide
// ones leaves it undecided.
void expect_all_findings(const Predicate& predicate, const Tables& tables) {
  const auto is_found = [&](Finding finding, double spread) {
    for (std::uint64_t i = 0; i < kMostTables; ++i) {
      const Judgement judgement = judge(predicate, tables.draw(i, spread));
      EXPECT_FALSE(judgement.sentence.empty());
      if (judgement.finding == finding) return true;
    }
    return false;
  };
  EXPECT_TRUE(is_found(Finding::confirmed, 1e-7)) << "no table confirms it";
  EXPECT_TRUE(is_found(Finding::refuted, 1e-7)) << "no table refutes it";
  EXPECT_TRUE(is_found(Finding::undecided, 2)) << "no table leaves it undecided";
}

class EachExperiment : public testing::TestWithParam<BuiltInExperiment> {};
INSTANTIATE_TEST_SUITE_P(Lab, EachExperiment, testing::ValuesIn(built_in_experiments()),
                         [](const auto& tested) {
                           std::string name(tested.param.name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_P(EachExperiment, ItsClaimsCanBeConfirmedRefutedAndLeftUndecided) {
  const auto experiment = experiment_from(GetParam().json, GetParam().name);
  ASSERT_TRUE(experiment) << experiment.error().message;
  EXPECT_EQ(experiment->text.size(), 2U);
  EXPECT_GE(experiment->claims.size(), 3U);
  const Tables tables(*experiment);
  for (const LabClaim& claim : experiment->claims) {
    SCOPED_TRACE(claim.says);
    expect_all_findings(claim.criterion, tables);
  }
  ASSERT_TRUE(experiment->prediction);
  for (const auto& [choice, predicate] : experiment->prediction->choices) {
    SCOPED_TRACE(choice);
    expect_all_findings(predicate, tables);
  }
}

// What --quick leaves out must leave no claim without an answer.
TEST_P(EachExperiment, EachClaimIsDecidedInTheQuickVersionToo) {
  const auto whole = experiment_from(GetParam().json, GetParam().name);
  ASSERT_TRUE(whole);
  const auto quick = with_options(*whole, {.quick = true});
  ASSERT_TRUE(quick) << quick.error().message;
  EXPECT_GE(quick->seeds, 2);
  const Tables tables(*quick);
  for (const LabClaim& claim : quick->claims) {
    SCOPED_TRACE(claim.says);
    std::uint64_t i = 0;
    while (i < 100 && judge(claim.criterion, tables.draw(i, 1e-7)).finding == Finding::undecided) {
      ++i;
    }
    EXPECT_LT(i, 100U);
  }
}

}  // namespace
}  // namespace zscape
