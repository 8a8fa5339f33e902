#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_work.h"

namespace zscape {
namespace {

constexpr int kImportanceSamples = 64;
constexpr std::size_t kNumbersInLine = 10;

Json to_json(const Figures& figures) {
  Json line;
  line["images"] = figures.images;
  line["reconstruction"] = number_or_null(figures.reconstruction);
  line["kl"] = number_or_null(figures.kl);
  line["elbo"] = number_or_null(figures.elbo);
  line["log_likelihood"] = number_or_null(figures.log_likelihood);
  line["mse"] = number_or_null(figures.mse);
  line["active_units"] = figures.active_units ? Json(*figures.active_units) : Json(nullptr);
  line["knn_accuracy"] = number_or_null(figures.knn_accuracy);
  line["aggregate_kl"] = number_or_null(figures.aggregate_kl);
  line["elbo_standard_error"] = number_or_null(figures.elbo_standard_error);
  line["log_likelihood_prior"] = number_or_null(figures.log_likelihood_prior);
  line["kl_per_dimension"] =
      figures.kl_per_dimension.empty() ? Json(nullptr) : Json(figures.kl_per_dimension);
  line["silhouette"] = number_or_null(figures.silhouette);
  return line;
}

bool has_grey_pixels(const Split& split) {
  return std::ranges::any_of(split.pixels,
                             [](std::uint8_t pixel) { return pixel != 0 && pixel != 255; }) ||
         std::ranges::any_of(split.values, [](float value) { return value != 0 && value != 1; });
}

// docs/DESIGN.md: on grey pixels the Bernoulli figure must not pass for a density.
bool is_mere_score(const ModelSpec& spec, const Split& split) {
  return spec.likelihood == Likelihood::bernoulli && spec.binarise == Binarise::none &&
         has_grey_pixels(split);
}

class Table {
 public:
  explicit Table(std::ostream& out) : out_(out) {}

  void row(std::string_view name, std::string_view value, std::string_view remark = "") {
    out_ << fmt::format("{:<18} {:>12}{}{}\n", name, value, remark.empty() ? "" : "  ", remark);
  }
  void row(std::string_view name, const std::optional<double>& value, int decimals,
           std::string_view remark = "") {
    if (value)
      row(name, fmt::format("{:.{}f}", *value, decimals), remark);
    else
      row(name, "-");
  }
  void numbers(std::string_view name, std::span<const double> values) {
    for (std::size_t first = 0; first < values.size(); first += kNumbersInLine) {
      const auto part = values.subspan(first, std::min(kNumbersInLine, values.size() - first));
      out_ << fmt::format("{:<18} {:7.3f}\n", first == 0 ? name : "", fmt::join(part, ""));
    }
  }

 private:
  std::ostream& out_;
};

std::string remarks(std::string_view first, std::string_view second) {
  return fmt::format("{}{}{}", first, first.empty() || second.empty() ? "" : "; ", second);
}

void print_table(const Figures& figures, const ModelSpec& spec, int samples, bool mere_score,
                 std::ostream& out) {
  const std::string_view score = mere_score ? "a score on grey pixels, no density" : "";
  const std::string error =
      figures.elbo_standard_error ? fmt::format("± {:.4f}", *figures.elbo_standard_error) : "";
  Table table(out);
  table.row("images", grouped(figures.images));
  table.row("reconstruction", figures.reconstruction, 4);
  table.row("kl", figures.kl, 4);
  table.row("elbo", figures.elbo, 4, remarks(error, score));
  table.row("log likelihood", figures.log_likelihood, 4,
            remarks(fmt::format("{} importance samples", grouped(samples)), score));
  table.row(
      "  by the prior", figures.log_likelihood_prior, 4,
      remarks(fmt::format("{} samples of the prior, and very many are needed", grouped(samples)),
              score));
  table.row("mse", figures.mse, 6);
  table.row("active units", figures.active_units
                                ? fmt::format("{} of {}", *figures.active_units, spec.latent)
                                : "-");
  table.row("knn accuracy", figures.knn_accuracy, 4, "k = 10");
  table.row("silhouette", figures.silhouette, 4);
  table.row("aggregate kl", figures.aggregate_kl, 4);
  table.numbers("kl per dimension", figures.kl_per_dimension);
}

}  // namespace

Outcome<void> run_eval(const EvalOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::engine);
  const auto opened = open_model(backend, options.model);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  if (options.importance_samples && !model.spec().has_prior()) {
    return wrong_usage(
        fmt::format("--importance-samples: {} is of kind {}, which has no log p(x); leave it out",
                    options.model, name_of(model.spec().kind)));
  }
  const int samples = options.importance_samples.value_or(kImportanceSamples);

  ProgressLine line(console);
  const auto data = load_data_for(model, options.model, options.data, backend, line);
  if (!data) return tl::unexpected(data.error());
  if ((*data)->split(options.split).count == 0) {
    return failed(fmt::format("--split: the {} split of {} is empty; name the other",
                              name_of(options.split), (*data)->name));
  }
  const EvaluationSettings settings{1, options.seed, options.noise};
  const auto figures = model.figures(**data, options.split, samples, settings,
                                     line.progress("evaluating " + options.model));
  if (!figures) return ended_by(figures.error());
  line.clear();
  if (options.json) {
    console.out << one_line(to_json(*figures)) << std::endl;
  } else {
    print_table(*figures, model.spec(), samples,
                is_mere_score(model.spec(), (*data)->split(options.split)), console.out);
  }
  return {};
}

}  // namespace zscape
