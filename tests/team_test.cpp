// Evaluations shared out among a thread's team.
#include "engine/eval/team.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "engine/eval/evaluate.h"
#include "engine/model/aten_threads.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

// In a thread of its own, whose team ends with it. 0: none.
template <class Work>
void with_team(int count, const Work& work) {
  std::thread([&] {
    if (count > 0) use_team(count);
    work();
  }).join();
}

TEST(Team, DoEachPartOnce) {
  for (const int count : {0, 1, 2, 5}) {
    with_team(count, [] {
      std::vector<std::atomic<int>> done(100);
      EXPECT_TRUE(by_team(done.size(), {}, [&](std::size_t part) { ++done[part]; }));
      for (const auto& times : done) EXPECT_EQ(times, 1);
      EXPECT_TRUE(by_team(0, {}, [](std::size_t) { FAIL(); }));
    });
  }
}

TEST(Team, ChangeNoBits) {
  const auto data = patterns(1700);  // some pieces, the last not whole
  const ModelSpec spec = spec_for(ModelKind::vae, *data, 7);
  Autoencoder model(spec);
  model.initialise(3);
  std::vector<Codes> codes;
  std::vector<InputLosses> losses;
  for (const int count : {1, 2, 3}) {
    with_team(count, [&] {
      codes.push_back(*encode_rows(model, *data, SplitName::train, nullptr, {}));
      losses.push_back(*input_losses(model, *data, SplitName::train, nullptr, {1, 4, {}}, {}));
    });
  }
  for (std::size_t i = 1; i < codes.size(); ++i) {
    EXPECT_EQ(codes[i].mean, codes[0].mean);
    EXPECT_EQ(codes[i].sigma, codes[0].sigma);
    EXPECT_EQ(losses[i].reconstruction, losses[0].reconstruction);
  }
}

TEST(Team, SlicesOfAnEvaluationChangeNoBits) {
  const auto data = patterns(1700);
  for (const ModelKind kind : {ModelKind::vae, ModelKind::dae}) {
    Autoencoder model(spec_for(kind, *data, 7));
    model.initialise(3);
    const EvaluationSettings settings{0.5, 4, {}};
    const auto whole = *input_losses(model, *data, SplitName::train, nullptr, settings, {});
    const auto mean_of = [](const std::vector<float>& values) {
      return std::accumulate(values.begin(), values.end(), 0.0) / 1700;
    };
    for (const int count : {0, 1, 3}) {
      with_team(count, [&] {
        LossSums sums;
        int slices = 0;
        while (sums.inputs < 1700) {
          bool has_begun = false;
          const std::int64_t before = sums.inputs;
          sums = *add_losses(sums, model, *data, SplitName::train, nullptr, settings,
                             [&](double) { return !std::exchange(has_begun, true); });
          ASSERT_GT(sums.inputs, before);
          ++slices;
        }
        if (count == 0) {
          EXPECT_GT(slices, 1);  // other threads may end before they hear of it
        }
        const Losses means = sums.means(0.5);
        EXPECT_EQ(means.reconstruction, mean_of(whole.reconstruction));
        EXPECT_EQ(means.mse, mean_of(whole.mse));
        if (whole.kl.empty()) {
          EXPECT_TRUE(std::isnan(means.kl));
          EXPECT_EQ(means.loss, means.reconstruction);
        } else {
          EXPECT_EQ(means.kl, mean_of(whole.kl));
          EXPECT_EQ(means.loss, means.reconstruction + 0.5 * means.kl);
        }
      });
    }
  }
}

TEST(Team, StopWhenToldTo) {
  for (const int count : {0, 1, 3}) {
    with_team(count, [] {
      std::atomic<int> done = 0;
      std::atomic<bool> asked = false;
      const Progress stop = [&](double) {
        asked = true;
        return false;
      };
      const bool finished = by_team(1000, stop, [&](std::size_t) {
        while (!asked) std::this_thread::yield();
        ++done;
      });
      EXPECT_FALSE(finished);
      EXPECT_LT(done, 1000);
    });
  }
}

TEST(Team, ThrowWhatAPartThrows) {
  for (const int count : {0, 1, 3}) {
    with_team(count, [] {
      EXPECT_THROW(by_team(50, {},
                           [](std::size_t part) {
                             if (part == 20) throw std::runtime_error("no");
                           }),
                   std::runtime_error);
      EXPECT_TRUE(by_team(5, {}, [](std::size_t) {}));  // and go on afterwards
    });
  }
}

TEST(Team, ComputeWithOneAtenThreadEachAndNoGradients) {
  with_team(2, [] {
    use_threads(2);
    std::atomic<int> others = 0;
    by_team(20, {}, [&](std::size_t) {
      if (at::get_num_threads() != 1 || at::GradMode::is_enabled()) ++others;
    });
    EXPECT_EQ(others, 0);
    EXPECT_EQ(at::get_num_threads(), 2);
    EXPECT_TRUE(at::GradMode::is_enabled());
  });
}

}  // namespace
}  // namespace zscape
