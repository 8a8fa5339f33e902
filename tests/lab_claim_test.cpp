// Claims of the lab on tables in which they are true, false, and in which error bars are too wide.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "engine/lab/claim.h"

namespace zscape {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr auto kFile = R"json({{
  "name": "made",
  "plan": {{"model": "ae"}},
  "axes": [{{"name": "latent", "values": [1, 2, 4]}},
           {{"name": "noise", "values": [{{"label": "none", "set": {{}}}}, {{"label": "0.5", "set": {{}}}}]}}],
  "only": {},
  "seeds": {},
  "measure": ["mse", "test_loss"],
  "claims": [{{"says": "It is so.", "if": {}}}]
}})json";

struct Made {
  std::string predicate;
  // Of latent, noise (0 or 0.5) and seed.
  std::function<double(double, double, int)> mse;
  int seeds = 5;
  std::string only = "{}";
};

LabTable table_for(const Made& made) {
  auto experiment = experiment_from(
      fmt::format(fmt::runtime(kFile), made.only, made.seeds, made.predicate), "made.json");
  EXPECT_TRUE(experiment) << experiment.error().message;
  const std::vector<LabRun> runs = [&] {
    auto all = *runs_of(*experiment);
    for (std::size_t i = 0; i < all.size(); ++i) all[i].key = fmt::format("{}", i);
    return all;
  }();
  std::vector<LabResult> results;
  for (const LabRun& run : runs) {
    const double latent = std::stod(run.axes[0].value);
    const double noise = run.axes[1].value == "none" ? 0 : 0.5;
    const double value = made.mse(latent, noise, static_cast<int>(run.plan.seed));
    LabResult result{.key = run.key, .axes = run.axes, .seed = run.plan.seed, .plan = "{}"};
    if (value == INFINITY) continue;  // missing
    if (value == -INFINITY) {
      result.error = "it diverged";
    } else {
      result.figures = {{"mse", value}, {"test_loss", 2 * value}};
    }
    results.push_back(result);
  }
  return table_of(*std::move(experiment), runs, std::move(results));
}

Judgement judged(const Made& made) {
  const LabTable table = table_for(made);
  return judge_claims(table).at(0).judgement;
}

Finding found(const Made& made) {
  return judged(made).finding;
}

// Differs from seed to seed, by 1 at most, with mean 0 over five.
double jitter(int seed) {
  constexpr double kJitter[] = {0.3, -1, 0.6, 1, -0.9};
  return kJitter[seed % 5];
}

constexpr auto kLess =
    R"({"less": [{"of": "mse", "where": {"latent": 4, "noise": "none"}},
                 {"of": "mse", "where": {"latent": 1, "noise": "none"}}], "by": 1})";

TEST(Student, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(student_t(1), 12.7062, 1e-4);
  EXPECT_NEAR(student_t(2), 4.30265, 1e-5);
  EXPECT_NEAR(student_t(4), 2.77645, 1e-5);
  EXPECT_NEAR(student_t(9), 2.26216, 1e-5);
  EXPECT_NEAR(student_t(30), 2.04227, 1e-5);
  EXPECT_NEAR(student_t(1000), 1.96234, 1e-5);
  EXPECT_NEAR(student_t(4, 0.99), 4.60409, 1e-5);
}

TEST(Claim, LessIsConfirmedRefutedOrUndecided) {
  // The mean difference is 3 over 1; the noise of both is independent.
  const auto with = [](double difference, double width) {
    return Made{kLess, [=](double latent, double, int seed) {
                  return latent == 1 ? 10 + difference + width * jitter(seed)
                                     : 10 + width * jitter(seed + 1);
                }};
  };
  EXPECT_EQ(found(with(3, 0.1)), Finding::confirmed);
  EXPECT_EQ(found(with(-3, 0.1)), Finding::refuted);
  EXPECT_EQ(found(with(0.5, 0.1)), Finding::refuted);  // below, but not by 1
  EXPECT_EQ(found(with(3, 10)), Finding::undecided);
  EXPECT_EQ(found(with(-3, 10)), Finding::undecided);
  EXPECT_THAT(
      judged(with(3, 0.1)).sentence,
      HasSubstr("mse at latent 4, noise none (10) is below mse at latent 1, noise none (13) "
                "by 3 ± "));
  EXPECT_THAT(judged(with(-3, 0.1)).sentence, HasSubstr("is not below"));
  EXPECT_THAT(judged(with(3, 10)).sentence, HasSubstr("Undecided whether"));
}

TEST(Claim, TheLimitLiesWhereStudentsDistributionPutsIt) {
  // Differences 0 and 2·width around `mean`, two seeds: t standard errors are 12.706 · width.
  const auto with = [](double mean) {
    return Made{R"({"less": [0, {"of": "mse", "where": {"latent": 1, "noise": "none"}}]})",
                [=](double, double, int seed) { return mean + (seed == 0 ? -1 : 1); }, 2};
  };
  EXPECT_EQ(found(with(12.70)), Finding::undecided);
  EXPECT_EQ(found(with(12.71)), Finding::confirmed);
  EXPECT_EQ(found(with(-12.70)), Finding::undecided);
  EXPECT_EQ(found(with(-12.71)), Finding::refuted);
}

