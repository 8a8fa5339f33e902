#include "app/gui/view/latent/evidence_view.h"

#include <algorithm>

namespace zscape {
namespace {

// After so many seconds without an answer another request is made: its run may be gone.
constexpr double kAnswerPatience = 3;
// While the model trains, the lens rests so many times as long as a look took.
constexpr double kRest = 12;

std::optional<EvidenceView::Subject> subject_of(const EvidenceView::Hand& hand) {
  if (hand.pointed) return EvidenceView::Subject{hand.pointed, 0, 0};
  if (hand.drawing) return EvidenceView::Subject{{}, hand.drawing->version(), hand.label};
  if (hand.input) return EvidenceView::Subject{hand.input, 0, 0};
  return {};
}

}  // namespace

void EvidenceView::clear() {
  subject_.reset();
  asked_ = 0;
  found_ = nullptr;
  look_ms_ = 0;
  wake_s_ = 0;
}

void EvidenceView::follow(const ModelView& view, const std::shared_ptr<const Dataset>& data,
                          bool is_on, double now_s) {
  if (data_ != data || serial_ != view.serial) clear();
  data_ = data;
  serial_ = view.serial;
  is_on_ = is_on && data && view.weights;  // the past has no encoder
  if (!is_on_) clear();
  if (asked_ == 0 || !view.evidence || view.evidence->request != asked_) return;
  // The first look through newer weights takes longer; the engine counts that in settled_ms.
  const bool is_first = found_ && found_->revision != view.evidence->revision;
  if (!is_first || look_ms_ == 0) look_ms_ = view.evidence->milliseconds;
  found_ = view.evidence;
  found_subject_ = asked_subject_;
  found_s_ = now_s;
  asked_ = 0;
}

std::optional<FindEvidence> EvidenceView::ask(const ModelView& view, const Hand& hand,
                                              double now_s) {
  wake_s_ = 0;
  if (!is_on_ || !view.weights) return {};
  if (auto subject = subject_of(hand)) {
    subject_ = subject;
  } else if (subject_ && !subject_->input) {  // the drawing was wiped or closed
    clear();
  }
  if (!subject_) return {};
  if (asked_ != 0 && now_s < asked_s_ + kAnswerPatience) return {};
  if (found_ && found_subject_ == *subject_) {
    if (found_->revision == view.weights->revision()) return {};
  }
  if (found_ && view.state == RunState::running) {
    const double rest_ms = kRest * std::min(look_ms_, found_->milliseconds);
    const bool is_same = found_subject_ == *subject_;
    const double due_s =
        found_s_ + (is_same ? std::max(found_->settled_ms, rest_ms) : rest_ms) / 1000;
    if (now_s < due_s) {
      wake_s_ = due_s;
      return {};
    }
  }
  FindEvidence request;
  if (subject_->input) {
    request.data = data_;
    request.split = subject_->input->split;
    request.index = subject_->input->index;
  } else {
    request.data = hand.drawing->as_data(hand.label);
    request.split = SplitName::test;
  }
  if (request.index >= request.data->split(request.split).count) return {};
  request.number = asked_ = ++numbers_;
  asked_subject_ = *subject_;
  asked_s_ = now_s;
  return request;
}

}  // namespace zscape
