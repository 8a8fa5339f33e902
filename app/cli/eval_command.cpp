#include <fmt/format.h>

#include <algorithm>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"

namespace zscape {
namespace {

constexpr int kImportanceSamples = 64;

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
  return line;
}

bool has_grey_pixels(const Split& split) {
  return std::ranges::any_of(split.pixels,
                             [](std::uint8_t pixel) { return pixel != 0 && pixel != 255; });
}

class Table {
 public:
  explicit Table(std::ostream& out) : out_(out) {}

  void row(std::string_view name, std::string_view value, std::string_view remark = "") {
    out_ << fmt::format("{:<16} {:>12}{}{}\n", name, value, remark.empty() ? "" : "  ", remark);
  }
  void row(std::string_view name, const std::optional<double>& value, int decimals,
           std::string_view remark = "") {
    if (value)
      row(name, fmt::format("{:.{}f}", *value, decimals), remark);
    else
      row(name, "-");
  }

 private:
  std::ostream& out_;
};

void print_table(const Figures& figures, const ModelSpec& spec, int samples, bool grey,
                 std::ostream& out) {
  // DESIGN.md: on grey pixels the Bernoulli figure must not pass for a density.
  const std::string score =
      grey && spec.likelihood == Likelihood::bernoulli ? "a score on grey pixels, no density" : "";
  const std::string estimate = fmt::format("{} importance samples", samples);
  Table table(out);
  table.row("images", grouped(figures.images));
  table.row("reconstruction", figures.reconstruction, 4);
  table.row("kl", figures.kl, 4);
  table.row("elbo", figures.elbo, 4, score);
  table.row("log likelihood", figures.log_likelihood, 4,
            score.empty() ? estimate : estimate + "; " + score);
  table.row("mse", figures.mse, 6);
  table.row("active units", figures.active_units
                                ? fmt::format("{} of {}", *figures.active_units, spec.latent)
                                : "-");
  table.row("knn accuracy", figures.knn_accuracy, 4, "k = 10");
  table.row("aggregate kl", figures.aggregate_kl, 4);
}

}  // namespace

Outcome<void> run_eval(const EvalOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::engine);
  const auto opened = backend.open_model(options.model);
  if (!opened) return failed(opened.error().message);
  const FrozenModel& model = *opened->model;
  if (options.importance_samples && !model.spec().has_prior()) {
    return wrong_usage(
        fmt::format("--importance-samples: {} is an {}, which has no log p(x); "
                    "leave it out",
                    options.model, name_of(model.spec().kind)));
  }
  const int samples = options.importance_samples.value_or(kImportanceSamples);

  ProgressLine line(console);
  const auto data = backend.load_data(options.data, line.progress("loading " + options.data));
  if (!data) return ended_by(data.error());
  if (auto fits = check_fit(model.spec(), **data); !fits) {
    return failed(fmt::format("{} {}", options.model, fits.error().message));
  }
  const auto figures = model.figures(**data, options.split, samples, options.seed,
                                     line.progress("evaluating " + options.model));
  if (!figures) return ended_by(figures.error());
  line.clear();
  if (options.json) {
    console.out << one_line(to_json(*figures)) << std::endl;
  } else {
    print_table(*figures, model.spec(), samples, has_grey_pixels((*data)->split(options.split)),
                console.out);
  }
  return {};
}

}  // namespace zscape
