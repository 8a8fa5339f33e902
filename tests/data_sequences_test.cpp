// Sequences: arrays [sequences, steps, values] whose steps are the inputs, and what divides them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "engine/sequences.h"
#include "engine/training/validation.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t kSequences = 15, kSteps = 4, kValues = 3;

// Each number tells its own place: 0, 1, 2 … in the order of the file.
std::vector<float> numbers(std::int64_t sequences = kSequences) {
  std::vector<float> values(static_cast<std::size_t>(sequences * kSteps * kValues));
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

class Sequences : public FolderTest {
 protected:
  std::string array(const std::string& name = "x.npy",
                    const std::string& shape = "(15, 4, 3)") const {
    return write(name, npy("<f4", shape, numbers()));
  }

  static Expected<std::shared_ptr<const Dataset>> load(const std::string& source) {
    DataRequest request;
    request.source = source;
    request.sequence = true;
    return load_dataset(request);
  }
  static std::string error_of(const std::string& source) {
    const auto data = load(source);
    return data ? "" : data.error().message;
  }
};

TEST_F(Sequences, HaveTheirStepsAsInputsAndStayWhole) {
  const auto data = load(array());
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ((*data)->steps, kSteps);
  EXPECT_EQ((*data)->shape, (ImageShape{1, kValues, 1}));
  EXPECT_EQ(sequence_count(**data, SplitName::train), 13);
  EXPECT_EQ(sequence_count(**data, SplitName::test), 2);  // one in seven
  std::set<std::int64_t> seen;
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    const Split& split = (*data)->split(name);
    ASSERT_EQ(split.count % kSteps, 0);
    for (std::int64_t input = 0; input < split.count; ++input) {
      const std::int64_t row = split.row(input);
      EXPECT_TRUE(seen.insert(row).second);
      // Side by side, in order, and not beyond their sequence.
      EXPECT_EQ(row % kSteps, input % kSteps);
      if (input % kSteps > 0) {
        EXPECT_EQ(row, split.row(input - 1) + 1);
      }
      for (std::int64_t i = 0; i < kValues; ++i) {
        EXPECT_EQ(split.values[static_cast<std::size_t>(input * kValues + i)],
                  static_cast<float>(row * kValues + i));
      }
    }
  }
  EXPECT_EQ(static_cast<std::int64_t>(seen.size()), kSequences * kSteps);
}

// On a disk, where only places are divided, and each part keeps the order of the file.
TEST_F(Sequences, StayWholeWhereDataAreMapped) {
  const std::string source = array();
  const auto held = load(source);
  DataRequest request;
  request.source = source;
  request.sequence = true;
  request.memory = 0;
  const auto mapped = load_dataset(request);
  ASSERT_TRUE(held && mapped);
  EXPECT_EQ((*mapped)->steps, kSteps);
  EXPECT_TRUE((*mapped)->train.values.is_mapped());
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    const Split& split = (*mapped)->split(name);
    std::vector<std::int64_t> rows = (*held)->split(name).rows;
    std::ranges::sort(rows);
    EXPECT_EQ(split.rows, rows);
    for (std::int64_t i = 0; i < split.count; ++i) {
      EXPECT_EQ(split.values[split.first(i, kValues)], static_cast<float>(split.row(i) * kValues));
    }
  }
}

TEST_F(Sequences, AreStandardisedByColumnOverAllTrainingSteps) {
  const auto data = load(array());
  ASSERT_TRUE(data) << data.error().message;
  ASSERT_TRUE((*data)->scaling);
  const Split& train = (*data)->train;
  for (std::size_t column = 0; column < kValues; ++column) {
    double sum = 0;
    for (std::int64_t i = 0; i < train.count; ++i) {
      sum += train.values[static_cast<std::size_t>(i) * kValues + column];
    }
    EXPECT_NEAR((*data)->scaling->mean[column], sum / static_cast<double>(train.count), 1e-4);
  }
}

TEST_F(Sequences, TakeALabelEachForAllTheirSteps) {
  array("images.npy");
  std::vector<std::int64_t> labels(kSequences);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i % 3);
  write("labels.npy", npy("<i8", "(15,)", labels));
  const auto data = load(folder_.string());
  ASSERT_TRUE(data) << data.error().message;
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    const Split& split = (*data)->split(name);
    for (std::int64_t i = 0; i < split.count; ++i) {
      EXPECT_EQ(split.label(i), split.row(i) / kSteps % 3);
    }
  }
  EXPECT_THAT((*data)->assumed, IsEmpty());
}

TEST_F(Sequences, TakeALabelForEachStepAndSaySo) {
  array("images.npy");
  std::vector<std::uint8_t> labels(kSequences * kSteps);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::uint8_t>(i % 5);
  write("labels.npy", npy("|u1", "(15, 4)", labels));
  const auto data = load(folder_.string());
  ASSERT_TRUE(data) << data.error().message;
  for (std::int64_t i = 0; i < (*data)->train.count; ++i) {
    EXPECT_EQ((*data)->train.label(i), (*data)->train.row(i) % 5);
  }
  EXPECT_THAT((*data)->assumed, Contains(HasSubstr("each step has a label of its own")));
}

