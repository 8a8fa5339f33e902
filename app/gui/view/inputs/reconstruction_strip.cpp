#include "app/gui/view/inputs/reconstruction_strip.h"

namespace zscape {
namespace {

constexpr double kPatience = 3;  // seconds that an answer may take
constexpr double kPaceS = 0.2;   // between two questions while training

double own_amount(const ModelSpec& spec) {
  return spec.hides_patches() ? spec.mask_ratio : spec.noise.amount;
}

}  // namespace

std::optional<Reconstruct> ReconstructionStrip::update(const ModelView& view,
                                                       std::optional<PointRef> input,
                                                       Pictures& pictures, double now_s) {
  if (!(view.spec == spec_)) {
    spec_ = view.spec;
    amount = own_amount(spec_);
    waiting_ = false;
    forget(pictures);
  }
  if (!(pictures.shape() == shape_)) {  // the sheet has forgotten the slots of another shape
    shape_ = pictures.shape();
    for (PictureSlot& slot : slots_) slot = kNoPicture;
    answer_ = nullptr;
  }
  if (view.reconstructed && view.reconstructed != answer_) {
    answer_ = view.reconstructed;
    waiting_ = false;
    take_over(pictures);
  }
  if (!input || !view.weights) return std::nullopt;
  const Reconstruct wanted{view.id, input->split, input->index, amount, seed};
  if (answer_ && answer_->asked == wanted && answer_->revision == view.weights->revision()) {
    return std::nullopt;
  }
  const double since = now_s - asked_s_;
  if (waiting_ && since < kPatience) return std::nullopt;
  if (view.state == RunState::running && since < kPaceS) return std::nullopt;
  waiting_ = true;
  asked_s_ = now_s;
  return wanted;
}

void ReconstructionStrip::take_over(Pictures& pictures) {
  const auto size = static_cast<std::size_t>(pictures.shape().size());
  if (answer_->clean.size() != size || answer_->seen.size() != size ||
      answer_->output.size() != size) {
    return;
  }
  pictures.draw(slots_[0], answer_->clean);
  pictures.draw(slots_[1], answer_->seen);
  pictures.draw(slots_[2], answer_->output);
}

void ReconstructionStrip::forget(Pictures& pictures) {
  for (PictureSlot& slot : slots_) {
    if (pictures.shape() == shape_) pictures.release(slot);
    slot = kNoPicture;
  }
  answer_ = nullptr;
}

}  // namespace zscape
