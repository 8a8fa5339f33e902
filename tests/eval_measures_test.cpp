// Measures of the lab on models whose answers are known: closed forms, and decoders made by hand.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/eval/linear_gaussian.h"
#include "engine/eval/measures/measure.h"
#include "engine/eval/measures/mixture.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "tests/eval_data.h"

namespace zscape {
namespace {

Measured measure(const Autoencoder& model, const Dataset& data, const std::string& name,
                 MeasureOptions options = {}, MeasureSettings settings = {}) {
  const MeasureRequest request{name, std::move(options)};
  EXPECT_TRUE(check(request));
  const auto made = measured(model, request, data, settings, {});
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made.value_or(Measured());
}

double figure(const Measured& measured, std::string_view name) {
  for (const NamedFigure& each : measured.figures) {
    if (each.name == name) return each.value;
  }
  ADD_FAILURE() << "no figure " << name;
  return std::nan("");
}

// One layer each, without anything behind the decoder.
ModelSpec linear(ModelKind kind, const Dataset& data, int latent) {
  ModelSpec spec;
  spec.kind = kind;
  spec.shape = data.shape;
  spec.latent = latent;
  spec.hidden = {};
  spec.likelihood = traits_of(kind).has_prior ? Likelihood::gaussian : Likelihood::mse;
  if (traits_of(kind).reads_label) spec.classes = data.classes();
  return spec;
}

void set(const Autoencoder& model, const std::string& name, const at::Tensor& values) {
  const at::NoGradGuard no_grad;
  tensors_of(model).at(name).copy_(values);
}

// All weights 0.
Autoencoder blank(const ModelSpec& spec) {
  Autoencoder model(spec);
  for (const auto& [name, tensor] : model.named_tensors()) set(model, name, at::zeros({1}));
  return model;
}

// x̂ = x, of as many latent dimensions as inputs.
Autoencoder copier(const Dataset& data) {
  Autoencoder model = blank(linear(ModelKind::ae, data, data.inputs()));
  for (const char* layer : {"encoder.0.weight", "decoder.0.weight"}) {
    set(model, layer, at::eye(data.inputs()));
  }
  return model;
}

at::Tensor picture_of(const Dataset& data, std::int64_t row) {
  const std::vector<float> picture = data.picture(SplitName::train, row);
  return at::tensor(picture);
}

// ---- The mixture ----

// Two Gaussians of two dimensions.
GaussianMixture two_gaussians() {
  const at::Tensor covariance =
      at::tensor({2.0, 0.6, 0.6, 0.5, 0.3, -0.1, -0.1, 0.4}, at::kDouble).view({2, 2, 2});
  return {at::tensor({0.3, 0.7}, at::kDouble),
          at::tensor({-4.0, 1.0, 5.0, 0.0}, at::kDouble).view({2, 2}), covariance};
}

TEST(Mixture, DensityIsThatOfItsFormula) {
  const GaussianMixture mixture = two_gaussians();
  const at::Tensor point = at::tensor({-3.0, 2.0}, at::kDouble);
  double density = 0;
  for (int i = 0; i < 2; ++i) {
    const at::Tensor s = mixture.covariance[i], off = point - mixture.mean[i];
    const double a = s[0][0].item<double>(), b = s[0][1].item<double>(), c = s[1][1].item<double>();
    const double x = off[0].item<double>(), y = off[1].item<double>(), det = a * c - b * b;
    density += mixture.weight[i].item<double>() *
               std::exp(-0.5 * (c * x * x - 2 * b * x * y + a * y * y) / det) /
               (2 * std::numbers::pi * std::sqrt(det));
  }
  EXPECT_NEAR(mixture.log_density(point.unsqueeze(0)).item<double>(), std::log(density), 1e-12);
}

TEST(Mixture, FindsTheGaussiansThatItsPointsWereDrawnFrom) {
  const GaussianMixture truth = two_gaussians();
  const at::Tensor points = truth.draws(6000, 3, 0);
  const auto found = fitted_mixture(points, 2, 5, 9, {});
  ASSERT_TRUE(found);
  const auto first = found->weight[0].item<double>() < 0.5 ? 0 : 1;
  for (int i = 0; i < 2; ++i) {
    const int of = i == 0 ? first : 1 - first;
    EXPECT_NEAR(found->weight[of].item<double>(), truth.weight[i].item<double>(), 0.02);
    EXPECT_LT((found->mean[of] - truth.mean[i]).abs().max().item<double>(), 0.1);
    EXPECT_LT((found->covariance[of] - truth.covariance[i]).abs().max().item<double>(), 0.15);
  }
  // Of the same points no mixture is more likely than the one fitted to them.
  EXPECT_GT(found->log_density(points).mean().item<double>(),
            truth.log_density(points).mean().item<double>() - 1e-3);
}

TEST(Mixture, OfOneComponentIsTheGaussianOfTheMoments) {
  const at::Tensor points = two_gaussians().draws(500, 1, 0);
  const GaussianMixture gaussian = fitted_gaussian(points);
  const at::Tensor off = points - points.mean(0);
  EXPECT_TRUE(at::allclose(gaussian.mean[0], points.mean(0)));
  EXPECT_TRUE(at::allclose(gaussian.covariance[0], at::mm(off.t(), off) / 500.0));
  const auto one = fitted_mixture(points, 1, 2, 0, {});
  EXPECT_TRUE(at::allclose(one->mean, gaussian.mean));
}

TEST(Mixture, TakesPointsThatAreAllEqual) {
  const auto found = fitted_mixture(at::ones({20, 3}), 5, 0, 0, {});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->draws(10, 0, 0).isfinite().all().item<bool>());
}

// ---- Codes ----

TEST(LiveDimensions, AreEigenvaluesWhateverTheRotation) {
  const at::Tensor codes = normal_noise(4000, 3, 1, Stream::evaluation, 0).to(at::kDouble) *
                           at::tensor({2.0, 0.5, 0.01}, at::kDouble);
  const at::Tensor turn =
      std::get<0>(at::linalg_qr(normal_noise(3, 3, 2, Stream::evaluation, 0).to(at::kDouble)));
  const auto plain = covariance_spectrum(codes), turned = covariance_spectrum(at::mm(codes, turn));
  EXPECT_EQ(live_dimensions(plain), 2);
  EXPECT_EQ(live_dimensions(turned), 2);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(plain[i], turned[i], 1e-9);
  EXPECT_NEAR(plain[0], 4, 0.3);
}

TEST(Bytes, CountDimensionsAndNats) {
  const Dataset data = bars(40, 40);
  Autoencoder model = blank(linear(ModelKind::vae, data, 3));
  // σ = e of the first dimension, and nothing of the data: KL = ½ (e² − 2 − 1).
  set(model, "encoder.0.bias", at::tensor({0.F, 0.F, 0.F, 2.F, 0.F, 0.F}));
  const Measured made = measure(model, data, "bytes", {{"bits", {16}}});
  EXPECT_EQ(figure(made, "bytes_code"), 6);
  EXPECT_EQ(figure(made, "bytes_live"), 0);
  EXPECT_NEAR(figure(made, "bytes_rate"), (std::exp(2.0) - 3) / 2 / std::numbers::ln2 / 8, 1e-6);
}

TEST(AggregatePosterior, OfAnEncoderThatSaysNothingIsThePrior) {
  const Dataset data = bars(200, 40);
  const Autoencoder model = blank(linear(ModelKind::vae, data, 2));
  const Measured made = measure(model, data, "aggregate_posterior");
  EXPECT_NEAR(figure(made, "aggregate_marginal_kl"), 0, 1e-6);
  EXPECT_EQ(figure(made, "aggregate_marginal_kl_least"), 0);
}

// ---- Gradients ----

// Of each input ε makes nothing where σ is all but 0, and the data make nothing of equal inputs.
TEST(GradientVariance, IsSplitByItsCauses) {
  Dataset data = bars(60, 20);
  const MeasureOptions few = {
      {"inputs", {20}}, {"draws", {6}}, {"steps", {2}}, {"samples", {1}}, {"batches", {1}}};
  Autoencoder certain = initialised(linear(ModelKind::vae, data, 2));
  const at::Tensor bias = tensors_of(certain)["encoder.0.bias"].clone();
  bias.narrow(0, 2, 2).fill_(-60);
  set(certain, "encoder.0.bias", bias);
  const Measured without_noise = measure(certain, data, "gradient_variance", few);
  EXPECT_LT(figure(without_noise, "noise_share"), 1e-6);
  EXPECT_GT(figure(without_noise, "gradient_data"), 0);

  const auto size = static_cast<std::size_t>(data.inputs());
  for (std::size_t i = size; i < data.train.pixels.own().size(); ++i) {
    data.train.pixels.own()[i] = data.train.pixels.own()[i - size];
  }
  const Measured without_data =
      measure(initialised(linear(ModelKind::vae, data, 2)), data, "gradient_variance", few);
  EXPECT_GT(figure(without_data, "gradient_noise"), 0);
  EXPECT_GT(figure(without_data, "noise_share"), 0.8);
}

TEST(GradientVariance, OfBatchesFollowsFromTheParts) {
  const Dataset data = bars(400, 20);
  const Autoencoder model = initialised(small_vae(data.shape, 2, {12}));
  MeasureSettings settings;
  settings.batch_size = 8;
  const Measured made = measure(model, data, "gradient_variance",
                                {{"inputs", {400}}, {"draws", {8}}, {"steps", {400}}}, settings);
  const double noise = figure(made, "gradient_noise"), of_data = figure(made, "gradient_data");
  const auto near = [&](const char* name, double expected) {
    EXPECT_NEAR(figure(made, name) / expected, 1, 0.15) << name;
  };
  near("gradient_variance_1", (noise + of_data) / 8);
  near("gradient_variance_10", (noise / 10 + of_data) / 8);
  near("gradient_variance_batch_4", (noise + of_data) / 32);
  EXPECT_EQ(figure(made, "noise_share"), noise / (noise + of_data));
}

// ---- Probes ----

TEST(Probes, OfCopiesReadWhatThePixelsSay) {
  const Dataset data = bars(200, 80);
  const Measured made = measure(copier(data), data, "probe_accuracy", {{"labels", {8, 40}}});
  for (const char* labels : {"_8", "_40"}) {
    EXPECT_EQ(figure(made, std::string("probe_accuracy") + labels),
              figure(made, std::string("probe_accuracy_pixels") + labels));
  }
  EXPECT_GT(figure(made, "probe_accuracy_40"), 0.95);
  ASSERT_EQ(made.curves.size(), 2U);
  EXPECT_EQ(made.curves[0].name, "probe_accuracy");
  EXPECT_EQ(made.curves[0].x, (std::vector<double>{8, 40}));
  EXPECT_EQ(figure(measure(copier(data), data, "label_probe"), "label_from_code"), 1);
}

TEST(Probes, OfNothingNameTheMostFrequentLabel) {
  const Dataset data = bars(200, 80);
  const Measured made =
      measure(blank(linear(ModelKind::ae, data, 2)), data, "label_probe", {{"inputs", {198}}});
  EXPECT_EQ(figure(made, "label_by_chance"), 0.25);
  EXPECT_EQ(figure(made, "label_from_code"), 0.25);
}

TEST(FewLabelCourses, FrozenCodesThatSayNothingCannotBeHelped) {
  const Dataset data = bars(200, 80);
  ModelSpec spec = small_vae(data.shape, 3, {16});
  spec.kind = ModelKind::ae;
  spec.likelihood = Likelihood::mse;
  const Autoencoder model = initialised(spec);
  set(model, "encoder.2.weight", at::zeros({1}));  // each code is the bias
  const Measured made =
      measure(model, data, "few_labels", {{"labels", {20, 200}}, {"epochs", {4}}});
  EXPECT_EQ(figure(made, "error_frozen_200"), 0.75);
  EXPECT_LT(figure(made, "error_scratch_200"), 0.1);
  EXPECT_LT(figure(made, "error_in_scratch_200"), 0.1);
  // The errors of each point along the way.
  bool found = false;
  for (const NamedCurve& curve : made.curves) {
    if (curve.name != "course_out_scratch_200") continue;
    found = true;
    EXPECT_EQ(curve.over, "epochs");
    ASSERT_EQ(curve.y.size(), 4U);
    EXPECT_EQ(curve.y.back(), figure(made, "error_out_scratch_200"));
  }
  EXPECT_TRUE(found);
}

// ---- log p(x) ----

// A decoder that ignores z: each sample of the prior scores the same, which is log p(x).
TEST(EvidenceBySampling, IsExactForADecoderThatIgnoresItsCode) {
  const Dataset data = bars(40, 40);
  const Autoencoder model = blank(linear(ModelKind::vae, data, 2));
  const Measured made =
      measure(model, data, "evidence",
              {{"inputs", {40}}, {"prior_samples", {1, 7}}, {"importance_samples", {3}}});
  const at::Tensor x = read_rows(model.spec(), data, SplitName::test, *all_rows(data.test), 0).x;
  const double expected = -0.5 * (x.square().sum(1).mean().item<double>() +
                                  data.inputs() * std::log(2 * std::numbers::pi));
  for (const char* name :
       {"log_p_prior_1", "log_p_prior_7", "log_p_importance", "log_p_exact", "log_p_best"}) {
    EXPECT_NEAR(figure(made, name), expected, 1e-4) << name;
  }
  EXPECT_NEAR(figure(made, "short_prior_1"), 0, 1e-4);
  const Measured gaps = measure(model, data, "gaps", {{"inputs", {5}}});
  EXPECT_NEAR(figure(gaps, "gap_encoder"), 0, 1e-3);
  EXPECT_NEAR(figure(gaps, "gap_gaussian"), 0, 1e-3);
}

TEST(EvidenceBySampling, RisesToTheClosedFormOfALinearDecoder) {
  const Dataset data = bars(40, 20);
  const Autoencoder model = initialised(linear(ModelKind::vae, data, 3));
  const Measured made = measure(model, data, "evidence",
                                {{"inputs", {20}},
                                 {"prior_samples", {10, 20000}},
                                 {"importance_samples", {1, 5000}},
                                 {"temperatures", {64}}});
  const double exact = figure(made, "log_p_exact");
  EXPECT_EQ(figure(made, "log_p_best"), exact);
  EXPECT_NEAR(figure(made, "log_p_importance_5000"), exact, 0.02);
  EXPECT_NEAR(figure(made, "log_p_prior_20000"), exact, 0.05);
  EXPECT_NEAR(figure(made, "log_p_annealed"), exact, 0.05);
  EXPECT_LT(figure(made, "log_p_importance_1"), exact);
}

TEST(EvidenceBySampling, RefusesWhatHasNoDensity) {
  const Dataset data = bars(40, 20);
  const Autoencoder ae = copier(data);
  EXPECT_FALSE(measured(ae, {"evidence", {}}, data, {}, {}));
  const Autoencoder vae = blank(linear(ModelKind::vae, data, 2));
  const auto odd = measured(vae, {"evidence", {{"temperatures", {48}}}}, data, {}, {});
  ASSERT_FALSE(odd);
  EXPECT_NE(odd.error().message.find("power of two"), std::string::npos);
}

// ---- Pictures ----

TEST(Copying, OfACopierIsTheIdentity) {
  const Dataset data = bars(40, 20);
  const Measured made = measure(copier(data), data, "copying", {{"inputs", {5}}});
  EXPECT_NEAR(figure(made, "jacobian_distance"), 0, 1e-6);
  EXPECT_NEAR(figure(made, "jacobian_diagonal"), 1, 1e-6);
  EXPECT_NEAR(figure(made, "copied_noise"), 1, 1e-6);
  EXPECT_NEAR(figure(made, "mse_inverted"), 0, 1e-9);
  // A model that answers ½ to everything leaves the variance of the noise.
  Autoencoder grey = blank(linear(ModelKind::ae, data, 2));
  set(grey, "decoder.0.bias", at::full({1}, 0.5));
  const Measured none = measure(grey, data, "copying", {{"inputs", {20}}});
  EXPECT_NEAR(figure(none, "jacobian_distance"), 1, 1e-6);
  EXPECT_NEAR(figure(none, "copied_noise"), 0, 0.1);
}

TEST(Filters, ReachAsFarAsTheirWeights) {
  const Dataset data = bars(20, 20, 5);
  const Autoencoder model = blank(linear(ModelKind::ae, data, 1));
  const at::Tensor one = at::zeros({1, 25});
  one[0][7] = -3;
  set(model, "encoder.0.weight", one);
  const Measured point = measure(model, data, "filters");
  EXPECT_NEAR(figure(point, "filter_extent"), 0, 1e-9);
  EXPECT_NEAR(figure(point, "filter_pixels"), 1, 1e-9);
  ASSERT_EQ(point.pictures.size(), 1U);
  EXPECT_EQ(point.pictures[0].width, 50);
  EXPECT_EQ(point.pictures[0].height, 5);
  EXPECT_EQ(point.pictures[0].pixels[1 * 50 + 2], 0);  // row 1, column 2: the darkest
  EXPECT_EQ(point.pictures[0].pixels[0], 0.5F);

  set(model, "encoder.0.weight", at::ones({1}));
  const Measured even = measure(model, data, "filters");
  EXPECT_NEAR(figure(even, "filter_extent"), 2, 1e-9);  // √(2 · (5² − 1) / 12)
  EXPECT_NEAR(figure(even, "filter_pixels"), 25, 1e-9);
}

TEST(Geodesics, OfALinearDecoderAreStraight) {
  const Dataset data = bars(40, 20);
  const Measured made =
      measure(initialised(linear(ModelKind::ae, data, 2)), data, "geodesics", {{"pairs", {6}}});
  EXPECT_NEAR(figure(made, "geodesic_length"), 1, 1e-4);
  EXPECT_NEAR(figure(made, "geodesic_length_median"), 1, 1e-4);
  EXPECT_NEAR(figure(made, "geodesic_energy"), 1, 1e-3);
  EXPECT_FALSE(measured(blank(linear(ModelKind::ae, data, 2)), {"geodesics", {{"pairs", {3}}}},
                        data, {}, {}));  // one picture for all codes
}

// A decoder that always gives the same training picture.
TEST(Samples, OfOnePictureAreThatPicture) {
  const Dataset data = bars(120, 60);
  const Autoencoder model = blank(linear(ModelKind::ae, data, 2));
  set(model, "decoder.0.bias", picture_of(data, 2));
  const Measured made = measure(model, data, "samples", {{"samples", {20}}, {"components", {3}}});
  EXPECT_GT(figure(made, "judge_accuracy"), 0.95);
  for (const std::string from : {"prior", "gaussian", "mixture"}) {
    EXPECT_NEAR(figure(made, "distance_" + from), 0, 1e-3);
    EXPECT_GT(figure(made, "confidence_" + from), 0.9);
    EXPECT_LT(figure(made, "entropy_" + from), 0.5);
  }
  EXPECT_GT(figure(made, "distance_data"), 0.01);
  EXPECT_NEAR(figure(made, "entropy_data"), std::log(4.0), 0.2);
}

TEST(LabelVerdicts, SeeTheBarThatWasAskedFor) {
  const Dataset data = bars(120, 60);
  const Autoencoder model = blank(linear(ModelKind::cvae, data, 2));
  const at::Tensor weight = at::zeros({data.inputs(), 2 + 4});
  for (int label = 0; label < 4; ++label)
    weight.select(1, 2 + label).copy_(picture_of(data, label));
  set(model, "decoder.0.weight", weight);
  EXPECT_EQ(figure(measure(model, data, "label_verdicts", {{"samples", {3}}}), "label_obeyed"), 1);
  set(model, "decoder.0.weight", at::zeros({1}));
  EXPECT_EQ(figure(measure(model, data, "label_verdicts", {{"samples", {3}}}), "label_obeyed"),
            0.25);
}

// ---- The table ----

TEST(MeasureTable, NamesWhatIsMeasured) {
  const Dataset data = bars(120, 40);
  const Autoencoder vae = initialised(small_vae(data.shape, 2, {8}));
  const Autoencoder cvae = [&] {
    ModelSpec spec = small_vae(data.shape, 2, {8});
    spec.kind = ModelKind::cvae;
    spec.classes = data.classes();
    return initialised(spec);
  }();
  for (const Measure& row : measure_table()) {
    SCOPED_TRACE(row.key);
    MeasureRequest request{std::string(row.key), {}};
    const auto give = [&](const char* option, double value) {
      if (row.find_option(option) != nullptr) request.options[option] = {value};
    };
    for (const char* option : {"inputs", "pairs", "steps", "epochs"}) give(option, 2);
    give("labels", 8);
    if (row.key == "evidence") request.options["prior_samples"] = {1, 2};
    if (row.key == "evidence") request.options["temperatures"] = {2};
    const Autoencoder& model = row.key == "label_verdicts" ? cvae : vae;
    const auto made = measured(model, request, data, {}, {});
    if (row.key == "deviation") {  // Bernoulli has none
      EXPECT_FALSE(made);
      continue;
    }
    ASSERT_TRUE(made) << made.error().message;
    std::vector<std::string> names;
    for (const NamedFigure& each : made->figures) names.push_back(each.name);
    EXPECT_EQ(names.size(), figure_names(request).size());
    for (const std::string& name : figure_names(request)) {
      EXPECT_NE(std::ranges::find(names, name), names.end()) << name;
    }
    std::vector<std::string> curves;
    for (const NamedCurve& each : made->curves) curves.push_back(each.name);
    std::vector<std::string> promised = curve_names(request);
    std::ranges::sort(curves);
    std::ranges::sort(promised);
    EXPECT_EQ(curves, promised);
    EXPECT_STRNE(row.source, "");
    // Cancelled at the first report.
    if (row.key == "filters") continue;  // nothing to wait for
    const auto stopped = measured(model, request, data, {}, [](double) { return false; });
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::cancelled);
  }
}

TEST(MeasureTable, RefusesWhatItDoesNotKnow) {
  const auto says = [](const MeasureRequest& request, const char* part) {
    const auto fine = check(request);
    ASSERT_FALSE(fine);
    EXPECT_NE(fine.error().message.find(part), std::string::npos) << fine.error().message;
  };
  says({"sample", {}}, "samples");
  says({"samples", {{"component", {3}}}}, "components");
  says({"samples", {{"components", {0}}}}, "whole numbers from 1");
  says({"samples", {{"components", {2.5}}}}, "2.5");
  says({"samples", {{"components", {2, 3}}}}, "one number");
  EXPECT_TRUE(check({"probe_accuracy", {{"labels", {10, 100}}}}));
  EXPECT_EQ(figure_names({"probe_accuracy", {{"labels", {10, 100}}}})[1], "probe_accuracy_100");
  EXPECT_EQ(figure_names({"probe_accuracy", {{"labels", {10}}}})[0], "probe_accuracy");
}

}  // namespace
}  // namespace zscape
