#include "engine/measures.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kNats = tr("nats");
constexpr double kMost = 1e9;

MeasureOption inputs_option(double initial, const char* help) {
  return {.name = "inputs", .help = help, .initial = {initial}, .least = 1, .most = kMost};
}

MeasureOption judge_option() {
  return {.name = "judge_inputs",
          .help = tr("How many labelled training inputs the judge learns from."),
          .initial = {10000},
          .least = 2,
          .most = kMost};
}

Measure samples_measure() {
  Measure measure{
      .key = "samples",
      .label = tr("Samples"),
      .help = tr("Decodes codes drawn from N(0, I), from a Gaussian fitted to the codes of the "
                 "training inputs, and from a mixture of Gaussians fitted to them by k-means and "
                 "EM. A judge, a network of one hidden layer that learned the labels, says how "
                 "sure it is of each, and which classes come. Beside: the test inputs themselves."),
      .source = tr("Ghosh et al. 2020 (fitted densities); Salimans et al. 2016 (a judge)"),
      .needs = tr("labels, and a kind that reads none"),
      .options = {{.name = "samples",
                   .help = tr("How many codes from each density."),
                   .initial = {1000},
                   .least = 2,
                   .most = 1e6},
                  {.name = "components",
                   .help = tr("Gaussians of the mixture."),
                   .initial = {10},
                   .least = 1,
                   .most = 1000},
                  judge_option()}};
  struct Source {
    std::string_view confidence, entropy, distance;
    const char* label;
  };
  static constexpr Source kSources[] = {
      {"confidence_prior", "entropy_prior", "distance_prior", tr("N(0, I)")},
      {"confidence_gaussian", "entropy_gaussian", "distance_gaussian", tr("a fitted Gaussian")},
      {"confidence_mixture", "entropy_mixture", "distance_mixture", tr("a fitted mixture")},
      {"confidence_data", "entropy_data", "distance_data", tr("the test inputs themselves")}};
  for (const Source& source : kSources) {
    measure.figures.push_back(
        {source.confidence, source.label,
         tr("The judge's mean probability of the class that it takes the picture for.")});
    measure.figures.push_back({source.entropy, source.label,
                               tr("The entropy of the classes that the judge sees in all of them "
                                  "together: ln 10 where ten come equally often."),
                               kNats});
    measure.figures.push_back(
        {source.distance, source.label,
         tr("The mean distance to the nearest training input: the root of the mean square over "
            "the pixels.")});
  }
  measure.figures.push_back({"judge_accuracy", tr("Accuracy of the judge"),
                             tr("The share of the test split that the judge names rightly.")});
  return measure;
}

Measure live_measure() {
  return {
      .key = "live_dimensions",
      .label = tr("Live dimensions"),
      .help = tr("Eigenvalues of the covariance of μ above 0.01. Active units count the variances "
                 "of single dimensions, which a rotation of the codes changes; eigenvalues stay. "
                 "Beside it the forecast for a linear decoder."),
      .source = tr("Burda et al. 2016 (the threshold); Lucas et al. 2019 (the forecast)"),
      .figures = {{"live_dimensions", tr("Live dimensions"),
                   tr("Eigenvalues of the covariance of μ above 0.01.")},
                  {.name = "forecast_live",
                   .label = tr("Forecast of the live dimensions"),
                   .help = tr("Eigenvalues of the data that λ leaves above the threshold."),
                   .may_be_absent = true},
                  {.name = "forecast_rate",
                   .label = tr("Forecast of the KL"),
                   .help = tr("KL of a linear decoder with this λ."),
                   .unit = kNats,
                   .may_be_absent = true}}};
}

