// Training on data that stay on a disk: the order, and the same numbers as in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/data/load.h"
#include "engine/input_errors.h"
#include "engine/training/trainers/batches.h"
#include "tests/data_fixture.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kSide = 8;
constexpr std::int64_t kPixels = kSide * kSide;

class MappedTraining : public FolderTest {
 protected:
  // Pictures of 8×8 in one file: blocks of neighbours look alike.
  std::string write_pictures(std::int64_t count) const {
    Bytes pixels;
    pixels.reserve(static_cast<std::size_t>(count * kPixels));
    Random random(3, Stream::evaluation, 0);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto ink = static_cast<std::uint32_t>(i * 10 / count * 20);
      for (std::int64_t j = 0; j < kPixels; ++j) {
        pixels.push_back(static_cast<std::uint8_t>(ink + random.below(60)));
      }
    }
    return write("pictures.npy", npy("|u1", "(" + std::to_string(count) + ", 8, 8)", pixels));
  }

  static std::shared_ptr<const Dataset> load_from_disk(const std::string& source) {
    DataRequest request{.source = source};
    request.memory = 0;
    return load_dataset(request).value();
  }

  // The same inputs in memory, a training part of these rows in this order.
  static std::shared_ptr<const Dataset> in_memory(const Dataset& mapped,
                                                  const std::vector<std::int64_t>& rows) {
    auto data = std::make_shared<Dataset>(mapped);
    for (Split* split : {&data->train, &data->test}) {
      const Split& from = split == &data->train ? mapped.train : mapped.test;
      Bytes pixels;
      for (std::int64_t i = 0; i < from.count; ++i) {
        const std::int64_t row = split == &data->train ? rows[static_cast<std::size_t>(i)] : i;
        const std::uint8_t* first = from.pixels.data() + from.first(row, kPixels);
        pixels.insert(pixels.end(), first, first + kPixels);
      }
      split->pixels = pixels;
      split->places.clear();
      split->checksum.reset();
    }
    return data;
  }

  static TrainingTask task(std::shared_ptr<const Dataset> data, std::uint64_t seed = 1,
                           Indices rows = nullptr) {
    TrainingTask task;
    task.spec = spec_for(ModelKind::vae, *data);
    task.data = std::move(data);
    task.rows = std::move(rows);
    task.seed = seed;
    return task;
  }

  // Blocks of 16 inputs or somewhat less, windows of four.
  static constexpr OrderSizes kSmall = {.block = 16 * 74, .window = 4 * 16 * 74};

  // All rows of an epoch, in batches of 50.
  static std::vector<std::int64_t> epoch_of(Batches& batches) {
    std::vector<std::int64_t> rows;
    const std::int64_t epoch = batches.position().epoch;
    while (batches.position().epoch == epoch) {
      const auto some = batches.next(50);
      rows.insert(rows.end(), some.begin(), some.end());
      batches.advance(static_cast<std::int64_t>(some.size()));
    }
    return rows;
  }
};

TEST_F(MappedTraining, AnEpochHasEveryRowOnceInBlocksAndWindows) {
  const auto data = load_from_disk(write_pictures(1000));
  const TrainingTask first = task(data), second = task(data, 2);
  Batches batches(first, kSmall), again(first, kSmall), other(second, kSmall);
  const auto order = batches.order();
  const auto rows = epoch_of(batches);
  EXPECT_EQ(rows, order);
  EXPECT_EQ(epoch_of(again), rows);
  EXPECT_NE(epoch_of(other), rows);
  std::vector<std::int64_t> sorted = rows;
  std::ranges::sort(sorted);
  std::vector<std::int64_t> all(static_cast<std::size_t>(data->train.count));
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(sorted, all);
  const auto next = epoch_of(batches);
  EXPECT_NE(next, rows);
  EXPECT_EQ(next, epoch_of(again));

  // A window reads few places of the file, and all of it is not read in the file's order.
  std::set<std::int64_t> blocks;
  for (std::size_t i = 0; i < 50; ++i) blocks.insert(rows[i] / 15);
  EXPECT_LE(blocks.size(), 9U);
  EXPECT_GE(blocks.size(), 3U);
  EXPECT_FALSE(std::ranges::is_sorted(rows));
  EXPECT_FALSE(std::ranges::is_sorted(std::span(rows).first(15)));
}

TEST_F(MappedTraining, HeldOutRowsAreLeftAlone) {
  const auto data = load_from_disk(write_pictures(1000));
  std::vector<std::int64_t> chosen;
  for (std::int64_t row = 0; row < data->train.count; row += 3) chosen.push_back(row);
  const TrainingTask some = task(data, 1, make_indices(chosen));
  Batches batches(some, kSmall);
  auto rows = epoch_of(batches);
  std::ranges::sort(rows);
  EXPECT_EQ(rows, chosen);
}

// As before there was another: the order of data in memory is one permutation.
TEST_F(MappedTraining, DataInMemoryKeepTheirOrder) {
  const auto data = patterns();
  const TrainingTask first = task(data);
  Batches batches(first);
  EXPECT_EQ(epoch_of(batches), permutation(320, 1, Stream::order, 0));
  EXPECT_EQ(epoch_of(batches), permutation(320, 1, Stream::order, 1));
  EXPECT_EQ(batches.order(), permutation(320, 1, Stream::order, 2));
}

