#include "app/gui/input_browser.h"

#include <algorithm>
#include <array>
#include <utility>

namespace zscape {

void InputBrowser::begin_frame(const std::shared_ptr<const Dataset>& data,
                               LatentPanelState& latent) {
  if (data_ && data_ != data) {
    hovered_ = false;
    seen_.clear();
    latent.marked.reset();
    latent.pointed.reset();
    latent.flight.reset();
  }
  data_ = data;
  selection_.follow(data);
  input_pictures_.begin_frame(data);
  selection_.add_up();
  if (!(mean_shape_ == pictures_.shape())) {  // the sheet has forgotten it
    mean_shape_ = pictures_.shape();
    mean_ = kNoPicture;
    mean_revision_ = 0;
  }
  if (mean_revision_ == selection_.mean_revision()) return;
  mean_revision_ = selection_.mean_revision();
  const std::vector<float> mean = selection_.mean_picture();
  if (mean.size() != static_cast<std::size_t>(pictures_.shape().size())) return;
  pictures_.draw(mean_, mean);
}

void InputBrowser::ask_for_reconstructions(Scene& scene, const Points& points,
                                           const LatentPanelState& latent,
                                           const Dataset* data) const {
  std::vector<CodedInput> inputs;
  const auto ask = [&](PointRef input, bool urgent) {
    const auto point = points.find(input);
    if (!data || !point || points.codes()->latent != scene.latent()) return;
    const std::span<const float> mean = points.mean(*point);
    const int label = std::max(data->split(input.split).label(input.index), 0);
    inputs.push_back({input, {mean.begin(), mean.end()}, label, urgent});
  };
  if (latent.card_input) ask(*latent.card_input, true);
  for (const PointRef& input : seen_) ask(input, false);
  scene.show_reconstructions(std::move(inputs));
}

std::optional<FindNeighbours> InputBrowser::ask_for_neighbours(const Snapshot& snapshot,
                                                               ModelId model,
                                                               const InputInHand& hand,
                                                               bool is_seen, double now_s) {
  const ModelView* view = snapshot.find(model);
  if (!view) return {};
  auto request = neighbours_.update(*view, snapshot.data, hand, is_seen, now_s);
  if (request) request->model = model;
  return request;
}

std::vector<Command> InputBrowser::draw(const Snapshot& snapshot, ModelId model, const Scene& scene,
                                        LatentPanelState& latent, std::size_t selected_points,
                                        LowerTab& tab, const PanelFrame& frame) {
  const ModelView* view = snapshot.find(model);
  lists_worst_ = tab == LowerTab::worst;
  lists_gaps_ = tab == LowerTab::gaps;
  // Under the pointer the list keeps its order, so that a click means what it seems to mean.
  if (wants_errors() && view && snapshot.data && !hovered_) {
    const bool shown = view->errors && view->errors->split == latent.split;
    worst_.update(shown ? view->errors : nullptr, *snapshot.data, latent.hidden,
                  latent.metadata.filter);
    if (lists_gaps_ && !view->curves.gaps.empty()) gap_point_ = view->curves.gaps.back();
    if (lists_gaps_) {
      gaps_.list(view->gaps(latent.split), *snapshot.data, latent.hidden, latent.metadata.filter);
    }
  }
  const InputListInput input{selection_, selected_points, mean_,          worst_,
                             scene,      pictures_,       input_pictures_};
  InputListRequests requests;
  if (tab == LowerTab::neighbours) {
    const NeighboursShown shown{neighbours_.in_hand(), view ? neighbours_.found(*view) : nullptr};
    found_ = shown.found ? view->neighbours : nullptr;
    requests = draw_neighbours_panel(snapshot, input, shown, tab, frame);
  } else if (lists_gaps_) {
    requests = draw_gaps_panel(snapshot, model, input, gaps_, gaps_panel_, tab, frame);
  } else {
    requests = lists_worst_ ? draw_worst_panel(snapshot, model, input, tab, frame)
                            : draw_selection_panel(snapshot, model, input, panel_, tab, frame);
  }
  hovered_ = requests.hovered;
  seen_ = std::move(requests.seen);
  latent.pointed = requests.pointed;
  if (requests.fly) {
    fly_to(latent, *requests.fly);
    latent.taken = requests.fly;
  }
  return std::move(requests.commands);
}

void InputBrowser::hide(LatentPanelState& latent) {
  latent.pointed.reset();
  lists_worst_ = lists_gaps_ = hovered_ = false;
  found_.reset();
  seen_.clear();
}

void InputBrowser::log(EventLog& log, double time_s, std::int64_t step) {
  if (logged_selection_ != selection_.revision()) {
    logged_selection_ = selection_.revision();
    const auto count = [this](SplitName split) {
      return static_cast<std::int64_t>(selection_.rows(split).size());
    };
    log.write("selection", time_s, step,
              {{"count", static_cast<std::int64_t>(selection_.count())},
               {"train", count(SplitName::train)},
               {"test", count(SplitName::test)}});
  }
  if (found_ && logged_neighbours_ != found_) {
    logged_neighbours_ = found_;
    std::array<std::vector<double>, 4> lists;
    for (const Neighbour& each : found_->by_input) {
      lists[0].push_back(static_cast<double>(each.index));
      lists[1].push_back(each.distance);
    }
    for (const Neighbour& each : found_->by_code) {
      lists[2].push_back(static_cast<double>(each.index));
      lists[3].push_back(each.distance);
    }
    log.write("neighbours", time_s, step,
              {{"split", std::string(found_->codes->split == SplitName::test ? "test" : "train")},
               {"index", found_->index},
               {"inputs", std::move(lists[0])},
               {"input_distances", std::move(lists[1])},
               {"codes", std::move(lists[2])},
               {"code_distances", std::move(lists[3])}});
  }
  if (logged_worst_ != worst_.revision()) {
    logged_worst_ = worst_.revision();
    std::vector<double> inputs, errors;
    bool test = false;
    for (const WorstInputs::Entry& entry : worst_.entries()) {
      inputs.push_back(static_cast<double>(entry.input.index));
      errors.push_back(entry.error);
      test = entry.input.split == SplitName::test;
    }
    log.write("worst", time_s, step,
              {{"split", std::string(test ? "test" : "train")},
               {"inputs", std::move(inputs)},
               {"error", std::move(errors)}});
  }
  if (gap_point_ && logged_gap_point_ != gap_point_) {
    logged_gap_point_ = gap_point_;
    log.write("gap_point", time_s, gap_point_->step,
              {{"inputs", gap_point_->inputs},
               {"log_likelihood", static_cast<double>(gap_point_->log_likelihood)},
               {"elbo", static_cast<double>(gap_point_->elbo)},
               {"amortisation", static_cast<double>(gap_point_->amortisation)},
               {"approximation", static_cast<double>(gap_point_->approximation)}});
  }
  if (logged_gaps_ != gaps_.revision()) {
    logged_gaps_ = gaps_.revision();
    std::array<std::vector<double>, 3> lists;
    bool test = false;
    for (const GapLedger::Entry& entry : gaps_.entries()) {
      lists[0].push_back(static_cast<double>(entry.input.index));
      lists[1].push_back(entry.amortisation);
      lists[2].push_back(entry.approximation);
      test = entry.input.split == SplitName::test;
    }
    log.write("gaps", time_s, step,
              {{"split", std::string(test ? "test" : "train")},
               {"measured", static_cast<std::int64_t>(gaps_.measured())},
               {"inputs", std::move(lists[0])},
               {"amortisation", std::move(lists[1])},
               {"approximation", std::move(lists[2])}});
  }
}

}  // namespace zscape
