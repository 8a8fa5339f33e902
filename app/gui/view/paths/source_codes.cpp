#include "app/gui/view/paths/source_codes.h"

#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace zscape {
namespace {

std::vector<float> code_of(const Codes& codes, std::size_t row) {
  const auto latent = static_cast<std::size_t>(codes.latent);
  const auto mean = std::span(codes.mean).subspan(row * latent, latent);
  return {mean.begin(), mean.end()};
}

// None at a moment of the past, which has no encoder, or where encoding fails.
std::optional<std::vector<float>> encode_one(const ModelView& model, const Dataset& data,
                                             PointRef input) {
  if (!model.weights || model.weights->spec() != model.spec) return {};
  const auto alone = std::make_shared<const std::vector<std::int64_t>>(1, input.index);
  try {
    const auto codes = model.weights->encode(data, input.split, alone);
    if (codes) return std::vector<float>(codes->mean.begin(), codes->mean.end());
  } catch (const std::exception&) {  // the decoder's failure is told; this place just stays
  }
  return {};
}

}  // namespace

std::vector<SourceCode> SourceCodes::update(const std::vector<PointRef>& inputs,
                                            const ModelView& model, const Dataset& data) {
  const CodesPtr& train = codes_shown(model, SplitName::train);
  const CodesPtr& test = codes_shown(model, SplitName::test);
  if (inputs == inputs_ && train == train_ && test == test_) return {};
  inputs_ = inputs;
  train_ = train;
  test_ = test;
  missing_.clear();
  std::vector<SourceCode> codes;
  for (const PointRef input : inputs) {
    const CodesPtr& shown = input.split == SplitName::train ? train : test;
    if (const auto row = shown ? row_of(*shown, input.index) : std::nullopt) {
      codes.push_back({input, code_of(*shown, *row)});
    } else if (auto encoded = encode_one(model, data, input)) {
      codes.push_back({input, std::move(*encoded)});
    } else {
      missing_.push_back(input);
    }
  }
  return codes;
}

}  // namespace zscape