TEST_F(MappedTraining, TheOrderGoesOnFromAnyPlace) {
  const auto data = load_from_disk(write_pictures(1000));
  const TrainingTask first = task(data);
  Batches whole(first, kSmall);
  const auto zero = epoch_of(whole), one = epoch_of(whole);
  for (const std::int64_t seen : {0, 50, 100, 450, 850}) {
    Batches later(first, kSmall);
    later.next(20);
    later.go_to({21, 1, seen});
    const auto rest = epoch_of(later);
    EXPECT_EQ(rest, (std::vector(one.begin() + seen, one.end()))) << seen;
    later.go_to({3, 0, seen});
    EXPECT_EQ(epoch_of(later), (std::vector(zero.begin() + seen, zero.end()))) << seen;
  }
  // Back within the epoch, as after a loss that is not finite.
  Batches back(first, kSmall);
  for (int i = 0; i < 12; ++i) {
    back.next(50);
    back.advance(50);
  }
  back.go_to({2, 0, 100});
  EXPECT_EQ(epoch_of(back), (std::vector(zero.begin() + 100, zero.end())));
}

// Steps over several blocks, by our own gradients and by LibTorch's: the same losses and weights as
// in memory, where the inputs come in the same order.
TEST_F(MappedTraining, GivesTheBitsOfDataInMemory) {
  const auto mapped = load_from_disk(write_pictures(80'000));  // 5 MB
  ASSERT_TRUE(mapped->train.is_mapped());
  const TrainingTask first = task(mapped, 4);
  const auto rows = Batches(first).order();
  // In memory, input i comes at the place where the permutation has i.
  const auto order = permutation(mapped->train.count, 4, Stream::order, 0);
  std::vector<std::int64_t> arranged(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    arranged[static_cast<std::size_t>(order[i])] = rows[i];
  const auto there = in_memory(*mapped, arranged);
  for (const auto& change : {std::function<void(ModelSpec&)>([](ModelSpec&) {}),
                             std::function<void(ModelSpec&)>([](ModelSpec& spec) {
                               spec.objective = Objective::iwae;
                               spec.samples = 2;
                             })}) {
    ModelSpec spec = spec_for(ModelKind::vae, *mapped);
    spec.hidden = {8};
    change(spec);
    const auto one = trainer(spec, mapped, 4), other = trainer(spec, there, 4);
    for (int i = 0; i < 40; ++i) {
      const StepSettings settings{.batch_size = 512};
      ASSERT_EQ(one->step(settings).loss, other->step(settings).loss) << i;
    }
    const auto model = one->freeze(), same = other->freeze();
    EXPECT_EQ(weights_of(*model), weights_of(*same));
    EXPECT_EQ(model->encode(*mapped, SplitName::test, nullptr)->mean,
              same->encode(*there, SplitName::test, nullptr)->mean);
    EXPECT_EQ(model->evaluate(*mapped, SplitName::test, nullptr, {})->loss,
              same->evaluate(*there, SplitName::test, nullptr, {})->loss);
    const auto few = make_indices({5, 900, 11'000});
    EXPECT_EQ(model->reconstruct(*mapped, SplitName::test, few, 0)->target,
              same->reconstruct(*there, SplitName::test, few, 0)->target);
    EXPECT_EQ(mapped->picture(SplitName::test, 900), there->picture(SplitName::test, 900));
  }
}

TEST_F(MappedTraining, StateGoesOnAsTheUnbrokenRun) {
  const auto data = load_from_disk(write_pictures(3000));
  const ModelSpec spec = spec_for(ModelKind::vae, *data);
  const auto whole = trainer(spec, data, 9), broken = trainer(spec, data, 9);
  for (int i = 0; i < 30; ++i) broken->step({});
  const auto state = broken->state();
  const auto later = trainer(spec, load_from_disk(path("pictures.npy")), 9);
  ASSERT_TRUE(later->restore(*state));
  for (int i = 0; i < 60; ++i) whole->step({});
  for (int i = 0; i < 30; ++i) later->step({});
  EXPECT_EQ(weights_of(*whole->freeze()), weights_of(*later->freeze()));
}

TEST_F(MappedTraining, AFileThatBecomesShorterChangesNoWeight) {
  const std::string file = write_pictures(3000);
  const auto data = load_from_disk(file);
  for (const Objective objective : {Objective::elbo, Objective::iwae}) {
    ModelSpec spec = spec_for(ModelKind::vae, *data);
    spec.objective = objective;
    const auto run = trainer(spec, data);
    for (int i = 0; i < 3 && objective == Objective::elbo; ++i) run->step({});
    const auto before = weights_of(*run->freeze());
    const auto model = run->freeze();
    fs::resize_file(file, 5000);
    try {
      run->step({});
      ADD_FAILURE() << "it did not notice";
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("became shorter"));
    }
    EXPECT_EQ(weights_of(*run->freeze()), before);
    EXPECT_THROW(static_cast<void>(model->encode(*data, SplitName::test, nullptr)),
                 std::runtime_error);
  }
}

}  // namespace
}  // namespace zscape
