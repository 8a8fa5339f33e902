// "Somebody's code says …": what a loss of other code is here, what it makes collapse, and the
// buttons that set it.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/gui/panels/controls/controls.h"
#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/curves/kl_forecast.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kName = "##loss_translator";
constexpr float kWidth = 560, kLabels = 92, kFactor = 84;  // pixels
constexpr double kMost = 1e12;

struct Word {
  const char* widget;
  const char* label;
  const char* help;
};
constexpr std::array kReductions = {Reduction::sum, Reduction::mean, Reduction::batch_sum};
constexpr std::array<Word, 3> kReductionWords = {{
    {"sum", tr("sum"), tr("Over an input, averaged over the batch: .sum(1).mean()")},
    {"mean", tr("mean"), tr("Over an input and the batch: .mean()")},
    {"batch_sum", tr("batch sum"), tr("Over an input and the batch: reduction='sum'")},
}};
constexpr std::array kSpans = {1.0, 2.0, 255.0};
constexpr std::array<Word, 3> kSpanWords = {{
    {"unit", tr("0 to 1"), tr("As here; behind a sigmoid")},
    {"tanh", tr("−1 to 1"), tr("Behind a tanh, or normalised by 0.5 and 0.5")},
    {"bytes", tr("0 to 255"), tr("Bytes as they are")},
}};

// "1.536", "784"
std::string short_text(double value) {
  return fmt::format("{:.4g}", value);
}

// "64×64×3", "64 x 64 x 3", "12,288" or "12288"; nothing: none of these.
std::optional<std::int64_t> inputs_from(const std::string& typed) {
  double product = 1;
  std::string digits;
  const auto take = [&] {
    double value = 0;
    if (digits.empty() || !parse_number(digits, value) || value != std::floor(value)) return false;
    product *= value;
    digits.clear();
    return product >= 1 && product <= 1e9;
  };
  constexpr std::string_view kTimes = "×";
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const bool is_times = typed.compare(i, kTimes.size(), kTimes) == 0;
    if (is_times || typed[i] == 'x' || typed[i] == '*') {
      if (!take()) return std::nullopt;
      if (is_times) i += kTimes.size() - 1;
    } else if (typed[i] >= '0' && typed[i] <= '9') {
      digits += typed[i];
    } else if (typed[i] != ' ' && typed[i] != ',') {
      return std::nullopt;
    }
  }
  if (!take()) return std::nullopt;
  return static_cast<std::int64_t>(product);
}

void label(const PanelFrame& frame, const char* text) {
  ImGui::AlignTextToFramePadding();
  const float left = ImGui::GetCursorPosX();
  ImGui::PushStyleColor(ImGuiCol_Text, color::kMuted);
  ImGui::TextUnformatted(text);
  ImGui::PopStyleColor();
  ImGui::SameLine();
  ImGui::SetCursorPosX(left + frame.px(kLabels));
}

template <class Value, std::size_t N>
void choose(const PanelFrame& frame, const std::string& name, const std::array<Value, N>& values,
            const std::array<Word, N>& words, Value& value, float width,
            const std::string& why_not = {}) {
  const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
  const float each = std::floor((width - static_cast<float>(N - 1) * gap) / static_cast<float>(N));
  for (std::size_t i = 0; i < N; ++i) {
    if (i > 0) ImGui::SameLine(0, gap);
    if (choice(frame, fmt::format("{}_{}", name, words[i].widget), words[i].label, each,
               value == values[i], words[i].help, why_not)) {
      value = values[i];
    }
  }
}

void factor(const PanelFrame& frame, const char* name, FieldEdit& edit, double& value,
            const char* help) {
  ImGui::SameLine();
  ImGui::PushStyleColor(ImGuiCol_Text, color::kMuted);
  ImGui::AlignTextToFramePadding();
  ImGui::TextUnformatted("×");
  ImGui::PopStyleColor();
  ImGui::SameLine();
  if (const auto typed = number_field(frame, name, edit, value, 1e-12, kMost, -1, help)) {
    value = *typed;
  }
}

void count_field(const PanelFrame& frame, const char* name, FieldEdit& edit, double held,
                 float width, const char* help, const std::string& why_not,
                 const std::function<void(double)>& take) {
  if (const auto typed =
          number_field(frame, name, edit, held, 1, 1e9, width, help, why_not, true)) {
    take(*typed);
  }
}

