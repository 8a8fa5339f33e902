#include "engine/forecast.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "app/cli/console.h"
#include "app/cli/data_text.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/subcommand.h"
#include "engine/backend.h"
#include "engine/data/formats.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kShownEigenvalues = 12;

struct Told {
  Spectrum spectrum;
  Forecast forecast;
  ModelSpec spec;
  double kl_weight = 1;
  std::optional<int> latent;
};

Json to_json(const Told& told) {
  Json json;
  json["likelihood"] = name_of(told.spec.likelihood);
  json["binarise"] = name_of(told.spec.binarise);
  json["lambda"] = told.kl_weight;
  json["sigma"] = told.spec.likelihood == Likelihood::gaussian ? Json(told.spec.sigma) : Json();
  json["latent"] = told.latent ? Json(*told.latent) : Json();
  json["threshold"] = told.forecast.threshold;
  json["live_dimensions"] = told.forecast.live;
  json["rate_linear"] = number_or_null(told.forecast.rate);
  json["reconstruction_linear"] = number_or_null(
      linear_reconstruction(told.forecast, told.spectrum, told.spec.likelihood, told.spec.sigma));
  json["eigenvalues"] = told.spectrum.eigenvalues;
  return json;
}

void print(const Told& told, std::ostream& out) {
  const auto& values = told.spectrum.eigenvalues;
  std::vector<std::string> first;
  for (std::size_t i = 0; i < std::min(values.size(), kShownEigenvalues); ++i) {
    first.push_back(fmt::format("{:.4g}", values[i]));
  }
  const auto row = [&](const char* name, const std::string& value) {
    out << fmt::format("{:<18} {}\n", name, value);
  };
  row(tr("likelihood"), std::string(name_of(told.spec.likelihood)));
  row("λ", fmt::format("{:g}", told.kl_weight));
  if (told.spec.likelihood == Likelihood::gaussian) row("s", fmt::format("{:g}", told.spec.sigma));
  row(tr("threshold"),
      tr("{:.4g}: an eigenvalue above it keeps a dimension alive", told.forecast.threshold));
  row(tr("live dimensions"),
      told.latent ? tr("{} of {}", told.forecast.live, *told.latent)
                  : tr("{}, as the data allow; --latent K caps them", told.forecast.live));
  row(tr("rate"), tr("{:.2f} nats an input, of a linear decoder", told.forecast.rate));
  row(tr("eigenvalues"),
      fmt::format("{}{}", fmt::join(first, " "), values.size() > first.size() ? " …" : ""));
}

class ForecastCommand : public Subcommand {
 public:
  explicit ForecastCommand(CLI::App& app) : Subcommand(app) {
    parameters_.add(parameter("data"), tr("The data: {}.", data_sources_text()), "")->required();
    for (const char* key : {"image_size", "fit", "ground", "range", "label_column", "labels_file",
                            "sequence", "memory"}) {
      parameters_.add(parameter(key));
    }
    parameters_.add(parameter("likelihood"), "", tr("that of a vae of the data"));
    parameters_.add(parameter("binarise"));
    parameters_.add(parameter("lambda"));
    parameters_.add(parameter("sigma"));
    parameters_.add(parameter("latent"), tr("Latent dimensions; fewer may be alive."),
                    tr("as many as the data fill"));
    add_json();
    options_.footer(data_formats_help());
  }

  Outcome<void> run(const Surroundings& surroundings, Console& console) override {
    watch_for_interrupt();
    const RunPlan plan = parameters_.values();
    const std::shared_ptr<Backend> backend =
        surroundings.make_backend({.threads = 0, .device = Device::cpu});
    backend->enter_thread(ThreadRole::engine);
    ProgressLine line(console);
    const auto data =
        backend->load_data(plan.data, line.progress(tr("loading {}", plan.data.source)));
    if (!data) return ended_by(data.error());
    if (auto fits = check_rules(plan.data, **data); !fits) return wrong_usage(fits.error().message);
    Told told;
    told.spec = reference_spec(ModelKind::vae, **data, plan.spec.latent);
    told.spec.binarise = plan.spec.binarise;
    if (parameters_.has("likelihood")) told.spec.likelihood = plan.spec.likelihood;
    if (parameters_.has("sigma")) {
      if (plan.spec.learned_sigma) {
        return wrong_usage(tr("--sigma {}: the forecast needs a number; name the s that you expect",
                              parameter("sigma").value(plan)));
      }
      if (told.spec.likelihood != Likelihood::gaussian) {
        return wrong_usage(
            tr("--sigma: only the gaussian likelihood has a deviation, and this one "
               "is {}; leave it out",
               name_of(told.spec.likelihood)));
      }
      told.spec.sigma = plan.spec.sigma;
    }
    if (const auto valid = validate(told.spec); !valid) return wrong_usage(valid.error().message);
    told.kl_weight = plan.settings.kl_weight;
    if (parameters_.has("latent")) told.latent = plan.spec.latent;
    auto spectrum =
        backend->spectrum(**data, *spectrum_for(told.spec),
                          line.progress(tr("measuring the spectrum of {}", (*data)->name)));
    if (!spectrum) return ended_by(spectrum.error());
    line.clear();
    print_notes(**data, console);
    told.spectrum = *std::move(spectrum);
    told.forecast =
        forecast(told.spectrum, told.spec.likelihood, told.kl_weight, told.spec.sigma, told.latent);
    return show(console, to_json, print, told);
  }
};

}  // namespace

const MakeCommand make_forecast = make<ForecastCommand>;

}  // namespace zscape
