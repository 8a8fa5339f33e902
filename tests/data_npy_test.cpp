#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "engine/data/formats.h"
#include "engine/data/prepare.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// 0, 1, 2 … times a factor.
template <class T>
std::vector<T> counted(std::size_t count, int factor = 1) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T{0});
  for (T& value : values) value = static_cast<T>(value * factor);
  return values;
}

class NpyFolder : public FolderTest {
 protected:
  std::string here() const { return folder_.string(); }

  // Four training and two test inputs of 2×2 with labels.
  void write_pair() const {
    write("train-images.npy", npy("|u1", "(4, 2, 2)", counted<std::uint8_t>(16)));
    write("test-images.npy", npy("|u1", "(2, 2, 2)", counted<std::uint8_t>(8)));
    write("train-labels.npy", npy<std::int64_t>("<i8", "(4,)", {2, 0, 1, 1}));
    write("test-labels.npy", npy<std::uint8_t>("|u1", "(2,)", {1, 0}));
  }

  std::shared_ptr<const Dataset> loaded(const std::string& source,
                                        std::optional<ImageSize> size = {}) const {
    auto data = load(source, size);
    if (data) return *data;
    ADD_FAILURE() << data.error().message;
    return std::make_shared<Dataset>();
  }
};

TEST_F(NpyFolder, HoldsATrainingAndATestSetInTheirOrder) {
  write_pair();
  const auto data = loaded(here());
  EXPECT_EQ(data->shape, (ImageShape{2, 2, 1}));
  EXPECT_EQ(data->train.count, 4);
  EXPECT_EQ(data->range, (PixelRange{0, 15}));
  EXPECT_EQ(data->train.pixels, counted<std::uint8_t>(16, 17));
  EXPECT_EQ(data->test.count, 2);
  EXPECT_EQ(data->test.pixels, counted<std::uint8_t>(8, 17));
  EXPECT_THAT(data->train.labels, ElementsAre(2, 0, 1, 1));
  EXPECT_THAT(data->test.labels, ElementsAre(1, 0));
  EXPECT_THAT(data->class_names, ElementsAre("0", "1", "2"));
  EXPECT_EQ(data->scaling, nullptr);
  EXPECT_EQ(data->name, folder_.filename().string());
  EXPECT_EQ(data->source, fs::canonical(folder_).string());
}

TEST_F(NpyFolder, TakesInputsOfEveryForm) {
  struct Case {
    const char* shape;
    ImageShape wanted;
  };
  for (const Case& one : {Case{"(2, 12)", {1, 12, 1}}, Case{"(2, 3, 4)", {3, 4, 1}},
                          Case{"(2, 3, 4, 1)", {3, 4, 1}}, Case{"(2, 2, 2, 3)", {2, 2, 3}}}) {
    write("images.npy", npy("<f4", one.shape, std::vector<float>(24, 0.5F)));
    const auto data = loaded(here());
    EXPECT_EQ(data->shape, one.wanted) << one.shape;
    EXPECT_EQ(data->train.values, std::vector<float>(12, 0.5F));
    EXPECT_THAT(data->train.pixels, IsEmpty());
    EXPECT_EQ(data->classes(), 0);
    EXPECT_EQ(data->train.label(0), -1);
  }
}

TEST_F(NpyFolder, ReadsVectorsAsImagesWhereASizeIsGiven) {
  write("images.npy", npy("|u1", "(2, 12)", Bytes(24)));
  EXPECT_EQ(loaded(here(), ImageSize{3, 4})->shape, (ImageShape{3, 4, 1}));
  EXPECT_THAT(error_of(here(), ImageSize{4, 4}),
              AllOf(HasSubstr("vectors of 12 numbers"), HasSubstr("that size needs 16")));
  write("images.npy", npy("|u1", "(2, 3, 4)", Bytes(24)));
  EXPECT_EQ(loaded(here(), ImageSize{3, 4})->shape, (ImageShape{3, 4, 1}));
  EXPECT_THAT(error_of(here(), ImageSize{4, 3}), HasSubstr("images of 3x4, not of 4x3"));
}

