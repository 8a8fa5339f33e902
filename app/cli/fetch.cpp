#include "engine/data/fetch.h"

#include <optional>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/subcommand.h"
#include "engine/data/download.h"
#include "engine/data/named_sets.h"
#include "engine/text.h"

namespace zscape {
namespace {

class FetchCommand : public Subcommand {
 public:
  explicit FetchCommand(CLI::App& app) : Subcommand(app) {
    std::vector<std::pair<std::string_view, std::string>> names;
    for (const NamedSet& set : named_sets()) names.emplace_back(set.name, set.name);
    options_.choice<std::string>("NAME", name_, std::move(names), tr("The data set."))->required();
    options_.text("--from", "URL", mirror_, tr("A mirror: the folder that holds the files."),
                  tr("where they are published"));
  }

  Outcome<void> run(const Surroundings&, Console& console) override {
    if (!mirror_.empty() && !is_web_address(mirror_)) {
      return wrong_usage(tr(
          "--from: '{}' is not the http:// or https:// URL of a folder with the files", mirror_));
    }
    watch_for_interrupt();
    ProgressLine line(console);
    const auto fetched = fetch(name_, mirror_.empty() ? std::nullopt : std::optional(mirror_),
                               line.progress(tr("fetching {}", name_)));
    if (!fetched) return ended_by(fetched.error());
    line.clear();
    console.err << (fetched->files == 0   ? tr("{} was there already", name_)
                    : fetched->files == 1 ? std::string(tr("1 file fetched"))
                                          : tr("{} files fetched", fetched->files))
                << std::endl;
    console.out << fetched->folder << std::endl;
    return {};
  }

 private:
  std::string name_;
  std::string mirror_;  // URL of the folder with the files; empty: where they are published
};

}  // namespace

const MakeCommand make_fetch = make<FetchCommand>;

}  // namespace zscape
