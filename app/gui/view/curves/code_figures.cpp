#include "app/gui/view/curves/code_figures.h"

#include <chrono>
#include <span>

#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/points.h"
#include "engine/text.h"

namespace zscape {
namespace {

// So much takes some 2 ms; more is done on a thread of its own.
constexpr double kMostValues = 200000, kMostProducts = 32 * kMostValues;

// The aggregate KL at rest may take so many, some seconds of that thread.
constexpr double kBearableProducts = 4e9;

// The first steps of any VAE look collapsed.
constexpr std::int64_t kStepsBeforeWarning = 50;

}  // namespace

const CodesPtr& codes_for_figures(const ModelView& view, SplitName split) {
  const CodesPtr& shown = codes_shown(view, split);
  if (shown && shown->count() > 0) return shown;
  return codes_shown(view, split == SplitName::train ? SplitName::test : SplitName::train);
}

std::optional<CodeWarning> code_warning(const CodeFigures& figures, const ModelView& view) {
  if (!view.spec.has_prior() || figures.kl.empty()) return std::nullopt;
  if (figures.step < kStepsBeforeWarning) return std::nullopt;
  const double weight = view.settings.kl_weight;
  const int silent = figures.latent - figures.active_units.value_or(figures.latent);
  if (silent == figures.latent) {
    return CodeWarning{
        tr("dimensions without information: {} of {}", silent, figures.latent),
        tr("Posterior collapse: μ is the same for every input and σ is near 1, so q(z|x) is the "
           "prior and the decoder learns nothing about x. λ is {}; with a smaller λ, or a warm-up, "
           "the codes separate again.",
           format_setting(weight)),
        true};
  }
  const bool rising = view.kl_schedule.kind != KlSchedule::Kind::constant;
  if (weight == 0 && !rising) {
    return CodeWarning{
        tr("λ = 0: nothing keeps the codes near the prior"),
        tr("The codes drift apart: their root mean square is {} (the prior's is 1) and σ shrinks. "
           "Places between the codes decode to nothing meaningful.",
           format_value(figures.spread, 3)),
        true};
  }
  if (silent == 0) return std::nullopt;
  return CodeWarning{
      tr("dimensions without information: {} of {}", silent, figures.latent),
      tr("μ hardly varies from input to input in these dimensions (variance below 0.01). The model "
         "does not use them: more dimensions would not help."),
      false};
}

void FiguresCache::take() {
  shown_ = future_.get();
  news_ = true;
}

const ShownFigures* FiguresCache::update(const ModelView& view, SplitName split) {
  if (busy() && future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) take();
  const CodesPtr& codes = codes_for_figures(view, split);
  if (!codes || (shown_ && shown_->figures.codes.latent != codes->latent)) shown_.reset();
  if (codes != codes_ && !busy()) {
    codes_ = codes;
    const bool is_whole = codes == view.train_codes || codes == view.test_codes;
    const double k = view.spec.latent, values = codes ? static_cast<double>(codes->mean.size()) : 0;
    const double products = values * k + k * k * k;
    const bool takes_all = view.state != RunState::running && products <= kBearableProducts;
    const auto work = [codes, is_whole, takes_all] {
      const auto most = takes_all ? kAllValues : static_cast<std::int64_t>(codes->mean.size());
      return ShownFigures{figures_of(*codes, most),
                          is_whole ? FigureErrors{} : figure_errors(*codes), codes->split};
    };
    if (!codes) {
      shown_.reset();
    } else if (values <= kMostValues && products <= kMostProducts) {
      shown_ = work();
      news_ = true;
    } else {
      future_ = std::async(std::launch::async, work);
    }
  }
  if (!shown_) return nullptr;
  const auto explained =
      view.weights ? view.weights->explained_variance() : std::span<const double>();
  shown_->figures.explained_variance.assign(explained.begin(), explained.end());
  return &*shown_;
}

}  // namespace zscape
