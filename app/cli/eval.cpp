#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>

#include "app/cli/certificate_text.h"
#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_command.h"
#include "engine/figures.h"
#include "engine/sequences.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kNumbersInLine = 10;

Json to_json(const Figures& figures) {
  Json line;
  for (const Figure& row : figure_table()) {
    if (row.is_left_out(figures)) continue;
    if (row.values) {
      const std::vector<double>& values = row.values(figures);
      line[row.key] = values.empty() ? Json(nullptr) : Json(values);
    } else if (const auto value = row.value(figures)) {
      line[row.key] = row.decimals == 0 ? Json(std::llround(*value)) : Json(*value);
    } else {
      line[row.key] = nullptr;
    }
  }
  return line;
}

std::string name_in_text(const Figure& row) {
  std::string name = row.key;
  std::ranges::replace(name, '_', ' ');
  return name;
}

void print_numbers(const std::string& name, std::span<const double> values, int decimals,
                   std::ostream& out) {
  for (std::size_t first = 0; first < values.size(); first += kNumbersInLine) {
    const auto part = values.subspan(first, std::min(kNumbersInLine, values.size() - first));
    std::string line;
    for (const double value : part) line += fmt::format(" {:7.{}f}", value, decimals);
    out << fmt::format("{:<23}{}\n", first == 0 ? name : "", line);
  }
}

// What the model read where two figures of one kind read different things.
std::string read_text(const ModelSpec& spec, std::string_view key) {
  const bool is_of_loss = key == "reconstruction";
  if (!is_of_loss && key != "mse") return {};
  switch (spec.traits().corruption) {
    case Corruption::none:
      return {};
    case Corruption::noise:
      return is_of_loss ? tr("reads inputs with its noise, {} {}", name_of(spec.noise.kind),
                             spec.noise.amount)
                        : tr("reads clean inputs");
    case Corruption::patches:
      return is_of_loss
                 ? tr("of the {} hidden of {} patches", hidden_patch_count(spec), patch_count(spec))
                 : tr("of all pixels; reads whole inputs");
  }
  return {};
}

// spec: null where the line says what all figures read.
void print_table(const Figures& figures, const ModelSpec* spec, std::ostream& out) {
  for (const Figure& row : figure_table()) {
    if (row.is_left_out(figures)) continue;
    if (row.values) {
      print_numbers(name_in_text(row), row.values(figures), row.decimals, out);
      continue;
    }
    const auto value = row.value(figures);
    std::string text = !value              ? "-"
                       : row.decimals == 0 ? grouped(std::llround(*value))
                                           : fmt::format("{:.{}f}", *value, row.decimals);
    if (value && row.of) text = tr("{} of {}", text, row.of(figures));
    std::string remark = value ? "" : row.needs;
    if (value && row.remarks) remark = fmt::format("{}", fmt::join(row.remarks(figures), "; "));
    if (value && remark.empty() && spec != nullptr) remark = read_text(*spec, row.key);
    out << fmt::format("{:<23} {:>12}{}{}\n", name_in_text(row), text, remark.empty() ? "" : "  ",
                       remark);
  }
}

class EvalCommand : public ModelCommand {
 public:
  explicit EvalCommand(CLI::App& app) : ModelCommand(app) {
    add_data();
    add_split();
    options_.number("--importance-samples", importance_samples_, 1, OptionList::kNoEnd,
                    tr("Samples of z for log p(x) of each input."), "64");
    options_.flag("--exact", exact_,
                  tr("Also log p(x) and the ELBO by quadrature, for one or two latent "
                     "dimensions, and what the encoder and its Gaussian leave of log p(x)."));
    options_.number("--gap-inputs", gap_inputs_, 1, OptionList::kNoEnd,
                    tr("With --exact: how many inputs, drawn by the seed, the best Gaussians are "
                       "searched for."),
                    "200");
    options_.flag("--certify", certify_,
                  tr("Also how well log p(x) is known: prior, importance and annealed importance "
                     "sampling, each doubled until it settles, and both bounds on inputs drawn "
                     "from the model. Takes minutes."));
    options_.number("--certify-inputs", certify_inputs_, 2, OptionList::kNoEnd,
                    tr("With --certify: how many inputs, drawn by the seed, and as many drawn from "
                       "the model."),
                    "100");
    parameters_.add(parameter("noise"),
                    tr("Corrupts what the model reads; the targets stay clean."), "none");
    add_seed();
    add_threads(0);
    add_json();
  }

