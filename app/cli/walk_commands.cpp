#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_work.h"
#include "engine/code_range.h"
#include "engine/io/png.h"
#include "engine/io/walk_file.h"
#include "engine/latent_grid.h"
#include "engine/text.h"
#include "engine/walk.h"

namespace zscape {
namespace {

// ---- manifold
// ------------------------------------------------------------------------------------

Outcome<std::array<int, 2>> dims_for(const ManifoldOptions& options, const ModelSpec& spec) {
  if (!options.dims) return std::array{0, 1};
  if (spec.latent == 1) {
    return wrong_usage(tr("--dims: the model has one latent dimension; leave it out"));
  }
  for (const int dimension : *options.dims) {
    if (dimension >= spec.latent) {
      return wrong_usage(
          tr("--dims: the model has the latent dimensions 0 to {}, and {} is none of "
             "them",
             spec.latent - 1, dimension));
    }
  }
  return *options.dims;
}

// Where the codes of a model without a prior lie.
Outcome<CodeRange> range_of(const ManifoldOptions& options, const OpenedModel& opened,
                            Backend& backend, ProgressLine& line) {
  const FrozenModel& model = *opened.model;
  if (options.data.source.empty()) {
    if (!opened.record.codes.low.empty()) return opened.record.codes;
    return failed(
        tr("{} is of kind {} and does not say where its codes lie; give --data, and they "
           "are taken from its training split",
           options.model, name_of(model.spec().kind)));
  }
  const auto data = load_data_for(model, options.model, options.data, backend, line);
  if (!data) return tl::unexpected(data.error());
  if ((*data)->train.count == 0) {
    return failed(
        tr("--data: {} has no training inputs to take codes from; name other", (*data)->name));
  }
  const auto codes =
      model.encode(**data, SplitName::train, nullptr, line.progress("encoding " + (*data)->name));
  if (!codes) return ended_by(codes.error());
  return central_range(*codes);
}

Outcome<LatentGrid> grid_for(const ManifoldOptions& options, const OpenedModel& opened,
                             Backend& backend, Console& console) {
  const ModelSpec& spec = opened.model->spec();
  const auto dims = dims_for(options, spec);
  if (!dims) return tl::unexpected(dims.error());
  if (spec.has_prior()) {
    if (!options.data.source.empty()) {
      return wrong_usage(
          tr("--data: {} is a {}, whose grid goes through the quantiles of its prior; "
             "leave it out",
             options.model, name_of(spec.kind)));
    }
    return prior_grid(spec.latent, options.grid, *dims);
  }
  ProgressLine line(console);
  const auto range = range_of(options, opened, backend, line);
  if (!range) return tl::unexpected(range.error());
  return range_grid(*range, options.grid, *dims);
}

// ---- interpolate
// ---------------------------------------------------------------------------------

Outcome<std::vector<float>> code_of(const FrozenModel& model, const Dataset& data,
                                    const InputPlace& place, std::string_view option) {
  if (auto fits = check_row(data, place.split, place.index, option); !fits) {
    return tl::unexpected(fits.error());
  }
  auto codes = model.encode(data, place.split,
                            std::make_shared<const std::vector<std::int64_t>>(1, place.index));
  if (!codes) return failed(codes.error().message);
  return std::move(codes->mean);
}

}  // namespace

Outcome<void> run_manifold(const ManifoldOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::helper);
  const auto opened = open_model(backend, options.model, options.out);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  if (auto fits = need_label(model.spec(), options.label, options.model); !fits) return fits;
  const auto grid = grid_for(options, *opened, backend, console);
  if (!grid) return tl::unexpected(grid.error());
  const auto pictures = decode_all(model, grid->z, options.label);
  if (!pictures) return tl::unexpected(pictures.error());
  const auto written =
      write_png(options.out, picture_grid(*pictures, model.spec().shape, grid->columns));
  if (!written) return failed(written.error().message);
  return {};
}

Outcome<void> run_interpolate(const InterpolateOptions& options, Backend& backend,
                              Console& console) {
  backend.enter_thread(ThreadRole::helper);
  const auto opened = open_model(backend, options.model, options.out);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  if (auto fits = check_label(model.spec(), options.label); !fits) return fits;
  ProgressLine line(console);
  const auto data = load_data_for(model, options.model, options.data, backend, line);
  if (!data) return tl::unexpected(data.error());
  const auto from = code_of(model, **data, options.from, "--from");
  if (!from) return tl::unexpected(from.error());
  const auto to = code_of(model, **data, options.to, "--to");
  if (!to) return tl::unexpected(to.error());

  std::optional<int> label = options.label;
  if (model.spec().reads_label() && !label) {
    label = (*data)->split(options.from.split).label(options.from.index);
  }
  Walk walk{*from, options.mode, label.value_or(0), options.steps};
  walk.stops.insert(walk.stops.end(), to->begin(), to->end());
  const bool searches = options.mode == PathMode::geodesic;
  const auto path = codes_along(
      model, walk, searches ? line.progress(tr("looking for the shortest way")) : Progress{});
  if (!path) return ended_by(path.error());
  const auto pictures = decode_all(model, *path, label);
  if (!pictures) return tl::unexpected(pictures.error());
  const auto written = write_walk(options.out, *pictures, model.spec().shape);
  if (!written) return failed(written.error().message);
  return {};
}

}  // namespace zscape
