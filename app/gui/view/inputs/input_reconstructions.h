#pragma once

#include <optional>
#include <span>
#include <vector>

#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"
#include "app/gui/view/paths/film.h"
#include "engine/model_spec.h"

namespace zscape {

// An input with its code, to be decoded.
struct CodedInput {
  PointRef input;
  std::vector<float> z;  // μ, [k]
  int label = 0;         // of a cvae, else ignored
  bool urgent = false;   // to be decoded before pins and paths
};

// The decoder's picture of an input's code z = μ.
struct InputReconstruction {
  CodedInput of;
  SceneImage image;
  // Errors of the displayed picture, once it is drawn.
  std::optional<double> mse;   // per value of what the network sees
  std::optional<double> nats;  // the reconstruction term, where the model's has this unit
  bool is_least = false;       // the picture ends where mse goes on: it is that or more
};

// Compares a reconstruction with its input.
void measure(InputReconstruction& input, const Dataset& data, const ModelSpec& spec,
             std::span<const float> pixels);

// The displayed reconstructions; known ones keep their pictures until decoded again. Lives on the
// window's thread.
class InputReconstructions {
 public:
  // True: some are to be decoded.
  bool show(std::vector<CodedInput> inputs, Pictures& pictures);
  void forget(Pictures& pictures);

  const InputReconstruction* find(PointRef input) const;  // null: not on show
  std::span<InputReconstruction> all() { return all_; }

 private:
  std::vector<InputReconstruction> all_;
};

}  // namespace zscape