TEST(Claim, TwoQuantitiesArePairedBySeed) {
  // Seeds differ by hundreds, each pair by 2 ± 0.1.
  const Made made{kLess, [](double latent, double, int seed) {
                    return 100 * seed + (latent == 1 ? 2 + 0.1 * jitter(seed) : 0);
                  }};
  EXPECT_EQ(found(made), Finding::confirmed);
}

TEST(Claim, NearIsAnEquivalenceTest) {
  const auto with = [](double difference, double width) {
    return Made{R"({"near": [{"of": "mse", "where": {"latent": 4, "noise": "none"}},
                             {"of": "mse", "where": {"latent": 1, "noise": "none"}}],
                    "within": 1})",
                [=](double latent, double, int seed) {
                  return latent == 1 ? difference + width * jitter(seed) : 0;
                }};
  };
  EXPECT_EQ(found(with(0.2, 0.1)), Finding::confirmed);
  EXPECT_EQ(found(with(-0.2, 0.1)), Finding::confirmed);
  EXPECT_EQ(found(with(2, 0.1)), Finding::refuted);
  EXPECT_EQ(found(with(-2, 0.1)), Finding::refuted);
  EXPECT_EQ(found(with(0, 5)), Finding::undecided);  // absence of evidence is no equality
  EXPECT_EQ(found(with(0.95, 0.1)), Finding::undecided);
  EXPECT_EQ(found(with(0, 0)), Finding::confirmed);
  EXPECT_EQ(found(with(1.5, 0)), Finding::refuted);
}

TEST(Claim, RisesAndFallsCompareEachStep) {
  const auto falls = [](std::map<double, double> at, double width) {
    return Made{R"({"falls": "mse", "along": "latent", "where": {"noise": 0.5}})",
                [=](double latent, double, int seed) {
                  return at.at(latent) + width * jitter(seed + static_cast<int>(latent));
                }};
  };
  EXPECT_EQ(found(falls({{1, 9}, {2, 6}, {4, 3}}, 0.1)), Finding::confirmed);
  EXPECT_EQ(found(falls({{1, 9}, {2, 6}, {4, 8}}, 0.1)), Finding::refuted);
  EXPECT_EQ(found(falls({{1, 9}, {2, 6}, {4, 3}}, 5)), Finding::undecided);
  Made rises = falls({{1, 1}, {2, 2}, {4, 3}}, 0.01);
  rises.predicate = R"({"rises": "mse", "along": "latent", "where": {"noise": 0.5}, "by": 0.5})";
  EXPECT_EQ(found(rises), Finding::confirmed);
  EXPECT_THAT(judged(rises).sentence, HasSubstr("All 2 comparisons hold; the closest one: mse at "
                                                "latent"));
  rises.predicate = R"({"rises": "mse", "along": "latent", "where": {"noise": 0.5}, "by": 1.5})";
  EXPECT_EQ(found(rises), Finding::refuted);
  // What --quick does not run is passed over.
  Made quick = falls({{1, 9}, {2, 100}, {4, 3}}, 0.1);
  quick.only = R"({"latent": [1, 4]})";
  EXPECT_EQ(found(quick), Finding::confirmed);
  quick.only = R"({"latent": [4]})";
  EXPECT_EQ(found(quick), Finding::undecided);
}

// True, false and undecided predicates by name.
std::string of(const std::string& text) {
  const std::map<char, std::string> parts = {
      {'t', R"({"less": [1, 2]})"},
      {'f', R"({"less": [2, 1]})"},
      {'u', R"({"less": [0, {"of": "mse", "where": {"latent": 1, "noise": "none"}}]})"}};
  std::string list;
  for (const char letter : text) (list += list.empty() ? "" : ", ") += parts.at(letter);
  return list;
}

TEST(Claim, UndecidedFollowsKleenesLogic) {
  const auto under = [](const std::string& predicate) {
    return found({predicate, [](double, double, int seed) { return 10 * jitter(seed); }});
  };
  using enum Finding;
  for (const auto& [parts, all, any] : {std::tuple{"tt", confirmed, confirmed},
                                        {"tf", refuted, confirmed},
                                        {"ff", refuted, refuted},
                                        {"tu", undecided, confirmed},
                                        {"uf", refuted, undecided},
                                        {"uu", undecided, undecided}}) {
    EXPECT_EQ(under(fmt::format(R"({{"all": [{}]}})", of(parts))), all) << parts;
    EXPECT_EQ(under(fmt::format(R"({{"any": [{}]}})", of(parts))), any) << parts;
  }
  EXPECT_EQ(under(fmt::format(R"({{"not": {}}})", of("t"))), refuted);
  EXPECT_EQ(under(fmt::format(R"({{"not": {}}})", of("f"))), confirmed);
  EXPECT_EQ(under(fmt::format(R"({{"not": {}}})", of("u"))), undecided);
}

