// The parent of the process that reads files of C libraries, against a child that does everything
// wrong (tests/fake_reader.cpp).

#include "engine/data/child_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace zscape {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

class ChildReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    limits_.program = fs::read_symlink("/proc/self/exe").parent_path() / "fake_reader";
    limits_.memory = std::uint64_t{1} << 28U;
    descriptors_ = open_descriptors();
  }
  void TearDown() override {
    EXPECT_EQ(open_descriptors(), descriptors_);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
    EXPECT_EQ(errno, ECHILD);
    fs::remove_all(folder_);
  }

  std::string file(const std::string& what) {
    const fs::path path = folder_ / what;
    std::ofstream(path) << "contents";
    return path.string();
  }
  auto open(const std::string& what, const Progress& progress = {}) {
    return ChildReader::open("hdf5", file(what), progress, limits_);
  }
  std::string why_not_open(const std::string& what) {
    const auto reader = open(what);
    if (reader) return "it opened";
    EXPECT_THAT(reader.error().message, Not(HasSubstr("\n")));
    return reader.error().message;
  }
  std::string why_not_read(const std::string& what) {
    const auto reader = open(what);
    if (!reader) return "it did not open: " + reader.error().message;
    std::array<std::byte, 6> bytes{};
    const auto done = (*reader)->read(0, 0, 2, bytes);
    return done ? "it was read" : done.error().message;
  }

  fs::path folder_ = fs::temp_directory_path() / ("zscape-child-" + std::to_string(::getpid()));
  ChildLimits limits_;
  std::size_t descriptors_ = 0;
};

TEST_F(ChildReaderTest, ReadsWhatAGoodChildSends) {
  for (const char* what : {"good", "in parts"}) {
    SCOPED_TRACE(what);
    const auto reader = open(what);
    ASSERT_TRUE(reader) << reader.error().message;
    ASSERT_EQ((*reader)->arrays().size(), 1U);
    EXPECT_EQ((*reader)->arrays()[0].name, "X");
    EXPECT_THAT((*reader)->arrays()[0].shape, ElementsAre(2, 3));
    for (int again = 0; again < 2; ++again) {
      std::array<char, 6> bytes{};
      ASSERT_TRUE((*reader)->read(0, 0, 2, std::as_writable_bytes(std::span(bytes))));
      EXPECT_EQ(std::string(bytes.data(), bytes.size()), "abcdef");
    }
  }
}

TEST_F(ChildReaderTest, SaysWhyAChildEnded) {
  for (const auto& [what, sentence] :
       {std::pair{"crash", "broke the program that reads it (Segmentation fault)"},
        {"abort", "broke the program that reads it (Aborted)"},
        {"exit", "ended without an answer (code 3)"},
        {"half a frame", "ended without an answer (code 0)"}}) {
    EXPECT_THAT(why_not_open(what), HasSubstr(sentence));
    EXPECT_THAT(why_not_open(what), HasSubstr(file(what)));
  }
  EXPECT_THAT(why_not_read("ends early"), HasSubstr("ended without an answer"));
}

TEST_F(ChildReaderTest, EndsAChildThatHangs) {
  limits_.silence_ms = 200;
  for (const char* what : {"hang", "progress and hang"}) {
    EXPECT_THAT(why_not_open(what), HasSubstr("got no further for 0.2 s"));
  }
}

