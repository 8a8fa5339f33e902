#include "app/gui/view/inputs/input_reconstructions.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace zscape {
namespace {

// Pictures of standardised numbers end at three deviations: an output that lies there is that far
// from its input or farther.
void measure_standardised(InputReconstruction& input, const Dataset& data,
                          std::span<const float> pixels) {
  const Split& rows = data.split(input.of.input.split);
  const std::size_t at = rows.first(input.of.input.index, pixels.size());
  const std::vector<float> centre = centres(*data.scaling, rows);
  const double deviations = 1 / (2 * (shown_value(1) - 0.5));
  double squares = 0;
  std::size_t scored = 0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (data.scaling->is_constant(i)) continue;
    ++scored;
    const double target = (rows.values[at + i] - centre[i]) / data.scaling->deviation[i];
    double off = (2 * pixels[i] - 1) * deviations - target;
    if (pixels[i] <= 0 || pixels[i] >= 1) {
      input.is_least = true;
      off = std::max(pixels[i] <= 0 ? target + deviations : deviations - target, 0.0);
    }
    squares += off * off;
  }
  input.mse = squares / static_cast<double>(scored);
}

}  // namespace

void measure(InputReconstruction& input, const Dataset& data, const ModelSpec& spec,
             std::span<const float> pixels) {
  const std::vector<float> target = data.picture(input.of.input.split, input.of.input.index);
  input.mse.reset();
  input.nats.reset();
  input.is_least = false;
  if (target.size() != pixels.size() || target.empty()) return;
  if (data.scaling) {
    measure_standardised(input, data, pixels);
    return;
  }
  const auto size = static_cast<double>(target.size());
  double squares = 0, cross_entropy = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const double x = target[i], p = std::clamp<double>(pixels[i], 1e-7, 1 - 1e-7);
    squares += (pixels[i] - x) * (pixels[i] - x);
    cross_entropy -= x * std::log(p) + (1 - x) * std::log1p(-p);
  }
  input.mse = squares / size;
  // docs/DESIGN.md defines these on the network's input, which pictures equal only without
  // binarising; and a learned s is not known here.
  if (spec.binarise != Binarise::none) return;
  if (spec.likelihood == Likelihood::bernoulli) input.nats = cross_entropy;
  if (spec.likelihood == Likelihood::gaussian && !spec.learned_sigma) {
    const double variance = spec.sigma * spec.sigma;
    input.nats = squares / (2 * variance) + size / 2 * std::log(2 * std::numbers::pi * variance);
  }
}

bool InputReconstructions::show(std::vector<CodedInput> inputs, Pictures& pictures) {
  std::vector<InputReconstruction> all;
  bool stale = false;
  for (CodedInput& input : inputs) {
    const auto same = [&input](const InputReconstruction& other) {
      return other.of.input == input.input;
    };
    if (std::ranges::any_of(all, same)) continue;  // asked for twice: the first is more urgent
    InputReconstruction made;
    const auto known = std::ranges::find_if(all_, same);
    if (known != all_.end()) {
      made = std::move(*known);
      known->image.slot = kNoPicture;
    }
    if (made.of.z != input.z || made.of.label != input.label) {
      made.image.revision.reset();
      stale = true;
    }
    made.of = std::move(input);
    all.push_back(std::move(made));
  }
  for (const InputReconstruction& gone : all_) pictures.release(gone.image.slot);
  all_ = std::move(all);
  return stale;
}

void InputReconstructions::forget(Pictures& pictures) {
  for (const InputReconstruction& gone : all_) pictures.release(gone.image.slot);
  all_.clear();
}

const InputReconstruction* InputReconstructions::find(PointRef input) const {
  const auto found = std::ranges::find_if(
      all_, [input](const InputReconstruction& other) { return other.of.input == input; });
  return found == all_.end() ? nullptr : &*found;
}

}  // namespace zscape