Measure gradient_measure() {
  return {
      .key = "gradient_variance",
      .label = tr("Variance of the gradient"),
      .help = tr("How far the gradient of one step strays, and why: by the law of total variance "
                 "one part comes from ε, with the input held fixed, the rest from the choice of "
                 "inputs. The trace of the covariance over all weights. The loss is the one that "
                 "is minimised."),
      .source = tr("Kingma and Welling 2014, section 2.3 (one sample is enough)"),
      .needs = tr("a prior, and the ELBO as objective"),
      .options = {inputs_option(200, tr("Inputs for the two parts, drawn by the seed.")),
                  {.name = "draws",
                   .help = tr("Draws of ε for each of them."),
                   .initial = {4},
                   .least = 2,
                   .most = 1000},
                  {.name = "steps",
                   .help = tr("Gradients of whole batches behind each direct figure."),
                   .initial = {24},
                   .least = 2,
                   .most = 10000},
                  {.name = "samples",
                   .help = tr("Samples of z for each input of a batch, one figure each."),
                   .initial = {1, 10},
                   .least = 1,
                   .most = 1000,
                   .takes_list = true},
                  {.name = "batches",
                   .help = tr("By how much the batch is larger, one figure each."),
                   .initial = {1, 4},
                   .least = 1,
                   .most = 100,
                   .takes_list = true}},
      .figures = {
          {"noise_share", tr("Share of ε"),
           tr("The part of the variance of one input's gradient that ε makes.")},
          {"gradient_noise", tr("Variance by ε"), tr("Mean over inputs of the variance over ε.")},
          {"gradient_data", tr("Variance by the data"),
           tr("Variance over inputs of the mean over ε.")},
          {.name = "gradient_variance",
           .label = tr("Variance of a batch's gradient"),
           .help = tr("Measured directly over whole batches of the training's size."),
           .per = "samples"},
          {.name = "gradient_variance_batch",
           .label = tr("Variance of a larger batch's gradient"),
           .help = tr("The same with one sample, over batches so many times as large."),
           .per = "batches"}}};
}

Measure probe_measure() {
  return {.key = "probe_accuracy",
          .label = tr("Accuracy on few labels"),
          .help = tr("A kernel classifier learns few labels, and classifies the test split: by the "
                     "code μ, by the pixels, and by the encoder's first hidden layer."),
          .source = tr("Rifkin, Yeo and Poggio 2003 (the classifier)"),
          .needs = tr("labels, and a kind that reads none"),
          .options = {{.name = "labels",
                       .help = tr("Labels in all, equally many of each class."),
                       .initial = {1000},
                       .least = 2,
                       .most = 10000,
                       .takes_list = true},
                      {.name = "draws",
                       .help = tr("Choices of labelled inputs to take the mean over."),
                       .initial = {1},
                       .least = 1,
                       .most = 1000}},
          .figures = {{.name = "probe_accuracy",
                       .label = tr("By the code"),
                       .help = tr("Share of the test split classified rightly by the code μ."),
                       .per = "labels"},
                      {.name = "probe_accuracy_pixels",
                       .label = tr("By the pixels"),
                       .help = tr("The same by the inputs as they are."),
                       .per = "labels"},
                      {.name = "probe_accuracy_hidden",
                       .label = tr("By the first hidden layer"),
                       .help = tr("The same by the first hidden layer of the encoder."),
                       .per = "labels",
                       .may_be_absent = true}}};
}

Measure label_measure() {
  return {.key = "label_probe",
          .label = tr("Label read from z"),
          .help = tr("A linear softmax regression learns to read the label from z, drawn from "
                     "q(z|x) where there is a prior. It sees codes of training inputs and is "
                     "tested on those of test inputs."),
          .source = tr("Alain and Bengio 2016 (linear probes)"),
          .needs = tr("labels"),
          .options = {inputs_option(10000, tr("Training inputs for the probe."))},
          .figures = {{"label_from_code", tr("Label read from z"),
                       tr("Share of the test split whose label the probe reads rightly.")},
                      {"label_by_chance", tr("By chance"),
                       tr("The share of the most frequent label in the test split.")}}};
}

