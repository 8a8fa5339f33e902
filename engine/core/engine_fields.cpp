// What layers of the latent view measure.
#include <cmath>
#include <utility>

#include "engine/aggregate_posterior.h"
#include "engine/core/engine_impl.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Counts of the evaluation stream from here on; no other use reaches them (engine/eval/rows.h).
constexpr std::uint64_t kHomeCounter = std::uint64_t{1} << 48;
constexpr std::uint64_t kPairCounter = std::uint64_t{1} << 49;

Expected<HomeShare> home_share(const FrozenModel& weights, const PlaneQuestion& asked,
                               const Progress& progress) {
  const auto latent = static_cast<std::size_t>(weights.latent());
  std::vector<float> z(static_cast<std::size_t>(asked.prior_draws) * latent);
  Random(asked.seed, Stream::evaluation, kHomeCounter).fill_normal(z);
  const auto trip = weights.round_trip(z, asked.label, progress);
  if (!trip) return tl::unexpected(trip.error());
  HomeShare home;
  home.draws = asked.prior_draws;
  std::int64_t back = 0;
  for (std::size_t draw = 0; draw < z.size(); draw += latent) {
    double squares = 0;
    for (std::size_t i = draw; i < draw + latent; ++i) {
      const double off = (double{z[i]} - double{trip->mean[i]}) / double{trip->sigma[i]};
      squares += off * off;
    }
    if (squares <= static_cast<double>(latent)) ++back;
  }
  const auto n = static_cast<double>(home.draws);
  home.share = static_cast<double>(back) / n;
  home.standard_error = std::sqrt(home.share * (1 - home.share) / n);
  return home;
}

Expected<PlaneField> measure(const FrozenModelPtr& weights, const PlaneQuestion& asked,
                             const Progress& progress) {
  PlaneField field;
  field.asked = asked;
  if (asked.measure == PlaneMeasure::mismatch) {
    field.revision = asked.codes->revision;
    field.step = asked.codes->step;
    auto ratio = log_density_ratio(*asked.codes, asked.grid, progress);
    if (!ratio) return tl::unexpected(ratio.error());
    field.log_ratio = *std::move(ratio);
    return field;
  }
  field.revision = weights->revision();
  field.step = weights->step();
  const std::vector<float> z = asked.grid.z();
  if (asked.measure == PlaneMeasure::stretch) {
    auto metric = weights->metric(z, asked.grid.directions, asked.label, progress);
    if (!metric) return tl::unexpected(metric.error());
    field.metric = *std::move(metric);
    return field;
  }
  auto trip = weights->round_trip(z, asked.label, part_of(progress, 0, 0.5));
  if (!trip) return tl::unexpected(trip.error());
  field.mean = std::move(trip->mean);
  field.sigma = std::move(trip->sigma);
  if (asked.prior_draws > 0 && weights->spec().has_prior()) {
    const auto home = home_share(*weights, asked, part_of(progress, 0.5, 1));
    if (!home) return tl::unexpected(home.error());
    field.home = *home;
  }
  return field;
}

// Both ends of each pair, [pairs, 2, k]; never twice the same code.
std::vector<float> draw_pairs(const LengthsQuestion& asked) {
  const auto latent = static_cast<std::size_t>(asked.codes->latent);
  const auto count = static_cast<std::uint32_t>(asked.codes->count());
  Random random(asked.seed, Stream::evaluation, kPairCounter);
  std::vector<float> ends;
  for (int pair = 0; pair < asked.pairs; ++pair) {
    const std::uint32_t first = random.below(count);
    const std::uint32_t other = (first + 1 + random.below(count - 1)) % count;
    for (const std::uint32_t row : {first, other}) {
      const float* z = asked.codes->mean.data() + row * latent;
      ends.insert(ends.end(), z, z + latent);
    }
  }
  return ends;
}

bool fits(const PlaneQuestion& asked, int latent) {
  const PlaneGrid& grid = asked.grid;
  return grid.latent() == latent && grid.count() > 0 && (grid.axes() == 1 || grid.axes() == 2) &&
         grid.directions.size() == grid.origin.size() * static_cast<std::size_t>(grid.axes());
}

bool have_sigma(const CodesPtr& codes) {
  return codes && codes->count() > 0 && !codes->sigma.empty();
}

}  // namespace

void Engine::Impl::apply(const MeasureField& command, const OpenRunPtr& open) {
  std::visit([&](const auto& question) { measure_field(question, open); }, command.question);
}

void Engine::Impl::measure_field(const PlaneQuestion& asked, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().drawing_model();
  const bool of_codes = asked.measure == PlaneMeasure::mismatch;
  const bool trips = asked.measure == PlaneMeasure::round_trip;
  if (of_codes ? !have_sigma(asked.codes) || !fits(asked, asked.codes->latent)
               : !weights || !fits(asked, weights->latent())) {
    return;
  }
  submit_for(
      open, {.key = trips ? "round_trips" : "plane_field"},
      [weights, asked](const Progress& progress) { return measure(weights, asked, progress); },
      [trips](OpenRun& owner, PlaneField field) {
        LatentFields& fields = owner.run.fields();
        (trips ? fields.trips : fields.field) =
            std::make_shared<const PlaneField>(std::move(field));
      });
}

void Engine::Impl::measure_field(const ForcesQuestion& asked, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_ || !asked.rows || asked.rows->empty() || asked.rows->front() < 0 ||
      asked.rows->back() >= data_->split(asked.split).count) {
    return;
  }
  submit_for(
      open, {.key = "forces"},
      [weights, data = data_, asked](const Progress& progress) {
        return weights->forces(*data, asked.split, asked.rows, progress);
      },
      [](OpenRun& owner, Forces forces) {
        owner.run.fields().forces = std::make_shared<const Forces>(std::move(forces));
      });
}

void Engine::Impl::measure_field(const LengthsQuestion& asked, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().drawing_model();
  if (!weights || !asked.codes || asked.codes->count() < 2 || asked.pairs < 1 ||
      asked.codes->latent != weights->latent()) {
    return;
  }
  submit_for(
      open,
      {.lane = Lane::patient,
       .key = "path_lengths",
       .text = tr("looking for {} shortest paths", asked.pairs),
       .if_cancelled = tr("the search for shortest paths was cancelled")},
      [weights, asked](const Progress& progress) {
        return weights->path_lengths(draw_pairs(asked), asked.label, progress);
      },
      [](OpenRun& owner, PathLengths lengths) {
        owner.run.fields().lengths = std::make_shared<const PathLengths>(std::move(lengths));
      });
}

void Engine::Impl::measure_field(const SplitQuestion& asked, const OpenRunPtr& open) {
  if (!have_sigma(asked.codes) || asked.draws < 2) return;
  submit_for(
      open, {.key = "kl_split"},
      [asked](const Progress& progress) {
        return split_kl(*asked.codes, asked.draws, asked.seed, progress);
      },
      [codes = asked.codes](OpenRun& owner, const KlSplit& split) {
        owner.run.fields().split = std::make_shared<const SplitOfCodes>(SplitOfCodes{split, codes});
      });
}

}  // namespace zscape