 private:
  Outcome<void> check() const override {
    if (gap_inputs_ && !exact_) {
      return wrong_usage(tr("--gap-inputs: it belongs to --exact; add that, or leave it out"));
    }
    if (certify_inputs_ && !certify_) {
      return wrong_usage(
          tr("--certify-inputs: it belongs to --certify; add that, or leave it out"));
    }
    if (certify_ && parameters_.has("noise")) {
      return wrong_usage(
          tr("--certify: log p(x) is estimated on clean inputs; leave out this or --noise"));
    }
    if (exact_ && parameters_.has("noise")) {
      return wrong_usage(
          tr("--exact: log p(x) is measured on clean inputs; leave out this or --noise"));
    }
    if (!parameters_.has("noise") || !importance_samples_) return {};
    return wrong_usage(
        tr("--importance-samples: log p(x) is measured on clean inputs; leave out this or "
           "--noise"));
  }

  Outcome<void> work(const ModelWork& work) const override {
    if (importance_samples_ && !work.spec().has_prior()) {
      return wrong_usage(
          tr("--importance-samples: {} is of kind {}, which has no log p(x); leave it out", path_,
             name_of(work.spec().kind)));
    }
    if (exact_) {
      if (auto can = check_exact(work.spec()); !can) return can;
    }
    if (certify_) {
      if (auto can = check_density(work.spec(), "--certify"); !can) return can;
    }
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    if ((*data)->split(split_).count == 0) {
      return failed(tr("--split: the {} split of {} is empty; name the other", name_of(split_),
                       (*data)->name));
    }
    const RunPlan plan = parameters_.values();
    EvaluationSettings settings{.seed = plan.seed, .noise = {}};
    if (parameters_.has("noise")) settings.noise = plan.spec.noise;
    if (exact_) settings.exact_gap_inputs = gap_inputs_.value_or(kGapInputs);
    const auto figures =
        work.model.figures(**data, split_, importance_samples_.value_or(64), settings,
                           work.line.progress(tr("evaluating {}", path_)));
    if (!figures) return ended_by(figures.error());
    std::optional<Certificate> certificate;
    if (certify_) {
      CertificateSettings wanted{.seed = plan.seed};
      wanted.inputs = wanted.drawn = certify_inputs_.value_or(wanted.inputs);
      auto made = work.model.certify(**data, split_, wanted, {},
                                     work.line.progress(tr("certifying {}", path_)));
      if (!made) return ended_by(made.error());
      certificate = *std::move(made);
    }
    work.line.clear();
    if (split_ == SplitName::train && work.record.limit > 0) {
      work.console.err << tr("note: {} learned from {} of these inputs (--limit {} --seed {}), and "
                             "all {} are measured",
                             path_, grouped(work.record.limit * sequence_length(**data)),
                             work.record.limit, work.record.seed, grouped(figures->images))
                       << std::endl;
    }
    const auto print = [&](const Figures& all, std::ostream& out) {
      print_table(all, settings.noise ? nullptr : &work.spec(), out);
      if (certificate) print_certificate(*certificate, out);
    };
    const auto json = [&](const Figures& all) {
      Json line = to_json(all);
      if (certificate) line["certificate"] = certificate_json(*certificate);
      return line;
    };
    return show(work.console, json, print, *figures);
  }

  // A linear decoder has closed forms, and pca is one.
  Outcome<void> check_density(const ModelSpec& spec, const char* flag) const {
    if (spec.is_linear()) return {};
    if (!spec.has_prior()) {
      return wrong_usage(tr("{}: {} is of kind {}, which has no log p(x); leave it out", flag,
                            path_, name_of(spec.kind)));
    }
    if (spec.likelihood == Likelihood::mse) {
      return wrong_usage(
          tr("{}: the mse of {} is no log p(x|z), so there is no log p(x); leave it "
             "out",
             flag, path_));
    }
    return {};
  }

  Outcome<void> check_exact(const ModelSpec& spec) const {
    if (auto can = check_density(spec, "--exact"); !can) return can;
    if (spec.latent <= kMostExactDimensions || spec.has_linear_decoder()) return {};
    return wrong_usage(
        tr("--exact: {} has {} latent dimensions, and quadrature takes one or two; leave it out",
           path_, spec.latent));
  }

  static constexpr int kGapInputs = 200;
  std::optional<int> importance_samples_;  // nothing: not asked for
  std::optional<int> gap_inputs_;          // likewise
  std::optional<int> certify_inputs_;
  bool exact_ = false;
  bool certify_ = false;
};

}  // namespace

const MakeCommand make_eval = make<EvalCommand>;

}  // namespace zscape
