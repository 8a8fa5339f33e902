// Data that stay on a disk: how they load, and what happens to their files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/data/load.h"
#include "engine/data/scratch_file.h"
#include "engine/data_memory.h"
#include "engine/input_mapping.h"
#include "engine/physical_memory.h"
#include "tests/data_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using DatasetPtr = std::shared_ptr<const Dataset>;

// How many files without a name this process has open.
int nameless_files() {
  int count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const std::string target = fs::read_symlink(entry.path(), ignored).string();
    if (target.ends_with(" (deleted)")) ++count;
  }
  return count;
}

template <class T>
std::vector<T> noise(std::size_t count, double low, double high) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i * 7919 % 1009) / 1008;
    values[i] = static_cast<T>(low + share * (high - low));
  }
  return values;
}

class MappedData : public FolderTest {
 protected:
  DatasetPtr load(const std::string& source, std::optional<double> memory = 0) const {
    DataRequest request{.source = source};
    request.memory = memory;
    auto data = load_dataset(request);
    if (data) return *data;
    ADD_FAILURE() << data.error().message;
    return std::make_shared<Dataset>();
  }

  // A training part of 40 inputs and a test part of 9, both of this type and form.
  template <class T>
  std::string write_parts(const std::string& type, const std::string& form,
                          const std::vector<T>& values) const {
    const std::size_t size = values.size() / 49;
    const auto border = values.begin() + static_cast<std::ptrdiff_t>(40 * size);
    write("train-images.npy",
          npy(type, "(40, " + form + ")", std::vector<T>(values.begin(), border)));
    write("test-images.npy", npy(type, "(9, " + form + ")", std::vector<T>(border, values.end())));
    return folder_.string();
  }

  // The same data in memory and mapped: the same numbers, to the bit. Returns the mapped ones.
  DatasetPtr expect_equal(const std::string& source) const {
    const DatasetPtr there = load(source, 1), mapped = load(source, 0);
    EXPECT_FALSE(there->train.is_mapped());
    EXPECT_TRUE(mapped->train.is_mapped());
    EXPECT_TRUE(mapped->test.is_mapped());
    for (const SplitName name : {SplitName::train, SplitName::test}) {
      const Split &one = there->split(name), &other = mapped->split(name);
      EXPECT_EQ(one.count, other.count);
      EXPECT_EQ(one.pixels, other.pixels);
      EXPECT_EQ(one.values, other.values);
      EXPECT_EQ(one.offset != nullptr, other.offset != nullptr);
      if (one.offset && other.offset) {
        EXPECT_EQ(*one.offset, *other.offset);
      }
    }
    EXPECT_EQ(there->range, mapped->range);
    EXPECT_EQ(there->scaling != nullptr, mapped->scaling != nullptr);
    if (there->scaling && mapped->scaling) {
      EXPECT_EQ(*there->scaling, *mapped->scaling);
    }
    EXPECT_EQ(checksum(*there), checksum(*mapped));
    return mapped;
  }
};

TEST_F(MappedData, OfOurTypesStayWhereTheyLie) {
  const int before = nameless_files();
  const std::vector<std::function<std::string()>> sources = {
      [&] { return write_parts("|u1", "2, 3", noise<std::uint8_t>(294, 0, 255)); },
      [&] { return write_parts("<f4", "2, 3", noise<float>(294, 0, 1)); },
      [&] { return write_parts("<f4", "6", noise<float>(294, -5, 90)); }};
  for (const auto& source : sources) {
    const DatasetPtr data = expect_equal(source());
    EXPECT_EQ(nameless_files(), before);
    EXPECT_THAT(data->assumed, testing::Contains(HasSubstr("stay on the disk")));
  }
}

