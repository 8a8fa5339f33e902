// The explorer's panes: one model, or two side by side with one cursor.
#include <fmt/core.h>
#include <imgui.h>

#include <array>
#include <utility>

#include "app/gui/explorer_window.h"
#include "app/gui/panels/frame/close_question.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/view/frame/format.h"

namespace zscape {
namespace {

constexpr std::int64_t kWorthAskingSteps = 1000;  // that closing a model would lose

}  // namespace

std::vector<Pane*> Explorer::panes() {
  std::vector<Pane*> all{&first_};
  if (second_) all.push_back(second_.get());
  return all;
}

// A pane for each model that the engine shows, no more and no less.
Expected<void> Explorer::follow_models() {
  const bool has_second = snapshot_->find(kSecondModel) != nullptr;
  if (has_second == (second_ != nullptr)) return {};
  settle_ = kSettleFrames;
  closing_second_ = false;
  if (has_second) {
    Expected<std::unique_ptr<Renderer>> renderer = Renderer::make();
    if (!renderer) return tl::unexpected(renderer.error());
    second_ = std::make_unique<Pane>(kSecondModel, std::move(*renderer), selection_);
    second_->model_path = "model-2.safetensors";
    second_->points.set_gliding(!appearance_.reduced_motion);
    second_->shown = snapshot_;
    share_choices(first_.latent, second_->latent);
  } else {
    activate(kFirstModel);
    second_.reset();
    first_.preview.pair.clear();
    first_.latent.placed = false;  // it has all the room again
    pair_ = {};
  }
  const ModelView* second = snapshot_->find(kSecondModel);
  const ModelView* first = snapshot_->find(kFirstModel);
  log_.events().write(
      "compare", Window::time_s(), step(),
      {{"open", has_second},
       {"kind", second ? std::string(name_of(second->spec.kind)) : std::string()},
       {"lambda", second ? second->settings.kl_weight : 0.0},
       {"link", second ? text_of(link_between(first->spec, second->spec)) : std::string()}});
  return {};
}

// What was being edited for the other model is given up; its file keeps its own name.
void Explorer::activate(ModelId model) {
  Pane& before = active();
  pair_.active = model.value;
  Pane& now = active();
  if (&before == &now) return;
  before.model_path = std::exchange(controls_.path, now.model_path);
  ControlsPanelState fresh;
  fresh.path = controls_.path;
  fresh.source = controls_.source;
  fresh.data_help = controls_.data_help;
  fresh.files = std::move(controls_.files);
  fresh.more_training = controls_.more_training;
  fresh.more_model = controls_.more_model;
  controls_ = std::move(fresh);
  settle_ = kSettleFrames;
}

// By its key: a list of what may stand beside the first model, or the second goes.
void Explorer::compare() {
  (second_ ? compare_.closes : compare_.opens) = true;
  settle_ = kSettleFrames;
}

// At once where little is lost, else after a question.
void Explorer::close_second(const PanelFrame& frame) {
  const bool by_cross = std::exchange(pair_.close, false);
  const bool asked = std::exchange(compare_.closes, false) || by_cross;
  const ModelView* second = snapshot_->find(kSecondModel);
  if (!second_ || !second || closing_second_) return;
  const std::int64_t steps = second->position.step - second->saved.step;
  const bool has_marks = !second_->scene.pins().empty() || !second_->scene.paths().empty();
  const bool is_much = !script_ && (steps >= kWorthAskingSteps || has_marks);
  const auto answer = draw_question(
      asked && is_much,
      {"close_second", "Close the second model?",
       fmt::format("{} has learned {} steps that are in no file{}.", name_with_lambda(*second),
                   format_count(std::max<std::int64_t>(steps, 0)),
                   has_marks ? ", and its pins and paths go with it" : ""),
       "Close it", "What it has learned is lost."},
      frame);
  if (!(asked && !is_much) && !answer.value_or(false)) return;
  post(RemoveModel{kSecondModel});
  closing_second_ = true;
}

// Both models train, pause and step together.
void Explorer::post_for_both(Command command) {
  if (second_) {
    const ModelId other = active().model == kFirstModel ? kSecondModel : kFirstModel;
    const ModelView* model = snapshot_->find(other);
    if (std::holds_alternative<Start>(command) && model && can_start(model->state)) {
      post(Start{other});
    }
    if (std::holds_alternative<Pause>(command) && model && can_pause(model->state)) {
      post(Pause{other});
    }
    if (std::holds_alternative<Step>(command) && model && can_step(model->state)) {
      post(Step{other});
    }
  }
  post(std::move(command));
}

// Decides what latent view and preview show in this frame.
void Explorer::choose_moments(double now_s) {
  curves_.marked_step.reset();
  for (Pane* pane : panes()) choose_moment(*pane, now_s);
  for (Pane* pane : panes()) pane->narrowed = false;
  if (!second_) return;
  // Where one has encoded everything and the other a sample so far, both show the sample: the same
  // inputs in both, whichever the pointer is at.
  const auto whole = [&](const Pane& pane) {
    const ModelView* model = pane.shown->find(pane.model);
    if (model == nullptr) return CodesPtr();
    return pane.latent.split == SplitName::train ? model->train_codes : model->test_codes;
  };
  for (Pane* pane : panes()) {
    const Pane& other = pane == &first_ ? *second_ : first_;
    if (!whole(*pane) || whole(other)) continue;
    auto narrowed = std::make_shared<Snapshot>(*pane->shown);
    for (ModelView& model : narrowed->models) {
      if (model.id != pane->model) continue;
      model.train_codes = nullptr;
      model.test_codes = nullptr;
    }
    pane->shown = std::move(narrowed);
    pane->narrowed = true;
    break;  // else the other would follow
  }
}

void Explorer::choose_moment(Pane& pane, double now_s) {
  if (const ModelView* model = snapshot_->find(pane.model)) {
    pane.time_line.update(model->history, model->position.step, now_s);
  }
  if (const MomentPtr moment = pane.capture.moment()) {
    pane.time_line.show(moment);
    pane.points.clear();  // they jump there: the picture is of this moment alone
  }
  const Moment* moment = pane.time_line.shown();
  if (moment && &pane == &active()) {
    curves_.marked_step = static_cast<double>(moment->position.step);
  }
  pane.shown = moment ? snapshot_at(*snapshot_, pane.model, *moment) : snapshot_;
}

// Before the panels: its points and layers follow the snapshot.
void Explorer::update_pane(Pane& pane, double now_s) {
  const ModelView* model = pane.shown->find(pane.model);
  if (model == nullptr) return;
  const auto& data = pane.shown->data;
  const auto is_marked = [&] { return !pane.scene.pins().empty() || !pane.scene.paths().empty(); };
  const bool was_marked = is_marked();
  if (data) pane.scene.set_model(model->spec, data);
  if (was_marked && !is_marked()) {
    tell("Pins and paths are gone: they were places of another latent space, or of other data",
         false);
  }
  // A moment of the past is seen along the axes of now.
  if (const ModelView* now = snapshot_->find(pane.model)) {
    // A sample is but on the way to what all codes say once the model rests.
    const CodesPtr& codes = codes_shown(*now, SplitName::train);
    pane.code_axes.follow(codes, pane.scene.axis_choice().principal, codes != now->train_codes,
                          now_s);
  }
  pane.scene.set_code_axes(pane.code_axes.axes());
  if (data) {
    pane.scene.move_sources(pane.source_codes.update(pane.scene.marks().sources(), *model, *data));
  }
  pane.points.update(*model, data, pane.latent.split, pane.scene.plane(), pacer_.motion_s(now_s));
  if (data) pane.contents.follow(pane.points, *model, *data, pane.latent.color_by);
  pane.inputs.begin_frame(data, pane.latent);
}

LatentPanelInput Explorer::input_of(Pane& pane, const LatentKeys& keys) {
  LatentPanelInput input{pane.points, pane.pictures, pane.contents, keys, pane.renderer->canvas()};
  input.own_image = &pane.own_image;
  input.selection = &selection_;
  input.compare = &compare_;
  return input;
}

void Explorer::draw_latent(const LatentKeys& keys, const PanelFrame& frame) {
  if (!second_) {
    draw_latent_panel(*first_.shown, first_.model, input_of(first_, keys), first_.scene,
                      first_.latent, frame);
    return;
  }
  LatentKeys others;  // of the pane that is not the active one
  others.fit = keys.fit;
  const bool first_active = pair_.active == 0;
  std::array<LatentPane, 2> both{
      {{*first_.shown, first_.model, input_of(first_, first_active ? keys : others), first_.scene,
        first_.latent},
       {*second_->shown, second_->model, input_of(*second_, first_active ? others : keys),
        second_->scene, second_->latent}}};
  const ModelId before = active().model;
  second_->own_image.mirror(first_.own_image);
  const bool own_open = first_.own_image.open;
  draw_latent_pair(both, pair_, frame);
  if (second_->own_image.open != own_open) first_.own_image.open = !own_open;  // by the toolbar
  const ModelId now{static_cast<std::uint32_t>(pair_.active)};
  pair_.active = before.value;
  activate(now);
}

// The place that a picture in the preview or in a list of inputs stands for, while the pointer
// rests on it.
void Explorer::show_hovered_picture() {
  Pane& pane = active();
  const std::optional<PointRef>& listed = pane.latent.pointed;
  if (const auto point = listed ? pane.points.find(*listed) : std::nullopt) {
    const std::span<const float> mean = pane.points.mean(*point);
    const int label = pane.points.label(*point);
    pane.preview.hovered = HoveredPicture{{mean.begin(), mean.end()},
                                          label >= 0 ? label : pane.scene.label(),
                                          input_name(*pane.shown, *listed)};
    if (!pane.latent.pointer_inside) pane.scene.show_input(listed, true);
  }
  const auto& hovered = pane.preview.hovered;
  if (!hovered || pane.latent.pointer_inside ||
      hovered->z.size() != static_cast<std::size_t>(pane.scene.latent())) {
    return;
  }
  pane.scene.point_at(hovered->z, hovered->label);
}

void Explorer::show_pair_in_preview() {
  if (!second_) return;
  std::vector<PreviewPicture> pair;
  for (Pane* pane : panes()) {
    const ModelView* model = pane->shown->find(pane->model);
    std::string name = model ? name_with_lambda(*model) : std::string();
    const int label = pane->scene.labels() > 0 ? pane->scene.shown_label() : -1;
    if (label >= 0 && snapshot_->data) {
      name += ", as " + snapshot_->data->class_names[static_cast<std::size_t>(label)];
    }
    pair.push_back(
        {&pane->pictures, pane->scene.cursor_picture(), std::move(name), pane == &active()});
  }
  active().preview.pair = std::move(pair);
  active().preview.link = pair_.link ? text_of(pair_.link->by) : std::string();
  if (pair_.link && pair_.link->input && snapshot_->data) {
    active().preview.link += ": beside it " + input_name(*snapshot_, *pair_.link->input);
  }
}

// Where a decoder fails, the window goes on with the last pictures.
void Explorer::decode(Pane& pane, double now_s) {
  pane.drawn = {};
  pane.manifold = {};
  const ModelView* model = pane.shown->find(pane.model);
  const DecoderPtr decoder = model ? model->decoder() : nullptr;
  if (!decoder) return;
  try {
    pane.drawn = pane.scene.update_pictures(*decoder, model->decoded, now_s);
    if (pane.drawn.request) {
      pane.drawn.request->model = pane.model;
      pane.drawn.request->decoder = decoder;
      engine_->post(*pane.drawn.request);
    }
    // A moment of the past has no encoder; the picture's code stays that of now.
    if (pane.own_image.open && model->weights) {
      pane.own_image.update(*model->weights, pane.points, pane.shown->data, pane.scene.label());
    }
    pane.manifold = pane.contents.manifold.update(*decoder, pane.scene, model->decoded_grid, now_s);
    if (pane.manifold.request) {
      pane.manifold.request->model = pane.model;
      pane.manifold.request->decoder = decoder;
      engine_->post(*pane.manifold.request);
    }
    if (model->weights) {
      // Errors of all codes serve the sample as well.
      const bool has_errors =
          pane.narrowed && model->errors && model->errors->revision == model->weights->revision();
      const auto request =
          pane.contents.coloring.request(*model, now_s, pane.inputs.wants_errors());
      if (request && !has_errors) engine_->post(*request);
      if (auto search = pane.scene.update_geodesics(*decoder, model->geodesic, now_s)) {
        search->model = pane.model;
        engine_->post(std::move(*search));
      }
    }
    pane.decode_error.clear();
  } catch (const std::exception& error) {
    if (pane.decode_error != error.what()) {
      pane.decode_error = error.what();
      tell(fmt::format("the preview cannot be decoded: {}", pane.decode_error), true);
    }
  }
}

}  // namespace zscape
