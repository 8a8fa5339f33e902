// Plays zscape-read in tests of the parent: it does what the "path" of its first request names.

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "engine/reader/channel.h"
#include "engine/reader/guard.h"

namespace {

using nlohmann::json;

void write_frame(char kind, std::uint64_t length, const std::string& contents = {}) {
  std::string frame(1 + sizeof length, kind);
  std::memcpy(frame.data() + 1, &length, sizeof length);
  frame += contents;
  if (::write(STDOUT_FILENO, frame.data(), frame.size()) < 0) std::_Exit(1);
}

void describe(const json& description) {
  const std::string text = description.dump();
  write_frame('J', text.size(), text);
}

json arrays(const json& shape, const char* type = "uint8") {
  return {{"arrays", {{{"name", "X"}, {"type", type}, {"shape", shape}}}},
          {"notes", json::array()}};
}

void hang() {
  while (true) ::pause();
}

// What a reader can still do although it must not.
json rights() {
  json notes = json::array();
  const std::string file = std::filesystem::temp_directory_path() / "zscape-fake-reader";
  if (::socket(AF_INET, SOCK_STREAM, 0) >= 0) notes.push_back("socket");
  if (::open(file.c_str(), O_WRONLY | O_CREAT, 0600) >= 0) notes.push_back("write");
  if (::mkdir(file.c_str(), 0700) == 0) notes.push_back("mkdir");
  if (::kill(::getppid(), 0) == 0) notes.push_back("kill");
  const pid_t process = ::fork();
  if (process == 0) std::_Exit(0);
  if (process > 0) notes.push_back("fork");
  char* const words[] = {const_cast<char*>("true"), nullptr};
  ::execv("/bin/true", words);  // where it can, no answer comes
  for (int i = 3; i < 64; ++i) {
    if (::fcntl(i, F_GETFD) >= 0) notes.push_back("descriptor " + std::to_string(i));
  }
  std::thread([] {}).join();  // libraries may have threads
  return {{"arrays", json::array()}, {"notes", notes}};
}

const std::map<std::string, void (*)()>& answers_to_list() {
  static const std::map<std::string, void (*)()> kAnswers = {
      {"crash",
       [] {
         ::signal(SIGSEGV, SIG_DFL);  // a sanitizer's handler would end it otherwise
         ::raise(SIGSEGV);
       }},
      {"abort", [] { std::abort(); }},
      {"exit", [] { std::_Exit(3); }},
      {"hang", hang},
      {"compute",
       [] {
         while (true) std::atomic_thread_fence(std::memory_order_seq_cst);
       }},
      {"allocate",
       [] {
         std::vector<std::unique_ptr<char[]>> all;
         while (true) all.push_back(std::make_unique<char[]>(std::size_t{1} << 24U));
       }},
      {"rights", [] { describe(rights()); }},
      {"refuse", [] { write_frame('E', 9, "no\nway \xff!"); }},
      {"long error", [] { write_frame('E', 1U << 30U); }},
      {"empty error", [] { write_frame('E', 0); }},
      {"unknown frame", [] { write_frame('Q', 3, "abc"); }},
      {"bytes for json", [] { write_frame('B', 3, "abc"); }},
      {"long json", [] { write_frame('J', std::uint64_t{1} << 60U); }},
      {"half a frame",
       [] {
         write_frame('J', 100, "{");
         std::_Exit(0);
       }},
      {"no json", [] { write_frame('J', 3, "abc"); }},
      {"deep json",
       [] {
         const std::string deep(100'000, '[');
         write_frame('J', deep.size(), deep);
       }},
      {"endless progress",
       [] {
         while (true) write_frame('P', 1);
       }},
      {"progress too far", [] { write_frame('P', 1001); }},
      {"progress and hang",
       [] {
         write_frame('P', 500);
         hang();
       }},
      {"unknown type",
       [] {
         describe(arrays({2, 2}, "complex128"));
       }},
      {"negative shape",
       [] {
         describe(arrays({2, -2}));
       }},
      {"overflow",
       [] {
         describe(arrays({1ULL << 40U, 1ULL << 40U}));
       }},
      {"too large", [] { describe(arrays({1ULL << 40U})); }},
      {"too many empty rows",
       [] {
         describe(arrays({1ULL << 40U, 0}));
       }},
      {"no notes",
       [] {
         describe({{"arrays", json::array()}});
       }},
      {"twice the same",
       [] {
         json two = arrays({1});
         two["arrays"].push_back(two["arrays"][0]);
         describe(two);
       }},
  };
  return kAnswers;
}

// [2, 3] bytes, or what the name says.
void answer_read(const std::string& what) {
  if (what == "good") write_frame('B', 6, "abcdef");
  if (what == "in parts") {
    write_frame('P', 100);
    write_frame('B', 2, "ab");
    write_frame('B', 4, "cdef");
  }
  if (what == "pid") hang();
  if (what == "too many bytes") write_frame('B', 7, "abcdefg");
  if (what == "no bytes") write_frame('B', 0);
  if (what == "endless bytes") {
    while (true) write_frame('B', 1, "a");
  }
  if (what == "ends early") {
    write_frame('B', 2, "ab");
    std::_Exit(0);
  }
  if (what == "refuses late") {
    write_frame('B', 2, "ab");
    write_frame('E', 4, "late");
  }
}

std::string text_of(const json& bytes) {
  std::string text;
  for (const json& byte : bytes) text += static_cast<char>(byte.get<int>());
  return text;
}

// Pictures of 1 × 1 that hold their place in the request; some break it.
void answer_pictures(const json& request) {
  int place = 0;
  for (const json& path : request.at("paths")) {
    const std::string what = text_of(path);
    ++place;
    if (const auto answer = answers_to_list().find(what); answer != answers_to_list().end()) {
      answer->second();
      continue;
    }
    const int width = what == "wide" ? 1 << 28 : 1;
    describe({{"width", width}, {"height", 1}, {"channels", 1}, {"bits", 8}});
    if (request.at("pixels")) write_frame('B', 1, std::string(1, static_cast<char>(place)));
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 64;
  zscape::give_up_rights(std::strtol(words[1], nullptr, 10), std::strtoull(words[2], nullptr, 10),
                         std::strtoull(words[3], nullptr, 10));
  zscape::Channel channel;
  std::string what;
  while (const auto text = channel.receive()) {
    const json request = json::parse(*text);
    if (request.at("do") == "pictures") {
      answer_pictures(request);
    } else if (request.at("do") == "read") {
      answer_read(what);
    } else {
      what = std::filesystem::path(text_of(request.at("path"))).filename();
      const auto answer = answers_to_list().find(what);
      if (answer != answers_to_list().end()) {
        answer->second();
      } else {
        json description = arrays({2, 3});
        if (what == "pid") description["notes"].push_back(std::to_string(::getpid()));
        describe(description);
      }
    }
  }
}
