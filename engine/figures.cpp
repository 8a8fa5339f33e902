#include "engine/figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/figure_errors.h"
#include "engine/symmetric_matrix.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kBinsPerDecade = 8;
constexpr std::int64_t kFewestRows = 100;
constexpr double kProductsPerValue = 32;  // that the aggregate KL may take

std::vector<std::size_t> even_part(std::size_t all, std::size_t k, std::int64_t most_values) {
  const auto bearable = static_cast<std::size_t>(most_values) / k;
  const std::size_t wanted =
      std::min(all, std::max(static_cast<std::size_t>(kFewestRows), bearable));
  std::vector<std::size_t> rows(wanted);
  for (std::size_t i = 0; i < wanted; ++i) rows[i] = i * all / wanted;
  return rows;
}

// KL of the Gaussian with the mean and covariance of the aggregate posterior (1/N) Σ q(z|x_n) to
// N(0, I): ½ (tr S + mᵀm − k − log det S), S = Cov μ + diag E σ².
std::optional<double> aggregate_kl(const Codes& codes, const std::vector<std::size_t>& rows,
                                   const std::vector<double>& centre,
                                   const std::vector<double>& mean_square_sigma) {
  const std::size_t k = centre.size();
  std::vector<double> covariance(k * k), off(k);
  for (const std::size_t row : rows) {
    for (std::size_t i = 0; i < k; ++i) off[i] = codes.mean[row * k + i] - centre[i];
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j <= i; ++j) covariance[i * k + j] += off[i] * off[j];
    }
  }
  double trace = 0, distance = 0;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      covariance[i * k + j] /= static_cast<double>(rows.size());
      covariance[j * k + i] = covariance[i * k + j];
    }
    covariance[i * k + i] += mean_square_sigma[i];
    trace += covariance[i * k + i];
    distance += centre[i] * centre[i];
  }
  const auto log_det = log_determinant(covariance, codes.latent);
  if (!log_det) return std::nullopt;
  return (trace + distance - static_cast<double>(k) - *log_det) / 2;
}

// Twice the KL of one dimension.
double double_kl(double mean, double sigma) {
  return mean * mean + sigma * sigma - 2 * std::log(sigma) - 1;
}

