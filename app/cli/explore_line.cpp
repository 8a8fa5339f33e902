#include <fmt/format.h>

#include "app/cli/subcommand.h"
#include "app/files/source_kind.h"
#include "engine/text.h"

namespace zscape {
namespace {

class Explore : public Subcommand {
 public:
  explicit Explore(CLI::App& app) : Subcommand(app, "explore", tr("open the explorer")) {
    options_.text("MODEL|SESSION|DATA", "", source_,
                  tr("a saved model or session, or data as --data takes them"));
    add_data(options_, data_, "synthetic");
    add_kind(options_, kind_);
    options_.number("--latent", latent_, kWidth, tr("latent dimensions of a new model"), "2");
    add_device(options_, explore_.device);
    add_threads(options_, explore_.threads);
    add_kernels(options_, explore_.kernels);
    add_seed(options_, explore_.seed, tr("seed of a new model"));
    options_.add("--size", "WxH", tr("size of the window"), "1600x1000",
                 [this](std::string_view text) { return read_size(text); });
    options_.flag("--new", explore_.is_new,
                  tr("begin afresh instead of going on with the last session"));
    options_.text("--script", "FILE", explore_.script, tr("play these interactions (JSON lines)"));
    options_.text("--log", "FILE", explore_.log, tr("write what happens (JSON lines)"));
  }

  Outcome<Request> request() const override {
    ExploreOptions explore = explore_;
    explore.data.image_size = data_.image_size;
    if (!data_.source.empty()) explore.data.source = data_.source;
    if (!source_.empty()) {
      if (auto taken = take_source(explore); !taken) return tl::unexpected(taken.error());
    }
    explore.is_plain = source_.empty() && data_.source.empty() && !kind_ && !latent_;
    explore.kind = kind_.value_or(explore.kind);
    explore.latent = latent_.value_or(explore.latent);
    return explore;
  }

 private:
  Outcome<void> take_source(ExploreOptions& explore) const {
    const Expected<SourceKind> kind = source_kind(source_);
    if (!kind) return failed(kind.error().message);
    if (*kind == SourceKind::picture) {
      return failed(
          tr("{} is a picture; name a folder of pictures, another data set, a model or a session",
             source_));
    }
    if (*kind == SourceKind::session) {
      if (!data_.source.empty() || kind_ || latent_) {
        return wrong_usage(
            tr("{} is a session and has data and a model of its own; leave "
               "out {}",
               source_,
               !data_.source.empty() ? "--data"
               : kind_               ? "--model"
                                     : "--latent"));
      }
      explore.session_path = source_;
      return {};
    }
    if (*kind == SourceKind::data) {
      if (!data_.source.empty()) {
        return wrong_usage(
            tr("--data {} and {} are both data; leave out one of them", data_.source, source_));
      }
      explore.data.source = source_;
      return {};
    }
    if (kind_ || latent_) {
      return wrong_usage(tr("{} makes a new model, and {} is a saved one; leave out one of them",
                            kind_ ? "--model" : "--latent", source_));
    }
    explore.model_path = source_;
    return {};
  }

  std::string read_size(std::string_view text) {
    const std::size_t cross = text.find('x');
    if (cross != std::string_view::npos) {
      const auto width = number_from<int>(text.substr(0, cross));
      const auto height = number_from<int>(text.substr(cross + 1));
      if (width && height && *width >= 320 && *width <= 16384 && *height >= 240 &&
          *height <= 16384) {
        explore_.width = *width;
        explore_.height = *height;
        return {};
      }
    }
    return tr("a size from 320x240 to 16384x16384, as in 1600x1000");
  }

  ExploreOptions explore_;
  std::string source_;
  DataRequest data_;
  std::optional<ModelKind> kind_;
  std::optional<int> latent_;
};

}  // namespace

SubcommandPtr make_explore_line(CLI::App& app) {
  return std::make_unique<Explore>(app);
}

}  // namespace zscape