Measure verdict_measure() {
  return {.key = "label_verdicts",
          .label = tr("Pictures that obey their label"),
          .help = tr("Decodes each z of some from N(0, I) with each label, and asks a judge, which "
                     "learned the labels, what it sees."),
          .source = tr("Kingma et al. 2014 (a decoder that reads the label)"),
          .needs = tr("a cvae, and labels"),
          .options = {{.name = "samples",
                       .help = tr("How many z; each is decoded with every label."),
                       .initial = {200},
                       .least = 1,
                       .most = 1e5},
                      judge_option()},
          .figures = {{"label_obeyed", tr("Pictures that obey"),
                       tr("Share of all (z, label) whose picture the judge takes for the label.")},
                      {"judge_accuracy", tr("Accuracy of the judge"),
                       tr("The share of the test split that the judge names rightly.")}}};
}

Measure evidence_measure() {
  return {
      .key = "evidence",
      .label = tr("log p(x) by sampling"),
      .help = tr("Estimates log p(x) of some test inputs with more and more samples: of the prior, "
                 "and of q(z|x) weighted by importance. Beside it the exact value where quadrature "
                 "or a closed form gives one, and annealed importance sampling where it is asked "
                 "for."),
      .source = tr("Burda et al. 2016; Wu et al. 2017 (annealing)"),
      .needs = tr("a prior and a density p(x|z)"),
      .options = {inputs_option(100, tr("Test inputs, drawn by the seed.")),
                  {.name = "prior_samples",
                   .help = tr("Samples of the prior, one figure each."),
                   .initial = {1, 10, 100, 1000, 10000},
                   .least = 1,
                   .most = 1e7,
                   .takes_list = true},
                  {.name = "importance_samples",
                   .help = tr("Importance samples for each input, one figure each."),
                   .initial = {1, 10, 100, 1000},
                   .least = 1,
                   .most = 1e7,
                   .takes_list = true},
                  {.name = "temperatures",
                   .help = tr("Steps of the annealing, a power of two; 0: none."),
                   .initial = {0},
                   .least = 0,
                   .most = 1 << 20}},
      .figures = {
          {.name = "log_p_prior",
           .label = tr("Samples of the prior"),
           .help = tr("log (1/K) Σ p(x|z), z ~ p(z), the same z for all inputs: a mixture of K "
                      "decoded Gaussians, scored on the data."),
           .unit = kNats,
           .per = "prior_samples"},
          {.name = "log_p_importance",
           .label = tr("Importance samples"),
           .help = tr("log (1/K) Σ p(x|z) p(z) / q(z|x), z ~ q(z|x)."),
           .unit = kNats,
           .per = "importance_samples"},
          {.name = "log_p_exact",
           .label = tr("Exact"),
           .help = tr("By quadrature over one or two dimensions, or in closed form."),
           .unit = kNats,
           .may_be_absent = true},
          {.name = "log_p_annealed",
           .label = tr("Annealed"),
           .help = tr("Annealed importance sampling by Hamiltonian Monte Carlo."),
           .unit = kNats,
           .may_be_absent = true},
          {.name = "log_p_best",
           .label = tr("The best of these"),
           .help = tr("The exact value where there is one, else the highest of the bounds."),
           .unit = kNats},
          {.name = "short_prior",
           .label = tr("Samples of the prior fall short by"),
           .help = tr("The best value minus that of so many samples."),
           .unit = kNats,
           .per = "prior_samples"},
          {.name = "short_importance",
           .label = tr("Importance samples fall short by"),
           .help = tr("The same of the importance samples."),
           .unit = kNats,
           .per = "importance_samples"}}};
}

Measure gaps_measure() {
  return {.key = "gaps",
          .label = tr("Gaps of the bound"),
          .help = tr("What the ELBO lacks of log p(x), exactly: with the encoder's Gaussian, "
                     "and with the best diagonal Gaussian of each input."),
          .source = tr("Cremer et al. 2018"),
          .needs = tr("a prior over one or two dimensions, or a linear decoder"),
          .options = {inputs_option(50, tr("Test inputs, drawn by the seed."))},
          .figures = {{"gap_encoder", tr("The encoder's Gaussian leaves"),
                       tr("log p(x) minus the ELBO."), kNats},
                      {"gap_gaussian", tr("The best Gaussian leaves"),
                       tr("The same with the best diagonal Gaussian of each input."), kNats}}};
}