// Every row is in one split, with its label, whatever the order and the type.
TEST_F(NpyFolder, DividesASingleSet) {
  constexpr std::int64_t kCount = 50;
  std::vector<double> values(static_cast<std::size_t>(kCount) * 2);
  for (std::size_t row = 0; row < kCount; ++row) {
    values[row] = static_cast<double>(row) / 64;               // the first column
    values[kCount + row] = 1 - static_cast<double>(row) / 64;  // the second
  }
  write("images.npy", npy("<f8", "(50, 2)", values, true));
  write("labels.npy", npy("<i2", "(50,)", counted<std::int16_t>(kCount)));
  const auto data = loaded(here());
  EXPECT_EQ(data->train.count, 43);
  EXPECT_EQ(data->test.count, 7);
  std::set<int> seen;
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    const Split& split = data->split(name);
    ASSERT_EQ(split.values.size(), static_cast<std::size_t>(split.count) * 2);
    for (std::int64_t i = 0; i < split.count; ++i) {
      const int row = split.label(i);
      seen.insert(row);
      const auto at = static_cast<std::size_t>(i) * 2;
      EXPECT_EQ(split.values[at], static_cast<float>(row) / 64);
      EXPECT_EQ(split.values[at + 1], 1 - static_cast<float>(row) / 64);
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kCount));
  EXPECT_EQ(loaded(here())->test.labels, data->test.labels);
}

TEST(SplitRows, LeavesOneInSevenForTestingAndAtLeastOneForEach) {
  for (const std::int64_t count : {2, 3, 7, 8, 13, 14, 70, 1000}) {
    const RowSplit rows = split_rows(count);
    EXPECT_EQ(static_cast<std::int64_t>(rows.test.size()), std::max<std::int64_t>(1, count / 7));
    std::set<std::int64_t> all(rows.train.begin(), rows.train.end());
    all.insert(rows.test.begin(), rows.test.end());
    EXPECT_EQ(static_cast<std::int64_t>(all.size()), count);
    EXPECT_EQ(*all.rbegin(), count - 1);
  }
  const RowSplit rows = split_rows(1000);
  EXPECT_FALSE(std::ranges::is_sorted(rows.train));
  EXPECT_FALSE(std::ranges::is_sorted(rows.test));
}

TEST(SplitRows, AreTheSameInEveryRelease) {
  EXPECT_THAT(split_rows(14).test, ElementsAre(9, 0));
}

// The held-out rows and their order are part of every checkpoint.
TEST_F(NpyFolder, HoldsOutTheRowsThatSplitRowsNames) {
  for (const std::uint8_t count : {2, 14, 100}) {
    Bytes values;
    for (std::uint8_t row = 0; row < count; ++row) values.insert(values.end(), {row, 255});
    write("one.npy", npy("|u1", fmt::format("({}, 2)", count), values));
    const auto data = loaded(path("one.npy"));
    const RowSplit rows = split_rows(count);
    const auto wanted = [](const std::vector<std::int64_t>& which) {
      Bytes wanted_values;
      for (const std::int64_t row : which) {
        wanted_values.insert(wanted_values.end(), {static_cast<std::uint8_t>(row), 255});
      }
      return wanted_values;
    };
    EXPECT_EQ(data->train.pixels, wanted(rows.train));
    EXPECT_EQ(data->test.pixels, wanted(rows.test));
  }
}

TEST_F(NpyFolder, LoadsOneFileByItself) {
  write("digits.npy", npy("|u1", "(7, 2, 2)", counted<std::uint8_t>(28)));
  write("labels.npy", npy("|u1", "(7,)", Bytes(7)));
  const auto data = loaded(path("digits.npy"));
  EXPECT_EQ(data->name, "digits");
  EXPECT_EQ(data->source, fs::canonical(path("digits.npy")).string());
  EXPECT_EQ(data->train.count, 6);
  EXPECT_EQ(data->test.count, 1);
  EXPECT_THAT(data->train.labels, IsEmpty());
  EXPECT_EQ(loaded(path("digits.npy"))->test.pixels, data->test.pixels);
}

TEST_F(NpyFolder, TakesTheLabelsBesideImagesAsTheFolderDoes) {
  write("images.npy", npy("|u1", "(7, 2, 2)", counted<std::uint8_t>(28)));
  const auto bare = loaded(path("images.npy"));
  EXPECT_THAT(bare->train.labels, IsEmpty());
  write("labels.npy", npy<std::uint8_t>("|u1", "(7,)", {0, 1, 2, 0, 1, 2, 0}));
  const auto file = loaded(path("images.npy")), folder = loaded(here());
  EXPECT_EQ(file->train.labels.size(), 6U);
  EXPECT_EQ(file->train.labels, folder->train.labels);
  EXPECT_EQ(file->test.labels, folder->test.labels);
  EXPECT_EQ(file->class_names, folder->class_names);
  EXPECT_EQ(file->train.pixels, folder->train.pixels);
}