TEST(Claim, ForTakesEachCombinationThatIsRun) {
  Made made{
      R"({"for": {"latent": [1, 2, 4], "noise": ["none", 0.5]},
                "is": {"less": [{"of": "mse"}, 5]}})",
      [](double latent, double noise, int seed) { return latent + noise + 0.01 * jitter(seed); }};
  EXPECT_EQ(found(made), Finding::confirmed);
  EXPECT_THAT(judged(made).sentence,
              AllOf(HasSubstr("All 6 comparisons hold"), HasSubstr("mse at latent 4, noise 0.5")));
  made.mse = [](double latent, double noise, int seed) {
    return latent == 4 && noise == 0.5 ? 7 + 0.01 * jitter(seed) : 1;
  };
  EXPECT_EQ(found(made), Finding::refuted);
  EXPECT_THAT(judged(made).sentence, HasSubstr("mse at latent 4, noise 0.5 (7) is not below 5"));
  made.only = R"({"latent": [1, 2]})";
  EXPECT_EQ(found(made), Finding::confirmed);
}

TEST(Claim, WhatIsMissingLeavesItUndecidedAndSaysWhy) {
  Made made{kLess, [](double, double, int) { return 1.0; }, 1};
  EXPECT_THAT(judged(made).sentence, HasSubstr("a single seed has no error bar"));
  EXPECT_EQ(found(made), Finding::undecided);
  made.seeds = 5;
  const auto with_hole = [&](double hole) {
    made.mse = [hole](double latent, double, int seed) {
      return latent == 4 && seed == 3 ? hole : 20 - latent;
    };
    return judged(made);
  };
  EXPECT_EQ(with_hole(16).finding, Finding::confirmed);
  for (const auto& [hole, says] :
       {std::pair<double, const char*>{INFINITY, "the run of seed 3 is missing"},
        std::pair<double, const char*>{-INFINITY, "the run of seed 3 failed (it diverged)"},
        std::pair<double, const char*>{std::nan(""), "the run of seed 3 has no finite mse"}}) {
    EXPECT_EQ(with_hole(hole).finding, Finding::undecided);
    EXPECT_THAT(with_hole(hole).sentence, HasSubstr(says));
  }
  made.only = R"({"latent": [4]})";
  EXPECT_THAT(judged(made).sentence,
              HasSubstr("mse at latent 1, noise none is no part of this lab"));
}

TEST(Claim, QuantitiesAreWorkedOutSeedBySeed) {
  const auto estimated = [](const std::string& quantity, auto mse) {
    const LabTable table = table_for({fmt::format(R"({{"less": [0, {}]}})", quantity), mse});
    return estimate(table.experiment.claims[0].criterion.quantities[1], table);
  };
  const auto plain = [](double latent, double noise, int seed) {
    return latent + noise + 0.1 * jitter(seed);
  };
  const std::string one = R"({"of": "mse", "where": {"latent": 1, "noise": "none"}})";
  const std::string four = R"({"of": "test_loss", "where": {"latent": 4, "noise": "none"}})";
  EXPECT_NEAR(estimated(one, plain).mean, 1, 1e-12);
  EXPECT_EQ(estimated(one, plain).seeds, 5);
  EXPECT_NEAR(estimated(one, plain).half_width,
              student_t(4) * 0.1 * std::sqrt((0.09 + 1 + 0.36 + 1 + 0.81) / 4 / 5), 1e-12);
  EXPECT_NEAR(estimated(fmt::format(R"({{"minus": [{}, {}]}})", four, one), plain).mean, 7, 1e-12);
  double ratio = 0, logarithm = 0;
  for (int seed = 0; seed < 5; ++seed) {
    ratio += (8 + 0.2 * jitter(seed)) / (1 + 0.1 * jitter(seed)) / 5;
    logarithm += std::log(1 + 0.1 * jitter(seed)) / 5;
  }
  EXPECT_NEAR(estimated(fmt::format(R"({{"over": [{}, {}]}})", four, one), plain).mean, ratio,
              1e-12);
  EXPECT_NEAR(estimated(fmt::format(R"({{"log": {}}})", one), plain).mean, logarithm, 1e-12);
  EXPECT_THAT(estimated(fmt::format(R"({{"log": {}}})", one),
                        [](double, double, int seed) { return seed - 1.0; })
                  .reason,
              HasSubstr("is no finite number at seed 0"));
}

TEST(Claim, TheBestPlaceIsFoundForEachSeed) {
  const auto with = [](double peak, double wide) {
    return Made{R"({"near": [{"best": "min", "of": "mse", "along": "latent",
                              "where": {"noise": "none"}}, 2], "within": 0.5})",
                [=](double latent, double, int seed) {
                  return std::abs(latent - peak - wide * jitter(seed));
                }};
  };
  EXPECT_EQ(found(with(2, 0.1)), Finding::confirmed);
  EXPECT_EQ(found(with(4, 0.1)), Finding::refuted);
  EXPECT_EQ(found(with(2, 2)), Finding::undecided);
  EXPECT_THAT(judged(with(4, 0.1)).sentence,
              HasSubstr("the latent with the smallest mse at noise none (4)"));
}

}  // namespace
}  // namespace zscape