Measure aggregate_measure() {
  return {.key = "aggregate_posterior",
          .label = tr("All codes against the prior"),
          .help = tr("KL(q(z) ‖ p(z)) of the codes of all training inputs together. A code can "
                     "tell ln N nats about which of N inputs it is of, so that the KL term minus "
                     "ln N is a bound from below, without sampling."),
          .source = tr("Hoffman and Johnson 2016"),
          .needs = tr("a prior"),
          .figures = {{"aggregate_marginal_kl", tr("KL of all codes to the prior"),
                       tr("Sampled: the KL term minus what a code tells about its input."), kNats},
                      {"aggregate_marginal_kl_least", tr("At least"),
                       tr("The KL term minus ln N, and at least 0."), kNats}}};
}

Measure few_labels_measure() {
  Measure measure{
      .key = "few_labels",
      .label = tr("Errors while learning labels"),
      .help = tr("Puts a small classifier on the encoder and trains it on few labels: alone with "
                 "the encoder frozen, together with it (fine-tuned), and together from random "
                 "weights (scratch). Notes the error on these labels (E_in) and on the test split "
                 "(E_out) after each epoch. A fifth of the labels is held out: where their error "
                 "is least is the early stop."),
      .source = tr("Yosinski et al. 2014; Abu-Mostafa et al. 2012 (E_in and E_out)"),
      .needs = tr("labels, and a kind that reads none"),
      .options = {{.name = "labels",
                   .help = tr("Labels in all, equally many of each class."),
                   .initial = {100},
                   .least = 2,
                   .most = kMost,
                   .takes_list = true},
                  {.name = "epochs",
                   .help = tr("Passes over the labels, but from 300 to 4,000 steps of 64 "
                              "labels in all. The errors are noted so many times."),
                   .initial = {20},
                   .least = 1,
                   .most = 10000},
                  {.name = "test_inputs",
                   .help = tr("Test inputs for E_out, drawn by the seed."),
                   .initial = {10000},
                   .least = 1,
                   .most = kMost}}};
  struct Way {
    std::string_view stopped, in, out, stop, course_in, course_out;
    const char* label;
  };
  static constexpr Way kWays[] = {
      {"error_frozen", "error_in_frozen", "error_out_frozen", "stop_frozen", "course_in_frozen",
       "course_out_frozen", tr("frozen")},
      {"error_finetune", "error_in_finetune", "error_out_finetune", "stop_finetune",
       "course_in_finetune", "course_out_finetune", tr("fine-tuned")},
      {"error_scratch", "error_in_scratch", "error_out_scratch", "stop_scratch",
       "course_in_scratch", "course_out_scratch", tr("from scratch")}};
  for (const Way& way : kWays) {
    measure.figures.push_back({.name = way.stopped,
                               .label = way.label,
                               .help = tr("Test error at the early stop."),
                               .per = "labels"});
    measure.figures.push_back({.name = way.in,
                               .label = way.label,
                               .help = tr("Error on the labels learned, after the last epoch."),
                               .per = "labels"});
    measure.figures.push_back({.name = way.out,
                               .label = way.label,
                               .help = tr("Test error after the last epoch."),
                               .per = "labels"});
    measure.figures.push_back({.name = way.stop,
                               .label = way.label,
                               .help = tr("The epoch of the early stop."),
                               .unit = tr("epochs"),
                               .per = "labels"});
    measure.curves.push_back({way.course_in, way.label, "epochs", "labels"});
    measure.curves.push_back({way.course_out, way.label, "epochs", "labels"});
  }
  return measure;
}

Measure filters_measure() {
  return {.key = "filters",
          .label = tr("Filters"),
          .help = tr("The weights of the encoder's first layer as pictures, one for each unit, and "
                     "how far they reach."),
          .source = tr("Vincent et al. 2010"),
          .needs = tr("fully connected layers and pictures"),
          .options = {{.name = "filters",
                       .help = tr("How many are shown in the picture."),
                       .initial = {100},
                       .least = 1,
                       .most = 10000}},
          .figures = {{"filter_extent", tr("Extent of the filters"),
                       tr("Median over the units of the root mean square distance of the squared "
                          "weights from their own centre."),
                       tr("pixels")},
                      {"filter_pixels", tr("Pixels of a filter"),
                       tr("Median over the units of (Σ w²)² / Σ w⁴: over how many pixels the "
                          "weight is spread.")}}};
}

