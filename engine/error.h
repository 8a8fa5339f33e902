#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace zscape {

// What went wrong, as one sentence for the user: it names the file or option, what is wrong with
// it and what would be right.
struct Error {
  std::string message;
};

// A value, or the reason why there is none. Used for everything that may happen to a correct
// program: a missing file, a broken model, an option that does not fit.
template <class T>
using Expected = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace zscape