TEST_F(Sequences, TakeOneHotLabelsOfOtherWidths) {
  array("images.npy");
  std::vector<std::uint8_t> labels(kSequences * 2);
  for (std::size_t i = 0; i < kSequences; ++i) labels[2 * i + i % 2] = 1;
  write("labels.npy", npy("|u1", "(15, 2)", labels));
  const auto data = load(folder_.string());
  ASSERT_TRUE(data) << data.error().message;
  for (std::int64_t i = 0; i < (*data)->train.count; ++i) {
    EXPECT_EQ((*data)->train.label(i), (*data)->train.row(i) / kSteps % 2);
  }
}

TEST_F(Sequences, RefuseLabelsOfAnotherNumber) {
  array("images.npy");
  write("labels.npy", npy("|u1", "(14,)", std::vector<std::uint8_t>(14)));
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("holds 14 labels for the 15 sequences of"));
}

TEST_F(Sequences, OfTwoPartsHaveAsManySteps) {
  write("train-images.npy", npy("<f4", "(15, 4, 3)", numbers()));
  write("test-images.npy", npy("<f4", "(20, 3, 3)", numbers()));
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("sequences of 4 steps"));
  write("test-images.npy", npy("<f4", "(15, 4, 3)", numbers()));
  const auto data = load(folder_.string());
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(sequence_count(**data, SplitName::test), kSequences);
  EXPECT_EQ((*data)->test.row(5), 5);
}

TEST_F(Sequences, AreArraysOfThreeAxes) {
  for (const char* shape : {"(60, 3)", "(15, 2, 2, 3)"}) {
    EXPECT_THAT(error_of(array("x.npy", shape)),
                HasSubstr("--sequence reads [sequences, steps, values]"))
        << shape;
  }
  EXPECT_THAT(error_of(array("x.npy", "(1, 60, 3)")), HasSubstr("holds a single sequence"));
  const std::string empty = write("x.npy", npy("<f4", "(15, 0, 3)", std::vector<float>()));
  EXPECT_THAT(error_of(empty), HasSubstr("holds no numbers"));
}

TEST_F(Sequences, AreNotInTablesAndPictures) {
  const std::string table = write_text("t.csv", "a,b,c\n1,2,3\n4,5,6\n");
  for (const std::string& source : {table, std::string("synthetic")}) {
    EXPECT_THAT(error_of(source), HasSubstr("holds no sequences: --sequence reads arrays"));
  }
}

TEST_F(Sequences, AreOfferedWhereAnArrayDoesNotLookLikePictures) {
  const auto told = [&](const std::string& source) {
    const auto data = load_dataset(DataRequest{source});
    return std::ranges::any_of((*data)->assumed, [](const std::string& sentence) {
      return sentence.find("with --sequence it is read as") != std::string::npos;
    });
  };
  EXPECT_TRUE(told(array()));  // 4×3, and 0 … 179
  std::vector<float> square(5 * 6 * 6);
  for (std::size_t i = 0; i < square.size(); ++i) square[i] = static_cast<float>(i % 7) / 7;
  EXPECT_FALSE(told(write("grey.npy", npy("<f4", "(5, 6, 6)", square))));
  for (std::size_t i = 0; i < square.size(); i += 36) square[i] = -2.5F;
  EXPECT_TRUE(told(write("signal.npy", npy("<f4", "(5, 6, 6)", square))));
  const std::vector<std::uint8_t> bytes(15 * 4 * 3, 7);
  EXPECT_FALSE(told(write("bytes.npy", npy("|u1", "(15, 4, 3)", bytes))));
  EXPECT_FALSE(told(write("flat.npy", npy("<f4", "(60, 3)", numbers()))));
}

TEST_F(Sequences, OfOtherLengthsAreOtherData) {
  const auto one = load(array("a.npy", "(15, 4, 3)"));
  const auto other = load(array("b.npy", "(30, 2, 3)"));
  ASSERT_TRUE(one && other);
  EXPECT_NE(checksum(**one), checksum(**other));
}

TEST_F(Sequences, AreLoadedSoAgain) {
  const auto data = load(array());
  ASSERT_TRUE(data);
  DataRequest plain;
  plain.source = (*data)->source;
  EXPECT_TRUE(as_loaded(plain, **data).sequence);
}

TEST(HoldOut, TakesWholeSequences) {
  const ValidationSplit split = hold_out(9, 2, 5, 4);
  ASSERT_EQ(split.validation->size(), 8U);
  ASSERT_EQ(split.train->size(), 28U);
  const ValidationSplit sequences = hold_out(9, 2, 5);
  for (std::size_t i = 0; i < split.validation->size(); ++i) {
    EXPECT_EQ((*split.validation)[i],
              (*sequences.validation)[i / 4] * 4 + static_cast<std::int64_t>(i % 4));
  }
  std::vector<std::int64_t> all = *split.train;
  all.insert(all.end(), split.validation->begin(), split.validation->end());
  std::ranges::sort(all);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], static_cast<std::int64_t>(i));
}

}  // namespace
}  // namespace zscape