Measure copying_measure() {
  return {
      .key = "copying",
      .label = tr("How near to copying"),
      .help = tr("How far ∂x′/∂x is from the identity, and how well inputs that no training input "
                 "resembles come back: uniform noise, and test inputs with black and white "
                 "exchanged. A model that only copies brings back everything."),
      .source = tr("Alain and Bengio 2014 (x′ − x and its derivatives)"),
      .needs = tr("inputs in [0, 1], and a kind that reads no label"),
      .options = {inputs_option(64, tr("Test inputs, drawn by the seed."))},
      .figures = {
          {"jacobian_distance", tr("Distance of ∂x′/∂x from the identity"),
           tr("‖∂x′/∂x − I‖ / √d of the mean over the inputs; 0 for copying.")},
          {"jacobian_diagonal", tr("Mean diagonal of ∂x′/∂x"),
           tr("1 for copying, k / d for a projection.")},
          {"mse_noise", tr("Error on noise"), tr("Mean squared error a pixel on uniform noise.")},
          {"mse_inverted", tr("Error on inverted inputs"),
           tr("Mean squared error a pixel on inputs with black and white exchanged.")},
          {"copied_noise", tr("Noise that comes back"),
           tr("1 − error / variance; 1 for copying, 0 for a mean image.")}}};
}

Measure geodesics_measure() {
  return {.key = "geodesics",
          .label = tr("Shortest ways"),
          .help = tr("Between pairs of codes of test inputs: how long the shortest way is in the "
                     "decoder's output, as a share of the straight line's."),
          .source = tr("Shao, Kumar and Fletcher 2018; Arvanitidis et al. 2018"),
          .options = {{.name = "pairs",
                       .help = tr("Pairs of codes, drawn by the seed."),
                       .initial = {500},
                       .least = 1,
                       .most = 1e5}},
          .figures = {{"geodesic_length", tr("Shortest length"),
                       tr("Length of the shortest way over that of the straight line, in the mean "
                          "over the pairs. 1: straight lines are the shortest.")},
                      {"geodesic_length_median", tr("Shortest length, median"),
                       tr("The same, in the median.")},
                      {"geodesic_energy", tr("Least energy"),
                       tr("Energy of the shortest way, at constant speed, over that of the "
                          "straight line, in the mean.")}}};
}

Measure bytes_measure() {
  return {.key = "bytes",
          .label = tr("Bytes a picture"),
          .help = tr("What a code takes: all dimensions, those alive, and with a prior what the KL "
                     "says that it must take."),
          .source = tr("Hinton and van Camp 1993 (the KL as a length)"),
          .options = {{.name = "bits",
                       .help = tr("Bits of a number."),
                       .initial = {32},
                       .least = 1,
                       .most = 64}},
          .figures = {
              {"bytes_code", tr("All dimensions"), tr("Dimensions times bits."), tr("bytes")},
              {"bytes_live", tr("Live dimensions"), tr("Live dimensions times bits."), tr("bytes")},
              {.name = "bytes_rate",
               .label = tr("By the KL"),
               .help = tr("The mean KL term in bytes."),
               .unit = tr("bytes"),
               .may_be_absent = true}}};
}

Measure deviation_measure() {
  return {.key = "deviation",
          .label = tr("The decoder's deviation"),
          .help = tr("s of the Gaussian likelihood, and λ · s²: what the KL term weighs against "
                     "the squared error."),
          .source = tr("Rybkin et al. 2021"),
          .needs = tr("the Gaussian likelihood"),
          .figures = {{"deviation", tr("Deviation s"), tr("As it is after training.")},
                      {"lambda_s2", tr("λ · s²"), tr("The one knob that both are.")}}};
}

std::vector<Measure> make_table() {
  return {samples_measure(),   live_measure(),       gradient_measure(), probe_measure(),
          label_measure(),     verdict_measure(),    evidence_measure(), gaps_measure(),
          aggregate_measure(), few_labels_measure(), filters_measure(),  copying_measure(),
          geodesics_measure(), bytes_measure(),      deviation_measure()};
}

