#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zscape {

// A row of the table of readers that get files of strangers. libFuzzer (./dev fuzz) looks for bytes
// that break them; fuzz_corpus_test replays those of corpus/ and found/.
struct FuzzTarget {
  std::string name;                       // of its file NAME_target.cpp and of its inputs' folders
  std::vector<std::string> formats = {};  // DataFormat::source of the formats that it reads
  // Gives the bytes to the reader; whether the reader took them. Ends the process if a promise of
  // the reader does not hold. One thread.
  bool (*run)(std::span<const std::uint8_t> bytes) = nullptr;
};

std::span<const FuzzTarget> fuzz_targets();

}  // namespace zscape
