// What lies behind the place Lab: the file of predictions, the folders that are read, the process.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "app/gui/lab_memory.h"
#include "app/gui/lab_process.h"
#include "app/gui/lab_reader.h"
#include "app/gui/view/lab/lab_guess.h"
#include "tests/lab_fixture.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Waits for an event that comes, on however slow a machine.
bool wait_for(const std::function<bool()>& what) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!what()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

class LabWindow : public ::testing::Test {
 protected:
  LabWindow()
      : folder_(fs::path(::testing::TempDir()) /
                ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~LabWindow() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string text_of(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
  std::atomic<int> woken_ = 0;
};

TEST_F(LabWindow, PredictionsSurviveARestart) {
  const std::string file = path("state/lab.json");
  ASSERT_TRUE(read_lab_memory(file));  // there is none yet
  LabMemory memory;
  LabGuess& drawn = memory.guesses["bottleneck"];
  draw_stroke(drawn, {0.2, 0.25}, {0.9, 0.75});
  drawn.kept = true;
  memory.guesses["evidence"].number = 0.25;
  memory.guesses["sigma"].choice = 2;
  memory.guesses["sigma"].late = true;
  memory.setups["sigma"] = {"mnist", false, 3};
  memory.opened = {"/far/results"};
  ASSERT_TRUE(write_lab_memory(memory, file));
  const auto read = read_lab_memory(file);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->guesses.at("bottleneck").kept);
  EXPECT_FALSE(height_at(read->guesses.at("bottleneck"), 0.05));
  EXPECT_NEAR(*height_at(read->guesses.at("bottleneck"), 0.55),
              *height_at(memory.guesses.at("bottleneck"), 0.55), 1e-4);
  EXPECT_EQ(read->guesses.at("evidence").number, 0.25);
  EXPECT_EQ(read->guesses.at("sigma").choice, 2U);
  EXPECT_TRUE(read->guesses.at("sigma").late);
  EXPECT_EQ(read->setups.at("sigma"), (LabSetup{"mnist", false, 3}));
  EXPECT_EQ(read->opened, memory.opened);
}

TEST_F(LabWindow, BrokenPredictionsAreSetAside) {
  for (const char* text : {"{", "[1]", R"({"predictions": {"a": {"choice": -1}}})"}) {
    std::ofstream(path("lab.json")) << text;
    EXPECT_FALSE(read_lab_memory(path("lab.json"))) << text;
    EXPECT_FALSE(fs::exists(path("lab.json")));
  }
  EXPECT_TRUE(fs::exists(path("lab.json.broken")));
}

TEST_F(LabWindow, ProcessHasTheLowestPriorityAndItsLastLineIsTheError) {
  LabProcess process([this] { ++woken_; });
  ASSERT_TRUE(
      process.start("/bin/sh", {"-c", "cut -d ' ' -f 19 /proc/$$/stat > " + path("nice") +
                                          "; echo first >&2; echo the reason >&2; exit 3"}));
  EXPECT_TRUE(process.is_running());
  EXPECT_FALSE(process.start("/bin/true", {}));  // one at a time
  ASSERT_TRUE(wait_for([this] { return woken_ > 0; }));
  const auto end = process.take_end();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->error, "the reason");
  EXPECT_FALSE(end->was_stopped);
  EXPECT_EQ(std::stoi(text_of("nice")), 19);
  EXPECT_FALSE(process.is_running());
  ASSERT_TRUE(process.start("/bin/true", {}));
  ASSERT_TRUE(wait_for([this] { return woken_ > 1; }));
  EXPECT_EQ(process.take_end()->error, "");
}

// A process that has ended may wait to be reaped by its new parent.
bool is_alive(pid_t process) {
  std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
  std::string number, name, state;
  return bool(stat >> number >> name >> state) && state != "Z";
}

// The processes of a shell that starts another: their numbers.
std::string two_sleepers(const std::string& file) {
  return "sleep 600 & echo $$ $! > " + file + ".new; mv " + file + ".new " + file + "; wait";
}

TEST_F(LabWindow, StopEndsTheProcessAndItsWorkers) {
  LabProcess process([this] { ++woken_; });
  ASSERT_TRUE(process.start("/bin/sh", {"-c", two_sleepers(path("who"))}));
  ASSERT_TRUE(wait_for([this] { return fs::exists(path("who")); }));
  pid_t shell = 0, worker = 0;
  std::ifstream(path("who")) >> shell >> worker;
  ASSERT_GT(worker, 0);
  process.stop();
  ASSERT_TRUE(wait_for([this] { return woken_ > 0; }));
  EXPECT_TRUE(process.take_end()->was_stopped);
  EXPECT_TRUE(wait_for([&] { return !is_alive(shell) && !is_alive(worker); }));
}

TEST_F(LabWindow, ProcessEndsWithItsOwner) {
  pid_t shell = 0, worker = 0;
  {
    LabProcess process([] {});
    ASSERT_TRUE(process.start("/bin/sh", {"-c", "trap '' TERM; " + two_sleepers(path("who"))}));
    ASSERT_TRUE(wait_for([this] { return fs::exists(path("who")); }));
    std::ifstream(path("who")) >> shell >> worker;
  }
  EXPECT_TRUE(wait_for([&] { return !is_alive(shell) && !is_alive(worker); }));
}

TEST_F(LabWindow, ProgramThatIsNotThereIsAnError) {
  LabProcess process([this] { ++woken_; });
  if (process.start(path("nothing"), {})) {
    ASSERT_TRUE(wait_for([this] { return woken_ > 0; }));
    EXPECT_THAT(process.take_end()->error, HasSubstr("nothing"));
  }
}

TEST_F(LabWindow, FolderIsReadAgainWhenARunHasEnded) {
  const auto table = lab_table(2);
  const auto write = [this](const char* name, const std::string& text) {
    std::ofstream(path(name), std::ios::app) << text;
  };
  LabReader reader([this] { ++woken_; });
  std::vector<LabReader::News> news;
  const auto has_news = [&] {
    news = reader.take();
    return !news.empty();
  };
  write("experiment.json", table->experiment.json);
  reader.follow({folder_.string()}, true);
  ASSERT_TRUE(wait_for(has_news));
  EXPECT_FALSE(news[0].table);  // it has no runs yet
  std::string runs;
  for (const LabTableRun& run : table->runs) {
    if (!runs.empty()) runs += ',';
    runs += fmt::format(R"({{"key": "{}", "axes": {{"latent": {}, "depth": "{}"}}, "seed": {}}})",
                        run.key, run.axes[0].value, run.axes[1].value, run.seed);
  }
  write("runs.json", R"({"version": "1", "runs": [)" + runs + "]}");
  ASSERT_TRUE(wait_for([&] { return has_news() && news[0].table; }));
  EXPECT_EQ((*news[0].table)->runs.size(), 12U);
  EXPECT_EQ((*news[0].table)->finished(), 0U);
  write("results.jsonl", line_of(table->results[0]) + "\n" + line_of(table->results[1]));
  ASSERT_TRUE(wait_for(has_news));
  ASSERT_TRUE(news[0].table);
  EXPECT_EQ((*news[0].table)->finished(), 1U);  // the second line is torn
  write("results.jsonl", "\n");
  ASSERT_TRUE(wait_for(has_news));
  EXPECT_EQ((*news[0].table)->finished(), 2U);
  EXPECT_GT(woken_, 0);
}

}  // namespace
}  // namespace zscape
