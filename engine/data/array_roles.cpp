#include "engine/data/array_roles.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string>

namespace zscape {
namespace {

using Words = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view word, Words words) {
  return std::ranges::find(words, word) != words.end();
}

Content content_of(std::string_view word) {
  if (is_one_of(word, {"x", "images", "image", "imgs", "img", "data", "inputs", "input", "features",
                       "samples", "pixels", "fea"})) {
    return Content::inputs;
  }
  if (is_one_of(word, {"y", "labels", "label", "targets", "target", "classes", "class", "gnd"})) {
    return Content::labels;
  }
  return Content::none;
}

}  // namespace

Role role_of(std::string_view key) {
  std::string name;
  for (const char c : key) {
    const auto code = static_cast<unsigned char>(c);
    name += std::isalnum(code) != 0 ? static_cast<char>(std::tolower(code)) : '_';
  }
  const auto trimmed = [](std::string_view word) {
    while (word.starts_with('_')) word.remove_prefix(1);
    while (word.ends_with('_')) word.remove_suffix(1);
    return word;
  };
  const std::string_view word = trimmed(name);
  if (word == "arr_0") return {PartWord::none, Content::inputs};  // numpy.savez(file, images)
  struct Spelling {
    std::string_view text;
    PartWord part;
  };
  for (const auto& [text, part] :
       {Spelling{"training", PartWord::train}, Spelling{"train", PartWord::train},
        Spelling{"testing", PartWord::test}, Spelling{"test", PartWord::test},
        Spelling{"t10k", PartWord::test}, Spelling{"validation", PartWord::validation},
        Spelling{"valid", PartWord::validation}, Spelling{"val", PartWord::validation}}) {
    if (!word.starts_with(text) && !word.ends_with(text)) continue;
    const std::string_view rest =
        trimmed(word.starts_with(text) ? word.substr(text.size())
                                       : word.substr(0, word.size() - text.size()));
    if (rest.empty()) return {part, Content::inputs};
    if (const Content content = content_of(rest); content != Content::none) return {part, content};
  }
  const Content content = content_of(word);
  const std::size_t slash = key.rfind('/');
  if (content != Content::none || slash == key.npos) return {PartWord::none, content};
  return role_of(key.substr(slash + 1));  // of a group: pics/images
}

}  // namespace zscape
