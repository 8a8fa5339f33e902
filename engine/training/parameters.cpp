#include "engine/training/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

#include "engine/number.h"
#include "engine/text.h"
#include "engine/training/data_parameters.h"
#include "engine/training/parameter_fields.h"

namespace zscape {
namespace {

using fields::above_zero;
using fields::between_zero_and_one;
using fields::Field;
using fields::Form;
using fields::free_text;
using fields::from_zero;
using fields::halves;
using fields::kAny;
using fields::Named;
using fields::number;
using fields::part;
using fields::Range;
using fields::whole_from;
using fields::whole_in;
using fields::word;
using Effect = Parameter::Effect;
using Place = Parameter::Place;

// ---- Special fields ----------------------------------------------------------------------------

Field kind_field() {
  std::vector<Named<ModelKind>> all;
  for (const KindTraits& row : kinds()) all.push_back({row.kind, {row.name, "", row.help}});
  Field field = word<&RunPlan::spec, &ModelSpec::kind>(std::move(all));
  field.read = [read = field.read](RunPlan& plan, std::string_view text) {
    RunPlan chosen;
    if (!read(chosen, text)) return false;
    plan.spec = with_kind(plan.spec, chosen.spec.kind);
    return true;
  };
  return field;
}

Field network_field() {
  Field field = word<&RunPlan::spec, &ModelSpec::network>(std::vector<Named<Network>>{
      {Network::mlp,
       {name_of(Network::mlp), tr("layers"),
        tr("Fully connected layers of the widths above, LeakyReLU in the encoder, ReLU in the "
           "decoder (mlp).")}},
      {Network::conv,
       {name_of(Network::conv), "",
        tr("Two convolutions and one linear layer, mirrored in the decoder. Learns more from each "
           "image and takes longer for it.")}}});
  // A file brings a program; nobody chooses it.
  field.text = [text = field.text](const RunPlan& plan) {
    const bool is_program = plan.spec.network == Network::program;
    return is_program ? std::string(name_of(Network::program)) : text(plan);
  };
  field.read = [read = field.read](RunPlan& plan, std::string_view text) {
    ModelSpec& spec = plan.spec;
    if (text == name_of(Network::program)) {
      spec.network = Network::program;
      spec.hidden.clear();
      return true;
    }
    const bool chose_widths = spec.network == Network::mlp;
    if (!read(plan, text)) return false;
    spec.program = nullptr;
    spec.outputs_mean = false;
    if (spec.network == Network::conv) {
      spec.hidden.clear();
    } else if (!chose_widths && spec.hidden.empty() && !spec.is_linear()) {
      spec.hidden = ModelSpec().hidden;
    }
    return true;
  };
  return field;
}

constexpr int kWidest = 65536;
constexpr std::string_view kNoLayers = "none";

Field hidden_field() {
  return free_text(
      "N,…|none", tr("one or more whole numbers from 1 to {}, as in 400,200, or none", kWidest),
      [](const RunPlan& plan) {
        const ModelSpec& spec = plan.spec;
        const bool has_none =
            spec.hidden.empty() && spec.network == Network::mlp && !spec.is_linear();
        return has_none ? std::string(kNoLayers) : fmt::format("{}", fmt::join(spec.hidden, ","));
      },
      [](RunPlan& plan, std::string_view text) {
        if (text == kNoLayers) {
          plan.spec.hidden.clear();
          return true;
        }
        const auto widths = numbers_from<int>(text);
        const auto fits = [](int width) { return width >= 1 && width <= kWidest; };
        if (!widths || !std::ranges::all_of(*widths, fits)) return false;
        plan.spec.hidden = *widths;
        return true;
      },
      Form::numbers);
}

Field likelihood_field() {
  Field field = word<&RunPlan::spec, &ModelSpec::likelihood>(
      std::vector<Named<Likelihood>>{{Likelihood::bernoulli,
                                      {name_of(Likelihood::bernoulli), "",
                                       tr("−Σ (x log x′ + (1 − x) log (1 − x′)), each pixel the "
                                          "chance of a white one. For inputs in 0 … 1.")}},
                                     {Likelihood::gaussian,
                                      {name_of(Likelihood::gaussian), "",
                                       tr("Σ (x − x′)² / (2s²) + (d/2) log (2πs²), s the deviation "
                                          "that each of the d pixels is taken to have.")}},
                                     {Likelihood::mse,
                                      {name_of(Likelihood::mse), "",
                                       tr("(1/d) Σ (x − x′)², the mean squared error over the d "
                                          "pixels. For models without a prior.")}}});
  field.read = [read = field.read](RunPlan& plan, std::string_view text) {
    if (!read(plan, text)) return false;
    plan.chose_likelihood = true;
    if (plan.spec.likelihood != Likelihood::gaussian) {
      plan.spec.learned_sigma = plan.spec.optimal_sigma = false;
    }
    return true;
  };
  return field;
}

Field sigma_field() {
  Field field = number<&RunPlan::spec, &ModelSpec::sigma>(
      {kSmallestSigma, kAny,
       tr("a number of at least {}, or 'learned', or 'optimal'", kSmallestSigma)});
  field.placeholder = "S|learned|optimal";
  field.choices = {{"fixed", "", tr("s stays the number beside the loss.")},
                   {"learned", "",
                    tr("s is learned with the weights: one number for all pixels, trained as log s "
                       "from 0 on, at least 0.001.")},
                   {"optimal", "",
                    tr("s² is the mean squared error of each batch, the best there is for it, in "
                       "closed form (Rybkin et al. 2021). What is kept is that of about the last "
                       "2,000 inputs.")}};
  field.text = [text = field.text](const RunPlan& plan) -> std::string {
    if (plan.spec.optimal_sigma) return "optimal";
    return plan.spec.learned_sigma ? "learned" : text(plan);
  };
  field.read = [read = field.read](RunPlan& plan, std::string_view text) {
    const bool optimal = text == "optimal";
    const bool learned = optimal || text == "learned";
    if (learned) plan.spec.sigma = ModelSpec().sigma;
    if (!learned && !read(plan, text)) return false;
    plan.spec.learned_sigma = learned;
    plan.spec.optimal_sigma = optimal;
    return true;
  };
  return field;
}

Field noise_field() {
  Field field = free_text(
      "gaussian:S|mask:P",
      tr("gaussian:S with a deviation S of at least 0, or mask:P with a share P from 0 to 1, as in "
         "mask:0.25"),
      [](const RunPlan& plan) {
        return fmt::format("{}:{}", name_of(plan.spec.noise.kind), plan.spec.noise.amount);
      },
      [](RunPlan& plan, std::string_view text) {
        const auto [first, second] = halves(text, ':');
        const auto kind = noise_named(first);
        const auto amount = number_from<double>(second);
        if (!kind || !amount || !validate(Noise{*kind, *amount})) return false;
        plan.spec.noise = {*kind, *amount};
        return true;
      });
  field.choices = {{name_of(Noise::Kind::mask), "",
                    tr("Sets this share of the inputs to zero: exactly round(share · d) of them "
                       "(Vincent et al. 2010).")},
                   {name_of(Noise::Kind::gaussian), "gauss",
                    tr("Adds N(0, σ²) to each input; the number is σ.")}};
  return field;
}

constexpr std::string_view kWarmUp = "warmup", kCyclic = "cyclic", kConstant = "constant";

Field schedule_field() {
  Field field = free_text(
      "constant|warmup:E|cyclic:M",
      tr("constant, warmup:E with E epochs above 0, or cyclic:M with M cycles"),
      [](const RunPlan& plan) -> std::string {
        const KlSchedulePlan& schedule = plan.schedule;
        switch (schedule.kind) {
          case KlSchedule::Kind::constant:
            return std::string(kConstant);
          case KlSchedule::Kind::warm_up:
            return fmt::format("{}:{}", kWarmUp, schedule.amount);
          case KlSchedule::Kind::cyclic:
            return fmt::format("{}:{}", kCyclic, schedule.amount);
        }
        return {};
      },
      [](RunPlan& plan, std::string_view text) {
        const auto [kind, amount] = halves(text, ':');
        const auto epochs = number_from<double>(amount);
        const auto cycles = number_from<int>(amount);
        if (text == kConstant) {
          plan.schedule = {};
        } else if (kind == kWarmUp && epochs && *epochs > 0) {
          plan.schedule = {KlSchedule::Kind::warm_up, *epochs};
        } else if (kind == kCyclic && cycles && *cycles >= 1) {
          plan.schedule = {KlSchedule::Kind::cyclic, static_cast<double>(*cycles)};
        } else {
          return false;
        }
        return true;
      });
  field.choices = {
      {kConstant, "", tr("λ stays as it is set.")},
      {kWarmUp, "warm-up",
       tr("λ rises from 0 to its value in a straight line over some epochs, so that the decoder "
          "learns before the KL term presses: λ(t) = λ · min(1, t / T). Begins now, and anew at "
          "each reset.")},
      {kCyclic, "",
       tr("λ rises from 0 again and again: in each of M equal cycles over its first half, then it "
          "stays (Fu et al. 2019). Begins now, and anew at each reset.")}};
  return field;
}

// ---- The table ---------------------------------------------------------------------------------

bool has_prior(const RunPlan& plan) {
  return plan.spec.has_prior();
}
bool takes_steps(const RunPlan& plan) {
  return !plan.spec.is_linear();
}
bool takes_kernels(const RunPlan& plan) {
  const auto& [spec, own] = std::tie(plan.spec, plan.compute.kernels);
  return own.empty() || own == "library" ||
         (takes_steps(plan) && spec.network == Network::mlp && spec.samples == 1 &&
          spec.objective == Objective::elbo && !spec.optimal_sigma);
}
bool hides_patches(const RunPlan& plan) {
  return plan.spec.hides_patches();
}

constexpr auto kNoPrior =
    tr("Only vae and cvae have a prior, so there is no KL term to weigh in this model.");
constexpr auto kNoPosterior = tr("Only vae and cvae draw z from a posterior.");
constexpr auto kNoSteps = tr("pca is fitted at once, in closed form: it takes no steps.");
constexpr auto kNoPatches = tr("Only mae hides patches.");

std::vector<Parameter> model_rows() {
  return {
      {.key = "kind",
       .option = "model",
       .label = tr("Kind"),
       .help = tr("The kind of a new model."),
       .field = kind_field(),
       .effect = Effect::new_model},
      {.key = "latent",
       .label = tr("Latent"),
       .help = tr("k, the number of latent dimensions. With 2 the plane shows all there is."),
       .field = number<&RunPlan::spec, &ModelSpec::latent>(whole_in(1, kWidest)),
       .effect = Effect::new_model},
      {.key = "network",
       .label = tr("Network"),
       .help = tr("Fully connected or convolutional layers."),
       .field = network_field(),
       .belongs = [](const RunPlan& plan) { return plan.spec.traits().takes_conv; },
       .elsewhere = tr("This kind has no convolutional network."),
       .effect = Effect::new_model},
      {.key = "hidden",
       .label = tr("Hidden"),
       .help =
           tr("Widths of the encoder's hidden layers, from the image inwards, like 400 or 400, "
              "200. The decoder mirrors them. none: one layer each, so that the model is linear, "
              "also its output with mse and gaussian."),
       .field = hidden_field(),
       .belongs =
           [](const RunPlan& plan) {
             return !plan.spec.is_linear() && plan.spec.network == Network::mlp;
           },
       .elsewhere = tr("Only fully connected layers have widths to choose: pca is linear, and the "
                       "conv network has widths of its own."),
       .effect = Effect::new_model},
      {.key = "likelihood",
       .label = tr("Loss"),
       .help = tr("The reconstruction term: how the decoder's output is scored."),
       .initial = tr("mse; vae, cvae: bernoulli, gaussian on standardised data"),
       .field = likelihood_field(),
       .effect = Effect::new_model},
      {.key = "sigma",
       .label = tr("Deviation s"),
       .help = tr("s, the standard deviation that the Gaussian takes each pixel to have, at least "
                  "0.001. Smaller: reconstruction counts more."),
       .field = sigma_field(),
       .belongs = [](const RunPlan& plan) { return plan.spec.likelihood == Likelihood::gaussian; },
       .waits_for_data =
           [](const RunPlan& plan) {
             return !plan.chose_likelihood && plan.spec.likelihood == Likelihood::bernoulli;
           },
       .elsewhere = tr("Only the gaussian likelihood has a deviation."),
       .effect = Effect::new_model},
      {.key = "binarise",
       .label = tr("Pixels"),
       .help = tr("What becomes of grey pixels before the network reads them (binarisation)."),
       .field = word<&RunPlan::spec, &ModelSpec::binarise>(std::vector<Named<Binarise>>{
           {Binarise::none,
            {name_of(Binarise::none), tr("as they are"),
             tr("Grey values are read as they are. Under Bernoulli the figures are a score then, "
                "not a density.")}},
           {Binarise::threshold,
            {name_of(Binarise::threshold), tr("black or white"),
             tr("Above ½: 1, else 0. The Bernoulli likelihood is a density of such pixels.")}},
           {Binarise::dynamic,
            {name_of(Binarise::dynamic), tr("drawn anew"),
             tr("Each pixel is 1 with its grey value as the probability, drawn anew for each step "
                "(dynamic binarisation).")}}}),
       .effect = Effect::new_model},
      {.key = "objective",
       .label = tr("Objective"),
       .help = tr("The bound that is maximised."),
       .field = word<&RunPlan::spec, &ModelSpec::objective>(std::vector<Named<Objective>>{
           {Objective::elbo,
            {name_of(Objective::elbo), "",
             tr("reconstruction + λ · KL, the reconstruction averaged over K draws of z. With λ = "
                "1 it is the negative evidence lower bound.")}},
           {Objective::iwae,
            {name_of(Objective::iwae), "",
             tr("−log (1/K) Σ w with w = p(x|z) · (p(z) / q(z|x))^λ over K draws of z: nearer to "
                "−log p(x) the more are drawn (Burda et al. 2016). K = 1 is the elbo with the KL "
                "estimated by its one draw.")}}}),
       .belongs = has_prior,
       .elsewhere = kNoPosterior,
       .effect = Effect::new_model},
      {.key = "samples",
       .label = tr("K"),
       .help = tr("K, how many z are drawn for each input and step. More cost as much more time."),
       .field = number<&RunPlan::spec, &ModelSpec::samples>(whole_from(1)),
       .belongs = has_prior,
       .elsewhere = kNoPosterior,
       .effect = Effect::new_model},
      {.key = "noise",
       .label = tr("Noise"),
       .help = tr("How dae corrupts its inputs."),
       .field = noise_field(),
       .belongs = [](const RunPlan& plan) { return plan.spec.adds_noise(); },
       .elsewhere = tr("Only dae corrupts its inputs with noise."),
       .effect = Effect::new_model},
      {.key = "patch",
       .label = tr("Patch"),
       .help = tr("The side of a square patch in pixels. It must divide both sides of the image."),
       .unit = tr("pixels"),
       .field = number<&RunPlan::spec, &ModelSpec::patch>(whole_from(1)),
       .belongs = hides_patches,
       .elsewhere = kNoPatches,
       .effect = Effect::new_model},
      {.key = "mask_ratio",
       .label = tr("hidden"),
       .help = tr("The share of the patches that is hidden: round(share · patches) of them. The "
                  "model is scored on the hidden pixels alone."),
       .formula = tr("Loss: the mean of (x − x′)² over the hidden pixels."),
       .field = number<&RunPlan::spec, &ModelSpec::mask_ratio>(between_zero_and_one()),
       .belongs = hides_patches,
       .elsewhere = kNoPatches,
       .effect = Effect::new_model},
  };
}

std::vector<Parameter> training_rows() {
  return {
      {.key = "lambda",
       .label = tr("KL weight λ"),
       .help = tr("The weight of the KL term: 1 is the VAE's own objective (the ELBO), 0 an "
                  "autoencoder with noise, large values press the codes onto the prior N(0, I)."),
       .formula = tr("Objective = reconstruction + λ · KL, KL = ½ Σ (μ² + σ² − log σ² − 1)."),
       .field = number<&RunPlan::settings, &StepSettings::kl_weight>(from_zero()),
       .belongs = has_prior,
       .elsewhere = kNoPrior,
       .effect = Effect::next_step,
       .command = [](ModelId model, const RunPlan& plan) -> Command {
         return SetKlWeight{model, plan.settings.kl_weight};
       }},
      {.key = "lambda_schedule",
       .label = tr("Schedule"),
       .help = tr("λ's course over the run: it rises over E epochs, or in M cycles."),
       .field = schedule_field(),
       .belongs = has_prior,
       .elsewhere = kNoPrior},
      {.key = "epochs",
       .label = tr("Epochs"),
       .help = tr("Passes over the training inputs."),
       .field = number<&RunPlan::epochs>(whole_from(1), true),
       .belongs = takes_steps,
       .elsewhere = kNoSteps,
       .place = Place::nowhere,
       .may_change = true},
      {.key = "batch",
       .label = tr("Batch size"),
       .help = tr("Inputs a step."),
       .unit = tr("inputs"),
       .field = number<&RunPlan::settings, &StepSettings::batch_size>(whole_from(1)),
       .belongs = takes_steps,
       .elsewhere = kNoSteps,
       .effect = Effect::next_step},
      {.key = "learning_rate",
       .option = "lr",
       .label = tr("Learning rate"),
       .help = tr("Adam's step size."),
       .field = number<&RunPlan::settings, &StepSettings::learning_rate>(above_zero()),
       .belongs = takes_steps,
       .elsewhere = kNoSteps,
       .effect = Effect::next_step},
      {.key = "learning_rate_end",
       .option = "lr-end",
       .label = tr("Last learning rate"),
       .help = tr("The learning rate at the end of the run, reached by equal factors."),
       .initial = tr("the learning rate"),
       .field = number<&RunPlan::last_learning_rate>(above_zero(), true),
       .belongs = takes_steps,
       .elsewhere = kNoSteps,
       .place = Place::nowhere},
      {.key = "validation",
       .label = tr("Validation"),
       .help =
           tr("How many training inputs, or sequences, are held out and measured after each epoch; "
              "the weights that do best on them are kept."),
       .unit = tr("inputs"),
       .initial = "0",
       .field = number<&RunPlan::hold_out, &HoldOut::rows>(whole_from(0), true),
       .effect = Effect::next_run},
      {.key = "patience",
       .label = tr("Patience"),
       .help = tr("Epochs without a better validation loss after which training stops and the best "
                  "epoch's weights come back. 0: never."),
       .unit = tr("epochs"),
       .initial = tr("never"),
       .field = number<&RunPlan::hold_out, &HoldOut::patience>(whole_from(0), true),
       .belongs = [](const RunPlan& plan) { return plan.hold_out.rows > 0 && takes_steps(plan); },
       .elsewhere = tr("Patience watches the validation loss of steps: hold inputs out first."),
       .effect = Effect::next_run},
      {.key = "seed",
       .label = tr("Seed"),
       .help = tr("Every random draw follows from this number: the same seed, the same run."),
       .field = number<&RunPlan::seed>(whole_from(0)),
       .effect = Effect::next_run},
  };
}

std::vector<Parameter> computing_rows() {
  return {
      {.key = "threads",
       .label = tr("Threads"),
       .help = tr("CPU threads."),
       .initial = tr("measured"),
       .field = number<&RunPlan::compute, &ComputeOptions::threads>(whole_in(1, 1024), true),
       .place = Place::nowhere},
      {.key = "kernels",
       .label = tr("Kernels"),
       .help = tr("The loops that train, or LibTorch; zscape info lists what this processor has."),
       .initial = tr("auto, the fastest as measured once"),
       .field = word<&RunPlan::compute, &ComputeOptions::kernels>(
           std::vector<Named<std::string>>{{"", {"auto"}},
                                           {"avx512", {"avx512"}},
                                           {"avx2", {"avx2"}},
                                           {"portable", {"portable"}},
                                           {"library", {"library"}}}),
       .belongs = takes_kernels,
       .elsewhere = tr("Only fully connected networks with the elbo and one z train with these, "
                       "and not with an "
                       "optimal s."),
       .place = Place::nowhere,
       .may_change = true},
      {.key = "precision",
       .label = tr("Precision"),
       .help = tr("Of the products; tf32 needs a GPU, bf16 a GPU or a processor with AVX512_BF16."),
       .field = word<&RunPlan::compute, &ComputeOptions::precision>(std::vector<Named<Precision>>{
           {Precision::fp32, {"fp32"}}, {Precision::tf32, {"tf32"}}, {Precision::bf16, {"bf16"}}}),
       .place = Place::nowhere},
      {.key = "device",
       .label = tr("Device"),
       .help = tr("Where to train: auto takes an NVIDIA GPU where zscape info finds one."),
       .field = word<&RunPlan::compute, &ComputeOptions::device>(std::vector<Named<Device>>{
           {Device::automatic, {"auto"}}, {Device::cpu, {"cpu"}}, {Device::cuda, {"cuda"}}}),
       .place = Place::nowhere,
       .may_change = true},
  };
}

const char* sentence_of(Effect effect) {
  if (effect == Effect::next_step) return tr("Takes effect on the next step.");
  if (effect == Effect::next_run) return tr("Used at the next reset or Apply.");
  return "";
}

}  // namespace

std::span<const Parameter> parameters() {
  static const std::vector<Parameter> rows = [] {
    std::vector<Parameter> all;
    for (auto& some : {data_parameters(), model_rows(), training_rows(), computing_rows()}) {
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  return rows;
}

const Parameter* find_parameter(std::string_view key) {
  const auto row = std::ranges::find(parameters(), key, &Parameter::key);
  return row == parameters().end() ? nullptr : &*row;
}

const Parameter& parameter(std::string_view key) {
  const Parameter* row = find_parameter(key);
  assert(row != nullptr);
  return *row;
}

const ParameterChoice* Parameter::choice(const RunPlan& plan) const {
  const std::string held = field.text(plan);
  const auto word = std::string_view(held).substr(0, held.find(':'));
  const auto found = std::ranges::find(field.choices, word, &ParameterChoice::word);
  return found == field.choices.end() ? nullptr : &*found;
}

std::string Parameter::flag() const {
  std::string flag = "--" + std::string(option.empty() ? key : option);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string Parameter::tooltip() const {
  std::string text = help;
  for (const char* sentence : {formula, sentence_of(effect)}) {
    if (*sentence != 0) text += std::string(" ") + sentence;
  }
  return text;
}

Expected<void> set(RunPlan& plan, const Parameter& parameter, std::string_view text) {
  if (parameter.field.read(plan, text)) return {};
  return fail(tr("{}: '{}' is not {}", parameter.key, text, parameter.field.range));
}

Expected<void> check(const RunPlan& plan) {
  for (const Parameter& parameter : parameters()) {
    RunPlan again = plan;
    const std::string text = parameter.value(plan);
    if (text.empty()) continue;
    if (auto fits = set(again, parameter, text); !fits) return fits;
  }
  return {};
}

Command setting_command(ModelId model, const Parameter& parameter, const RunPlan& plan) {
  if (parameter.command != nullptr) return parameter.command(model, plan);
  const std::string text = parameter.field.text(plan);  // empty where 0 stands for "none"
  return SetParameter{model, std::string(parameter.key), text.empty() ? "0" : text};
}

std::vector<Command> setting_commands(ModelId model, Effect effect, const RunPlan& plan) {
  std::vector<Command> commands;
  for (const Parameter& parameter : parameters()) {
    const bool is_meant = parameter.effect == effect && parameter.applies(plan);
    if (is_meant) commands.push_back(setting_command(model, parameter, plan));
  }
  return commands;
}

RunPlan next_plan(const ModelView& view) {
  RunPlan plan;
  plan.spec = view.spec;
  plan.settings = view.settings;
  plan.settings.kl_weight = view.final_kl_weight;
  plan.seed = view.next_seed;
  plan.hold_out = view.next_hold_out;
  plan.epochs = 0;  // until somebody pauses it
  return plan;
}

}  // namespace zscape
