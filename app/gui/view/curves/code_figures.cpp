#include "app/gui/view/curves/code_figures.h"

#include <fmt/format.h>

#include <span>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Of larger samples an even part is taken, some 2 ms: a frame must not wait.
constexpr std::int64_t kMostValues = 200000;

// The first steps of any VAE look collapsed.
constexpr std::int64_t kStepsBeforeWarning = 50;

std::string dimensions_carry(int silent, int all) {
  return fmt::format("{} of {} {} {} nothing", silent, all, all == 1 ? "dimension" : "dimensions",
                     silent == 1 ? "carries" : "carry");
}

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
        dimensions_carry(silent, figures.latent),
        tr("Posterior collapse: μ is the same for every input and σ is near 1, so q(z|x) "
           "is the prior and the decoder hears nothing of x. λ is {}; a smaller one, or "
           "a warm-up, lets codes come apart again.",
           format_setting(weight)),
        true};
  }
  const bool rising = view.kl_schedule.kind != KlSchedule::Kind::constant;
  if (weight == 0 && !rising) {
    return CodeWarning{
        tr("λ = 0: nothing holds the codes near the prior"),
        tr("The codes drift apart: their root mean square is {} where the prior's is 1, "
           "and σ shrinks. Places between them decode to nothing in particular.",
           format_value(figures.spread, 3)),
        true};
  }
  if (silent == 0) return std::nullopt;
  return CodeWarning{
      dimensions_carry(silent, figures.latent),
      tr("Their μ hardly varies from input to input (variance below 0.01). The model "
         "does without them: more dimensions would not help it."),
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
