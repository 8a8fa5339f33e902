// The file that selected inputs are exported to, and the command that writes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/csv.h"
#include "engine/engine.h"
#include "tests/fake_backend.h"

namespace zscape {
namespace {

MeasuredInputs part_of(SplitName split, std::vector<std::int64_t> rows, bool has_sigma) {
  MeasuredInputs part;
  part.codes.split = split;
  part.codes.latent = 2;
  for (const std::int64_t row : rows) {
    for (const float value : {0.5F, -1.25F}) {
      part.codes.mean.own().push_back(value + static_cast<float>(row));
      if (has_sigma) part.codes.sigma.push_back(0.125F);
    }
    part.mse.push_back(0.25F);
  }
  part.codes.indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
  return part;
}

TEST(InputsCsv, HasALineForEachInputOfBothSplits) {
  const auto data = fake_data();
  const std::vector<MeasuredInputs> parts = {part_of(SplitName::train, {3, 12}, true),
                                             part_of(SplitName::test, {1}, true)};
  EXPECT_EQ(inputs_csv(parts, *data),
            "index,split,row,label,mu_1,mu_2,sigma_1,sigma_2,mse\n"
            "3,train,3,3,3.5,1.75,0.125,0.125,0.25\n"
            "12,train,12,2,12.5,10.75,0.125,0.125,0.25\n"
            "1,test,1,1,1.5,-0.25,0.125,0.125,0.25\n");
}

TEST(InputsCsv, NamesTheRowAndTheFileOfTheUsersOwnData) {
  auto data = std::make_shared<Dataset>(*fake_data());
  data->train.rows.assign(static_cast<std::size_t>(data->train.count), 7);
  data->train.files.assign(static_cast<std::size_t>(data->train.count), "a,b/\"1\".png");
  const std::vector<MeasuredInputs> parts = {part_of(SplitName::train, {3}, false)};
  EXPECT_EQ(inputs_csv(parts, *data),
            "index,split,row,file,label,mu_1,mu_2,mse\n"
            "3,train,7,\"a,b/\"\"1\"\".png\",3,3.5,1.75,0.25\n");
}

TEST(InputsCsv, WhatThereIsNotIsLeftOut) {
  auto data = std::make_shared<Dataset>(*fake_data());
  data->train.labels.clear();
  const std::vector<MeasuredInputs> parts = {part_of(SplitName::train, {3}, false)};
  EXPECT_EQ(inputs_csv(parts, *data),
            "index,split,row,label,mu_1,mu_2,mse\n3,train,3,,3.5,1.75,0.25\n");
}

TEST(ExportInputs, AreEncodedMeasuredAndWritten) {
  std::string path, text;
  EngineOptions options;
  options.write_file = [&](const std::string& to,
                           std::span<const std::byte> bytes) -> Expected<void> {
    if (to == "full.csv") return fail("full.csv: no space left");
    path = to;
    text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  Engine engine(std::make_shared<FakeBackend>(), options);
  const auto told = [&](const std::string& part) {
    for (int i = 0; i < 60000; ++i) {
      const SnapshotPtr snapshot = engine.snapshot();
      if (!snapshot->notices.empty() && snapshot->notices.back().text.find(part) != part.npos) {
        return snapshot->notices.back().is_error ? "error" : "notice";
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return "nothing";
  };
  engine.post(ReplaceModel{{}, {}});
  engine.post(ExportInputs{{}, {1}, {}, "early.csv"});
  EXPECT_STREQ(told("early.csv: there is no model of these inputs"), "error");
  engine.post(LoadData{{}, "fake"});
  while (engine.snapshot()->models[0].state != RunState::paused) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  engine.post(ExportInputs{{}, {1}, {}, "full.csv"});
  EXPECT_STREQ(told("no space left"), "error");
  engine.post(ExportInputs{{}, {100000}, {}, "other.csv"});  // of data that were there before
  EXPECT_STREQ(told("other.csv: there is no model of these inputs"), "error");
  engine.post(ExportInputs{{}, {10, 50}, {4}, "some.csv"});
  EXPECT_STREQ(told("wrote 3 inputs to /"), "notice");
  EXPECT_EQ(path, "some.csv");
  EXPECT_TRUE(
      text.starts_with("index,split,row,label,mu_1,mu_2,sigma_1,sigma_2,mse\n10,train,10,0,"));
  EXPECT_NE(text.find("\n4,test,4,4,"), text.npos);
  EXPECT_NE(text.find(",0.25\n"), text.npos);  // row 50 is off by 0.5 everywhere
}

}  // namespace
}  // namespace zscape