TEST_F(NpyFolder, TakesTheLabelsThatTheSourceNames) {
  write("x.npy", npy("|u1", "(14, 2, 2)", counted<std::uint8_t>(56)));
  write("y.npy", npy("|u1", "(14,)", counted<std::uint8_t>(14)));
  for (const std::string& labels : {std::string("y.npy"), here() + "/y.npy"}) {
    const auto data = loaded(here() + "/x.npy:" + labels);
    ASSERT_EQ(data->train.count, 12) << labels;
    EXPECT_EQ(data->name, "x");
    for (std::int64_t i = 0; i < data->train.count; ++i) {
      EXPECT_EQ(data->train.label(i), data->train.row(i));
    }
  }
  for (const char* file : {"x.npy", "y.npy"}) {
    EXPECT_TRUE(is_read_from(here() + "/x.npy:y.npy", path(file))) << "may not be written over";
  }
  const auto missing = load(here() + "/x.npy:z.npy");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("z.npy"));
}

TEST_F(NpyFolder, NeedsTwoInputsWhereItDividesThem) {
  write("images.npy", npy("|u1", "(1, 2, 2)", Bytes(4)));
  EXPECT_THAT(error_of(here()), HasSubstr("holds a single input"));
  write("images.npy", npy("|u1", "(2, 2, 2)", Bytes(8)));
  EXPECT_EQ(loaded(here())->test.count, 1);
}

TEST_F(NpyFolder, StandardisesWhatLiesOutsideTheUnitInterval) {
  write("train-images.npy", npy<float>("<f4", "(4, 3)",
                                       {1, 5, 0.5F,  //
                                        2, 5, 0.5F,  //
                                        3, 5, 0.5F,  //
                                        6, 5, 0.5F}));
  write("test-images.npy", npy<double>("<f8", "(1, 3)", {100, -100, 0}));
  const auto data = loaded(here());
  ASSERT_NE(data->scaling, nullptr);
  EXPECT_THAT(data->scaling->mean, ElementsAre(3, 5, 0.5F));
  // Of the population: √((4 + 1 + 0 + 9) / 4).
  EXPECT_THAT(data->scaling->deviation, ElementsAre(testing::FloatEq(std::sqrt(3.5F)), 1.0F, 1.0F));
  EXPECT_THAT(data->test.values, ElementsAre(100, -100, 0));
}

TEST_F(NpyFolder, LeavesNumbersInTheUnitIntervalAlone) {
  write("train-images.npy", npy<float>("<f4", "(2, 2)", {0, 1, 0.5F, 0.25F}));
  write("test-images.npy", npy<float>("<f4", "(1, 2)", {1, 0}));
  EXPECT_EQ(loaded(here())->scaling, nullptr);
  for (const float outside : {1.0001F, -1e-6F}) {
    write("test-images.npy", npy<float>("<f4", "(1, 2)", {1, outside}));
    EXPECT_NE(loaded(here())->scaling, nullptr);
  }
}

// 0.1 has no exact float; the sum of many is not their number times it, even in float64.
TEST(FindScaling, GivesAConstantInputTheDeviationOne) {
  Dataset data;
  data.shape = {1, 2, 1};
  data.train.count = 1000;
  for (int i = 0; i < 1000; ++i)
    data.train.values.own().insert(data.train.values.own().end(), {1e6F + 0.1F, -0.1F});
  const auto scaling = find_scaling(data);
  ASSERT_NE(scaling, nullptr);
  EXPECT_THAT(scaling->deviation, ElementsAre(1, 1));
}

TEST(FindScaling, IsExactForLargeMeans) {
  Dataset data;
  data.shape = {1, 1, 1};
  data.train.count = 4;
  data.train.values = {1e7F, 1e7F + 1, 1e7F + 2, 1e7F + 3};
  const auto scaling = find_scaling(data);
  EXPECT_FLOAT_EQ(scaling->deviation[0], std::sqrt(1.25F));
}

