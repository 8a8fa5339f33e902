#include <vector>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_command.h"
#include "engine/io/gif.h"
#include "engine/text.h"
#include "engine/walk.h"

namespace zscape {
namespace {

// One input of a data set: test:12.
struct InputPlace {
  SplitName split = SplitName::test;
  std::int64_t index = 0;  // ≥ 0
};

std::optional<InputPlace> place_from(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view split = text.substr(0, colon);
  if (colon == std::string_view::npos || (split != "test" && split != "train")) return std::nullopt;
  const auto index = number_from<std::int64_t>(text.substr(colon + 1));
  if (!index || *index < 0) return std::nullopt;
  return InputPlace{split == "test" ? SplitName::test : SplitName::train, *index};
}

class InterpolateCommand : public ModelCommand {
 public:
  explicit InterpolateCommand(CLI::App& app) : ModelCommand(app) {
    add_data();
    add_place("--from", from_, tr("The input at the beginning, as in test:12."));
    add_place("--to", to_, tr("The input at the end."));
    options_.number("--steps", steps_, 2, 10'000, tr("Pictures, both ends included."), "12");
    options_.choice<PathMode>(
        "--mode", mode_,
        {{"linear", PathMode::linear},
         {"spherical", PathMode::spherical},
         {"geodesic", PathMode::geodesic}},
        tr("Straight in latent space, along a sphere, or the shortest path as "
           "the pictures measure it."),
        "linear");
    add_label(tr("that of --from"));
    add_out(
        tr("The strip FILE.png, the animation FILE.gif, or FILE.csv or FILE.npy of the numbers in "
           "the data's units."),
        {".png", ".gif", ".csv", ".npy"});
  }

 private:
  void add_place(const std::string& name, InputPlace& place, const std::string& help) {
    options_
        .add(name, "SPLIT:INDEX", help, "",
             [&place](std::string_view text) {
               const auto read = place_from(text);
               if (!read) return tr("test:INDEX or train:INDEX, as in test:12");
               place = *read;
               return "";
             })
        ->required();
  }

  static Outcome<std::vector<float>> code_of(const FrozenModel& model, const Dataset& data,
                                             const InputPlace& place, std::string_view option) {
    if (auto fits = check_row(data, place.split, place.index, option); !fits) {
      return tl::unexpected(fits.error());
    }
    auto codes = model.encode(data, place.split, make_indices({place.index}));
    if (!codes) return failed(codes.error().message);
    if (auto finite = check_finite(codes->mean, kCodesNotFinite); !finite) {
      return tl::unexpected(finite.error());
    }
    return std::move(codes->mean.own());
  }

  Outcome<void> work(const ModelWork& work) const override {
    const FrozenModel& model = work.model;
    const auto asked = label_of(work.spec());
    if (!asked) return tl::unexpected(asked.error());
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    const auto from = code_of(model, **data, from_, "--from");
    if (!from) return tl::unexpected(from.error());
    const auto to = code_of(model, **data, to_, "--to");
    if (!to) return tl::unexpected(to.error());

    std::optional<int> label = *asked;
    if (work.spec().reads_label() && !label) {
      label = (*data)->split(from_.split).label(from_.index);
    }
    Walk walk{*from, mode_, label.value_or(0), steps_};
    walk.stops.insert(walk.stops.end(), to->begin(), to->end());
    const bool searches = mode_ == PathMode::geodesic;
    const auto path = codes_along(
        model, walk, searches ? work.line.progress(tr("computing the shortest path")) : Progress{});
    if (!path) return ended_by(path.error());
    const auto labels = repeated(work.spec(), label, static_cast<std::size_t>(steps_));
    if (!writes_picture()) return write_decoded(model, *path, labels);
    const auto pictures = decode_all(model, *path, labels);
    if (!pictures) return tl::unexpected(pictures.error());
    return outcome_of(write_walk(out_, *pictures, work.spec().shape));
  }

  InputPlace from_;
  InputPlace to_;
  int steps_ = 12;  // pictures, both ends included
  PathMode mode_ = PathMode::linear;
};

}  // namespace

const MakeCommand make_interpolate = make<InterpolateCommand>;

}  // namespace zscape
