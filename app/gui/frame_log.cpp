#include "app/gui/frame_log.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "app/gui/panels/paths/path_speed.h"

namespace zscape {
namespace {

std::vector<double> list(std::span<const float> values) {
  return {values.begin(), values.end()};
}

std::vector<double> list(const Rect& rect) {
  return {rect.origin.x, rect.origin.y, rect.size.x, rect.size.y};
}

// "train 12", or "" for a free place.
std::string source_name(const std::optional<PointRef>& source) {
  if (!source) return {};
  return (source->split == SplitName::train ? "train " : "test ") + std::to_string(source->index);
}

// For the log, which writes null for a number that is not finite.
double number_or_nan(const auto& value) {
  return value ? static_cast<double>(*value) : kNoFigure;
}

}  // namespace

void FrameLog::frame(const FrameRecord& record, Scene& scene, const LatentPanelState& latent,
                     const Points& points, const LayerContents& contents,
                     const WidgetMap& widgets) {
  log_.set_pane(record.pane);
  layout(record, latent.view, widgets);
  axes(record, scene);
  layers(record, latent, contents);
  why(record, contents.why);
  metadata(record, latent, contents.metadata);
  if (std::exchange(told_[record.pane].points, points.count()) != points.count()) {
    log_.write("points", record.time_s, record.step,
               {{"count", static_cast<std::int64_t>(points.count())}});
  }
  picture(record, scene, latent, points);
  scene_events(record, scene);
  log_.set_pane(0);
  if (record.pane == 0) frames(record);
}

void FrameLog::scene_events(const FrameRecord& record, Scene& scene) {
  const auto write = [&](std::string_view event, std::initializer_list<EventLog::Field> fields) {
    log_.write(event, record.time_s, record.step, fields);
  };
  for (const auto& [kind, of_path, number] : scene.take_events()) {
    using Kind = SceneEvent::Kind;
    const std::int64_t id = number;
    const bool is_added = kind == Kind::added;
    const Pin* pin = of_path ? nullptr : item_of(scene.pins(), number);
    const Path* path = of_path ? item_of(scene.paths(), number) : nullptr;
    if (kind == Kind::cleared) {
      write("scene_cleared", {});
    } else if (kind == Kind::removed) {
      write(of_path ? "path_removed" : "pin_removed", {{"id", id}});
    } else if (pin && is_added) {
      write("pin", {{"id", id},
                    {"z", list(pin->z)},
                    {"source", source_name(pin->source)},
                    {"label", std::int64_t{pin->label}}});
    } else if (pin) {
      write("pin_changed", {{"id", id}, {"name", pin->name}, {"label", std::int64_t{pin->label}}});
    } else if (path && is_added) {
      const ControlPoint &from = path->points.front(), &to = path->points.back();
      write("path", {{"id", id},
                     {"from", list(from.z)},
                     {"to", list(to.z)},
                     {"from_source", source_name(from.source)},
                     {"to_source", source_name(to.source)},
                     {"points", list(path->stops())},
                     {"frames", std::int64_t{path->frames()}}});
    } else if (path) {
      write("path_changed", {{"id", id},
                             {"name", path->name},
                             {"mode", std::string(name_of(path->mode))},
                             {"points", list(path->stops())},
                             {"frames", std::int64_t{path->frames()}}});
    }
  }
}

void FrameLog::layout(const FrameRecord& record, const LatentView& view, const WidgetMap& widgets) {
  Told& told = told_[record.pane];
  const bool turned = view.orbit && (!told.view || told.view->orbit != view.orbit);
  const bool moved = !told.view || !told.view->same_plane(view);
  if (turned) {
    const OrbitCamera& camera = *view.orbit;
    log_.write("orbit", record.time_s, record.step,
               {{"middle", std::vector<double>{camera.middle.x, camera.middle.y, camera.middle.z}},
                {"half", double{camera.half}},
                {"yaw", double{camera.yaw}},
                {"pitch", double{camera.pitch}},
                {"zoom", double{camera.zoom}},
                {"pan", std::vector<double>{camera.pan_x, camera.pan_y}}});
  }
  told.view = view;
  if (moved) {
    log_.write("layout", record.time_s, record.step,
               {{"plot", list(view.rect())},
                {"center", std::vector<double>{view.center.x, view.center.y}},
                {"pixels_per_unit", double{view.pixels_per_unit}}});
  }
  // Forgets hidden widgets, so that they are logged again when they reappear.
  std::erase_if(widgets_, [&](const auto& known) { return !widgets.find(known.first); });
  for (const auto& [name, place] : widgets.places()) {
    const auto known = widgets_.find(name);
    if (known != widgets_.end() && known->second == place) continue;
    widgets_.insert_or_assign(name, place);
    log_.write("widget", record.time_s, record.step, {{"name", name}, {"rect", list(place)}});
  }
}

void FrameLog::picture(const FrameRecord& record, const Scene& scene,
                       const LatentPanelState& latent, const Points& points) {
  Told& told = told_[record.pane];
  const std::vector<float> z = scene.shown_z();
  const bool moved = z != told.z;
  if (moved) {
    told.z = z;
    const bool near = latent.nearest && latent.nearest->point < points.count();
    log_.write("hover", record.time_s, record.step,
               {{"z", list(z)},
                {"inside", latent.pointer_inside},
                {"nearest", near ? source_name(points.ref(latent.nearest->point)) : std::string()},
                {"label", std::int64_t{near ? points.label(latent.nearest->point) : -1}}});
  }
  if (record.drawn.pictures == 0 && !record.input_to_shown_ms) return;
  // Without a pointer move in this frame there is no latency: null.
  log_.write("picture", record.time_s, record.step,
             {{"frame", record.number},
              {"z", list(z)},
              {"fresh", record.drawn.cursor},
              {"pictures", std::int64_t{record.drawn.pictures}},
              {"decode_ms", record.drawn.decode_ms},
              {"latency_ms", record.input_to_shown_ms.value_or(NAN)}});
}

// Which coordinates are shown, and the principal ones' directions.
void FrameLog::axes(const FrameRecord& record, const Scene& scene) {
  const LatentPlane& plane = scene.plane();
  const CodeAxesPtr code_axes = plane.principal() ? scene.code_axes() : nullptr;
  Told& told = told_[record.pane];
  if (scene.axis_choice() == told.axes && code_axes == told.code_axes) return;
  told.axes = scene.axis_choice();
  told.code_axes = code_axes;
  std::vector<double> shown, shares, directions;
  for (int i = 0; i < plane.shown_axes(); ++i) {
    shown.push_back(plane.axis(i));
    if (!code_axes) continue;
    shares.push_back(code_axes->share(plane.axis(i)));
    const auto latent = static_cast<std::size_t>(code_axes->latent);
    const auto first = static_cast<std::size_t>(plane.axis(i)) * latent;
    const auto along = std::span(code_axes->directions).subspan(first, latent);
    directions.insert(directions.end(), along.begin(), along.end());
  }
  log_.write("axes", record.time_s, record.step,
             {{"principal", plane.principal()},
              {"spatial", plane.spatial()},
              {"shown", shown},
              {"shares", shares},
              {"directions", directions}});
}

// Layers and colours, and the manifold's progress, when they change.
void FrameLog::layers(const FrameRecord& record, const LatentPanelState& latent,
                      const LayerContents& contents) {
  Told& told = told_[record.pane];
  std::string shown;
  for (const Layer layer : kLayers) {
    if (!latent.layers.shown(layer)) continue;
    if (!shown.empty()) shown += ' ';
    shown += text_of(layer).id;
  }
  const Coloring& coloring = contents.coloring;
  const std::string state = fmt::format("{} {} {} {}", shown, latent.layers.ellipses_of_all,
                                        latent.hidden.to_string(), coloring.revision());
  if (state != told.layers) {
    told.layers = state;
    log_.write("layers", record.time_s, record.step,
               {{"shown", shown},
                {"ellipses_of_all", latent.layers.ellipses_of_all},
                {"hidden", static_cast<std::int64_t>(latent.hidden.count())},
                {"color_by", std::string(id_of(coloring.choice().by))},
                {"factor", std::int64_t{coloring.choice().factor}},
                {"low", double{coloring.low()}},
                {"high", double{coloring.high()}},
                {"agreement", coloring.agreement().value_or(NAN)}});
  }
  const Manifold& manifold = contents.manifold;
  const auto cells = static_cast<std::int64_t>(manifold.cells().size());
  const auto fresh = std::int64_t{manifold.fresh()};
  const std::array<double, 3> grid{double(cells), double(fresh), manifold.cell_size()};
  if (cells == 0 || grid == told.manifold) return;
  told.manifold = grid;
  log_.write("manifold", record.time_s, record.step,
             {{"cells", cells},
              {"fresh", fresh},
              {"cell", double{manifold.cell_size()}},
              {"pictures", std::int64_t{record.manifold.pictures}},
              {"decode_ms", record.manifold.decode_ms}});
}

void FrameLog::sequences(const FrameRecord& record, const ChosenSequences& chosen,
                         const SequenceCodes& codes, const Scene& scene) {
  if (!chosen.available()) return;
  std::vector<double> numbers;
  for (const SequenceRef& sequence : chosen.chosen()) {
    numbers.push_back(static_cast<double>(sequence.number));
  }
  const SequenceRef* active = chosen.active();
  const auto z = active ? codes.mean(*active, chosen.step()) : std::span<const float>();
  const std::int64_t of_step = z.empty() ? -1 : codes.codes()->step;
  const std::string input = source_name(scene.shown_input());
  const bool playing = chosen.playback().playing();
  std::string state = fmt::format("{} {} {} {} {}", fmt::join(numbers, ","), chosen.step(), of_step,
                                  input, playing);
  if (active) state += active->split == SplitName::train ? " train" : " test";
  Told& told = told_[record.pane];
  if (state == told.sequences || (numbers.empty() && told.sequences.empty())) return;
  told.sequences = std::move(state);
  log_.set_pane(record.pane);
  log_.write("sequences", record.time_s, record.step,
             {{"split", std::string(!active                             ? ""
                                    : active->split == SplitName::train ? "train"
                                                                        : "test")},
              {"chosen", std::move(numbers)},
              {"at", active ? chosen.step() : std::int64_t{-1}},
              {"z", list(z)},
              {"of_step", of_step},
              {"input", input},
              {"playing", playing}});
  log_.set_pane(0);
}

// What is searched and filtered, when that changes or finds others.
void FrameLog::metadata(const FrameRecord& record, const LatentPanelState& latent,
                        const MetadataMatches& matches) {
  const MetadataChoice& choice = latent.metadata;
  const auto in_plot = static_cast<std::int64_t>(matches.found_points().size());
  const std::string state =
      fmt::format("{} {} {} {} {} {} {} {}", choice.search, choice.filter.column,
                  choice.filter.hidden.count(), choice.filter.low, choice.filter.high,
                  matches.found_inputs(), in_plot, matches.shown_inputs());
  Told& told = told_[record.pane];
  const bool is_plain = choice.search.empty() && choice.filter.column < 0;
  if (state == told.metadata || (told.metadata.empty() && is_plain)) return;
  told.metadata = state;
  log_.write("metadata", record.time_s, record.step,
             {{"search", choice.search},
              {"found", matches.found_inputs()},
              {"in_plot", in_plot},
              {"column", std::int64_t{choice.filter.column}},
              {"hidden", static_cast<std::int64_t>(choice.filter.hidden.count())},
              {"shown", matches.shown_inputs()}});
}

void FrameLog::figures(const ShownFigures& shown, double time_s, std::int64_t step) {
  const CodeFigures& codes = shown.figures.codes;
  log_.write("figures", time_s, step,
             {{"inputs", codes.count},
              {"split", std::string(shown.split == SplitName::train ? "train" : "test")},
              {"of_step", codes.step},
              {"kl_per_dimension", codes.kl},
              {"variance_per_dimension", codes.variance},
              {"active_units", number_or_nan(codes.active_units)},
              {"aggregate_kl", number_or_nan(codes.aggregate_kl)},
              {"mean_sigma", number_or_nan(codes.mean_sigma)},
              {"spread", codes.spread}});
}

void FrameLog::evaluation(const FrameRecord& record, const ModelView& model) {
  std::shared_ptr<const Evaluation>& told = told_[record.pane].evaluation;
  if (told == model.evaluation) return;
  told = model.evaluation;
  if (!told) return;
  const Figures& found = told->figures;
  log_.set_pane(record.pane);
  log_.write("evaluation", record.time_s, record.step,
             {{"inputs", found.images},
              {"of_step", told->step},
              {"reconstruction", found.reconstruction},
              {"kl", number_or_nan(found.kl)},
              {"elbo", number_or_nan(found.elbo)},
              {"elbo_standard_error", number_or_nan(found.elbo_standard_error)},
              {"log_likelihood", number_or_nan(found.log_likelihood)},
              {"log_likelihood_prior", number_or_nan(found.log_likelihood_prior)},
              {"mse", found.mse},
              {"knn_accuracy", number_or_nan(found.knn_accuracy)},
              {"silhouette", number_or_nan(found.silhouette)}});
  log_.set_pane(0);
}

// Of each outline some corners.
void FrameLog::evidence(const FrameRecord& record, const EvidenceView& view) {
  constexpr std::size_t kCorners = 60;
  const Evidence* found = view.found();
  std::uint64_t& told = told_[record.pane].evidence;
  if (!found || found->request == told) return;
  told = found->request;
  const auto corners = [&](double mass) {
    std::vector<double> places;
    for (const PosteriorRegion& region : found->regions) {
      if (region.mass != mass) continue;
      for (const auto& part : region.intervals)
        places.insert(places.end(), part.begin(), part.end());
      for (const std::vector<float>& line : region.outlines) {
        const std::size_t step = std::max<std::size_t>(line.size() / 2 / kCorners, 1);
        for (std::size_t i = 0; i + 1 < line.size(); i += 2 * step) {
          places.push_back(line[i]);
          places.push_back(line[i + 1]);
        }
      }
    }
    return places;
  };
  const auto numbers = [](const LatentGaussian& gaussian) {
    return std::vector<double>{gaussian.mean[0], gaussian.mean[1], gaussian.covariance[0],
                               gaussian.covariance[1], gaussian.covariance[2]};
  };
  const EvidenceView::Subject& subject = view.subject();
  log_.set_pane(record.pane);
  log_.write("evidence", record.time_s, record.step,
             {{"input", subject.input ? source_name(subject.input) : std::string("drawing")},
              {"of_step", found->step},
              {"log_likelihood", found->log_likelihood},
              {"error", found->error},
              {"elbo", found->elbo},
              {"amortisation_gap", found->amortisation_gap},
              {"approximation_gap", found->approximation_gap},
              {"approximation_gap_full", found->full_approximation_gap},
              {"encoder", numbers(found->encoder)},
              {"best_diagonal", numbers(found->best_diagonal)},
              {"best_full", numbers(found->best_full)},
              {"half", corners(0.5)},
              {"most", corners(0.95)},
              {"milliseconds", found->milliseconds},
              {"waiting", view.waiting()}});
  log_.set_pane(0);
}

void FrameLog::certificate(const FrameRecord& record, const ModelView& model) {
  CertificatePtr& told = told_[record.pane].certificate;
  if (told == model.certificate) return;
  told = model.certificate;
  if (!told) return;
  const auto last = [&](Estimator estimator, double CertificatePoint::*member) {
    const CertificateCurve* curve = told->find(estimator);
    return curve == nullptr || curve->points.empty() ? kNoFigure : curve->points.back().*member;
  };
  log_.set_pane(record.pane);
  log_.write("certificate", record.time_s, record.step,
             {{"verdict", std::string(name_of(told->verdict()))},
              {"done", told->is_done},
              {"of_step", told->step},
              {"inputs", told->inputs},
              {"exact", told->exact ? told->exact->mean : kNoFigure},
              {"prior", last(Estimator::prior, &CertificatePoint::mean)},
              {"importance", last(Estimator::importance, &CertificatePoint::mean)},
              {"annealed", last(Estimator::annealed, &CertificatePoint::mean)},
              {"lower", told->both.empty() ? kNoFigure : told->both.back().lower},
              {"upper", told->both.empty() ? kNoFigure : told->both.back().upper}});
  log_.set_pane(0);
}

// Once a second while frames are drawn.
void FrameLog::frames(const FrameRecord& record) {
  ++counted_;
  cpu_ms_.push_back(record.cpu_ms);
  whole_ms_.push_back(record.whole_ms);
  redrawn_.push_back(record.points_redrawn ? 1 : 0);
  const double seconds = record.time_s - second_began_s_;
  if (seconds < 1) return;
  const auto count = static_cast<double>(counted_);
  const auto mean = [count](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / count;
  };
  log_.write("frames", record.time_s, record.step,
             {{"number", record.number},
              {"per_second", count / seconds},
              {"cpu_ms", mean(cpu_ms_)},
              {"whole_ms", mean(whole_ms_)},
              {"cpu_each", cpu_ms_},
              {"whole_each", whole_ms_},
              {"redrawn_each", redrawn_}});
  second_began_s_ = record.time_s;
  counted_ = 0;
  cpu_ms_.clear();
  whole_ms_.clear();
  redrawn_.clear();
}

}  // namespace zscape