std::vector<std::string> names_with(std::string_view name, std::string_view per,
                                    const MeasureRequest& request) {
  if (per.empty()) return {std::string(name)};
  const std::vector<double> values = values_of(request, per);
  std::vector<std::string> names;
  for (const double value : values) names.push_back(name_with(name, values, value));
  return names;
}

void append(std::vector<std::string>& names, std::vector<std::string> more) {
  names.insert(names.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

}  // namespace

const MeasureOption* Measure::find_option(std::string_view name) const {
  const auto found = std::ranges::find(options, name, &MeasureOption::name);
  return found == options.end() ? nullptr : &*found;
}

const std::vector<Measure>& measure_table() {
  static const std::vector<Measure> table = make_table();
  return table;
}

const Measure* find_measure(std::string_view key) {
  const auto found = std::ranges::find(measure_table(), key, &Measure::key);
  return found == measure_table().end() ? nullptr : &*found;
}

Expected<void> check(const MeasureRequest& request) {
  const Measure* measure = find_measure(request.measure);
  if (measure == nullptr) {
    std::vector<std::string_view> keys;
    for (const Measure& each : measure_table()) keys.push_back(each.key);
    return fail(
        tr("there is no measure '{}'; there are {}", request.measure, fmt::join(keys, ", ")));
  }
  for (const auto& [name, values] : request.options) {
    const MeasureOption* option = measure->find_option(name);
    if (option == nullptr) {
      std::vector<std::string_view> names;
      for (const MeasureOption& each : measure->options) names.push_back(each.name);
      return fail(names.empty() ? tr("{} has no options", measure->key)
                                : tr("{} has no option '{}'; it has {}", measure->key, name,
                                     fmt::join(names, ", ")));
    }
    if (values.empty() || (values.size() > 1 && !option->takes_list)) {
      return fail(tr("{}: {} takes one number", measure->key, name));
    }
    for (const double value : values) {
      const bool fits = value >= option->least && value <= option->most &&
                        (!option->is_whole || value == std::floor(value));
      if (fits) continue;
      return fail(option->is_whole ? tr("{}: {} takes whole numbers from {} to {}, not {}",
                                        measure->key, name, option->least, option->most, value)
                                   : tr("{}: {} takes numbers from {} to {}, not {}", measure->key,
                                        name, option->least, option->most, value));
    }
  }
  return {};
}

std::vector<double> values_of(const MeasureRequest& request, std::string_view option) {
  if (const auto asked = request.options.find(option); asked != request.options.end()) {
    return asked->second;
  }
  const Measure* measure = find_measure(request.measure);
  const MeasureOption* of = measure ? measure->find_option(option) : nullptr;
  return of ? of->initial : std::vector<double>();
}

double value_of(const MeasureRequest& request, std::string_view option) {
  const std::vector<double> values = values_of(request, option);
  return values.empty() ? 0 : values.front();
}

std::vector<std::string> figure_names(const MeasureRequest& request) {
  std::vector<std::string> names;
  if (const Measure* measure = find_measure(request.measure)) {
    for (const MeasureFigure& figure : measure->figures) {
      append(names, names_with(figure.name, figure.per, request));
    }
  }
  return names;
}

std::vector<std::string> curve_names(const MeasureRequest& request) {
  std::vector<std::string> names;
  if (const Measure* measure = find_measure(request.measure)) {
    for (const MeasureFigure& figure : measure->figures) {
      const bool has_curve = !figure.per.empty() && values_of(request, figure.per).size() > 1;
      if (has_curve) names.emplace_back(figure.name);
    }
    for (const MeasureCurve& curve : measure->curves) {
      append(names, names_with(curve.name, curve.per, request));
    }
  }
  return names;
}

std::string name_with(std::string_view name, const std::vector<double>& values, double value) {
  return values.size() > 1 ? fmt::format("{}_{}", name, value) : std::string(name);
}

}  // namespace zscape
