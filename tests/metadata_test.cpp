#include "engine/data/metadata.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/data/load.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsNan;

MetadataTexts texts_of(std::initializer_list<const char*> cells) {
  MetadataTexts texts;
  for (const char* cell : cells) texts.add(cell);
  return texts;
}

TEST(MetadataColumn, OfCellsThatAllSpellNumbersIsOne) {
  const MetadataColumn column = texts_of({"2", " 1.5", "NA", ""}).column("age", false);
  ASSERT_FALSE(column.is_text());
  EXPECT_THAT(column.numbers, ElementsAre(2, 1.5, IsNan(), IsNan()));
  EXPECT_THAT(texts_of({"1,5"}).column("", true).numbers, ElementsAre(1.5));
}

TEST(MetadataColumn, OfOtherCellsHasEachTextOnceByAlphabet) {
  const MetadataColumn column =
      texts_of({"west", "", "east", "west", "nan", "2"}).column("", false);
  ASSERT_TRUE(column.is_text());
  EXPECT_THAT(*column.texts, ElementsAre("2", "east", "west"));
  EXPECT_THAT(column.places, ElementsAre(2, -1, 1, 2, -1, 0));
  const std::vector<std::int64_t> rows = {3, 1};
  EXPECT_THAT(texts_of({"west", "", "east", "west"}).column("", false, &rows).places,
              ElementsAre(0, -1));
}

TEST(MetadataColumn, CutsALongTextBetweenCharacters) {
  std::string text;
  while (text.size() < 2 * kLongestMetadataText) text += "ä";
  const auto column = texts_of({text.c_str()}).column("", false);
  EXPECT_EQ(column.texts->front(), text.substr(0, kLongestMetadataText) + "…");
}

TEST(MetadataColumns, AreHeldToTheirBounds) {
  MetadataColumns columns;
  for (std::size_t i = 0; i < kMostMetadataColumns + 1; ++i) {
    columns.add(texts_of({"a", "b"}).column(std::to_string(i), false));
  }
  columns.add({.name = "empty", .numbers = {NAN, NAN}});
  EXPECT_THAT(columns.take_left_out(),
              ElementsAre(HasSubstr("64: 64 columns come along"), HasSubstr("empty: it is empty")));
  EXPECT_EQ(columns.take().size(), kMostMetadataColumns);
  columns = {};
  const std::size_t numbers = kMostMetadataBytes / sizeof(double) / 3;
  for (const char* name : {"one", "two", "three", "four"}) {
    columns.add({.name = name, .numbers = std::vector<double>(numbers, 1)});
  }
  EXPECT_EQ(columns.take().size(), 3U);
  EXPECT_THAT(columns.take_left_out(),
              ElementsAre(HasSubstr("four: the columns that come along take 256 MB")));
}

TEST(Metadata, OfTwoPartsHasTheSameTextsInTheSamePlaces) {
  std::vector<MetadataColumn> train = {texts_of({"c", "a"}).column("site", false),
                                       texts_of({"1", "2"}).column("age", false),
                                       texts_of({"x", "y"}).column("only", false)};
  std::vector<MetadataColumn> test = {texts_of({"3"}).column("age", false),
                                      texts_of({"b"}).column("site", false)};
  std::vector<std::string> left_out;
  unify_metadata(train, test, left_out);
  ASSERT_EQ(train.size(), 2U);
  ASSERT_EQ(test.size(), 2U);
  EXPECT_EQ(test[0].texts, train[0].texts);
  EXPECT_THAT(*train[0].texts, ElementsAre("a", "b", "c"));
  EXPECT_THAT(train[0].places, ElementsAre(2, 0));
  EXPECT_THAT(test[0].places, ElementsAre(1));
  EXPECT_THAT(test[1].numbers, ElementsAre(3));
  EXPECT_THAT(left_out, ElementsAre(HasSubstr("only: the test part has none")));
}

class MetadataOfData : public FolderTest {};

// Rows keep what belongs to them when a test part is held out.
TEST_F(MetadataOfData, FollowsTheRowsThatAreHeldOut) {
  std::string table = "x,y,label,word\n";
  for (int i = 0; i < 50; ++i) {
    table +=
        fmt::format("{},{},{},{}\n", i, i / 2.0, i % 2, i % 5 == 0 ? "" : fmt::format("w{}", i));
  }
  const auto data = load(write_text("a.csv", table));
  ASSERT_TRUE(data) << data.error().message;
  for (const Split* split : {&(*data)->train, &(*data)->test}) {
    ASSERT_EQ(split->metadata.size(), 1U);
    const MetadataColumn& column = split->metadata.front();
    EXPECT_EQ(column.name, "word");
    ASSERT_EQ(column.places.size(), static_cast<std::size_t>(split->count));
    for (std::int64_t i = 0; i < split->count; ++i) {
      const std::int32_t place = column.places[static_cast<std::size_t>(i)];
      const std::string text = place < 0 ? "" : (*column.texts)[static_cast<std::size_t>(place)];
      const std::int64_t row = split->row(i);
      EXPECT_EQ(text, row % 5 == 0 ? "" : fmt::format("w{}", row));
    }
  }
  EXPECT_EQ((*data)->train.metadata[0].texts, (*data)->test.metadata[0].texts);
  EXPECT_EQ(metadata_text(**data, 0), "word (text, 40 different)");
  EXPECT_EQ(facts_of(**data, 0).missing, 10);
}

TEST_F(MetadataOfData, BesideTwoPartsGoesToTheFirstRowsFirst) {
  write("train-images.npy", npy<float>("<f4", "(3, 2)", {0, 1, 2, 3, 4, 5}));
  write("test-images.npy", npy<float>("<f4", "(2, 2)", {6, 7, 8, 9}));
  write_text("metadata.csv", "age,site\n1,a\n2,b\n3,a\n4,c\n5,a\n");
  const auto data = load(folder_.string());
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_THAT((*data)->train.metadata[0].numbers, ElementsAre(1, 2, 3));
  EXPECT_THAT((*data)->test.metadata[0].numbers, ElementsAre(4, 5));
  EXPECT_THAT((*data)->test.metadata[1].places, ElementsAre(2, 0));
  write_text("metadata.csv", "age,site\n1,a\n2,b\n3,a\n4,c\n5,a\n6,d\n");
  EXPECT_THAT(error_of(folder_.string()), HasSubstr("metadata.csv' has 6 rows for 5 inputs"));
}

}  // namespace
}  // namespace zscape
