#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace zscape {

// What kind of failure it was, for code that has to tell them apart; people read the sentence.
enum class ErrorCode {
  failed,
  cancelled,   // a person gave the work up
  superseded,  // nobody waits for the answer any more: a newer request took the place of this one
};

// What went wrong, as one sentence for the user: it names the file or option, what is wrong with
// it and what would be right.
struct Error {
  std::string message;
  ErrorCode code = ErrorCode::failed;
};

// A value, or the reason why there is none. Used for everything that may happen to a correct
// program: a missing file, a broken model, an option that does not fit.
template <class T>
using Expected = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message, ErrorCode code = ErrorCode::failed) {
  return tl::unexpected<Error>(Error{std::move(message), code});
}

}  // namespace zscape