// What the loss is, in the order in which code names it.
void draw_loss(LossDialogState& state, const PanelFrame& frame) {
  ForeignLoss& loss = state.loss;
  const float width = ImGui::GetContentRegionAvail().x - frame.px(kLabels + kFactor) - frame.px(24);
  constexpr std::array kErrors = {false, true};
  constexpr std::array<Word, 2> kErrorWords = {{
      {"mse", tr("squared error"), tr("MSELoss, mse_loss, ((x − y) ** 2)")},
      {"bce", tr("cross entropy"), tr("BCELoss, binary_cross_entropy, with or without logits")},
  }};
  label(frame, tr("Error"));
  choose(frame, "translate_error", kErrors, kErrorWords, loss.is_cross_entropy, width);
  label(frame, tr("Its reduction"));
  choose(frame, "translate_reduction", kReductions, kReductionWords, loss.reconstruction, width);
  factor(frame, "translate_error_weight", state.error_weight, loss.reconstruction_weight,
         tr("The error's factor: 0.5 of half the squared error."));
  label(frame, tr("KL"));
  choose(frame, "translate_kl", kReductions, kReductionWords, loss.kl, width);
  factor(frame, "translate_kl_weight", state.kl_weight, loss.kl_weight,
         tr("The KL's factor: β, kld_weight, M_N."));
  label(frame, tr("Pixels"));
  const std::string no_span =
      loss.is_cross_entropy ? tr("Cross entropy is of pixels from 0 to 1 alone.") : "";
  choose(frame, "translate_span", kSpans, kSpanWords, loss.span, width, no_span);

  label(frame, tr("An input"));
  const auto wrong = [](const std::string& typed) {
    return inputs_from(typed) ? std::string() : tr("a number of pixels, such as 64×64×3");
  };
  const float field = frame.px(118);
  if (const auto typed =
          text_field(frame, "translate_inputs", state.inputs, state.inputs_text, field,
                     tr("Height × width × channels, or their product."), {}, "", wrong)) {
    state.inputs_text = *typed;
    loss.inputs = inputs_from(*typed).value_or(loss.inputs);
  }
  ImGui::SameLine(0, frame.px(14));
  inner_label(frame, tr("latent"));
  ImGui::SameLine();
  count_field(frame, "translate_latent", state.latent, loss.latent, frame.px(56),
              tr("Latent dimensions, which the mean of the KL divides by."),
              needs_latent(loss) ? "" : tr("Only a mean of the KL depends on them."),
              [&](double value) { loss.latent = static_cast<int>(value); });
  ImGui::SameLine(0, frame.px(14));
  inner_label(frame, tr("batch"));
  ImGui::SameLine();
  count_field(frame, "translate_batch", state.batch, static_cast<double>(loss.batch), -1,
              tr("Inputs a step."),
              needs_batch(loss) ? "" : tr("It matters only where one term alone is a batch sum."),
              [&](double value) { loss.batch = std::llround(value); });
}

std::string said(const LossTranslation& found) {
  if (found.lambda_bernoulli) {
    return tr("Here that is λ = {} with the bernoulli likelihood.",
              short_text(*found.lambda_bernoulli));
  }
  return tr("Here that is λ · s² = {}: λ = {} with s = 1, or s = {} with λ = 1, which is the ELBO.",
            short_text(*found.lambda_gaussian), short_text(*found.lambda_gaussian),
            short_text(*found.sigma_gaussian));
}

// The model that makes the trade as an ELBO: bernoulli, or gaussian of this s.
ModelSpec elbo_model(const ModelSpec& present, const LossTranslation& found) {
  ModelSpec spec = present;
  spec.learned_sigma = spec.optimal_sigma = false;
  spec.likelihood = found.lambda_bernoulli ? Likelihood::bernoulli : Likelihood::gaussian;
  spec.sigma = found.sigma_gaussian.value_or(1);
  return spec;
}

// Which dimensions the loss leaves alive with the present data and size.
std::string collapse_text(Controls& controls, const LossTranslation& found) {
  ModelView view = *controls.view;
  view.spec = elbo_model(view.spec, found);
  if (const std::string why_not = why_no_forecast(view.spec); !why_not.empty()) return why_not;
  const KlForecast known = kl_forecast(controls.snapshot, view, found.lambda_bernoulli.value_or(1));
  if (!known.why_not.empty()) return known.why_not;
  if (!known.at) {
    KlForecastState& state = controls.state.forecast;
    if (auto ask = ask_spectrum(state, controls.snapshot, view)) controls.commands.push_back(*ask);
    return tr("Measuring what it will leave alive of these data …");
  }
  const std::string live = live_text(*known.at, view.spec.latent);
  return tr("With {}, {}.", controls.snapshot.data->name, live);
}