TEST_F(NpyFolder, RefusesNumbersThatAreNone) {
  const auto with = [&](float value) {
    std::vector<float> values(12, 0.5F);
    values[7] = value;
    values[11] = value;
    write("images.npy", npy("<f4", "(6, 2)", values));
    return error_of(here());
  };
  EXPECT_THAT(with(kNan),
              AllOf(HasSubstr("images.npy' has NaN"), HasSubstr("in row 3, column 1 ")));
  EXPECT_THAT(with(-kInfinity), AllOf(HasSubstr("infinite"), HasSubstr("in row 3, column 1 ")));
  EXPECT_THAT(with(-2e30F), AllOf(HasSubstr("-2e+30"), HasSubstr("in row 3, column 1 ")));
  EXPECT_EQ(with(1e30F), "");
  write("images.npy", npy<double>("<f8", "(2, 1)", {1, 1e300}));
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("beyond float32"), HasSubstr("in row 1, column 0 ")));
  // By columns, the first that is wrong in the file is not the first of the rows.
  write("images.npy", npy<float>("<f4", "(3, 2)", {0, 0, kNan, 0, kNan, 0}, true));
  EXPECT_THAT(error_of(here()), HasSubstr("in row 1, column 1 "));
}

TEST_F(NpyFolder, RefusesTypesThatAreNoInputs) {
  for (const auto& [type, size, name] :
       {std::tuple{"<c8", 8, "complex64"}, std::tuple{"|S4", 4, "text"},
        std::tuple{"<M8[ns]", 8, "times"}, std::tuple{"<f16", 16, "float128"}}) {
    write("images.npy", npy(type, "(2, 1)", Bytes(static_cast<std::size_t>(2 * size))));
    EXPECT_THAT(error_of(here()), AllOf(HasSubstr(std::string("[2, 1] of ") + name),
                                        HasSubstr("zscape reads numbers as inputs")));
  }
  write("images.npy", npy("|O", "(2, 1)", Bytes(16)));
  EXPECT_THAT(error_of(here()), HasSubstr("Python objects"));
}

// Six inputs of two numbers, of which each type holds the same.
TEST_F(NpyFolder, ReadsNumbersOfEveryType) {
  const std::vector<std::uint8_t> rows = {0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 1};
  const auto as = [&]<class T>(const char* type, T one) {
    std::vector<T> values(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) values[i] = rows[i] != 0 ? one : T{};
    write("images.npy", npy(type, "(6, 2)", values));
    const auto data = loaded(here());
    std::vector<float> pictures;
    for (const SplitName split : {SplitName::train, SplitName::test}) {
      for (std::int64_t i = 0; i < data->split(split).count; ++i) {
        for (const float value : data->picture(split, i)) pictures.push_back(value);
      }
    }
    return pictures;
  };
  const auto wanted = as("<f4", 1.0F);
  EXPECT_EQ(std::ranges::count(wanted, 1.0F), 6);
  EXPECT_EQ(as("<f8", 1.0), wanted);
  EXPECT_EQ(as("<f2", std::uint16_t{0x3C00}), wanted);
  EXPECT_EQ(as("|i1", std::int8_t{1}), wanted);
  EXPECT_EQ(as("<i2", std::int16_t{1}), wanted);
  EXPECT_EQ(as("<u2", std::uint16_t{1}), wanted);
  EXPECT_EQ(as("<i4", std::int32_t{1}), wanted);
  EXPECT_EQ(as("<u4", std::uint32_t{1}), wanted);
  EXPECT_EQ(as("<i8", std::int64_t{1}), wanted);
  EXPECT_EQ(as("<u8", std::uint64_t{1}), wanted);
  EXPECT_EQ(as("|u1", std::uint8_t{1}), wanted);
  EXPECT_EQ(as("|b1", std::uint8_t{1}), wanted);
}

// Two pictures of 2×2 in red, green and blue, no two numbers alike.
TEST_F(NpyFolder, PutsTheChannelsLast) {
  const auto first = counted<std::uint8_t>(48, 5);
  Bytes last, with_alpha;
  for (std::size_t picture = 0; picture < 4; ++picture) {
    for (std::size_t pixel = 0; pixel < 4; ++pixel) {
      for (std::size_t channel = 0; channel < 3; ++channel) {
        last.push_back(static_cast<std::uint8_t>(5 * (picture * 12 + channel * 4 + pixel)));
        with_alpha.push_back(last.back());
      }
      with_alpha.push_back(200);
    }
  }
  write("images.npy", npy("|u1", "(4, 2, 2, 3)", last));
  const auto wanted = loaded(here());
  EXPECT_EQ(wanted->shape, (ImageShape{2, 2, 3}));
  EXPECT_THAT(wanted->assumed, IsEmpty());
  write("images.npy", npy("|u1", "(4, 3, 2, 2)", first));
  const auto moved = loaded(here());
  EXPECT_EQ(moved->shape, wanted->shape);
  EXPECT_EQ(moved->train.pixels, wanted->train.pixels);
  EXPECT_EQ(moved->test.pixels, wanted->test.pixels);
  EXPECT_THAT(moved->assumed, ElementsAre(HasSubstr("second axis")));
  write("images.npy", npy("|u1", "(4, 2, 2, 4)", with_alpha));
  const auto opaque = loaded(here());
  EXPECT_EQ(opaque->shape, wanted->shape);
  EXPECT_THAT(opaque->left_out, ElementsAre(HasSubstr("fourth channel")));
  EXPECT_EQ(opaque->train.pixels, wanted->train.pixels);
  write("images.npy", npy("|u1", "(4, 1, 2, 6)", first));
  EXPECT_EQ(loaded(here())->shape, (ImageShape{2, 6, 1}));
}