std::optional<double> known(double value) {
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<double> exact(const Figures& figures, double ExactFigures::*member) {
  return figures.exact ? std::optional((*figures.exact).*member) : std::nullopt;
}

std::optional<double> of_gaps(const Figures& figures, double ExactFigures::*member) {
  return figures.exact && figures.exact->gap_images > 0 ? exact(figures, member) : std::nullopt;
}

std::vector<std::string> score_remark(const Figures& figures) {
  if (!figures.is_mere_score) return {};
  return {tr("a score on grey pixels, no density")};
}

std::vector<std::string> with_score_remark(std::string first, const Figures& figures) {
  std::vector<std::string> remarks = score_remark(figures);
  remarks.insert(remarks.begin(), std::move(first));
  return remarks;
}

const std::vector<double> kNoValues;

std::optional<double> of_pca(const Figures& figures, double ProbabilisticPca::*member) {
  if (!figures.probabilistic_pca) return std::nullopt;
  return (*figures.probabilistic_pca).*member;
}

constexpr const char* kPrior = tr("needs a prior");
constexpr const char* kCleanPrior = tr("needs a prior and clean inputs");
constexpr const char* kLabels = tr("needs labels and clean inputs");
constexpr const char* kClasses = tr("needs inputs of two classes, and clean ones");
constexpr const char* kSpread = tr("needs a prior and two inputs");

constexpr std::array kTable = {
    Figure{.key = "images",
           .label = tr("Inputs"),
           .help = tr("How many inputs these figures are taken over. In the window: those whose "
                      "codes are on show, which is a sample while the model trains."),
           .decimals = 0,
           .in_window = true,
           .value = [](const Figures& f) { return known(static_cast<double>(f.images)); }},
    Figure{.key = "reconstruction",
           .label = tr("Reconstruction"),
           .help = tr(
               "The reconstruction term of the loss, for one sampled z an input. A dae reads the "
               "input with its noise, a mae the patches that it does not hide."),
           .value = [](const Figures& f) { return known(f.reconstruction); }},
    Figure{.key = "kl",
           .label = tr("KL"),
           .help = tr("KL of q(z|x) to the prior, all dimensions together."),
           .formula = tr("½ Σ (μ² + σ² − log σ² − 1)"),
           .unit = tr("nats"),
           .needs = kPrior,
           .in_window = true,
           .value =
               [](const Figures& f) {
                 if (f.kl || f.codes.kl.empty()) return f.kl;
                 return known(std::accumulate(f.codes.kl.begin(), f.codes.kl.end(), 0.0));
               },
           .error = [](const FigureErrors& e) { return e.kl; }},
    Figure{.key = "elbo",
           .label = tr("ELBO"),
           .help = tr("The bound on log p(x), with λ = 1."),
           .formula = "−(reconstruction + KL)",
           .unit = tr("nats"),
           .needs = kPrior,
           .value = [](const Figures& f) { return f.elbo; },
           .remarks =
               [](const Figures& f) {
                 if (!f.elbo_standard_error) return score_remark(f);
                 return with_score_remark(fmt::format("± {:.4f}", *f.elbo_standard_error), f);
               }},
    Figure{.key = "log_likelihood",
           .label = tr("log p(x)"),
           .help = tr("The importance estimate of log p(x) (Burda et al. 2016)."),
           .formula = "log (1/n) Σ p(x|z) p(z) / q(z|x), z ~ q(z|x)",
           .unit = tr("nats"),
           .needs = kCleanPrior,
           .value = [](const Figures& f) { return f.log_likelihood; },
           .remarks =
               [](const Figures& f) {
                 return with_score_remark(tr("{} importance samples", f.importance_samples), f);
               }},
    Figure{.key = "mse",
           .label = tr("Mean squared error"),
           .help = tr(
               "The mean squared error an input and pixel, with z = μ. dae and mae read the input "
               "as it is."),
           .formula = "(1/d) Σ (x − x′)²",
           .decimals = 6,
           .value = [](const Figures& f) { return known(f.mse); }},
    Figure{.key = "active_units",
           .label = tr("Active units"),
           .help = tr(
               "Dimensions whose μ varies over the inputs by more than 0.01 (Burda et al. 2016)."),
           .formula = "Var μ > 0.01",
           .needs = kCleanPrior,
           .decimals = 0,
           .in_window = true,
           .value = [](const Figures& f) { return std::optional<double>(f.codes.active_units); },
           .of = [](const Figures& f) { return f.codes.latent; }},
    Figure{
        .key = "knn_accuracy",
        .label = tr("Neighbours' accuracy"),
        .help = tr("How often the ten nearest codes of the training split tell an input's label."),
        .needs = kLabels,
        .value = [](const Figures& f) { return f.knn_accuracy; },
        .remarks = [](const Figures&) { return std::vector<std::string>{"k = 10"}; }},
    Figure{
        .key = "aggregate_kl",
        .label = tr("Aggregate KL"),
        .help = tr("How far all codes together are from the prior: KL of the Gaussian with their "
                   "mean and covariance. Large: samples from the prior fall where no codes are."),
        .formula = tr("½ (tr S + mᵀm − k − log det S), S = Cov μ + E σ²"),
        .unit = tr("nats"),
        .needs = kCleanPrior,
        .in_window = true,
        .value = [](const Figures& f) { return f.codes.aggregate_kl; },
        .error = [](const FigureErrors& e) { return e.aggregate_kl; }},
    Figure{.key = "mutual_information",
           .label = tr("Information of z about x"),
           .help = tr("How much a code tells which input it is of: the part of the KL term that is "
                      "worth its price. At most ln N (Hoffman and Johnson 2016). Sampled."),
           .formula = tr("I(x; z) = mean KL(q(z|x) ‖ q(z))"),
           .unit = tr("nats"),
           .needs = kCleanPrior,
           .value = [](const Figures& f) -> std::optional<double> {
             if (!f.kl_split) return std::nullopt;
             return f.kl_split->mutual_information;
           }},
    Figure{.key = "marginal_kl",
           .label = tr("KL of all codes to the prior"),
           .help = tr("The rest of the KL term: how far all codes together are from the prior, "
                      "exactly, where the aggregate KL takes them for one Gaussian."),
           .formula = "KL(q(z) ‖ p(z)) = KL − I(x; z)",
           .unit = tr("nats"),
           .needs = kCleanPrior,
           .value = [](const Figures& f) -> std::optional<double> {
             if (!f.kl_split) return std::nullopt;
             return f.kl_split->marginal_kl();
           }},
    Figure{.key = "elbo_standard_error",
           .label = tr("Standard error of the ELBO"),
           .help = tr("How far chance in the choice of inputs moves the ELBO."),
           .unit = tr("nats"),
           .needs = kSpread,
           .value = [](const Figures& f) { return f.elbo_standard_error; }},
    Figure{.key = "log_likelihood_prior",
           .label = tr("log p(x) by the prior"),
           .help = tr("The prior estimate of log p(x), which needs very many samples."),
           .formula = "log (1/n) Σ p(x|z), z ~ p(z)",
           .unit = tr("nats"),
           .needs = kCleanPrior,
           .value = [](const Figures& f) { return f.log_likelihood_prior; },
           .remarks =
               [](const Figures& f) {
                 return with_score_remark(
                     tr("{} samples of the prior, and very many are needed", f.importance_samples),
                     f);
               }},
    Figure{.key = "kl_per_dimension",
           .label = tr("KL of each dimension"),
           .help = tr("How much each dimension tells the decoder, in the mean over the inputs. 0: "
                      "nothing, its posterior is the prior."),
           .formula = tr("½ (μ² + σ² − log σ² − 1)"),
           .unit = tr("nats"),
           .needs = kCleanPrior,
           .decimals = 3,
           .in_window = true,
           .values = [](const Figures& f) -> const std::vector<double>& { return f.codes.kl; }},
    Figure{.key = "silhouette",
           .label = tr("Silhouette"),
           .help = tr("How well the codes of different labels lie apart, from −1 to 1."),
           .needs = kClasses,
           .value = [](const Figures& f) { return f.silhouette; },
           .remarks =
               [](const Figures& f) {
                 return f.images > kSilhouetteCodes
                            ? std::vector<std::string>{tr("of {} codes drawn at random",
                                                          kSilhouetteCodes)}
                            : std::vector<std::string>();
               }},
    Figure{.key = "mean_sigma",
           .label = tr("Mean σ"),
           .help = tr("The mean standard deviation of q(z|x). The prior's is 1."),
           .needs = kCleanPrior,
           .in_window = true,
           .value = [](const Figures& f) { return f.codes.mean_sigma; },
           .error = [](const FigureErrors& e) { return e.mean_sigma; }},
    Figure{.key = "spread",
           .label = tr("Spread of μ"),
           .help = tr("The root mean square of the codes. A standard normal has 1."),
           .needs = tr("needs clean inputs"),
           .in_window = true,
           .value =
               [](const Figures& f) {
                 return f.codes.count > 0 ? known(f.codes.spread) : std::nullopt;
               },
           .error = [](const FigureErrors& e) { return e.spread; }},
    Figure{.key = "explained_variance",
           .label = tr("Explained variance"),
           .help = tr("The share of the training inputs' variance along each principal axis."),
           .needs = tr("needs pca"),
           .decimals = 3,
           .in_window = true,
           .values = [](const Figures& f) -> const std::vector<double>& {
             return f.explained_variance;
           },
           .is_share = true},
    Figure{.key = "ppca_log_likelihood",
           .label = tr("log p(x) of probabilistic PCA"),
           .help = tr("log p(x) of the Gaussian x = W z + mean + s ε, with W and s of maximum "
                      "likelihood, in closed form (Tipping and Bishop 1999)."),
           .formula = "log N(x; mean, W Wᵀ + s² I)",
           .unit = tr("nats"),
           .value = [](const Figures& f) { return of_pca(f, &ProbabilisticPca::log_likelihood); },
           .remarks =
               [](const Figures& f) {
                 return std::vector<std::string>{
                     fmt::format("± {:.4f}", f.probabilistic_pca->standard_error)};
               },
           .when_asked = true},
    Figure{.key = "ppca_sigma",
           .label = tr("Deviation s of probabilistic PCA"),
           .help = tr("s of maximum likelihood: s² is the mean of the variances left out."),
           .value = [](const Figures& f) { return of_pca(f, &ProbabilisticPca::sigma); },
           .when_asked = true},
    Figure{.key = "ppca_rate",
           .label = tr("Rate of probabilistic PCA"),
           .help = tr("KL of the posterior to N(0, I), in the mean over the inputs. The bound is "
                      "tight: reconstruction and rate add up to −log p(x)."),
           .unit = tr("nats"),
           .value = [](const Figures& f) { return of_pca(f, &ProbabilisticPca::rate); },
           .when_asked = true},
    Figure{.key = "ppca_posterior_sigma",
           .label = tr("σ of probabilistic PCA"),
           .help = tr("The posterior's deviation along each axis, the same for all inputs."),
           .decimals = 3,
           .values = [](const Figures& f) -> const std::vector<double>& {
             return f.probabilistic_pca ? f.probabilistic_pca->posterior_sigma : kNoValues;
           },
           .when_asked = true},
    Figure{
        .key = "variance_per_dimension",
        .label = tr("Variance of the codes"),
        .help = tr("The variance of each dimension's code over the inputs."),
        .formula = "Var μ",
        .needs = tr("needs clean inputs"),
        .decimals = 3,
        .in_window = true,
        .values = [](const Figures& f) -> const std::vector<double>& { return f.codes.variance; }},
    Figure{.key = "log_likelihood_exact",
           .label = tr("log p(x), exact"),
           .help = tr("log p(x) by quadrature over the latent space, or in closed form of a linear "
                      "decoder: no estimate."),
           .formula = "log ∫ p(x|z) p(z) dz",
           .unit = tr("nats"),
           .value = [](const Figures& f) { return exact(f, &ExactFigures::log_likelihood); },
           .remarks =
               [](const Figures& f) {
                 return with_score_remark(fmt::format("± {:.4f}", f.exact->standard_error), f);
               },
           .when_asked = true},
    Figure{.key = "exact_error",
           .label = tr("Error of the quadrature"),
           .help = tr("How far the quadrature may be off, estimated, in the mean over the inputs."),
           .unit = tr("nats"),
           .decimals = 6,
           .value = [](const Figures& f) { return exact(f, &ExactFigures::error); },
           .remarks =
               [](const Figures& f) {
                 return std::vector<std::string>{
                     tr("at most {:.4f} of an input", f.exact->worst_error)};
               },
           .when_asked = true},
    Figure{.key = "exact_error_worst",
           .label = tr("Worst error of the quadrature"),
           .help = tr("How far the quadrature may be off for a single input, at most."),
           .unit = tr("nats"),
           .decimals = 6,
           .value = [](const Figures& f) { return exact(f, &ExactFigures::worst_error); },
           .when_asked = true},
    Figure{.key = "log_likelihood_exact_standard_error",
           .label = tr("Standard error of log p(x)"),
           .help = tr("How far chance in the choice of inputs moves log p(x)."),
           .unit = tr("nats"),
           .value = [](const Figures& f) { return exact(f, &ExactFigures::standard_error); },
           .when_asked = true},
    Figure{.key = "log_likelihood_standard_error",
           .label = tr("Standard error of the importance estimate"),
           .help = tr("How far chance in the choice of inputs moves the importance estimate."),
           .unit = tr("nats"),
           .value =
               [](const Figures& f) {
                 return f.exact ? f.log_likelihood_standard_error : std::nullopt;
               },
           .when_asked = true},
    Figure{.key = "log_likelihood_prior_standard_error",
           .label = tr("Standard error of the prior estimate"),
           .help = tr("How far chance in the choice of inputs moves the prior estimate."),
           .unit = tr("nats"),
           .value =
               [](const Figures& f) {
                 return f.exact ? f.log_likelihood_prior_standard_error : std::nullopt;
               },
           .when_asked = true},
    Figure{.key = "elbo_exact",
           .label = tr("ELBO, exact"),
           .help = tr("The ELBO with the expectation under q(z|x) by quadrature, no sampled z."),
           .formula = tr("E log p(x|z) − KL"),
           .unit = tr("nats"),
           .value = [](const Figures& f) { return exact(f, &ExactFigures::elbo); },
           .when_asked = true},
    Figure{.key = "inference_gap",
           .label = tr("Inference gap"),
           .help = tr("What the ELBO leaves of log p(x): KL of q(z|x) to the true posterior."),
           .formula = "log p(x) − ELBO",
           .unit = tr("nats"),
           .value = [](const Figures& f) { return exact(f, &ExactFigures::inference_gap); },
           .when_asked = true},
    Figure{.key = "gap_images",
           .label = tr("Inputs of the gaps"),
           .help = tr("How many inputs, drawn by the seed, the next figures are taken over."),
           .decimals = 0,
           .value = [](const Figures& f) -> std::optional<double> {
             if (!f.exact || f.exact->gap_images == 0) return std::nullopt;
             return static_cast<double>(f.exact->gap_images);
           },
           .when_asked = true},
    Figure{.key = "gap_inference",
           .label = tr("Inference gap of these"),
           .help = tr("The sum of the next two, since it is of the same inputs."),
           .unit = tr("nats"),
           .value = [](const Figures& f) { return of_gaps(f, &ExactFigures::gap_inference); },
           .when_asked = true},
    Figure{.key = "amortisation_gap",
           .label = tr("Amortisation gap"),
           .help = tr("What a diagonal Gaussian of its own for each input would gain over the "
                      "encoder's (Cremer et al. 2018)."),
           .unit = tr("nats"),
           .value = [](const Figures& f) { return of_gaps(f, &ExactFigures::amortisation_gap); },
           .when_asked = true},
    Figure{
        .key = "approximation_gap",
        .label = tr("Approximation gap"),
        .help = tr("What the best diagonal Gaussian leaves of log p(x), since the true posterior "
                   "is none."),
        .unit = tr("nats"),
        .value = [](const Figures& f) { return of_gaps(f, &ExactFigures::approximation_gap); },
        .when_asked = true},
    Figure{
        .key = "approximation_gap_full",
        .label = tr("Approximation gap, full covariance"),
        .help = tr("What the best Gaussian of any covariance leaves of log p(x)."),
        .unit = tr("nats"),
        .value = [](const Figures& f) { return of_gaps(f, &ExactFigures::full_approximation_gap); },
        .when_asked = true},
};

}  // namespace

