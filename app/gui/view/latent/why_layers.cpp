#include "app/gui/view/latent/why_layers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/aggregate_posterior.h"

namespace zscape {
namespace {

constexpr float kFieldCell = 12;  // pixels at 100 % between two values, at least; twice at most
constexpr int kMostPlaces = 6000;
constexpr float kTripCell = 26;
constexpr int kMostTrips = 900;
constexpr float kAround = 0.2f;            // of the plot's size that a field goes on beyond it
constexpr float kForcePixels = 34;         // the length of a strong pull, at 100 %
constexpr std::size_t kMostMoments = 240;  // of a trail

float quantile(std::vector<float> values, double part) {
  std::erase_if(values, [](float value) { return !std::isfinite(value); });
  if (values.empty()) return 0;
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

Box seen_box(const LatentView& view) {
  return {view.to_latent({view.origin.x, view.rect().high().y}),
          view.to_latent({view.rect().high().x, view.origin.y})};
}

// Where a grid's values reach, half a step beyond its outermost places.
Box box_of(const PlaneGrid& grid) {
  const float half = grid.step / 2;
  return {{grid.left - half, grid.low - half},
          {grid.left + (static_cast<float>(grid.columns) - 0.5f) * grid.step,
           grid.low + (static_cast<float>(grid.rows) - 0.5f) * grid.step}};
}

}  // namespace

bool WhyLayers::usable(const Seen& seen, Layer layer) const {
  return seen.layers.shown(layer) &&
         why_not(layer, seen.model.spec, true, seen.scene.plane().spatial()).empty();
}

// A grid over the plot and somewhat beyond, its step a power of two, so that places stay the same
// while the view moves; the former one where that still serves.
PlaneGrid WhyLayers::grid_for(const Seen& seen, float smallest, int most,
                              const PlaneGrid& former) const {
  const bool line = seen.scene.latent() == 1;
  const float unit = seen.view.pixels_per_unit;
  float step = std::exp2(std::ceil(std::log2(smallest * seen.scale / unit)));
  const Box box = seen_box(seen.view);
  PlaneGrid grid;
  grid.origin = seen.scene.z_at({0, 0});
  for (const Vec2 along : {Vec2{1, 0}, Vec2{0, 1}}) {
    if (line && along.y != 0) break;
    const std::vector<float> z = seen.scene.z_at(along);
    for (std::size_t i = 0; i < z.size(); ++i) {
      grid.directions.push_back(z[i] - grid.origin[i]);
    }
  }
  const bool same_plane = former.columns > 0 && former.origin == grid.origin &&
                          former.directions == grid.directions && former.step == step;
  if (same_plane) {
    const Box covered = box_of(former);
    const bool across = covered.low.x <= box.low.x && covered.high.x >= box.high.x;
    const bool up = line || (covered.low.y <= box.low.y && covered.high.y >= box.high.y);
    if (across && up) return former;
  }
  const auto lay = [&](float low, float high, float& first, int& count) {
    const float beyond = kAround * (high - low);
    first = std::floor((low - beyond) / step) * step;
    count = static_cast<int>(std::clamp(std::ceil((high + beyond - first) / step), 1.0f, 1e6f)) + 1;
  };
  for (int round = 0; round < 24; ++round) {
    lay(box.low.x, box.high.x, grid.left, grid.columns);
    if (line) {
      grid.low = 0;
      grid.rows = 1;
    } else {
      lay(box.low.y, box.high.y, grid.low, grid.rows);
    }
    if (static_cast<double>(grid.columns) * grid.rows <= most) break;
    step *= 2;
  }
  grid.step = step;
  return grid;
}

void WhyLayers::ask(FieldQuestion question, FieldPace& pace, const Seen& seen) {
  if (pace.may_ask(seen.now_s, sharing_)) {
    pace.asked(seen.now_s);
    questions_.push_back(std::move(question));
  } else if (!pace.waits()) {
    const double due = pace.due_s(sharing_);
    if (!wake_s_ || due < *wake_s_) wake_s_ = due;
  }
}

void WhyLayers::update(const Seen& seen) {
  wake_s_.reset();
  sharing_ = 0;
  if (seen.model.state == RunState::running) {
    for (const Layer layer : {Layer::forces, Layer::trips, Layer::stretch, Layer::mismatch}) {
      if (usable(seen, layer)) sharing_ += layer == Layer::mismatch ? 2 : 1;  // with the split
    }
  }
  follow_field(seen);
  follow_trips(seen);
  follow_forces(seen);
  follow_lengths(seen);
  follow_trails(seen);
}

void WhyLayers::follow_field(const Seen& seen) {
  const LatentFields& answers = seen.model.fields;
  const FrozenModelPtr weights = seen.model.drawing_model();
  const bool stretch = usable(seen, Layer::stretch) && weights && !seen.model.past_decoder;
  const Codes* codes = seen.points.codes();
  const bool mismatch = usable(seen, Layer::mismatch) && codes && !codes->sigma.empty();
  const auto forget = [&] {
    field_.reset();
    field_grid_ = {};
    if (shade_.values.empty() && tissot_.empty()) return;
    shade_ = {};
    tissot_.clear();
    ++shade_revision_;
  };
  if (!stretch && !mismatch) {
    forget();
    split_.reset();
    return;
  }
  const PlaneMeasure measure = stretch ? PlaneMeasure::stretch : PlaneMeasure::mismatch;
  if (shade_.measure != measure) {  // what was asked before is not waited for
    forget();
    shade_.measure = measure;
    field_pace_ = {};
  }
  field_grid_ = grid_for(seen, kFieldCell, kMostPlaces, field_grid_);
  PlaneQuestion wanted;
  wanted.measure = measure;
  wanted.grid = field_grid_;
  wanted.label = seen.scene.label();
  std::uint64_t revision = stretch ? weights->revision() : codes->revision;
  if (mismatch) {
    wanted.label = 0;
    wanted.codes = codes_shown(seen.model, codes->split);
    if (wanted.codes.get() != codes) return;  // in a frame or so
    if (answers.split && answers.split->codes->latent == codes->latent) {
      if (answers.split != split_) split_pace_.answered(seen.now_s);
      split_ = answers.split;
    }
  } else {
    split_.reset();
  }
  const PlaneFieldPtr& answer = answers.field;
  const bool fits = answer && answer->asked.measure == wanted.measure &&
                    answer->asked.grid.origin == wanted.grid.origin &&
                    answer->asked.grid.directions == wanted.grid.directions &&
                    answer->asked.label == wanted.label;
  if (!fits) {
    // Another plane or measure: what was drawn is not of it.
    if (field_ && (field_->asked.measure != wanted.measure ||
                   field_->asked.grid.origin != wanted.grid.origin ||
                   field_->asked.grid.directions != wanted.grid.directions ||
                   field_->asked.label != wanted.label)) {
      const PlaneGrid grid = field_grid_;
      forget();
      shade_.measure = measure;
      field_grid_ = grid;
      field_pace_ = {};
    }
  } else if (answer != field_) {
    field_pace_.answered(seen.now_s);
    field_ = answer;
    make_shade(*field_);
    make_tissot(*field_, 40 * seen.scale / seen.view.pixels_per_unit);
  }
  const bool newest = fits && answer->asked == wanted && answer->revision == revision;
  const CodesPtr of = wanted.codes;
  if (!newest) ask(std::move(wanted), field_pace_, seen);
  if (of && (!split_ || split_->codes != of)) {
    ask(SplitQuestion{of, split_draws(*of)}, split_pace_, seen);
  }
}

void WhyLayers::make_shade(const PlaneField& field) {
  const PlaneGrid& grid = field.asked.grid;
  const Box box = box_of(grid);
  shade_ = {};
  shade_.measure = field.asked.measure;
  shade_.low = box.low;
  shade_.high = box.high;
  if (grid.rows == 1) {  // a line: the shade fills the plot above and below
    constexpr float kFar = 1e5f;
    shade_.low.y = -kFar;
    shade_.high.y = kFar;
  }
  shade_.columns = grid.columns;
  shade_.rows = grid.rows;
  ++shade_revision_;
  if (field.asked.measure == PlaneMeasure::mismatch) {
    shade_.levels = kEndOfMismatch;
    shade_.at_one = kEndOfMismatch;
    for (const float nats : field.log_ratio) {
      shade_.values.push_back(std::isnan(nats) ? 0.0f
                                               : std::clamp(nats / kEndOfMismatch, -1.0f, 1.0f));
    }
    return;
  }
  const auto axes = static_cast<std::size_t>(grid.axes());
  const std::size_t size = axes * axes;
  std::vector<float> octaves;
  for (std::size_t at = 0; at < grid.count(); ++at) {
    const double stretch = stretch_of(std::span(field.metric).subspan(at * size, size));
    octaves.push_back(static_cast<float>(std::log2(stretch)));
  }
  const float low = std::floor(quantile(octaves, 0.02)), high = std::ceil(quantile(octaves, 0.99));
  const float range = std::max(high - low, 1.0f);
  shade_.levels = range;
  shade_.at_zero = std::exp2(double{low});
  shade_.at_one = std::exp2(double{low} + double{range});
  for (const float octave : octaves) {
    const float part = std::isnan(octave) ? 0 : (octave - low) / range;
    shade_.values.push_back(std::clamp(part, 0.0f, 1.0f));
  }
}

// On every so many places of the grid, counted from the origin, so that they stay while the view
// moves. Each has the same size in x̂; the median one has a third of their distance as its radius.
void WhyLayers::make_tissot(const PlaneField& field, float spacing) {
  tissot_.clear();
  if (field.asked.measure != PlaneMeasure::stretch) return;
  const PlaneGrid& grid = field.asked.grid;
  const auto axes = static_cast<std::size_t>(grid.axes());
  const std::size_t size = axes * axes;
  const long every =
      std::max(1L, std::lround(std::exp2(std::ceil(std::log2(spacing / grid.step)))));
  const long first_column = std::lround(grid.left / grid.step);
  const long first_row = std::lround(grid.low / grid.step);
  std::vector<float> radii;
  for (int row = 0; row < grid.rows; ++row) {
    if ((first_row + row) % every != 0) continue;
    for (int column = 0; column < grid.columns; ++column) {
      if ((first_column + column) % every != 0) continue;
      const std::size_t at =
          static_cast<std::size_t>(row) * static_cast<std::size_t>(grid.columns) +
          static_cast<std::size_t>(column);
      const auto metric = std::span(field.metric).subspan(at * size, size);
      const auto [a, b] = grid.place(at);
      Tissot one{{a, b}, {}};
      const auto radius = [](double square) {
        return static_cast<float>(1 / std::sqrt(std::max(square, 1e-30)));
      };
      if (size == 1) {
        one.ellipse.sigma = {radius(metric[0]), 0};
      } else {
        // The eigenvectors of a symmetric 2 × 2 matrix.
        const double half = (metric[0] + metric[3]) / 2, off = (metric[0] - metric[3]) / 2;
        const double root = std::hypot(off, metric[1]);
        const double angle = 0.5 * std::atan2(metric[1], off);
        one.ellipse.sigma = {radius(half + root), radius(half - root)};
        one.ellipse.turn = {static_cast<float>(std::cos(angle)),
                            static_cast<float>(std::sin(angle))};
      }
      radii.push_back(std::max(one.ellipse.sigma.x, one.ellipse.sigma.y));
      tissot_.push_back(one);
    }
  }
  const float median = quantile(radii, 0.5);
  if (!(median > 0)) {
    tissot_.clear();
    return;
  }
  const float wanted = 0.36f * static_cast<float>(every) * grid.step;
  tissot_move_ = double{wanted} / double{median};
  for (Tissot& one : tissot_) {
    const float most = 1.2f * wanted;  // where x̂ hardly changes they would cover all
    const auto scaled = [&](float radius) {
      return std::min(radius * static_cast<float>(tissot_move_), most);
    };
    one.ellipse.sigma = {scaled(one.ellipse.sigma.x), scaled(one.ellipse.sigma.y)};
  }
}

void WhyLayers::follow_trips(const Seen& seen) {
  const PlaneFieldPtr& answer = seen.model.fields.trips;
  const FrozenModelPtr weights = seen.model.weights;
  if (!usable(seen, Layer::trips) || !weights) {
    trip_field_.reset();
    trips_.clear();
    home_.reset();
    trip_grid_ = {};
    return;
  }
  trip_grid_ = grid_for(seen, kTripCell, kMostTrips, trip_grid_);
  PlaneQuestion wanted;
  wanted.measure = PlaneMeasure::round_trip;
  wanted.grid = trip_grid_;
  wanted.label = seen.scene.label();
  wanted.prior_draws = seen.model.spec.has_prior() ? kPriorDraws : 0;
  wanted.seed = seen.model.seed;
  const bool fits = answer && answer->asked.grid.origin == wanted.grid.origin &&
                    answer->asked.grid.directions == wanted.grid.directions &&
                    answer->asked.label == wanted.label;
  if (!fits) {
    if (trip_field_) trip_pace_ = {};
    trips_.clear();
    home_.reset();
    trip_field_.reset();
  } else if (answer != trip_field_) {
    trip_pace_.answered(seen.now_s);
    trip_field_ = answer;
    home_ = answer->home;
    trips_.clear();
    const std::vector<float> z = answer->asked.grid.z();
    const auto latent = static_cast<std::size_t>(answer->asked.grid.latent());
    for (std::size_t at = 0; at < answer->asked.grid.count(); ++at) {
      const auto [a, b] = answer->asked.grid.place(at);
      const auto mean = std::span(answer->mean).subspan(at * latent, latent);
      Trip trip{{a, b}, seen.scene.plane_of(mean), 0};
      if (!answer->sigma.empty()) {
        double squares = 0;
        for (std::size_t i = 0; i < latent; ++i) {
          const double off = (double{z[at * latent + i]} - double{mean[i]}) /
                             double{answer->sigma[at * latent + i]};
          squares += off * off;
        }
        trip.off = static_cast<float>(std::sqrt(squares / static_cast<double>(latent)));
      }
      trips_.push_back(trip);
    }
  }
  if (!fits || !(answer->asked == wanted) || answer->revision != weights->revision()) {
    ask(std::move(wanted), trip_pace_, seen);
  }
}

void WhyLayers::follow_forces(const Seen& seen) {
  const std::shared_ptr<const Forces>& answer = seen.model.fields.forces;
  const FrozenModelPtr weights = seen.model.weights;
  const Codes* codes = seen.points.codes();
  if (!usable(seen, Layer::forces) || !weights || !codes || codes->count() == 0) {
    force_field_.reset();
    forces_.clear();
    force_rows_.reset();
    forces_of_ = {};
    return;
  }
  // Evenly among the points, and those that a person has pinned.
  std::vector<std::int64_t> rows;
  const std::size_t count = seen.points.count();
  const std::size_t every = std::max<std::size_t>(1, (count + kMostForces - 1) / kMostForces);
  for (std::size_t i = 0; i < count; i += every) rows.push_back((*codes->indices)[i]);
  for (const PointRef& input : trail_inputs_) {
    if (input.split == codes->split && seen.points.find(input)) rows.push_back(input.index);
  }
  std::ranges::sort(rows);
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  if (!force_rows_ || *force_rows_ != rows) force_rows_ = make_indices(std::move(rows));

  const bool fits = answer && answer->split == codes->split && answer->latent == codes->latent &&
                    answer->latent == seen.model.spec.latent;
  if (!fits) {
    if (force_field_) force_pace_ = {};
    force_field_.reset();
    forces_.clear();
  } else if (answer != force_field_ || forces_of_ != std::pair(codes, seen.points.revision())) {
    if (answer != force_field_) {
      force_pace_.answered(seen.now_s);
      mean_force_lambda_ = -1;
    }
    force_field_ = answer;
    forces_of_ = {codes, seen.points.revision()};
    forces_.clear();
    const auto latent = static_cast<std::size_t>(answer->latent);
    const bool has_prior = !answer->sigma.empty();
    std::vector<float> lengths;
    for (std::size_t row = 0; row < answer->rows->size(); ++row) {
      const auto point = seen.points.find({answer->split, (*answer->rows)[row]});
      if (!point) continue;
      Force force;
      force.point = *point;
      force.reconstruction =
          seen.scene.plane_of(std::span(answer->pull_mean).subspan(row * latent, latent));
      force.mean = seen.scene.plane_of(seen.points.mean(*point));
      if (has_prior) {
        const auto sigma = std::span(answer->sigma).subspan(row * latent, latent);
        force.sigma = seen.scene.plane().ellipse(sigma);
        for (std::size_t i = 0; i < latent; ++i) {
          force.breathing_pull += double{sigma[i]} * double{answer->pull_sigma[row * latent + i]};
          force.breathing_kl += double{sigma[i]} * double{sigma[i]} - 1;
        }
        force.breathing_pull /= static_cast<double>(latent);
        force.breathing_kl /= static_cast<double>(latent);
      }
      lengths.push_back(std::hypot(force.reconstruction.x, force.reconstruction.y));
      forces_.push_back(force);
    }
    // The scale follows the reconstruction alone, so that λ is seen to lengthen the prior's arrows;
    // it moves only when it no longer serves.
    const float strong = quantile(lengths, 0.9);
    const float wanted = strong > 0 ? kForcePixels / std::sqrt(strong) : 1;
    const bool serves = pixels_per_force_ < 1.6f * wanted && pixels_per_force_ > wanted / 1.6f;
    if (!serves) pixels_per_force_ = wanted;
  }
  const double lambda = seen.model.settings.kl_weight;
  if (force_field_ && lambda != mean_force_lambda_) {
    mean_force_lambda_ = lambda;
    mean_force_ = zscape::mean_force(*force_field_, lambda);
    force_count_ = force_field_->count();
  }
  const bool newest =
      fits && answer->revision == weights->revision() && *answer->rows == *force_rows_;
  if (!newest) ask(ForcesQuestion{codes->split, force_rows_}, force_pace_, seen);
}

void WhyLayers::follow_lengths(const Seen& seen) {
  const auto& answer = seen.model.fields.lengths;
  if (answer != lengths_) {
    if (answer) lengths_pace_.answered(seen.now_s);
    lengths_ = answer;
  }
  if (!std::exchange(wants_lengths_, false)) return;
  const CodesPtr& codes =
      codes_shown(seen.model, seen.points.codes() ? seen.points.codes()->split : SplitName::train);
  if (!codes || codes->count() < 2 || !seen.model.drawing_model()) return;
  lengths_pace_.asked(seen.now_s);
  LengthsQuestion question;
  question.codes = codes;
  question.label = seen.scene.label();
  question.seed = seen.model.seed;
  questions_.emplace_back(std::move(question));
}

void WhyLayers::choose_trails(std::vector<PointRef> inputs) {
  if (inputs == trail_inputs_) return;
  trail_inputs_ = std::move(inputs);
  trails_stale_ = true;
}

void WhyLayers::follow_trails(const Seen& seen) {
  const std::shared_ptr<const Moments>& history = seen.model.history;
  if (!usable(seen, Layer::forces) || trail_inputs_.empty()) {
    trails_.clear();
    trails_history_.reset();
    return;
  }
  const auto end = std::ranges::upper_bound(
      *history, seen.model.position.step, {},
      [](const MomentPtr& moment) { return moment->position.step; });  // the past has no later ones
  const auto count = static_cast<std::size_t>(end - history->begin());
  const bool same =
      history == trails_history_ && count == trails_moments_ && trails_plane_ == seen.scene.plane();
  if (same && !trails_stale_) return;
  trails_history_ = history;
  trails_moments_ = count;
  trails_plane_ = seen.scene.plane();
  trails_stale_ = false;
  trails_.assign(trail_inputs_.size(), {});
  const std::size_t places = std::min(count, kMostMoments);
  for (std::size_t place = 0; place < places; ++place) {  // the first and the last among them
    const std::size_t at = places < 2 ? 0 : place * (count - 1) / (places - 1);
    const Moment& moment = *(*history)[at];
    for (std::size_t i = 0; i < trail_inputs_.size(); ++i) {
      const PointRef& input = trail_inputs_[i];
      const CodesPtr& codes =
          input.split == SplitName::train ? moment.train_sample : moment.test_sample;
      if (!codes || codes->latent != seen.model.spec.latent) continue;
      const auto row = row_of(*codes, input.index);
      if (!row) continue;
      const auto latent = static_cast<std::size_t>(codes->latent);
      trails_[i].push_back(
          seen.scene.plane_of(std::span<const float>(codes->mean.data() + *row * latent, latent)));
    }
  }
}

}  // namespace zscape