TEST_F(NpyFolder, RefusesFormsThatAreNoInputs) {
  const auto with = [&](const char* shape, std::size_t size) {
    write("images.npy", npy("|u1", shape, Bytes(size)));
    return error_of(here());
  };
  EXPECT_THAT(with("(4,)", 4), HasSubstr("[4]; zscape reads"));
  EXPECT_THAT(with("(2, 2, 2, 2)", 16), HasSubstr("with 1, 3 or 4 channels"));
  EXPECT_THAT(with("(2, 1, 2, 2, 1)", 8), HasSubstr("with 1, 3 or 4 channels"));
  EXPECT_THAT(with("(0, 4)", 0), HasSubstr("holds no numbers"));
  EXPECT_THAT(with("(4, 0)", 0), HasSubstr("holds no numbers"));
  EXPECT_THAT(with("(4, 2, 2, 0)", 0), HasSubstr("holds no numbers"));
  EXPECT_THAT(with("(2, 16777217)", 33'554'434), HasSubstr("up to 16777216 numbers"));
}

TEST_F(NpyFolder, RefusesLabelsThatDoNotFit) {
  write("images.npy", npy("|u1", "(3, 2)", Bytes(6)));
  const auto with = [&](const Bytes& labels) {
    write("labels.npy", labels);
    return error_of(here());
  };
  EXPECT_THAT(with(npy("|u1", "(2,)", Bytes(2))), HasSubstr("2 labels for the 3 inputs"));
  EXPECT_THAT(with(npy("|u1", "(3, 1, 2)", Bytes(6))), HasSubstr("[count], [count, 1] or one-hot"));
  EXPECT_THAT(with(npy<float>("<f4", "(3,)", {0, 0.5F, 1})),
              AllOf(HasSubstr("the label 0.5 in row 1 "), HasSubstr("whole numbers")));
  EXPECT_THAT(with(npy<float>("<f4", "(3,)", {0, 1, kNan})), HasSubstr("in row 2 "));
  EXPECT_THAT(with(npy<std::uint8_t>("|u1", "(3, 2)", {0, 1, 1, 0, 1, 1})),
              AllOf(HasSubstr("one 1 among zeros"), HasSubstr("row 2 ")));
  EXPECT_THAT(with(npy("<c8", "(3,)", Bytes(24))), HasSubstr("complex64"));
  EXPECT_THAT(with(npy<std::int8_t>("|i1", "(3,)", {0, -1, 0})), HasSubstr("label -1 in row 1 "));
  EXPECT_THAT(with(npy<std::int32_t>("<i4", "(3,)", {0, 0, 65536})),
              HasSubstr("label 65536 in row 2 "));
  EXPECT_EQ(with(npy<std::uint64_t>("<u8", "(3,)", {0, 1, 65535})), "");
  EXPECT_EQ(loaded(here())->classes(), 65536);
}

// The labels 2 0 1 1 of the training part and 1 0 of the test part, as files may hold them.
TEST_F(NpyFolder, ReadsLabelsOfEveryForm) {
  write_pair();
  const auto expect_labels = [&](const char* what) {
    const auto data = loaded(here());
    EXPECT_THAT(data->train.labels, ElementsAre(2, 0, 1, 1)) << what;
    EXPECT_THAT(data->test.labels, ElementsAre(1, 0)) << what;
    EXPECT_THAT(data->class_names, ElementsAre("0", "1", "2")) << what;
  };
  write("train-labels.npy", npy<std::int64_t>("<i8", "(4, 1)", {2, 0, 1, 1}));
  write("test-labels.npy", npy<double>("<f8", "(2,)", {1, 0}));
  expect_labels("a column, and floats");
  write("train-labels.npy", npy<std::int32_t>("<i4", "(1, 4)", {2, 0, 1, 1}));
  expect_labels("a row");
  write("train-labels.npy", npy<float>("<f4", "(4, 3)", {0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0}));
  write("test-labels.npy", npy<std::uint8_t>("|b1", "(2, 3)", {0, 1, 0, 1, 0, 0}));
  expect_labels("one-hot");
  write("train-labels.npy", npy("|S1", "(4,)", Bytes{'2', '0', '1', '1'}));
  write("test-labels.npy", npy("|S2", "(2,)", Bytes{'1', ' ', '0', 0}));
  expect_labels("numbers as text");
}

