#include "app/gui/panes.h"

#include <algorithm>
#include <optional>
#include <string>

#include "app/gui/panels/curves/compare_figures.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/frame/pane_colors.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {

Panes::Panes(std::unique_ptr<Renderer> renderer, Selection& selection) : selection_(selection) {
  panes_.push_back(
      std::make_unique<Pane>(kFirstModel, std::move(renderer), selection_, sequences_));
}

std::size_t Panes::number(const Pane& pane) const {
  const auto found = std::ranges::find(panes_, &pane, &std::unique_ptr<Pane>::get);
  return static_cast<std::size_t>(found - panes_.begin());
}

Pane* Panes::find(ModelId model) const {
  const auto found =
      std::ranges::find_if(panes_, [model](const auto& pane) { return pane->model == model; });
  return found == panes_.end() ? nullptr : found->get();
}

ScenesOnScreen Panes::scenes() const {
  ScenesOnScreen scenes;
  for (const auto& pane : panes_) scenes.push_back({pane->model, &pane->scene});
  return scenes;
}

void Panes::add(const ModelView& model, std::unique_ptr<Renderer> renderer,
                const SnapshotPtr& shown) {
  panes_.push_back(std::make_unique<Pane>(model.id, std::move(renderer), selection_, sequences_));
  last().serial = model.serial;
  last().shown = shown;
  share_choices(first().latent, last().latent);
}

void Panes::remove(const Pane& pane) {
  const std::size_t gone = number(pane);
  const Pane* kept = &pane == &active() ? &first() : &active();
  panes_.erase(panes_.begin() + static_cast<std::ptrdiff_t>(gone));
  state_ = {};
  state_.active = number(*kept);
  for (const auto& each : panes_) {
    each->preview.models.clear();
    each->preview.differences.clear();
  }
  if (panes_.size() == 1) first().latent.placed = false;  // it has all the room again
}

Pane* Panes::take_closed() {
  const auto crossed = std::exchange(state_.close, std::nullopt);
  Pane* closed = crossed ? panes_[*crossed].get() : nullptr;
  if (std::exchange(compare_.closes, false)) closed = &last();
  if (const auto chosen = std::exchange(compare_.closing, {})) closed = find(*chosen);
  return closed == &first() ? nullptr : closed;
}

void Panes::arrange(PaneArrangement arrangement) {
  state_.order = std::move(arrangement.order);
  compare_.axes = arrangement.axes;
}

void Panes::choose_moments(const SnapshotPtr& now, double now_s) {
  sequences_.follow(now->data, now_s);
  for (const auto& pane : panes_) pane->choose_moment(now, now_s);
  const auto has_all = [](const std::unique_ptr<Pane>& pane) {
    const ModelView* model = pane->shown->find(pane->model);
    if (model == nullptr) return false;
    const bool train = pane->latent.split == SplitName::train;
    return (train ? model->train_codes : model->test_codes) != nullptr;
  };
  if (std::ranges::all_of(panes_, has_all)) return;
  for (const auto& pane : panes_) {
    if (!has_all(pane)) continue;
    auto narrowed = std::make_shared<Snapshot>(*pane->shown);
    for (ModelView& model : narrowed->models) {
      if (model.id != pane->model) continue;
      model.train_codes = nullptr;
      model.test_codes = nullptr;
    }
    pane->shown = std::move(narrowed);
    pane->narrowed = true;
  }
}

void Panes::draw_latent(const LatentKeys& keys, bool pictures_at_cursor, const PanelFrame& frame) {
  LatentKeys others;  // of the panes that are not the active one
  others.fit = keys.fit;
  follow_sequences(keys);
  const bool own_open = first().own_image.open;
  std::vector<LatentPane> views;
  for (const auto& pane : panes_) {
    LatentPanelInput input{pane->points, pane->pictures, pane->contents,
                           pane.get() == &active() ? keys : others, pane->renderer->canvas()};
    if (pane.get() != &first()) pane->own_image.mirror(first().own_image);
    input.picture_at_cursor = pictures_at_cursor;
    input.own_image = &pane->own_image;
    input.selection = &selection_;
    input.compare = &compare_;
    input.sequences = &sequences_;
    input.sequence_codes = &pane->sequence_codes;
    input.evidence = &pane->evidence;
    views.push_back({*pane->shown, pane->model, std::move(input), pane->scene, pane->latent});
  }
  draw_latent_panes(views, state_, frame);
  // Opened or closed in the toolbar, which is another pane's.
  for (const auto& pane : panes_) {
    if (pane->own_image.open != own_open) first().own_image.open = !own_open;
  }
}

