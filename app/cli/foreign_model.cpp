#include "app/cli/foreign_model.h"

#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/io/pytorch_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

template <class Value>
std::vector<std::pair<std::string_view, std::optional<Value>>> choices(
    std::initializer_list<Value> values) {
  std::vector<std::pair<std::string_view, std::optional<Value>>> all;
  for (const Value value : values) all.emplace_back(name_of(value), value);
  return all;
}

}  // namespace

void ForeignModelOptions::add(OptionList& options, ParameterOptions& parameters) {
  const char* const kForeign = tr("Of a model file without zscape's metadata");
  std::vector<std::pair<std::string_view, std::optional<Activation>>> activations;
  for (int i = 0; i <= static_cast<int>(Activation::tanh); ++i) {
    activations.emplace_back(name_of(static_cast<Activation>(i)), static_cast<Activation>(i));
  }
  options
      .choice<std::optional<Activation>>("--activation", activation_, std::move(activations),
                                         tr("What stands between its layers."), "reference")
      ->group(kForeign);
  parameters.add(parameter("likelihood"))->group(kForeign);
  add_of_programs(options);
}

void ForeignModelOptions::add_of_programs(OptionList& options) {
  const char* const kPrograms = tr("Of a model that PyTorch exported (.pt2)");
  options.text("--decoder", "FILE", decoder_file_, tr("Its decoder, where that is another file."))
      ->group(kPrograms);
  options
      .add("--model-range", "LOW,HIGH", tr("The numbers that it reads for black and white."), "0,1",
           [this](std::string_view text) {
             RunPlan plan;  // as --range of data is read
             const ParameterField& field = parameter("range").field;
             if (!field.read(plan, text)) return field.range;
             range_ = plan.data.range;
             return std::string();
           })
      ->group(kPrograms);
  options
      .choice<std::optional<ProgramLayout>>(
          "--layout", layout_,
          choices<ProgramLayout>({ProgramLayout::vector, ProgramLayout::nchw, ProgramLayout::nhwc}),
          tr("How its inputs lie."), tr("by their shape"))
      ->group(kPrograms);
  options
      .choice<std::optional<DecoderOutput>>(
          "--output", output_, choices<DecoderOutput>({DecoderOutput::logits, DecoderOutput::mean}),
          tr("What its decoder returns."), tr("logits, unless it ends in a sigmoid"))
      ->group(kPrograms);
}

SaidOfModel ForeignModelOptions::said(const ParameterOptions& parameters) const {
  const RunPlan plan = parameters.values();
  SaidOfModel all = said();
  all.image_size = plan.data.image_size;
  all.activation = activation_;
  if (parameters.has("likelihood")) all.likelihood = plan.spec.likelihood;
  return all;
}

SaidOfModel ForeignModelOptions::said() const {
  return {.decoder_file = decoder_file_, .range = range_, .layout = layout_, .output = output_};
}

std::string ForeignModelOptions::given(const ParameterOptions& parameters) const {
  if (activation_) return "--activation";
  return parameters.has("likelihood") ? "--likelihood" : given();
}

std::string ForeignModelOptions::given() const {
  if (!decoder_file_.empty()) return "--decoder";
  if (range_) return "--model-range";
  if (layout_) return "--layout";
  return output_ ? "--output" : "";
}

Outcome<void> ForeignModelOptions::check(const std::string& path) const {
  if (!looks_like_program(path)) {
    if (const std::string option = given(); !option.empty()) {
      return wrong_usage(
          tr("{} is for models that PyTorch exported (.pt2), and {} is none; leave "
             "it out",
             option, path));
    }
  } else if (activation_) {
    return wrong_usage(tr("--activation: {} has layers of its own; leave it out", path));
  }
  for (const std::string& file : {path, decoder_file_}) {
    if (const auto refusal = refusal_of_pytorch(file)) return failed(refusal->message);
  }
  return {};
}

std::string told_assumption(const OpenedModel& model) {
  return model.model->spec().network == Network::program
             ? tr("{}; --likelihood, --layout, --model-range and --output say otherwise",
                  model.assumed)
             : tr("{}; --image-size, --activation and --likelihood say otherwise", model.assumed);
}

}  // namespace zscape
