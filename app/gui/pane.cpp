#include "app/gui/pane.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "app/gui/gl/screen.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/view/latent/given_codes.h"
#include "engine/text.h"

namespace zscape {

void Pane::add_needs(FrameNeeds& needs, const Snapshot& now) const {
  const ModelView* view = now.find(model);
  needs.now = needs.now || capture.moment();
  needs.animating = needs.animating || points.moving() || latent.view_moving || scene.stale() ||
                    contents.manifold.stale() || contents.refining || code_axes.busy() ||
                    figures_cache.busy() || inputs.stale() || samples.gaussian.busy() ||
                    time_line.playing() || sequences.playback().playing() || capture.busy() ||
                    (view && view->state == RunState::running);
  if (const double ask_s = evidence.wake_s(); ask_s > 0) {
    needs.wake_s = needs.wake_s == 0 ? ask_s : std::min(needs.wake_s, ask_s);
  }
  const auto why_s = contents.why.wake_s();
  if (why_s && (needs.wake_s == 0 || *why_s < needs.wake_s)) needs.wake_s = *why_s;
  if (!view || !(view->drawing_model() || nearest)) return;
  for (const auto& wake_s : {scene.wake_s(), samples.pictures.due_s(), samples.jacobian.due_s()}) {
    if (wake_s && (needs.wake_s == 0 || *wake_s < needs.wake_s)) needs.wake_s = *wake_s;
  }
}

void Pane::choose_moment(const SnapshotPtr& now, double now_s) {
  narrowed = false;
  if (const ModelView* view = now->find(model)) {
    time_line.update(view->history, view->position.step, now_s);
  }
  if (const MomentPtr captured = capture.moment()) {
    time_line.show(captured);
    points.clear();  // they jump there: the picture is of this moment alone
  }
  const Moment* moment = time_line.shown();
  shown = moment ? snapshot_at(*now, model, *moment) : now;
}

bool Pane::follow(const Snapshot& now, double now_s, double motion_s) {
  const ModelView* view = shown->find(model);
  if (view == nullptr) return false;
  const auto& data = shown->data;
  const auto is_marked = [&] { return !scene.pins().empty() || !scene.paths().empty(); };
  const bool was_marked = is_marked();
  if (data) scene.set_model(view->spec, data);
  // Along one axis the decoded strip is what there is to see.
  if (std::exchange(latent_dimensions, scene.latent()) != 1 && scene.latent() == 1) {
    latent.layers.show(Layer::manifold);
  }
  // The dimensions of an embedding mean nothing by themselves.
  const Codes* given = shows_given_codes(*view) ? view->train_codes.get() : nullptr;
  if (std::exchange(given_codes, given) != given && given && given->latent > 2 &&
      given->latent <= kMostPrincipal) {
    scene.choose_axes({.principal = true});
    fit_to_codes(latent);
  }
  scene.set_past(view->past_decoder != nullptr);
  const bool lost_marks = was_marked && !is_marked();
  // A moment of the past is seen along the axes of now.
  if (const ModelView* latest = now.find(model)) {
    // A sample is but on the way to what all codes say once the model rests.
    const CodesPtr& codes = codes_shown(*latest, SplitName::train);
    code_axes.follow(codes, scene.axis_choice().principal, codes != latest->train_codes, now_s);
  }
  scene.set_code_axes(code_axes.axes());
  if (data) {
    scene.move_sources(source_codes.update(scene.marks().sources(), *view, *data));
    scene.set_unplaced(view->past_decoder ? source_codes.missing() : std::vector<PointRef>());
  }
  points.update(*view, data, latent.split, scene.plane(), motion_s);
  const bool is_other = latent.metadata.data != data.get();
  if (is_other && latent.color_by.by == ColorBy::metadata) latent.color_by = {};
  follow_data(latent.metadata, data.get());
  if (data) contents.follow(points, *view, *data, latent.color_by, latent.metadata);
  evidence.follow(*view, data,
                  latent.layers.shown(Layer::lens) &&
                      why_not(Layer::lens, view->spec, data && !data->class_names.empty()).empty(),
                  now_s);
  encode = sequence_codes.update(sequences, *view, latent.split, now_s);
  inputs.begin_frame(data, latent);
  return lost_marks;
}

void Pane::fill(const Selection& selection, const Theme& theme, double now_s) {
  contents.fill(latent.layers, points, latent.hidden, scene,
                {latent.view, theme.scale, now_s, theme.software_rendering, &selection});
  const ModelView* view = shown->find(model);
  if (view) {
    std::vector<PointRef> chosen;
    for (const Pin& pin : scene.pins()) {
      if (pin.source) chosen.push_back(*pin.source);
    }
    if (latent.marked) chosen.push_back(*latent.marked);
    constexpr std::size_t kMostSelected = 12;
    for (std::size_t i = 0; selection.count() <= kMostSelected && i < selection.count(); ++i) {
      chosen.push_back(selection.input(i));
    }
    contents.why.choose_trails(std::move(chosen));
    if (std::exchange(latent.asks_lengths, false)) contents.why.ask_for_lengths();
    contents.why.update({latent.layers, *view, points, scene, latent.view, theme.scale, now_s});
  }
  // The picture of a code would be its own input.
  const bool has_decoder = view && !shows_inputs_for_places(*view);
  inputs.ask_for_reconstructions(scene, points, latent, has_decoder ? shown->data.get() : nullptr);
  scene.advance(now_s);
  follow_hand(selection, theme);
  if (view) find_evidence = evidence.ask(*view, hand_of_lens(), now_s);
}

void Pane::follow_hand(const Selection& selection, const Theme& theme) {
  if (const auto chosen = std::exchange(latent.taken, {})) in_hand.choose(*chosen);
  InputInHand::Seen seen;
  if (const Pin* pin = scene.selected_pin()) seen.pinned = pin->source;
  const auto& near = latent.nearest;
  if (latent.pointer_inside && !latent.samples.pointed && near &&
      near->distance <= theme.px(kSnapPixels) && near->point < points.count()) {
    seen.pointed = points.ref(near->point);
  }
  if (const auto input = std::exchange(samples.pointed, {})) seen.pointed = input;
  if (!selection.empty()) seen.selected = selection.input(0);
  seen.shown = scene.shown_input();
  in_hand.follow(shown->data, seen);
}

EvidenceView::Hand Pane::hand_of_lens() const {
  EvidenceView::Hand hand;
  hand.label = scene.label();
  if (scene.pointing() && latent.nearest && latent.nearest->point < points.count()) {
    hand.pointed = points.ref(latent.nearest->point);
  }
  if (latent.pointed) hand.pointed = latent.pointed;
  if (own_image.open && !own_image.empty()) hand.drawing = &own_image;
  hand.input = in_hand.input();
  return hand;
}

void Pane::show_hovered_picture() {
  const std::optional<PointRef>& listed = latent.pointed;
  if (const auto point = listed ? points.find(*listed) : std::nullopt) {
    const std::span<const float> mean = points.mean(*point);
    const int label = points.label(*point);
    preview.hovered = HoveredPicture{{mean.begin(), mean.end()},
                                     label >= 0 ? label : scene.label(),
                                     input_name(*shown, *listed)};
    if (!latent.pointer_inside) scene.show_input(listed, true);
  }
  if (const auto& sample = samples.hovered) {
    preview.hovered = HoveredPicture{sample->z, sample->label, sample->name};
  }
  const auto& hovered = preview.hovered;
  if (!hovered || latent.pointer_inside ||
      hovered->z.size() != static_cast<std::size_t>(scene.latent())) {
    return;
  }
  scene.point_at(hovered->z, hovered->label);
}

DecoderPtr Pane::decoder_of(const ModelView& view) {
  const CodesPtr& codes = codes_shown(view, latent.split);
  if (!shows_inputs_for_places(view) || !codes || !shown->data) {
    nearest.reset();
    return view.decoder();
  }
  if (!nearest || !nearest->is_of(codes, shown->data)) {
    nearest = std::make_shared<const NearestInputs>(codes, shown->data);
  }
  return nearest;
}

std::string Pane::decode(Engine& engine, double now_s) {
  drawn = {};
  manifold = {};
  const ModelView* view = shown->find(model);
  const DecoderPtr decoder = view ? decoder_of(*view) : nullptr;
  if (!decoder) return {};
  for (FieldQuestion& question : contents.why.take_questions()) {
    engine.post(MeasureField{model, std::move(question)});
  }
  if (encode) {
    encode->model = model;
    engine.post(*std::exchange(encode, {}));
  }
  if (find_evidence) {
    find_evidence->model = model;
    engine.post(*std::exchange(find_evidence, {}));
  }
  try {
    drawn = scene.update_pictures(*decoder, view->decoded, now_s);
    if (drawn.request) {
      drawn.request->model = model;
      drawn.request->decoder = decoder;
      engine.post(*drawn.request);
    }
    // A moment of the past has no encoder; the picture's code stays that of now.
    if (own_image.open && view->weights) {
      own_image.update(*view->weights, points, shown->data, scene.label());
    }
    manifold = contents.manifold.update(*decoder, scene, view->decoded_grid, now_s);
    if (manifold.request) {
      manifold.request->model = model;
      manifold.request->decoder = decoder;
      engine.post(*manifold.request);
    }
    if (view->weights) {
      // Errors of all codes serve the sample as well.
      const bool has_errors =
          narrowed && view->errors && view->errors->revision == view->weights->revision();
      const auto request = contents.coloring.request(*view, now_s, inputs.wants_errors());
      if (request && !has_errors) engine.post(*request);
      if (!view->past_decoder) {
        const bool colours = is_gap(contents.coloring.choice().by);
        if (auto gaps = inputs.ask_for_gaps(*view, latent.split, colours, now_s)) {
          gaps->model = model;
          engine.post(*gaps);
        }
      }
    }
    if (view->drawing_model() && !view->past_decoder) {
      if (auto search = scene.update_geodesics(*decoder, view->geodesic, now_s)) {
        search->model = model;
        engine.post(std::move(*search));
      }
    }
    decode_error.clear();
  } catch (const std::exception& error) {
    if (decode_error != error.what()) {
      decode_error = error.what();
      return tr("the preview cannot be decoded: {}", decode_error);
    }
  }
  return {};
}

void Pane::capture_plot(float pixel_ratio, float framebuffer_height) {
  const MomentPtr moment = capture.moment();
  if (!moment || time_line.shown() != moment.get() || scene.stale()) return;
  const auto pixels = [&](float length) { return static_cast<int>(length * pixel_ratio); };
  const LatentView& plot = latent.view;
  const int width = pixels(plot.size.x), height = pixels(plot.size.y);
  const int below = static_cast<int>(framebuffer_height) - pixels(plot.origin.y) - height;
  capture.take({width, height, 3, gl::read_window(pixels(plot.origin.x), below, width, height)});
  if (!capture.moment()) time_line.return_to_now();
}

}  // namespace zscape