int sigma_bin(double sigma) {
  const double place = kBinsPerDecade * std::log10(std::max(sigma, kLowestSigma) / kLowestSigma);
  // Powers of ten fall into the bin that begins with them, rounding or not.
  return std::clamp(static_cast<int>(std::floor(place + 1e-6)), 0, kSigmaBins - 1);
}

double sigma_at(int bin) {
  return kLowestSigma * std::pow(10.0, bin / kBinsPerDecade);
}

double posterior_kl(std::span<const float> mean, std::span<const float> sigma) {
  double sum = 0;
  for (std::size_t i = 0; i < mean.size(); ++i) sum += double_kl(mean[i], sigma[i]);
  return sum / 2;
}

std::vector<double> CodeFigures::sigma_shares(std::optional<int> dimension) const {
  std::vector<double> shares(kSigmaBins);
  const std::size_t first = dimension ? static_cast<std::size_t>(*dimension) * kSigmaBins : 0;
  const std::size_t end = dimension ? first + kSigmaBins : sigma_counts.size();
  double all = 0;
  for (std::size_t i = first; i < end; ++i) {
    shares[i % kSigmaBins] += static_cast<double>(sigma_counts[i]);
    all += static_cast<double>(sigma_counts[i]);
  }
  for (double& share : shares) share *= 100 / std::max(all, 1.0);
  return shares;
}

