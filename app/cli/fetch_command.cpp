#include <fmt/format.h>

#include <optional>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "engine/data/fetch.h"
#include "engine/text.h"

namespace zscape {

Outcome<void> run_fetch(const FetchOptions& options, Console& console) {
  const std::optional<std::string> mirror =
      options.mirror.empty() ? std::nullopt : std::optional(options.mirror);
  ProgressLine line(console);
  const auto fetched = fetch(options.name, mirror, line.progress("fetching " + options.name));
  if (!fetched) return ended_by(fetched.error());
  line.clear();
  console.err << (fetched->files == 0 ? tr("{} was there already", options.name)
                                      : fmt::format("{} file{} fetched", fetched->files,
                                                    fetched->files == 1 ? "" : "s"))
              << std::endl;
  console.out << fetched->folder << std::endl;
  return {};
}

}  // namespace zscape