void Panes::follow_sequences(const LatentKeys& keys) {
  if (sequences_.empty() && !active().latent.marked) marked_.reset();
  if (!sequences_.available()) return;
  const std::optional<PointRef>& marked = active().latent.marked;
  if (marked && marked != marked_) sequences_.choose(*marked);
  marked_ = marked;
  if (sequences_.empty() || keys.step_back == keys.step_on) return;
  const std::int64_t last = sequences_.steps() - 1;
  sequences_.pause();
  sequences_.move_to(
      std::clamp<std::int64_t>(sequences_.step() + (keys.step_on ? 1 : -1), 0, last));
}

std::vector<Pane*> Panes::from_left() const {
  std::vector<Pane*> panes;
  for (const std::size_t number : order_of(state_, panes_.size())) {
    panes.push_back(panes_[number].get());
  }
  return panes;
}

std::vector<ComparedModel> Panes::compared() const {
  std::vector<ComparedModel> compared;
  for (Pane* pane : from_left()) {
    const ModelView* view = pane->shown->find(pane->model);
    if (panes_.size() < 2 || !view) continue;
    compared.push_back({*view, pane->figures_cache.update(*view, pane->latent.split)});
  }
  return compared;
}

// Of two panes that show the same place or input at the same time.
PreviewDifference Panes::difference_of(Pane& left, Pane& right) {
  PreviewDifference result{&left.pictures, kNoPicture, {}, {}, {}};
  const ModelView* one = left.shown->find(left.model);
  const ModelView* other = right.shown->find(right.model);
  if (!one || !other) return result;
  result.name = difference_name(*one, *other);
  if ((one->past_decoder != nullptr) != (other->past_decoder != nullptr)) {
    result.text = tr("One is in the past");
    result.brief = tr("past");
    return result;
  }
  const auto follows = [this](const Pane& pane) {
    const std::size_t i = number(pane);
    return i == state_.leader || (i < state_.links.size() && state_.links[i]);
  };
  if (!follows(left) || !follows(right)) {
    result.text = tr("No common input");
    return result;
  }
  if (!left.difference.update(
          {left.pictures, left.scene.cursor_picture(), pane_color(left.model.value)},
          {right.pictures, right.scene.cursor_picture(), pane_color(right.model.value)})) {
    return result;
  }
  result.slot = left.difference.slot();
  result.brief = format_value(left.difference.mse(), 2);
  result.text = tr("MSE {}", format_value(left.difference.mse(), 3));
  return result;
}

void Panes::show_in_preview(const Snapshot& now) {
  if (panes_.size() < 2) return;
  std::vector<PreviewPicture> pictures;
  std::vector<PreviewDifference> differences;
  const std::vector<Pane*> panes = from_left();
  for (std::size_t i = 0; i + 1 < panes.size(); ++i) {
    differences.push_back(difference_of(*panes[i], *panes[i + 1]));
  }
  for (const Pane* pane : panes) {
    const ModelView* model = pane->shown->find(pane->model);
    std::string name = model ? name_with_lambda(*model) : std::string();
    const int label = pane->scene.labels() > 0 ? pane->scene.shown_label() : -1;
    if (label >= 0 && now.data) {
      name = tr("{}, as {}", name, now.data->class_names[static_cast<std::size_t>(label)]);
    }
    pictures.push_back({&pane->pictures, pane->scene.cursor_picture(), std::move(name),
                        pane == &active(), number(*pane), pane->model.value});
  }
  PreviewPanelState& preview = active().preview;
  preview.models = std::move(pictures);
  preview.differences = std::move(differences);
  const CursorLink* link = state_.link();
  preview.link = link ? text_of(link->by) : std::string();
  if (link && link->input && now.data) {
    preview.link = tr("linked by {}", input_name(now, *link->input));
  }
}

}  // namespace zscape
