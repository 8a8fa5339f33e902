#include "app/gui/view/curves/code_figures.h"

#include <span>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Of larger samples an even part is taken, some 2 ms: a frame must not wait.
constexpr std::int64_t kMostValues = 200000;

// The first steps of any VAE look collapsed.
constexpr std::int64_t kStepsBeforeWarning = 50;

}  // namespace

const CodesPtr& codes_for_figures(const ModelView& view) {
  const bool has_test = view.test_sample && view.test_sample->count() > 0;
  return has_test ? view.test_sample : view.train_sample;
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

const Figures* FiguresCache::update(const ModelView& view) {
  const CodesPtr& codes = codes_for_figures(view);
  if (codes != codes_) {
    codes_ = codes;
    figures_ = codes ? figures_of(*codes, kMostValues) : Figures{};
  }
  const auto explained =
      view.weights ? view.weights->explained_variance() : std::span<const double>();
  figures_.explained_variance.assign(explained.begin(), explained.end());
  return codes_ ? &figures_ : nullptr;
}

}  // namespace zscape
