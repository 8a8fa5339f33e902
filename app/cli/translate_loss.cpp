#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/json_value.h"
#include "app/cli/subcommand.h"
#include "engine/loss_translation.h"
#include "engine/text.h"

namespace zscape {
namespace {

enum class ErrorKind { squared, cross_entropy };

// A finite number above 0.
template <class Target>
void add_positive(OptionList& options, const std::string& name, Target& target,
                  const std::string& help) {
  options.add(name, "X", help, "1", [&target](std::string_view text) {
    const auto value = number_from<double>(text);
    if (!value || !(*value > 0) || !std::isfinite(*value))
      return std::string(tr("a number above 0"));
    target = *value;
    return std::string();
  });
}

Json to_json(const LossTranslation& found) {
  return {{"kl_over_reconstruction", found.kl_over_reconstruction},
          {"lambda_bernoulli", number_or_null(found.lambda_bernoulli)},
          {"lambda_gaussian", number_or_null(found.lambda_gaussian)},
          {"sigma_gaussian", number_or_null(found.sigma_gaussian)}};
}

void print(const LossTranslation& found, std::ostream& out) {
  if (found.lambda_bernoulli) {
    out << tr("--likelihood bernoulli --lambda {:.6g}\n", *found.lambda_bernoulli);
    return;
  }
  out << tr("One trade in two ways:\n");
  out << tr("--likelihood gaussian --sigma 1 --lambda {:.6g}\n", *found.lambda_gaussian);
  out << tr("--likelihood gaussian --lambda 1 --sigma {:.6g}\n", *found.sigma_gaussian);
  out << tr(
      "zscape forecast --data D --likelihood gaussian --sigma 1 --lambda {:.6g} says what "
      "collapses.\n",
      *found.lambda_gaussian);
}

class TranslateLossCommand : public Subcommand {
 public:
  explicit TranslateLossCommand(CLI::App& app) : Subcommand(app) {
    options_.choice<ErrorKind>(
        "--error", error_, {{"mse", ErrorKind::squared}, {"bce", ErrorKind::cross_entropy}},
        tr("The reconstruction term: squared error or binary cross entropy."), "mse");
    const std::vector<std::pair<std::string_view, Reduction>> reductions = {
        {"sum", Reduction::sum}, {"mean", Reduction::mean}, {"batch-sum", Reduction::batch_sum}};
    options_.choice<Reduction>("--reduction", loss_.reconstruction, reductions,
                               tr("Of the error. sum: over the pixels, averaged over the batch; "
                                  "mean: over both; batch-sum: "
                                  "summed over both."),
                               "sum");
    options_.choice<Reduction>("--kl-reduction", loss_.kl, reductions,
                               tr("Of the KL, over its dimensions and the batch."), "sum");
    add_positive(options_, "--error-weight", loss_.reconstruction_weight,
                 tr("The error's factor: 0.5 of half the squared error."));
    add_positive(options_, "--kl-weight", loss_.kl_weight, tr("The KL's factor."));
    add_positive(options_, "--span", span_,
                 tr("From the darkest pixel to the brightest: 2 for -1 to 1, 255 for bytes."));
    options_
        .number("--inputs", loss_.inputs, 1, OptionList::kNoEnd,
                tr("Numbers of an input: height × width × channels."))
        ->required();
    options_.number("--latent", latent_, 1, OptionList::kNoEnd,
                    tr("Latent dimensions; a mean over them needs it."));
    options_.number("--batch", batch_, 1, OptionList::kNoEnd,
                    tr("The batch size; matters where one term alone is summed over it."));
    add_json();
  }

  Outcome<void> run(const Surroundings&, Console& console) override {
    ForeignLoss loss = loss_;
    loss.is_cross_entropy = error_ == ErrorKind::cross_entropy;
    if (needs_latent(loss) && !latent_) {
      return wrong_usage(
          tr("--kl-reduction mean: how many dimensions it is averaged over decides; "
             "name them with --latent K"));
    }
    if (needs_batch(loss) && !batch_) {
      return wrong_usage(
          tr("one term alone is summed over the batch, so its size decides; name it "
             "with --batch N"));
    }
    if (loss.is_cross_entropy && span_) {
      return wrong_usage(tr("--span: cross entropy is of pixels from 0 to 1 alone; leave it out"));
    }
    loss.span = span_.value_or(1);
    loss.latent = latent_.value_or(1);
    loss.batch = batch_.value_or(1);
    return show(console, to_json, print, translated(loss));
  }

 private:
  ErrorKind error_ = ErrorKind::squared;
  ForeignLoss loss_;
  std::optional<double> span_;
  std::optional<int> latent_;
  std::optional<std::int64_t> batch_;
};

}  // namespace

const MakeCommand make_translate_loss = make<TranslateLossCommand>;

}  // namespace zscape
