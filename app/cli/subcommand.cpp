#include "app/cli/subcommand.h"

#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/formats.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kLongestSide = 4096;

// Text of the form FIRSTcSECOND, c the separator; nothing without one.
std::optional<std::pair<std::string_view, std::string_view>> halves(std::string_view text,
                                                                    char separator) {
  const std::size_t place = text.find(separator);
  if (place == std::string_view::npos) return std::nullopt;
  return std::pair{text.substr(0, place), text.substr(place + 1)};
}

std::optional<ImageSize> image_size_from(std::string_view text) {
  const auto sides = halves(text, 'x');
  if (!sides) return std::nullopt;
  const auto height = number_from<int>(sides->first);
  const auto width = number_from<int>(sides->second);
  const auto fits = [](const std::optional<int>& side) {
    return side && *side >= 1 && *side <= kLongestSide;
  };
  if (!fits(height) || !fits(width)) return std::nullopt;
  return ImageSize{*height, *width};
}

std::optional<Noise> noise_from(std::string_view text) {
  const auto parts = halves(text, ':');
  if (!parts) return std::nullopt;
  const auto kind = noise_named(parts->first);
  const auto amount = number_from<double>(parts->second);
  if (!kind || !amount) return std::nullopt;
  const Noise noise{*kind, *amount};
  if (!validate(noise)) return std::nullopt;
  return noise;
}

}  // namespace

void add_saved_model(OptionList& options, std::string& path) {
  options.text("MODEL", "", path, tr("a saved model"))->required();
}

void add_image_size(OptionList& options, DataRequest& data) {
  options.add(
      "--image-size", "HEIGHTxWIDTH", tr("resize pictures; read vectors as grey images"), "",
      [&data](std::string_view text) {
        data.image_size = image_size_from(text);
        return data.image_size ? "" : tr("a size HEIGHTxWIDTH from 1x1 to 4096x4096, as in 28x28");
      });
}

CLI::Option* add_data(OptionList& options, DataRequest& data, const std::string& initial) {
  CLI::Option* source = options.text("--data", "DATA", data.source, data_sources_text(), initial);
  add_image_size(options, data);
  options.footer(data_formats_help());
  return source;
}

void add_split(OptionList& options, SplitName& split) {
  options.choice<SplitName>("--split", split,
                            {{"test", SplitName::test}, {"train", SplitName::train}},
                            tr("which inputs"), "test");
}

void add_seed(OptionList& options, std::uint64_t& seed, const std::string& description) {
  options.number("--seed", seed, kSeed, description, "0");
}

void add_threads(OptionList& options, int& threads) {
  options.number("--threads", threads, kThreads, tr("CPU threads"), "measured");
}

void add_kernels(OptionList& options, std::string& kernels) {
  options.choice<std::string>("--kernels", kernels,
                              {{"auto", ""},
                               {"avx512", "avx512"},
                               {"avx2", "avx2"},
                               {"portable", "portable"},
                               {"library", "library"}},
                              tr("what training computes with: loops for an instruction set, or "
                                 "LibTorch; zscape info lists what this processor has"),
                              tr("auto, the fastest as measured once"));
}

void add_label(OptionList& options, std::optional<int>& label, const std::string& initial) {
  options.number("--label", label, kIndex, tr("the class (cvae)"), initial);
}

void add_out(OptionList& options, std::string& out, const std::string& description) {
  options.text("--out", "FILE", out, description)->required();
}

void add_json(OptionList& options, bool& json) {
  options.flag("--json", json, tr("print one JSON object"));
}

CLI::Option* add_kind(OptionList& options, std::optional<ModelKind>& kind) {
  std::vector<std::pair<std::string_view, ModelKind>> choices;
  for (const KindTraits& each : kinds()) choices.emplace_back(each.name, each.kind);
  return options.choice<ModelKind>("--model", kind, std::move(choices), tr("kind of a new model"),
                                   "vae");
}

CLI::Option* add_noise(OptionList& options, std::optional<Noise>& noise,
                       const std::string& description, const std::string& initial) {
  return options.add(
      "--noise", "gaussian:S|mask:P", description, initial, [&noise](std::string_view text) {
        noise = noise_from(text);
        return noise ? ""
                     : tr("gaussian:S with a deviation S of at least 0, or mask:P with "
                          "a share P from 0 to 1, as in mask:0.25");
      });
}

void add_device(OptionList& options, Device& device) {
  options.choice<Device>(
      "--device", device,
      {{"auto", Device::automatic}, {"cpu", Device::cpu}, {"cuda", Device::cuda}},
      tr("where to train: auto takes an NVIDIA GPU where zscape info finds one"), "auto");
}

}  // namespace zscape
