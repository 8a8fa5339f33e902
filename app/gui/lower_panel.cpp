#include "app/gui/lower_panel.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "app/gui/panels/curves/figures_panel.h"
#include "app/gui/panels/curves/rate_panel.h"
#include "app/gui/panels/curves/runs_panel.h"
#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/view/latent/comparison.h"

namespace zscape {

void hide_samples(Pane& pane) {
  pane.latent.samples.clear();
  pane.samples.hovered.reset();
  pane.samples.pictures.show({}, pane.samples.choice);
  pane.samples.jacobian.hide();
  pane.samples.gaussian.settle();
}

void LowerPanel::follow(Panes& panes) {
  Pane& pane = panes.active();
  const Moment* moment = pane.time_line.shown();
  curves_.marked_step.reset();
  if (moment) curves_.marked_step = static_cast<double>(moment->position.step);
  warning_.clear();
  figures_ = news_ = nullptr;
  const ModelView* model = pane.shown->find(pane.model);
  if (!model) return;
  figures_ = pane.figures_cache.update(*model, pane.latent.split);
  const auto warning = figures_ ? code_warning(figures_->figures.codes, *model) : std::nullopt;
  if (figures_ && pane.figures_cache.take_news()) news_ = figures_;
  curves_.figures_warn = warning && warning->serious;
  if (curves_.figures_warn && !model->past_decoder) warning_ = warning->text;
}

std::vector<Command> LowerPanel::draw(const Snapshot& now, Panes& panes, KlForecastState& forecast,
                                      const PanelFrame& frame) {
  Pane& pane = panes.active();
  const bool lists = curves_.tab == LowerTab::selection || curves_.tab == LowerTab::worst ||
                     curves_.tab == LowerTab::gaps || curves_.tab == LowerTab::neighbours;
  auto search = pane.inputs.ask_for_neighbours(*pane.shown, pane.model, pane.in_hand,
                                               curves_.tab == LowerTab::neighbours, frame.time_s);
  for (const auto& other : panes) {
    if (!lists || other.get() != &pane) other->inputs.hide(other->latent);
    if (curves_.tab != LowerTab::samples) hide_samples(*other);
  }
  is_drawn_ = curves_.tab == LowerTab::samples;
  std::vector<Command> commands = draw_tab(now, panes, lists, forecast, frame);
  const bool certifies = std::ranges::any_of(
      commands, [](const Command& command) { return std::holds_alternative<Certify>(command); });
  if (certifies) curves_.tab = LowerTab::certificate;
  if (search) commands.emplace_back(*std::move(search));
  return commands;
}

void LowerPanel::show_samples() {
  if (std::exchange(curves_.tab, LowerTab::samples) != LowerTab::samples) return;
  ++(samples_.view == SamplesView::posterior ? samples_.draw : samples_.seed);
}

std::vector<Command> LowerPanel::draw_samples(Panes& panes, const PanelFrame& frame) {
  Pane& active = panes.active();
  const ModelView* model = active.shown->find(active.model);
  std::vector<SamplesPane> shown;
  std::size_t number = 0;
  for (Pane* pane : panes.from_left()) {
    const ModelView* view = pane->shown->find(pane->model);
    if (!view) continue;
    if (pane == &active) number = shown.size();
    shown.push_back({*pane->shown, *view, pane->scene, pane->points, pane->pictures, pane->contents,
                     pane->latent, pane->figures_cache.update(*view, pane->latent.split),
                     pane->samples, pane->in_hand, pane->decoder_of(*view),
                     name_with_lambda(*view)});
  }
  if (!model || shown.empty()) return {};
  return draw_samples_panel(shown, number, samples_, curves_.tab, frame);
}

void LowerPanel::log(EventLog& log, const Panes& panes, double time_s, std::int64_t step) {
  if (!std::exchange(is_drawn_, false)) return;
  const Pane& pane = panes.active();
  const PaneSamples& samples = pane.samples;
  const auto input = [&] {
    const std::optional<PointRef>& hand = pane.in_hand.input();
    return hand && pane.shown ? row_name(*pane.shown, *hand) : std::string();
  };
  const SamplePictures& pictures = samples.pictures;
  const std::array<std::uint64_t, 3> now{pane.model.value + 1, samples.choice, pictures.revision()};
  if (pictures.is_current() && now != logged_) {
    logged_ = now;
    std::vector<double> z, tags;
    for (const SampleCode& code : pictures.codes()) {
      tags.push_back(static_cast<double>(code.tag));
      z.insert(z.end(), code.z.begin(), code.z.end());
    }
    log.write("samples", time_s, step,
              {{"view", std::string(id_of(samples_.view))},
               {"input", input()},
               {"draw", static_cast<std::int64_t>(samples_.draw)},
               {"seed", static_cast<std::int64_t>(samples_.seed)},
               {"revision", static_cast<std::int64_t>(pictures.revision())},
               {"tags", std::move(tags)},
               {"z", std::move(z)}});
  }
  const InputJacobianPtr& one = samples.jacobian.one();
  const InputJacobianPtr& mean = samples.jacobian.mean();
  if (samples_.view != SamplesView::jacobian || !one || !mean || one->revision != mean->revision ||
      one == logged_jacobian_) {
    return;
  }
  logged_jacobian_ = one;
  log.write("jacobian", time_s, step,
            {{"input", input()},
             {"revision", static_cast<std::int64_t>(one->revision)},
             {"rank", std::int64_t{one->rank()}},
             {"singular_values", std::vector<double>(one->singular_values)},
             {"mean_diagonal", one->mean_diagonal},
             {"mean_rows", static_cast<std::int64_t>(mean->rows.size())},
             {"mean_rank", std::int64_t{mean->rank()}},
             {"mean_mean_diagonal", mean->mean_diagonal},
             {"mean_distance", mean->distance_to_identity}});
}

std::vector<Command> LowerPanel::draw_tab(const Snapshot& now, Panes& panes, bool lists,
                                          KlForecastState& forecast, const PanelFrame& frame) {
  Pane& pane = panes.active();
  if (lists) {
    return pane.inputs.draw(*pane.shown, pane.model, pane.scene, pane.latent,
                            pane.contents.dimming.selected().size(), curves_.tab, frame);
  }
  if (curves_.tab == LowerTab::samples) return draw_samples(panes, frame);
  if (curves_.tab == LowerTab::runs) return draw_runs_panel(now, pane.model, curves_.tab, frame);
  if (curves_.tab == LowerTab::curves) return draw_curves_panel(now, pane.model, curves_, frame);
  if (curves_.tab == LowerTab::certificate) {
    return draw_certificate_panel(now, pane.model, certificate_, curves_.tab, frame);
  }
  if (curves_.tab == LowerTab::rate) {
    return draw_rate_panel(now, pane.model, forecast, curves_.tab, curves_.figures_warn, frame);
  }
  return draw_figures_panel(*pane.shown, pane.model,
                            {figures_, pane.scene.shown_input(), pane.pictures, panes.compared()},
                            pane.figures, curves_.tab, frame);
}

}  // namespace zscape
