// Replays what libFuzzer starts from (corpus/) and all that ever broke a reader (found/).

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "engine/data/formats.h"
#include "largest_request.h"
#include "targets.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostMemory = std::size_t{1} << 26;  // for inputs of a few hundred bytes

std::vector<fs::path> inputs_of(const std::string& kind, const std::string& target) {
  const fs::path folder = fs::path(ZSCAPE_FUZZ_INPUTS) / kind / target;
  std::vector<fs::path> files;
  if (fs::exists(folder)) files.assign(fs::directory_iterator(folder), {});
  std::ranges::sort(files);
  return files;
}

std::vector<std::uint8_t> bytes_in(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FuzzCorpus : public testing::TestWithParam<FuzzTarget> {};

TEST_P(FuzzCorpus, HoldsFilesThatTheReaderTakesAndOthers) {
  int taken = 0, refused = 0;
  for (const fs::path& path : inputs_of("corpus", GetParam().name)) {
    SCOPED_TRACE(path);
    GetParam().run(bytes_in(path)) ? ++taken : ++refused;
  }
  EXPECT_GE(taken, 1);
  EXPECT_GE(refused, 1);
}

TEST_P(FuzzCorpus, WhatOnceBrokeAReaderIsHarmless) {
  for (const char* kind : {"corpus", "found"}) {
    for (const fs::path& path : inputs_of(kind, GetParam().name)) {
      SCOPED_TRACE(path);
      const auto bytes = bytes_in(path);
      EXPECT_NO_THROW(GetParam().run(bytes));
    }
  }
  EXPECT_LE(largest_request(), kMostMemory);
}

// A parser that calls itself for each level runs out of stack.
TEST_P(FuzzCorpus, DeepNestingIsRefused) {
  constexpr int kLevels = 200'000;
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"kind\":", "}"}}) {
    std::string text;
    for (int i = 0; i < kLevels; ++i) text += open;
    text += "1";
    for (int i = 0; i < kLevels; ++i) text += close;
    EXPECT_FALSE(GetParam().run({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  }
}

INSTANTIATE_TEST_SUITE_P(Readers, FuzzCorpus, testing::ValuesIn(fuzz_targets()),
                         [](const auto& row) { return row.param.name; });

TEST(FuzzTargets, ReadEachFormatOfData) {
  std::set<std::string> read = {"synthetic"};  // which reads no file
  for (const FuzzTarget& target : fuzz_targets()) {
    read.insert(target.formats.begin(), target.formats.end());
  }
  for (const DataFormat& format : data_formats()) {
    EXPECT_TRUE(read.contains(format.source))
        << format.source << ": add tests/fuzz/NAME_target.cpp and its row in targets.cpp";
  }
}

// Its inputs would be replayed by nobody.
TEST(FuzzTargets, EachFolderOfInputsHasItsTarget) {
  std::set<std::string> names;
  for (const FuzzTarget& target : fuzz_targets()) names.insert(target.name);
  for (const char* kind : {"corpus", "found"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(ZSCAPE_FUZZ_INPUTS) / kind)) {
      EXPECT_TRUE(names.contains(entry.path().filename().string())) << entry.path();
    }
  }
}

}  // namespace
}  // namespace zscape
