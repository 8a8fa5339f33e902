#include <algorithm>
#include <array>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_command.h"
#include "engine/code_range.h"
#include "engine/latent_grid.h"
#include "engine/text.h"

namespace zscape {
namespace {

class ManifoldCommand : public ModelCommand {
 public:
  explicit ManifoldCommand(CLI::App& app) : ModelCommand(app) {
    options_.number("--grid", grid_, 1, 300, tr("Pictures a side."), "20");
    options_.add("--dims", "I,J", tr("The dimensions to the right and upwards; the others are 0."),
                 "0,1", [this](std::string_view text) { return read_dims(text); });
    add_label();
    parameters_.add(parameter("data"),
                    tr("ae, dae, mae, pca: data whose training codes give the range."),
                    tr("the range in the model's file"));
    add_data_rules();
    add_out(tr("The picture FILE.png, or FILE.csv or FILE.npy of the numbers in the data's units."),
            {".png", ".csv", ".npy"});
  }

 private:
  std::string read_dims(std::string_view text) {
    const auto dims = numbers_from<int>(text);
    if (!dims || dims->size() != 2 || (*dims)[0] < 0 || (*dims)[1] < 0 ||
        (*dims)[0] == (*dims)[1]) {
      return tr("two different whole numbers of at least 0, as in 0,1");
    }
    dims_ = {(*dims)[0], (*dims)[1]};
    return {};
  }

  Outcome<std::array<int, 2>> dims_for(const ModelSpec& spec) const {
    if (!dims_) return std::array{0, 1};
    if (spec.latent == 1) {
      return wrong_usage(tr("--dims: the model has one latent dimension; leave it out"));
    }
    const int most = std::max((*dims_)[0], (*dims_)[1]);
    if (most < spec.latent) return *dims_;
    return wrong_usage(
        tr("--dims: the model has the latent dimensions 0 to {}, and {} is none of them",
           spec.latent - 1, most));
  }

  // Where the codes of a model without a prior lie.
  Outcome<CodeRange> range_of(const ModelWork& work) const {
    if (!parameters_.has("data")) {
      if (!work.record.codes.low.empty()) return work.record.codes;
      return failed(
          tr("{} is of kind {} and does not say where its codes lie; give --data, and they are "
             "taken from its training split",
             path_, name_of(work.spec().kind)));
    }
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    if ((*data)->train.count == 0) {
      return failed(
          tr("--data: {} has no training inputs to take codes from; name other", (*data)->name));
    }
    const auto codes = work.model.encode(**data, SplitName::train, nullptr,
                                         work.line.progress(tr("encoding {}", (*data)->name)));
    if (!codes) return ended_by(codes.error());
    return central_range(*codes);
  }

  Outcome<LatentGrid> make_grid(const ModelWork& work) const {
    const ModelSpec& spec = work.spec();
    const auto dims = dims_for(spec);
    if (!dims) return tl::unexpected(dims.error());
    if (spec.has_prior()) {
      if (!parameters_.has("data")) return prior_grid(spec.latent, grid_, *dims);
      return wrong_usage(
          tr("--data: {} is a {}, whose grid goes through the quantiles of its prior; leave it out",
             path_, name_of(spec.kind)));
    }
    const auto range = range_of(work);
    if (!range) return tl::unexpected(range.error());
    work.line.clear();
    return range_grid(*range, grid_, *dims);
  }

  Outcome<void> work(const ModelWork& work) const override {
    const auto label = needed_label_of(work.spec());
    if (!label) return tl::unexpected(label.error());
    const auto grid = make_grid(work);
    if (!grid) return tl::unexpected(grid.error());
    const std::size_t count = grid->z.size() / static_cast<std::size_t>(work.spec().latent);
    return write_decoded(work.model, grid->z, repeated(work.spec(), *label, count), grid->columns);
  }

  int grid_ = 20;                           // codes a side
  std::optional<std::array<int, 2>> dims_;  // two different ones; nothing: the first two
};

}  // namespace

const MakeCommand make_manifold = make<ManifoldCommand>;

}  // namespace zscape