TEST_F(MappedData, OfOtherTypesAndRangesGoThroughAScratchFile) {
  struct Case {
    const char* what;
    std::function<std::string()> write;
  };
  const auto bytes = [&](const char* form, std::size_t count, double high) {
    return [=, this] { return write_parts("|u1", form, noise<std::uint8_t>(count, 0, high)); };
  };
  const auto doubles = [&](double low, double high) {
    return [=, this] { return write_parts("<f8", "6", noise<double>(294, low, high)); };
  };
  const std::vector<Case> cases = {
      {"bytes of 0 … 15", bytes("2, 3", 294, 15)},
      {"bytes of 0 … 6", bytes("2, 3", 294, 6)},
      {"pictures of −1 … 1", [&] { return write_parts("<f4", "2, 3", noise<float>(294, -1, 1)); }},
      {"float64", doubles(-5, 90)},
      {"times in seconds", doubles(1.7e9, 1.7e9 + 5)},
      {"the other byte order",
       [&] {
         std::vector<std::uint32_t> swapped;
         for (const float value : noise<float>(294, 0, 1)) {
           swapped.push_back(__builtin_bswap32(std::bit_cast<std::uint32_t>(value)));
         }
         return write_parts(">f4", "6", swapped);
       }},
      {"uint16", [&] { return write_parts("<u2", "2, 3", noise<std::uint16_t>(294, 0, 65535)); }},
      {"bool", [&] { return write_parts("|b1", "2, 3", noise<std::uint8_t>(294, 0, 1.5)); }},
      {"channels first", bytes("3, 2, 2", 49 * std::size_t{12}, 255)}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.what);
    const int before = nameless_files();
    {
      const DatasetPtr data = expect_equal(one.write());
      EXPECT_GT(nameless_files(), before);
      EXPECT_THAT(data->assumed, testing::Contains(HasSubstr("nameless file")));
    }
    EXPECT_EQ(nameless_files(), before);
  }
}

// A single array is divided as in memory, but each part keeps the order of the file.
TEST_F(MappedData, HoldOutTheSameRowsInTheOrderOfTheFile) {
  for (const bool converts : {false, true}) {
    std::vector<float> values(200 * 2);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 400;
    write("images.npy",
          converts ? npy("<f8", "(200, 2)", std::vector<double>(values.begin(), values.end()))
                   : npy("<f4", "(200, 2)", values));
    std::vector<std::int64_t> labels(200);
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i % 7);
    write("labels.npy", npy("<i8", "(200,)", labels));
    const DatasetPtr there = load(folder_.string(), 1), mapped = load(folder_.string(), 0);
    for (const SplitName name : {SplitName::train, SplitName::test}) {
      std::vector<std::int64_t> rows = there->split(name).rows;
      std::ranges::sort(rows);
      const Split& split = mapped->split(name);
      EXPECT_EQ(split.rows, rows);
      ASSERT_EQ(split.count, static_cast<std::int64_t>(rows.size()));
      for (std::int64_t i = 0; i < split.count; ++i) {
        const std::int64_t row = rows[static_cast<std::size_t>(i)];
        EXPECT_EQ(split.values[split.first(i, 2)], static_cast<float>(2 * row) / 400);
        EXPECT_EQ(split.label(i), row % 7);
      }
    }
    // The checksum is of each part's own numbers.
    Dataset in_order = *mapped;
    for (Split* split : {&in_order.train, &in_order.test}) {
      std::vector<float> own;
      for (std::int64_t i = 0; i < split->count; ++i) {
        for (std::size_t j = 0; j < 2; ++j) own.push_back(split->values[split->first(i, 2) + j]);
      }
      split->values = own;
      split->places.clear();
      split->checksum.reset();
    }
    EXPECT_EQ(checksum(in_order), checksum(*mapped));
  }
}

TEST_F(MappedData, AreThoseThatTakeMoreThanTheMemoryForData) {
  const std::string source = write_parts("|u1", "2, 3", noise<std::uint8_t>(294, 0, 255));
  constexpr double kGigabyte = 1073741824;
  EXPECT_TRUE(load(source, 293 / kGigabyte)->train.is_mapped());
  EXPECT_FALSE(load(source, 294 / kGigabyte)->train.is_mapped());
  const DatasetPtr usual = load(source, {});
  EXPECT_FALSE(usual->train.is_mapped());
  EXPECT_FALSE(as_loaded({.source = source}, *usual).memory);
  // What comes back later is read in the same way, wherever.
  EXPECT_EQ(as_loaded({.source = source}, *load(source, 0)).memory, 0.0);
  EXPECT_EQ(data_memory({}), physical_memory() / 2);
}

TEST_F(MappedData, NameARowThatIsNoNumber) {
  std::vector<float> values = noise<float>(294, 0, 1);
  values[40 * 6 + 13] = std::numeric_limits<float>::quiet_NaN();
  const std::string source = write_parts("<f4", "2, 3", values);
  DataRequest request{.source = source};
  request.memory = 0;
  const auto data = load_dataset(request);
  ASSERT_FALSE(data);
  EXPECT_THAT(data.error().message,
              AllOf(HasSubstr("test-images.npy"), HasSubstr("NaN"), HasSubstr("row 2 ")));
}

TEST_F(MappedData, CanBeCancelled) {
  const std::string source = write_parts("<f8", "6", noise<double>(294, 0, 1));
  DataRequest request{.source = source};
  request.memory = 0;
  const auto data = load_dataset(request, [](double) { return false; });
  ASSERT_FALSE(data);
  EXPECT_EQ(data.error().code, ErrorCode::cancelled);
}