// The model's λ alone.
void draw_set_weight(Controls& controls, const LossTranslation& found, float width) {
  const ModelView& view = *controls.view;
  const auto weight = kl_weight_for(found, view.spec, present_sigma(view));
  std::string why_not = controls.why_not(parameter("lambda"), controls.plan());
  if (why_not.empty() && !weight) {
    why_not = found.lambda_bernoulli
                  ? tr("The present model is not scored by cross entropy; make another.")
                  : tr("The present model is not scored by squared errors; make another.");
  }
  const std::string text =
      weight ? tr("Set λ = {}", short_text(*weight)) : std::string(tr("Set λ"));
  if (button(controls.frame, "translate_set", text.c_str(), width,
             tr("The present model goes on with this λ from the next step."), why_not,
             why_not.empty() ? Emphasis::accent : Emphasis::normal)) {
    controls.state.kl_weight.ask(*weight, controls.frame.time_s);
    controls.commands.push_back(SetKlWeight{controls.model, *weight});
    ImGui::CloseCurrentPopup();
  }
}

void draw_make_model(Controls& controls, const LossTranslation& found, float width) {
  const ModelSpec wanted = elbo_model(controls.view->spec, found);
  std::string why_not = controls.why_not(parameter("lambda"), controls.plan());
  if (why_not.empty()) {
    if (const auto valid = validate(wanted); !valid) why_not = valid.error().message;
  }
  const double weight = found.lambda_bernoulli.value_or(1);
  const std::string text =
      found.lambda_bernoulli
          ? tr("New model: bernoulli, λ = {}", short_text(weight))
          : tr("New model: gaussian, s = {}, λ = 1", short_text(*found.sigma_gaussian));
  if (button(controls.frame, "translate_make", text.c_str(), width,
             tr("It gets new weights and starts at step 0; the present run is put away."),
             why_not)) {
    controls.commands.push_back(ReplaceModel{controls.model, wanted});
    controls.commands.push_back(SetKlWeight{controls.model, weight});
    ImGui::CloseCurrentPopup();
  }
}

}  // namespace

void draw_loss_translator(Controls& controls) {
  const PanelFrame& frame = controls.frame;
  LossDialogState& state = controls.state.translator;
  const std::string nothing =
      controls.view && controls.snapshot.data ? std::string() : controls.why_no_model();
  row_label(frame, tr("Other code"));
  bool opens = false;
  if (button(frame, "translate_loss", tr("Translate its loss …"), -1,
             tr("What λ and s are here for a loss that other code writes: sums or means, with any "
                "factors"),
             nothing)) {
    opens = true;
    state = {};
    state.loss.kl_weight = 1;
    state.loss.inputs = controls.view->spec.inputs();
    state.loss.latent = controls.view->spec.latent;
    state.loss.batch = controls.view->settings.batch_size;
    state.loss.is_cross_entropy = controls.view->spec.likelihood == Likelihood::bernoulli;
    const ImageShape& shape = controls.view->spec.shape;
    state.inputs_text = shape.channels == 1
                            ? fmt::format("{}×{}", shape.height, shape.width)
                            : fmt::format("{}×{}×{}", shape.height, shape.width, shape.channels);
  }
  if (!nothing.empty()) return;
  const ImVec2 display = ImGui::GetIO().DisplaySize;
  const PanelFrame whole{
      frame.theme, frame.widgets, {{0, 0}, {display.x, display.y}}, frame.time_s};
  const float width = std::min(frame.px(kWidth), display.x - frame.px(16));
  if (!begin_middle_popup(kName, opens, width, tr("A loss of other code"), whole)) return;
  const bool was_editing = ImGui::GetIO().WantTextInput;
  draw_loss(state, frame);
  const LossTranslation found = translated(state.loss);
  ImGui::Separator();
  ImGui::PushTextWrapPos(0);
  ImGui::TextUnformatted(formula_of(state.loss).c_str());
  frame.widgets.note("translate_formula");
  ImGui::TextUnformatted(said(found).c_str());
  frame.widgets.note("translate_said");
  ImGui::PushStyleColor(ImGuiCol_Text, color::kMuted);
  ImGui::TextUnformatted(collapse_text(controls, found).c_str());
  frame.widgets.note("translate_collapse");
  ImGui::PopStyleColor();
  ImGui::PopTextWrapPos();
  ImGui::Dummy({0, frame.px(2)});
  const float gap = ImGui::GetStyle().ItemSpacing.x, close = frame.px(76);
  const float rest = ImGui::GetContentRegionAvail().x - close - 2 * gap;
  draw_set_weight(controls, found, std::floor(rest * 0.36f));
  ImGui::SameLine();
  draw_make_model(controls, found, std::floor(rest * 0.64f));
  ImGui::SameLine();
  const bool escape = !was_editing && ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape));
  if (button(frame, "translate_close", tr("Close"), -1, tr("Esc does the same.")) || escape) {
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

}  // namespace zscape
