#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

#include "app/cli/subcommand.h"

namespace zscape {
namespace {

constexpr NumberRange<int> kWidths{1, 65536,
                                   "one or more whole numbers from 1 to 65536, as in 400,200"};
constexpr NumberRange<double> kPositive{std::numeric_limits<double>::min(),
                                        std::numeric_limits<double>::max(), "a number above 0"};
constexpr NumberRange<double> kWeight{0, std::numeric_limits<double>::max(),
                                      "a number of at least 0"};
constexpr NumberRange<double> kRatio{std::numeric_limits<double>::min(), std::nextafter(1.0, 0.0),
                                     "a number between 0 and 1"};

// "constant", "warmup:E" or "cyclic:M".
std::optional<KlSchedulePlan> schedule_from(std::string_view text) {
  if (text == "constant") return KlSchedulePlan{};
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, colon);
  const std::string_view amount = text.substr(colon + 1);
  if (kind == "warmup") {
    const auto epochs = number_from<double>(amount);
    if (!epochs || *epochs <= 0) return std::nullopt;
    return KlSchedulePlan{KlSchedule::Kind::warm_up, *epochs};
  }
  const auto cycles = number_from<int>(amount);
  if (kind != "cyclic" || !cycles || *cycles < 1) return std::nullopt;
  return KlSchedulePlan{KlSchedule::Kind::cyclic, static_cast<double>(*cycles)};
}

class Train : public Subcommand {
 public:
  explicit Train(CLI::App& app) : Subcommand(app, "train", "train a model and save it") {
    add_data(options_, train_.plan.data, "synthetic");
    add_kind(options_, kind_);
    add_model_options();
    add_loss_options();
    add_run_options();
  }

  Outcome<Request> request() const override {
    TrainOptions train = train_;
    ModelSpec& spec = train.plan.spec;
    spec.network = network_;
    spec = with_kind(spec, kind_.value_or(ModelKind::vae));
    spec.likelihood = likelihood_.value_or(spec.likelihood);
    spec.learned_sigma = learned_sigma_;
    train.plan.chose_likelihood = likelihood_.has_value();
    if (!hidden_.empty()) spec.hidden = hidden_;
    spec.noise = noise_.value_or(spec.noise);
    train.given = given();
    if (!train.resume.empty()) return train;  // the checkpoint has the options to judge it by

    if (auto fits = check_companions(spec); !fits) return tl::unexpected(fits.error());
    if (auto fits = check_alone(spec); !fits) return tl::unexpected(fits.error());
    if (train.plan.hold_out.patience > 0 && train.plan.hold_out.rows == 0) {
      return wrong_usage(
          "--patience waits for a better validation loss; give --validation N to hold out N "
          "training inputs");
    }
    return train;
  }

 private:
  void add_model_options() {
    ModelSpec& spec = train_.plan.spec;
    options_.number("--latent", spec.latent, kWidth, "latent dimensions", "2");
    options_.numbers("--hidden", hidden_, kWidths,
                     "hidden widths of the encoder; the decoder mirrors them", "400");
    options_.choice<Network>("--network", network_,
                             {{"mlp", Network::mlp}, {"conv", Network::conv}},
                             "fully connected or convolutional layers", "mlp");
    add_noise(options_, noise_, "how dae corrupts its inputs", "mask:0.25");
    options_.number("--patch", spec.patch, kSmallCount, "side of mae's patches", "4");
    options_.number("--mask-ratio", spec.mask_ratio, kRatio, "share of patches that mae hides",
                    "0.75");
  }

  void add_loss_options() {
    ModelSpec& spec = train_.plan.spec;
    options_.number("--lambda", train_.plan.settings.kl_weight, kWeight, "weight of the KL term",
                    "1");
    options_.add(
        "--lambda-schedule", "constant|warmup:E|cyclic:M",
        "λ rises over E epochs, or in M cycles over the run", "constant",
        [this](std::string_view text) {
          const auto schedule = schedule_from(text);
          if (schedule) train_.plan.schedule = *schedule;
          return schedule ? std::string()
                          : "constant, warmup:E with E epochs above 0, or cyclic:M with M cycles";
        });
    options_.choice<Likelihood>("--likelihood", likelihood_,
                                {{"bernoulli", Likelihood::bernoulli},
                                 {"gaussian", Likelihood::gaussian},
                                 {"mse", Likelihood::mse}},
                                "how the decoder's output is scored",
                                "mse; vae, cvae: bernoulli, gaussian on standardised data");
    options_.add("--sigma", "S|learned", "deviation of the Gaussian likelihood", "1",
                 [this, &spec](std::string_view text) {
                   learned_sigma_ = text == "learned";
                   if (learned_sigma_) return std::string();
                   const auto sigma = number_from<double>(text);
                   if (!sigma || *sigma < kSmallestSigma) {
                     return std::string("a number of at least 0.001, or 'learned'");
                   }
                   spec.sigma = *sigma;
                   return std::string();
                 });
    options_.choice<Binarise>("--binarise", spec.binarise,
                              {{"none", Binarise::none},
                               {"threshold", Binarise::threshold},
                               {"dynamic", Binarise::dynamic}},
                              "turn grey pixels into 0 or 1", "none");
    options_.choice<Objective>("--objective", spec.objective,
                               {{"elbo", Objective::elbo}, {"iwae", Objective::iwae}},
                               "the bound that is maximised", "elbo");
    options_.number("--samples", spec.samples, kSmallCount, "draws of z for each input", "1");
  }

