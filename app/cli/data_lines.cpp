#include <fmt/format.h>

#include "app/cli/subcommand.h"
#include "engine/data/download.h"
#include "engine/data/formats.h"
#include "engine/data/named_sets.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr NumberRange<std::int64_t> kSynthetic{2, 10'000'000,
                                               tr("a whole number from 2 to 10000000")};

class Synthesize : public Subcommand {
 public:
  explicit Synthesize(CLI::App& app)
      : Subcommand(app, "synthesize", tr("write the embedded digits as IDX files")) {
    options_.number("--count", synthesize_.count, kSynthetic,
                    tr("images in all, six training images to one test image"), "70000");
    options_.number("--seed", synthesize_.seed, kSeed, tr("decides the images"),
                    tr("the embedded data set's"));
    options_.text("--out", "DIR", synthesize_.out, tr("the folder to write to"))->required();
  }

  Outcome<Request> request() const override { return synthesize_; }

 private:
  SynthesizeOptions synthesize_;
};

class Fetch : public Subcommand {
 public:
  explicit Fetch(CLI::App& app)
      : Subcommand(app, "fetch", tr("download a data set into the user's data folder")) {
    std::vector<std::pair<std::string_view, std::string>> names;
    for (const NamedSet& set : named_sets()) names.emplace_back(set.name, set.name);
    options_.choice<std::string>("NAME", fetch_.name, std::move(names), tr("the data set"))
        ->required();
    options_.text("--from", "URL", fetch_.mirror, tr("a mirror: the folder that holds the files"),
                  tr("where they are published"));
  }

  Outcome<Request> request() const override {
    if (!fetch_.mirror.empty() && !is_web_address(fetch_.mirror)) {
      return wrong_usage(
          tr("--from: '{}' is not the http:// or https:// URL of a folder with the files",
             fetch_.mirror));
    }
    return fetch_;
  }

 private:
  FetchOptions fetch_;
};

class Info : public Subcommand {
 public:
  explicit Info(CLI::App& app)
      : Subcommand(app, "info",
                   tr("say what a model, a data set or, without one, this machine is")) {
    options_.text("MODEL|DATA", "", info_.source.source,
                  tr("a saved model, a checkpoint, or data as --data of train takes them"),
                  tr("how this machine trains"));
    add_image_size(options_, info_.source);
    add_json(options_, info_.json);
    options_.footer(data_formats_help());
  }

  Outcome<Request> request() const override {
    if (info_.source.source.empty() && info_.source.image_size) {
      return wrong_usage(tr("--image-size is for data; name some or leave it out"));
    }
    return info_;
  }

 private:
  InfoOptions info_;
};

}  // namespace

SubcommandPtr make_synthesize_line(CLI::App& app) {
  return std::make_unique<Synthesize>(app);
}
SubcommandPtr make_fetch_line(CLI::App& app) {
  return std::make_unique<Fetch>(app);
}
SubcommandPtr make_info_line(CLI::App& app) {
  return std::make_unique<Info>(app);
}

}  // namespace zscape
