#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace zscape {

// The kind of failure, for code; people read the sentence.
enum class ErrorCode {
  failed,
  cancelled,   // a person cancelled the work
  superseded,  // a newer request replaced this one; nobody waits for the answer
};

// One sentence for the user: it names the file or option, what is wrong and what would be right.
struct Error {
  std::string message;
  ErrorCode code = ErrorCode::failed;
};

// A value, or why there is none. For everything that may happen to a correct program: a missing
// file, a broken model, an option that does not fit.
template <class T>
using Expected = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message, ErrorCode code = ErrorCode::failed) {
  return tl::unexpected<Error>(Error{std::move(message), code});
}

}  // namespace zscape