TEST_F(NpyFolder, MakesClassesOfText) {
  write_pair();
  write("train-labels.npy", npy("|S3", "(4,)",
                                Bytes{'o', 'w', 'l', 'a', 'n', 't',  //
                                      'b', 'e', 'e', 'a', 'n', 't'}));
  write("test-labels.npy", npy("|S3", "(2,)", Bytes{'e', 'l', 'k', 'b', 'e', 'e'}));
  const auto data = loaded(here());
  EXPECT_THAT(data->class_names, ElementsAre("ant", "bee", "elk", "owl"));
  EXPECT_THAT(data->train.labels, ElementsAre(3, 0, 1, 0));
  EXPECT_THAT(data->test.labels, ElementsAre(2, 1));
}

TEST_F(NpyFolder, RefusesSetsThatDoNotFitTogether) {
  write_pair();
  fs::remove(path("test-labels.npy"));
  EXPECT_THAT(error_of(here()), HasSubstr("holds train-labels.npy but lacks test-labels.npy"));
  write_pair();
  write("test-images.npy", npy("|u1", "(2, 4)", Bytes(8)));
  EXPECT_THAT(error_of(here()), HasSubstr("inputs of one form"));
  write("test-images.npy", npy("<f4", "(2, 2, 2)", Bytes(32)));
  EXPECT_THAT(error_of(here()), AllOf(HasSubstr("as bytes"), HasSubstr("as floats"),
                                      HasSubstr("both bytes or both floats")));
  fs::remove(path("test-images.npy"));
  EXPECT_THAT(error_of(here()), HasSubstr("lacks test-images.npy"));
}

TEST_F(NpyFolder, RefusesDamagedFilesInOneLine) {
  write_pair();
  for (const char* name : {"train-images.npy", "test-images.npy", "train-labels.npy"}) {
    const Bytes good = read(name);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{5}, std::size_t{60}, good.size() - 1}) {
      write(name, Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
      EXPECT_THAT(error_of(here()), HasSubstr(name)) << size;
    }
    write(name, good);
  }
  EXPECT_EQ(error_of(here()), "");
}

TEST_F(NpyFolder, NamesClassesByATextFile) {
  write_pair();
  write_text("labels.txt",
             "\xEF\xBB\xBF"
             "zero\r\n one and a half \ntwo\nmore\n\n\n");
  EXPECT_THAT(loaded(here())->class_names, ElementsAre("zero", "one and a half", "two", "more"));
  write_text("labels.txt", "zero\none");
  EXPECT_THAT(error_of(here()),
              AllOf(HasSubstr("labels.txt' names 2 classes"), HasSubstr("it needs 3 names")));
  write_text("labels.txt", "zero\n\ntwo");
  EXPECT_THAT(error_of(here()), HasSubstr("line 2 that is blank"));
  write_text("labels.txt", "zero\none\n\xFF\n");
  EXPECT_THAT(error_of(here()), HasSubstr("line 3 that is not UTF-8"));
  write_text("labels.txt", " \n\n");
  EXPECT_THAT(error_of(here()), HasSubstr("labels.txt' is empty"));
}

TEST_F(NpyFolder, TakesNoClassNamesWithoutLabels) {
  write("images.npy", npy("|u1", "(3, 2)", Bytes(6)));
  write_text("labels.txt", "zero\none");
  EXPECT_EQ(loaded(here())->classes(), 0);
}

TEST_F(NpyFolder, ReportsItsProgressAndCanBeCancelled) {
  write_pair();
  double last = 0;
  const auto whole = load_dataset({here(), {}}, [&](double fraction) {
    EXPECT_GE(fraction, last);
    last = fraction;
    return true;
  });
  EXPECT_TRUE(whole);
  EXPECT_EQ(last, 1);
  const auto stopped = load_dataset({here(), {}}, [](double) { return false; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace zscape