// A file of 4 TB, of which the disk holds the header alone.
TEST_F(MappedData, SayWhatRoomTheyNeed) {
  constexpr std::uint64_t kRows = std::uint64_t{1} << 33U;
  const std::string file =
      write("images.npy", npy("<f8", "(" + std::to_string(kRows) + ", 64)", Bytes()));
  std::error_code problem;
  fs::resize_file(file, fs::file_size(file) + kRows * 64 * 8, problem);
  if (problem) GTEST_SKIP() << "no sparse files of 4 TB here";
  const auto data = load_dataset({.source = file});
  ASSERT_FALSE(data);
  EXPECT_THAT(data.error().message,
              AllOf(HasSubstr("needs 2097152 MB on a disk"), HasSubstr("MB free"),
                    HasSubstr("--memory"), Not(HasSubstr("\n"))));
}

// TMPDIR names the folder, and nobody sees a file there.
TEST_F(MappedData, ScratchFilesHaveNoName) {
  const char* was = std::getenv("TMPDIR");
  const std::string before = was == nullptr ? "" : was;
  std::string pattern = fs::current_path() / "zscape-test-XXXXXX";  // on a disk, as builds are
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const fs::path folder = pattern;
  setenv("TMPDIR", folder.c_str(), 1);
  {
    auto file = ScratchFile::make(100, "it");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->folder(), folder);
    ASSERT_TRUE(file->write(96, std::as_bytes(std::span("abcd", 4))));
    EXPECT_TRUE(fs::is_empty(folder));
    const auto mapping = std::move(*file).map();
    ASSERT_TRUE(mapping);
    EXPECT_EQ(static_cast<char>((*mapping)->bytes()[98]), 'c');
    EXPECT_TRUE(fs::is_empty(folder));
  }
  if (was != nullptr) {
    setenv("TMPDIR", before.c_str(), 1);
  } else {
    unsetenv("TMPDIR");
  }
  EXPECT_TRUE(fs::remove(folder));
}

TEST_F(MappedData, ThatBecomeShorterReadAsZerosAndSaySo) {
  const std::string file = write("a", Bytes(1 << 20, 7));
  const auto mapping = InputMapping::of_file(file, 100, (1 << 20) - 100);
  ASSERT_TRUE(mapping);
  EXPECT_NO_THROW((*mapping)->check());
  fs::resize_file(file, 50'000);
  EXPECT_EQ(static_cast<int>((*mapping)->bytes()[1000]), 7);
  EXPECT_EQ(static_cast<int>((*mapping)->bytes()[900'000]), 0);
  EXPECT_EQ(static_cast<int>((*mapping)->bytes()[100'000]), 0);
  try {
    (*mapping)->check();
    FAIL() << "it did not notice";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr(file), HasSubstr("became shorter")));
  }
}

TEST_F(MappedData, ThatAreWrittenToSaySo) {
  const std::string file = write("a", Bytes(10'000, 7));
  const auto mapping = InputMapping::of_file(file, 0, 10'000);
  ASSERT_TRUE(mapping);
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(3));
  EXPECT_THROW((*mapping)->check(), std::runtime_error);
  EXPECT_FALSE(InputMapping::of_file(file, 1, 10'000));  // it ends before
}

TEST_F(MappedData, AccessMovesThroughTheFile) {
  const auto mapping = InputMapping::of_file(write("a", Bytes(3 << 20, 7)), 13, (3 << 20) - 13);
  ASSERT_TRUE(mapping);
  (*mapping)->expect(5, 1 << 20);
  (*mapping)->fetch(1 << 20, 1 << 20);
  (*mapping)->leave(0, 3 << 20);
  (*mapping)->leave(5 << 20, 1);  // beyond the end
  (*mapping)->fetch(5 << 20, 1);
  EXPECT_THAT((*mapping)->bytes(), Each(std::byte{7}));
}

TEST_F(MappedData, MemoryIsWhatTheControlGroupAllows) {
  EXPECT_EQ(group_memory(folder_.string()), 0U);
  write_text("proc/self/cgroup", "0::/a/b\n");
  write_text("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(group_memory(folder_.string()), 0U);
  write_text("sys/fs/cgroup/a/memory.max", "5000000\n");
  EXPECT_EQ(group_memory(folder_.string()), 5'000'000U);
  write_text("proc/self/cgroup", "3:cpu,cpuacct:/\n4:memory:/c\n0::/\n");
  write_text("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write_text("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "4000000\n");
  EXPECT_EQ(group_memory(folder_.string()), 4'000'000U);
}

}  // namespace
}  // namespace zscape