  void add_run_options() {
    options_.number("--epochs", train_.plan.epochs, kCount, "passes over the training inputs",
                    "10");
    options_.number("--batch", train_.plan.settings.batch_size, kSmallCount, "inputs a step",
                    "128");
    options_.number("--lr", train_.plan.settings.learning_rate, kPositive, "Adam's learning rate",
                    "0.001");
    options_.number("--lr-end", train_.plan.last_learning_rate, kPositive,
                    "learning rate at the end of the run, reached by equal factors", "--lr's");
    options_.number("--limit", train_.plan.limit, kCount, "use the first N training inputs only",
                    "all");
    options_.number("--validation", train_.plan.hold_out.rows, kCount,
                    "hold out N training inputs and keep the weights that do best on them", "0");
    options_.number("--patience", train_.plan.hold_out.patience, kCount,
                    "stop after E epochs without a better validation loss", "never");
    add_seed(options_, train_.plan.seed);
    add_threads(options_, train_.plan.compute.threads);
    add_kernels(options_, train_.plan.compute.kernels);
    options_.choice<Precision>(
        "--precision", train_.plan.compute.precision,
        {{"fp32", Precision::fp32}, {"tf32", Precision::tf32}, {"bf16", Precision::bf16}},
        "of the products; tf32 needs a GPU, bf16 a GPU or a processor with "
        "AVX512_BF16",
        "fp32");
    add_device(options_, train_.plan.compute.device);
    options_.text("--out", "FILE", train_.out, "save the model as a safetensors file");
    options_.text("--checkpoint", "DIR", train_.checkpoint,
                  "keep a checkpoint and the present model in this folder");
    options_.number("--checkpoint-every", train_.checkpoint_every, kCount,
                    "epochs from one checkpoint to the next", "1");
    options_.text("--resume", "FILE", train_.resume, "go on from this checkpoint");
    options_.flag("--json", train_.json, "one JSON object an epoch");
  }

  // Options that belong to one kind or likelihood.
  Outcome<void> check_companions(const ModelSpec& spec) const {
    const std::string kind(name_of(spec.kind));
    struct Companion {
      const char* name;
      bool fits;
      std::string needs;
      std::string present;
    };
    const std::array companions = {
        Companion{"--lambda", spec.has_prior(), "a KL term (vae, cvae)", kind},
        Companion{"--lambda-schedule", spec.has_prior(), "a KL term (vae, cvae)", kind},
        Companion{"--objective", spec.has_prior(), "a posterior (vae, cvae)", kind},
        Companion{"--samples", spec.has_prior(), "a posterior (vae, cvae)", kind},
        Companion{"--noise", spec.kind == ModelKind::dae, "--model dae", kind},
        Companion{"--patch", spec.kind == ModelKind::mae, "--model mae", kind},
        Companion{"--mask-ratio", spec.kind == ModelKind::mae, "--model mae", kind},
        Companion{"--sigma", spec.likelihood == Likelihood::gaussian, "--likelihood gaussian",
                  std::string(name_of(spec.likelihood))},
        Companion{"--hidden", spec.kind != ModelKind::pca && spec.network == Network::mlp,
                  "fully connected layers",
                  spec.kind == ModelKind::pca ? kind : std::string(name_of(spec.network))},
        Companion{"--network", spec.kind != ModelKind::pca && spec.kind != ModelKind::cvae,
                  "a kind that has convolutions", kind},
    };
    for (const Companion& companion : companions) {
      if (companion.fits || app_.get_option(companion.name)->count() == 0) continue;
      return wrong_usage(
          fmt::format("{} belongs to {}, and this is {}; leave out one or change "
                      "the other",
                      companion.name, companion.needs, companion.present));
    }
    return {};
  }

  // With a form to stand in for the data's, only what was asked for can be wrong.
  static Outcome<void> check_alone(ModelSpec spec) {
    constexpr int kSide = 32;
    spec.shape = {kSide, kSide, 1};
    spec.patch = 1;
    if (spec.kind == ModelKind::pca) spec.latent = 1;
    spec.classes = spec.reads_label() ? 1 : 0;
    if (const auto valid = validate(spec); !valid) return wrong_usage(valid.error().message);
    return {};
  }

  Arguments given() const {
    Arguments arguments;
    for (const CLI::Option* option : app_.parse_order()) {
      const bool is_flag = option->get_items_expected_max() == 0;
      arguments.emplace_back(option->get_name(), is_flag ? "" : option->results().front());
    }
    return arguments;
  }

  TrainOptions train_;
  std::optional<ModelKind> kind_;
  std::vector<int> hidden_;
  Network network_ = Network::mlp;
  std::optional<Likelihood> likelihood_;
  bool learned_sigma_ = false;
  std::optional<Noise> noise_;
};

}  // namespace

SubcommandPtr make_train_line(CLI::App& app) {
  return std::make_unique<Train>(app);
}

}  // namespace zscape