CodeFigures code_figures(const Codes& codes, std::int64_t most_values) {
  CodeFigures figures;
  figures.latent = codes.latent;
  figures.step = codes.step;
  const auto k = static_cast<std::size_t>(codes.latent);
  if (k == 0 || codes.mean.size() < k) return figures;
  const std::vector<std::size_t> rows = even_part(codes.mean.size() / k, k, most_values);
  figures.count = static_cast<std::int64_t>(rows.size());
  const auto count = static_cast<double>(rows.size());
  const bool has_prior = codes.sigma.size() == codes.mean.size();

  std::vector<double> centre(k), sigma_square(k);
  double squares = 0, sigmas = 0;
  figures.variance.assign(k, 0);
  if (has_prior) {
    figures.kl.assign(k, 0);
    figures.sigma_counts.assign(k * kSigmaBins, 0);
  }
  for (const std::size_t row : rows) {
    for (std::size_t i = 0; i < k; ++i) {
      const double mean = codes.mean[row * k + i];
      centre[i] += mean / count;
      squares += mean * mean;
      if (!has_prior) continue;
      const double sigma = codes.sigma[row * k + i];
      sigma_square[i] += sigma * sigma / count;
      sigmas += sigma;
      figures.kl[i] += double_kl(mean, sigma) / 2 / count;
      ++figures.sigma_counts[i * kSigmaBins + static_cast<std::size_t>(sigma_bin(sigma))];
    }
  }
  for (const std::size_t row : rows) {  // a second pass: the difference of squares would cancel
    for (std::size_t i = 0; i < k; ++i) {
      const double away = codes.mean[row * k + i] - centre[i];
      figures.variance[i] += away * away / count;
    }
  }
  figures.spread = std::sqrt(squares / count / static_cast<double>(k));
  if (!has_prior) return figures;
  figures.mean_sigma = sigmas / count / static_cast<double>(k);
  figures.active_units = static_cast<int>(std::ranges::count_if(
      figures.variance, [](double variance) { return variance > kActiveVariance; }));
  const double products = count * static_cast<double>(k * k);
  if (products <= kProductsPerValue * static_cast<double>(most_values)) {
    figures.aggregate_kl = aggregate_kl(codes, rows, centre, sigma_square);
  }
  return figures;
}

