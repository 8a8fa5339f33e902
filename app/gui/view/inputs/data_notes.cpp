#include "app/gui/view/inputs/data_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {

std::string with_controls_named(const std::string& sentence) {
  std::string named = sentence;
  bool any = false;
  for (const char* key : {"image_size", "fit", "ground", "range", "label_column"}) {
    const Parameter& row = parameter(key);
    const std::string flag = row.flag();
    for (std::size_t at = 0; (at = named.find(flag, at)) != std::string::npos;) {
      const std::size_t behind = at + flag.size();
      const bool is_whole = behind == named.size() || named[behind] == ' ' ||
                            named[behind] == ',' || named[behind] == ';' || named[behind] == ':';
      if (!is_whole) {
        at = behind;
        continue;
      }
      named.replace(at, flag.size(), row.label);
      any = true;
    }
  }
  return any ? tr("{} (among the controls: Data, more)", named) : named;
}

std::string metadata_names(const Dataset& data) {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> names;
  for (const MetadataColumn& column : data.train.metadata) {
    names.push_back(names.size() == kMost ? std::string("…") : column.name);
    if (names.size() > kMost) break;
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace zscape
