// What the layers that say why have measured, for the log.
#include <algorithm>
#include <cmath>
#include <utility>

#include "app/gui/frame_log.h"

namespace zscape {
namespace {

constexpr std::size_t kLogged = 40;  // places of a field, evenly spread

std::vector<std::size_t> some_of(std::size_t count) {
  std::vector<std::size_t> places;
  const std::size_t every = std::max<std::size_t>(1, count / kLogged);
  for (std::size_t at = every / 2; at < count; at += every) places.push_back(at);
  return places;
}

template <class Values>
void append_row(std::vector<double>& to, const Values& values, std::size_t row, std::size_t size) {
  for (std::size_t i = row * size; i < (row + 1) * size; ++i) to.push_back(double{values[i]});
}

}  // namespace

void FrameLog::why(const FrameRecord& record, const WhyLayers& layers) {
  Told& told = told_[record.pane];
  const auto write = [&](std::string_view event, std::int64_t step,
                         std::initializer_list<EventLog::Field> fields) {
    log_.write(event, record.time_s, step, fields);
  };
  const auto& field = layers.field();
  if (std::exchange(told.field, field) != field && field) {
    const bool stretch = field->asked.measure == PlaneMeasure::stretch;
    const PlaneGrid& grid = field->asked.grid;
    const std::size_t size =
        static_cast<std::size_t>(grid.axes()) * static_cast<std::size_t>(grid.axes());
    std::vector<double> places, values;
    for (const std::size_t at : some_of(grid.count())) {
      for (const float part : grid.place(at)) places.push_back(double{part});
      values.push_back(stretch ? stretch_of(std::span(field->metric).subspan(at * size, size))
                               : double{field->log_ratio[at]});
    }
    write("plane_field", field->step,
          {{"measure", std::string(stretch ? "stretch" : "mismatch")},
           {"columns", std::int64_t{grid.columns}},
           {"rows", std::int64_t{grid.rows}},
           {"cell", double{grid.step}},
           {"places", places},
           {"values", values}});
  }
  const auto& trips = layers.trip_field();
  if (std::exchange(told.trips, trips) != trips && trips) {
    std::vector<double> places, means;
    const auto latent = static_cast<std::size_t>(trips->asked.grid.latent());
    for (const std::size_t at : some_of(trips->asked.grid.count())) {
      for (const float part : trips->asked.grid.place(at)) places.push_back(double{part});
      append_row(means, trips->mean, at, latent);
    }
    write("round_trips", trips->step,
          {{"places", places},
           {"means", means},
           {"share", trips->home ? trips->home->share : kNoFigure},
           {"standard_error", trips->home ? trips->home->standard_error : kNoFigure}});
  }
  const auto& forces = layers.force_field();
  if (std::exchange(told.forces, forces) != forces && forces) {
    std::vector<double> inputs, pulls, sigma_pulls;
    const auto latent = static_cast<std::size_t>(forces->latent);
    for (const std::size_t row : some_of(forces->rows->size())) {
      inputs.push_back(static_cast<double>((*forces->rows)[row]));
      append_row(pulls, forces->pull_mean, row, latent);
      if (!forces->pull_sigma.empty()) append_row(sigma_pulls, forces->pull_sigma, row, latent);
    }
    write("forces", forces->step,
          {{"count", forces->count()},
           {"inputs", inputs},
           {"pulls", pulls},
           {"sigma_pulls", sigma_pulls},
           {"mean", layers.mean_force().mean},
           {"typical", layers.mean_force().typical},
           {"trails", static_cast<std::int64_t>(layers.trails().size())}});
  }
  const KlSplit* split = layers.split();
  if (split && (split->inputs != told.split_inputs || split->kl != told.split_kl)) {
    told.split_inputs = split->inputs;
    told.split_kl = split->kl;
    write("kl_split", record.step,
          {{"inputs", split->inputs},
           {"kl", split->kl},
           {"mutual_information", split->mutual_information},
           {"standard_error", split->standard_error}});
  }
  const PathLengths* lengths = layers.lengths();
  if (std::exchange(told.lengths, lengths) != lengths && lengths) {
    write("path_lengths", lengths->step,
          {{"shortest", lengths->shortest}, {"straight", lengths->straight}});
  }
}

}  // namespace zscape