Figures figures_of(const Codes& codes, std::int64_t most_values) {
  Figures figures;
  figures.codes = code_figures(codes, most_values);
  figures.images = figures.codes.count;
  return figures;
}

bool Figure::is_left_out(const Figures& figures) const {
  return when_asked && (values ? values(figures).empty() : !value(figures));
}

std::string Figure::tooltip() const {
  return *formula == '\0' ? help : fmt::format("{}\n{}", help, formula);
}

std::span<const Figure> figure_table() {
  return kTable;
}

Expected<void> check_finite(const Figures& figures) {
  const auto check = [](const char* name, double value) -> Expected<void> {
    if (std::isfinite(value)) return {};
    return fail(
        tr("the figure {} is not a finite number; the model's weights or the inputs are too "
           "large for it",
           name));
  };
  // The table leaves these out where they are not finite.
  if (auto fine = check("reconstruction", figures.reconstruction); !fine) return fine;
  if (auto fine = check("mse", figures.mse); !fine) return fine;
  for (const Figure& row : figure_table()) {
    if (row.value) {
      if (auto fine = check(row.key, row.value(figures).value_or(0)); !fine) return fine;
      continue;
    }
    for (const double value : row.values(figures)) {
      if (auto fine = check(row.key, value); !fine) return fine;
    }
  }
  return {};
}

}  // namespace zscape
