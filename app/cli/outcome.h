#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "engine/error.h"

namespace zscape {

// The program's exit codes (docs/DESIGN.md, "Command line"). A command that a signal has ended has
// 128 plus the signal's number.
enum class ExitCode { done = 0, failed = 1, wrong_usage = 2 };

// Why a command did not do its work: one line for the user, and the exit code.
struct Failure {
  ExitCode code = ExitCode::failed;
  std::string message;
};

template <class T>
using Outcome = tl::expected<T, Failure>;

inline tl::unexpected<Failure> wrong_usage(std::string message) {
  return tl::unexpected(Failure{ExitCode::wrong_usage, std::move(message)});
}
inline tl::unexpected<Failure> failed(std::string message) {
  return tl::unexpected(Failure{ExitCode::failed, std::move(message)});
}

}  // namespace zscape
