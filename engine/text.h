#pragma once

#include <fmt/format.h>

#include <string>

namespace zscape {

// Marks a whole sentence or label for people, so that xgettext (--keyword=tr) finds it and a
// catalogue can replace it. Never build a sentence from parts: a translator needs it in one piece.
constexpr const char* tr(const char* sentence) {
  return sentence;
}

// The same with values in its {} places, checked while compiling: tr("{} was not found", path).
template <class First, class... Rest>
std::string tr(fmt::format_string<First, Rest...> sentence, First&& first, Rest&&... rest) {
  return fmt::vformat(fmt::string_view(sentence), fmt::make_format_args(first, rest...));
}

}  // namespace zscape
