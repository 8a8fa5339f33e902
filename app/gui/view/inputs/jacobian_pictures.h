#pragma once

#include <imgui.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/gui/view/inputs/pictures.h"
#include "app/gui/view/latent/points.h"
#include "engine/command.h"
#include "engine/input_jacobian.h"
#include "engine/snapshot.h"

namespace zscape {

// The colours of a picture with signs: from 0 to the largest value in size of either sign.
struct SignedColors {
  ImU32 zero = 0, positive = 0, negative = 0;
  bool operator==(const SignedColors&) const = default;
};
// share: of the largest value, in [−1, 1].
ImU32 signed_color(const SignedColors& colors, float share);

// ∂x̂/∂x of the input in hand and its mean over inputs: asks the engine for them, and draws both as
// pictures side by side into one small sheet. What training moved on is asked for again for a tenth
// of the time at most. Lives on the window's thread; uses no OpenGL.
class JacobianPictures {
 public:
  // Why there is no mean for this model; empty: there is.
  static std::string why_no_mean(const ModelSpec& spec);

  // Once a frame while it is to be seen. Returns what to post.
  std::vector<MeasureJacobian> update(const ModelView& view, const std::optional<PointRef>& input,
                                      double now_s);
  // Of the input in hand, and the mean; null: not measured yet. Those of older weights stay until
  // newer ones come.
  const InputJacobianPtr& one() const { return shown_[0]; }
  const InputJacobianPtr& mean() const { return shown_[1]; }
  void hide() { due_s_.reset(); }                         // in frames where it is not to be seen
  std::optional<double> due_s() const { return due_s_; }  // when a frame is wanted; nothing: not

  // Draws them into the sheet, `side` pixels each, where something has changed.
  void draw(int side, const SignedColors& colors);

  // The row of an output of the input in hand, as a picture of the inputs: what this output listens
  // to. Without an output, of that which listens most. kNoPicture: there is none.
  PictureSlot draw_row(Pictures& pictures, std::optional<int> output, const SignedColors& colors);
  int row_output() const { return row_output_; }  // whose row was drawn

  // For the renderer: [side, 2 · side, 4] bytes. Another generation: upload it.
  std::span<const std::uint8_t> sheet() const { return sheet_; }
  int width() const { return 2 * side_; }
  int height() const { return side_; }
  std::uint64_t generation() const { return generation_; }
  std::uintptr_t texture = 0;  // the renderer's name for it; 0 without one

 private:
  struct Asked {
    bool waits = false;
    double s = 0, answered_s = 0, took_s = 0;
    InputJacobianPtr before;  // the answer that was there
  };
  bool is_due(Asked& asked, const InputJacobianPtr& answer, bool is_chosen, double patience,
              double now_s);

  std::array<Asked, 2> asked_;
  std::optional<PointRef> asked_input_;
  std::array<InputJacobianPtr, 2> shown_;
  std::optional<double> due_s_;

  std::array<InputJacobianPtr, 2> drawn_;
  SignedColors colors_;
  int side_ = 0;
  std::vector<std::uint8_t> sheet_;
  std::uint64_t generation_ = 0;

  PictureSlot row_ = kNoPicture;
  ImageShape row_shape_;
  InputJacobianPtr row_of_;
  SignedColors row_colors_;
  int row_output_ = -1;
};

}  // namespace zscape
