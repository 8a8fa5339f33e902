#include "app/gui/lower_panel.h"

#include <algorithm>
#include <variant>

#include "app/gui/panels/curves/figures_panel.h"
#include "app/gui/panels/curves/rate_panel.h"
#include "app/gui/panels/curves/runs_panel.h"

namespace zscape {

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
                     curves_.tab == LowerTab::neighbours;
  auto search = pane.inputs.follow_hand(*pane.shown, pane.model, pane.scene, pane.points,
                                        pane.latent, curves_.tab, frame);
  for (const auto& other : panes) {
    if (!lists || other.get() != &pane) other->inputs.hide(other->latent);
  }
  std::vector<Command> commands = draw_tab(now, panes, lists, forecast, frame);
  const bool certifies = std::ranges::any_of(
      commands, [](const Command& command) { return std::holds_alternative<Certify>(command); });
  if (certifies) curves_.tab = LowerTab::certificate;
  if (search) commands.emplace_back(*std::move(search));
  return commands;
}

std::vector<Command> LowerPanel::draw_tab(const Snapshot& now, Panes& panes, bool lists,
                                          KlForecastState& forecast, const PanelFrame& frame) {
  Pane& pane = panes.active();
  if (lists) {
    return pane.inputs.draw(*pane.shown, pane.model, pane.scene, pane.latent,
                            pane.contents.dimming.selected().size(), curves_.tab, frame);
  }
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
