#include <optional>

#include "app/cli/subcommand.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr NumberRange<int> kGrid{1, 300, tr("a whole number from 1 to 300")};
constexpr NumberRange<int> kSteps{2, 10'000, tr("a whole number from 2 to 10000")};

std::optional<InputPlace> place_from(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view split = text.substr(0, colon);
  if (colon == std::string_view::npos || (split != "test" && split != "train")) return std::nullopt;
  const auto index = number_from<std::int64_t>(text.substr(colon + 1));
  if (!index || *index < 0) return std::nullopt;
  return InputPlace{split == "test" ? SplitName::test : SplitName::train, *index};
}

class ManifoldLine : public Subcommand {
 public:
  explicit ManifoldLine(CLI::App& app)
      : Subcommand(app, "manifold", tr("decode a grid of codes over two latent dimensions")) {
    add_saved_model(options_, manifold_.model);
    options_.number("--grid", manifold_.grid, kGrid, "pictures a side", "20");
    options_.add("--dims", "I,J", tr("the dimensions to the right and upwards; the others are 0"),
                 "0,1", [this](std::string_view text) { return read_dims(text); });
    add_label(options_, manifold_.label);
    options_.text("--data", "DATA", manifold_.data.source,
                  tr("ae, dae, mae, pca: data whose training codes give the range"),
                  tr("the range in the model's file"));
    add_image_size(options_, manifold_.data);
    add_out(options_, manifold_.out, tr("the PNG to write"));
  }

  Outcome<Request> request() const override { return manifold_; }

 private:
  std::string read_dims(std::string_view text) {
    const auto dims = numbers_from<int>(text);
    if (!dims || dims->size() != 2 || (*dims)[0] < 0 || (*dims)[1] < 0 ||
        (*dims)[0] == (*dims)[1]) {
      return tr("two different whole numbers of at least 0, as in 0,1");
    }
    manifold_.dims = {(*dims)[0], (*dims)[1]};
    return {};
  }

  ManifoldOptions manifold_;
};

class Interpolate : public Subcommand {
 public:
  explicit Interpolate(CLI::App& app)
      : Subcommand(app, "interpolate", tr("decode the way from one input to another")) {
    add_saved_model(options_, interpolate_.model);
    add_data(options_, interpolate_.data)->required();
    add_place("--from", interpolate_.from, tr("the input at the beginning, as in test:12"));
    add_place("--to", interpolate_.to, tr("the input at the end"));
    options_.number("--steps", interpolate_.steps, kSteps, tr("pictures, both ends included"),
                    "12");
    options_.choice<PathMode>("--mode", interpolate_.mode,
                              {{"linear", PathMode::linear},
                               {"spherical", PathMode::spherical},
                               {"geodesic", PathMode::geodesic}},
                              tr("straight in latent space, along a sphere, or the shortest way as "
                                 "the pictures measure it"),
                              "linear");
    add_label(options_, interpolate_.label, tr("that of --from"));
    add_out(options_, interpolate_.out,
            tr("the strip FILE.png or the animation FILE.gif to write"));
  }

  Outcome<Request> request() const override {
    if (!interpolate_.out.ends_with(".png") && !interpolate_.out.ends_with(".gif")) {
      return wrong_usage("--out: " + interpolate_.out +
                         tr(" ends neither in .png nor in .gif; use one"));
    }
    return interpolate_;
  }

 private:
  void add_place(const std::string& name, InputPlace& place, const std::string& description) {
    options_
        .add(name, "SPLIT:INDEX", description, "",
             [&place](std::string_view text) {
               const auto read = place_from(text);
               if (!read) return tr("test:INDEX or train:INDEX, as in test:12");
               place = *read;
               return "";
             })
        ->required();
  }

  InterpolateOptions interpolate_;
};

}  // namespace

SubcommandPtr make_manifold_line(CLI::App& app) {
  return std::make_unique<ManifoldLine>(app);
}
SubcommandPtr make_interpolate_line(CLI::App& app) {
  return std::make_unique<Interpolate>(app);
}

}  // namespace zscape
