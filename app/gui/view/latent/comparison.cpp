#include "app/gui/view/latent/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kNoLambda = tr("This model has no prior and therefore no λ.");

std::string reason(const ModelSpec& spec, const Dataset& data) {
  const Expected<void> valid = validate(fitted(spec, data));
  return valid ? std::string() : valid.error().message;
}

// The kind with the first's reconstruction term, if it takes that.
ModelSpec spec_beside(const ModelSpec& first, ModelKind kind) {
  ModelSpec spec = with_kind(first, kind);
  const bool takes_it = !spec.traits().only_mse && first.likelihood != Likelihood::mse;
  if (takes_it && !spec.has_prior()) {
    spec.likelihood = first.likelihood;
    spec.learned_sigma = first.learned_sigma;
    spec.optimal_sigma = first.optimal_sigma;
  }
  return spec;
}

bool same_scaling(const ModelSpec& one, const ModelSpec& other) {
  if (!one.scaling || !other.scaling) return !one.scaling && !other.scaling;
  return *one.scaling == *other.scaling;
}

}  // namespace

const char* term_unit(const ModelSpec& spec) {
  if (spec.likelihood != Likelihood::mse) return tr("nats");
  return spec.hides_patches() ? tr("MSE of hidden pixels") : "MSE";
}

bool share_term(const ModelSpec& one, const ModelSpec& other) {
  return why_not_shared(one, other).empty();
}

std::string why_not_shared(const ModelSpec& one, const ModelSpec& other) {
  const std::string first = short_name_of(one), second = short_name_of(other);
  if (one.likelihood != other.likelihood || one.hides_patches() != other.hides_patches()) {
    const bool same_unit = std::string_view(term_unit(one)) == term_unit(other);
    return same_unit
               ? tr("{} is scored by {} and {} by {}", first, name_of(one.likelihood), second,
                    name_of(other.likelihood))
               : tr("{} is in {} and {} in {}", first, term_unit(one), second, term_unit(other));
  }
  if (one.binarise != other.binarise || !same_scaling(one, other)) {
    return tr("{} and {} do not read the same inputs", first, second);
  }
  return {};
}

ModelId free_model_id(const Snapshot& snapshot) {
  ModelId id = kFirstModel;
  while (snapshot.find(id)) ++id.value;
  return id;
}

bool is_fitted(const ModelView& view) {
  return view.spec.is_linear() && view.position.step + view.steps_before > 0;
}

std::string step_text(const ModelView& view) {
  std::string now = format_count(view.position.step);
  if (view.steps_before == 0) return now;
  return tr("{} after {}", now, format_count(view.steps_before));
}

std::string short_name_of(const ModelSpec& spec) {
  std::string name(name_of(spec.kind));
  std::ranges::transform(name, name.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  return name;
}

namespace {

std::string with_lambda(const ModelSpec& spec, double kl_weight) {
  std::string name = short_name_of(spec);
  return spec.has_prior() ? fmt::format("{}  λ {}", name, format_setting(kl_weight)) : name;
}

}  // namespace

std::string name_with_lambda(const ModelView& view) {
  return with_lambda(view.spec, view.settings.kl_weight);
}

std::string name_with_lambda(const StoredRun& run) {
  return with_lambda(run.spec, run.settings.kl_weight);
}

std::vector<Comparison> comparisons(const ModelView& first, const Dataset& data) {
  std::vector<Comparison> all;
  for (const KindTraits& kind : kinds()) {
    // The same with a prior is below, with a λ to choose.
    if (kind.kind == first.spec.kind && kind.has_prior) continue;
    Comparison each;
    each.id = kind.name;
    each.help = kind.beside;
    each.spec = spec_beside(first.spec, kind.kind);
    each.name = tr("{} beside", short_name_of(each.spec));
    if (const std::string why = why_not_shared(first.spec, each.spec); !why.empty()) {
      each.help =
          tr("{}\nIts reconstruction does not compare with the first model's: {}.", each.help, why);
    }
    each.why_not = reason(each.spec, data);
    all.push_back(std::move(each));
  }
  Comparison zero = with_kl_weight(first, 0);
  zero.id = "lambda_0";
  zero.name = tr("λ = 0 beside");
  zero.help = tr("The same model without the KL term: its codes drift apart.");
  if (zero.why_not.empty() && first.final_kl_weight == 0) zero.why_not = tr("Its λ is already 0.");
  all.push_back(std::move(zero));
  return all;
}

Comparison with_kl_weight(const ModelView& first, double kl_weight) {
  Comparison same;
  same.id = "same";
  same.name = tr("Same model");
  same.help = tr("The same model with this λ and with the same seed and batches.");
  same.spec = first.spec;
  if (first.spec.has_prior()) {
    same.kl_weight = kl_weight;
  } else {
    same.why_not = kNoLambda;
  }
  return same;
}

std::vector<Command> open_comparison(const Comparison& comparison, ModelId id, bool restart) {
  std::vector<Command> commands;
  if (restart) commands.emplace_back(Reset{kFirstModel});
  commands.emplace_back(AddModel{id, comparison.spec, comparison.kl_weight});
  return commands;
}

}  // namespace zscape
