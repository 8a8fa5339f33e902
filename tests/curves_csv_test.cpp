#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "engine/csv.h"

namespace zscape {
namespace {

std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line + ',');
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

TEST(CurvesCsv, HasALineForEachStepAtWhichAnythingWasMeasured) {
  Curves curves;
  CurvePoint train;
  train.step = 5;
  train.loss = 200.5F;
  train.reconstruction = 190;
  train.kl = 10.5F;
  train.kl_weight = 0.25F;
  train.seconds = 1.5F;
  train.samples_per_second = 12000;
  curves.train.append(train);
  train.step = 10;
  train.epoch = 1;
  curves.train.append(train);
  CurvePoint test = train;
  test.loss = 180;
  test.mse = 0.04F;
  curves.test.append(test);
  test.loss = 170;
  curves.validation.append(test);
  test.step = 7;
  test.epoch = 0;
  test.loss = 185;
  test.samples_per_second = 0;
  curves.test_sample.append(test);

  const auto rows = rows_of(to_csv(curves));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0][0], "epoch");
  EXPECT_EQ(rows[0].size(), 16U);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  const auto cell = [&](std::size_t row, const std::string& name) {
    for (std::size_t i = 0; i < rows[0].size(); ++i) {
      if (rows[0][i] == name) return rows[row][i];
    }
    return "no column " + name;
  };
  EXPECT_EQ(cell(1, "step"), "5");
  EXPECT_EQ(cell(1, "loss"), "200.5");
  EXPECT_EQ(cell(1, "lambda"), "0.25");
  EXPECT_EQ(cell(1, "test_loss"), "");
  EXPECT_EQ(cell(1, "samples_per_second"), "12000");
  EXPECT_EQ(cell(2, "step"), "7");
  EXPECT_EQ(cell(2, "loss"), "");
  EXPECT_EQ(cell(2, "test_sample_loss"), "185");
  EXPECT_EQ(cell(2, "samples_per_second"), "");
  EXPECT_EQ(cell(3, "epoch"), "1");
  EXPECT_EQ(cell(3, "loss"), "200.5");
  EXPECT_EQ(cell(3, "mse"), "0.04");
  EXPECT_EQ(cell(3, "test_loss"), "180");
  EXPECT_EQ(cell(3, "validation_loss"), "170");
}

TEST(CurvesCsv, FiguresThatAModelDoesNotHaveAreEmpty) {
  Curves curves;
  CurvePoint point;
  point.kl = std::numeric_limits<float>::quiet_NaN();
  curves.train.append(point);
  EXPECT_EQ(to_csv(curves).find("nan"), std::string::npos);
  EXPECT_EQ(rows_of(to_csv(Curves{})).size(), 1U);
}

}  // namespace
}  // namespace zscape