// Sooner for a small file, as libhdf5 does on tests/fuzz/found/hdf5/computes_without_end.
TEST_F(ChildReaderTest, EndsAChildThatComputesWithoutEnd) {
  EXPECT_THAT(why_not_open("compute"), HasSubstr("computing for more than 2 s"));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(ChildReaderTest, GivesAChildNoMoreMemoryThanItsLimit) {
  EXPECT_THAT(why_not_open("allocate"), HasSubstr("broke the program that reads it (Aborted)"));
}
#endif

TEST_F(ChildReaderTest, TakesNoNonsense) {
  for (const char* what :
       {"long error", "empty error", "unknown frame", "bytes for json", "long json", "no json",
        "deep json", "endless progress", "progress too far", "unknown type", "negative shape",
        "overflow", "no notes", "twice the same"}) {
    EXPECT_THAT(why_not_open(what), HasSubstr("answered nonsense")) << what;
  }
  for (const char* what : {"too many bytes", "no bytes"}) {
    EXPECT_THAT(why_not_read(what), HasSubstr("answered nonsense")) << what;
  }
}

TEST_F(ChildReaderTest, TakesNoMoreBytesThanWereAskedFor) {
  const auto reader = open("endless bytes");
  ASSERT_TRUE(reader) << reader.error().message;
  std::array<char, 6> bytes{};
  ASSERT_TRUE((*reader)->read(0, 0, 2, std::as_writable_bytes(std::span(bytes))));
  EXPECT_EQ(std::string(bytes.data(), bytes.size()), "aaaaaa");
}

TEST_F(ChildReaderTest, RefusesArraysThatNoFileOfThisSizeHolds) {
  for (const char* what : {"too large", "too many empty rows"}) {
    EXPECT_THAT(why_not_open(what), HasSubstr("a file of 8 bytes")) << what;
  }
}

TEST_F(ChildReaderTest, PassesARefusalOnAsOneLineOfText) {
  EXPECT_EQ(why_not_open("refuse"), "no way \uFFFD!");
  EXPECT_EQ(why_not_read("refuses late"), "late");
}

TEST_F(ChildReaderTest, AChildMayNeitherWriteNorStartProcessesNorUseTheNetwork) {
  const auto reader = open("rights");
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_THAT((*reader)->notes(), ElementsAre());
}

TEST_F(ChildReaderTest, IsCancelledByProgress) {
  int asked = 0;
  const auto reader = open("hang", [&](double) { return ++asked < 3; });
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::cancelled);
}

TEST_F(ChildReaderTest, SaysThatTheProgramIsMissingOrNoReader) {
  limits_.program = folder_ / "nowhere";
  EXPECT_THAT(why_not_open("good"), HasSubstr("does not start"));
  limits_.program = "/bin/true";
  EXPECT_THAT(why_not_open("good"), HasSubstr("ended without an answer (code 0)"));
}

bool has_ended(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string number, name, state;
  return !(file >> number >> name >> state) || state == "Z" || state == "X";
}

TEST_F(ChildReaderTest, DiesWithItsParent) {
  const std::string path = file("pid");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto reader = ChildReader::open("hdf5", path, {}, limits_);
    const std::string process = reader ? (*reader)->notes().at(0) : "";
    if (::write(ends[1], process.data(), process.size()) < 0) std::_Exit(1);
    std::_Exit(0);  // no destructor ends the child
  }
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  std::array<char, 32> text{};
  ASSERT_GT(::read(ends[0], text.data(), text.size() - 1), 0);
  ::close(ends[0]);
  ::close(ends[1]);
  const pid_t child = std::atoi(text.data());
  ASSERT_GT(child, 1);
  for (int i = 0; i < 2000 && !has_ended(child); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(has_ended(child));
}

TEST_F(ChildReaderTest, GoesOnBehindAPictureThatBreaksTheChild) {
  limits_.silence_ms = 200;
  const std::vector<std::string> paths = {"a", "crash", "b", "refuse", "c", "wide", "hang", "d"};
  std::vector<std::string> got;
  const auto done = read_child_pictures(
      paths, true,
      [&](std::size_t i, Expected<ChildPicture> picture) -> Expected<void> {
        EXPECT_EQ(i, got.size());
        got.push_back(picture ? std::to_string(picture->bytes.at(0)) : picture.error().message);
        return {};
      },
      {}, limits_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(got, ElementsAre("1", HasSubstr("'crash' broke the program"), "1", "no way \uFFFD!",
                               "3", HasSubstr("'wide' answered nonsense"),
                               HasSubstr("'hang' got no further"), "1"));
}

TEST_F(ChildReaderTest, ReadsManyPicturesAndStopsWhereToldTo) {
  const std::vector<std::string> paths(600, "a");
  std::size_t taken = 0;
  const auto take = [&](std::size_t i, Expected<ChildPicture> picture) -> Expected<void> {
    EXPECT_TRUE(picture && picture->bytes.empty());
    ++taken;
    if (i == 500) return fail("enough");
    return {};
  };
  const auto done = read_child_pictures(paths, false, take, {}, limits_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "enough");
  EXPECT_EQ(taken, 501U);
}

}  // namespace
}  // namespace zscape
