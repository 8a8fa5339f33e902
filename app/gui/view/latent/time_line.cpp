#include "app/gui/view/latent/time_line.h"

#include <algorithm>
#include <utility>

namespace zscape {

void TimeLine::update(std::shared_ptr<const Moments> history, std::int64_t newest_step,
                      double now_s) {
  const bool anew = history->empty() || newest_step < newest_step_ ||
                    (!history_->empty() && history->front() != history_->front());
  history_ = std::move(history);
  newest_step_ = newest_step;
  if (anew) return_to_now();
  if (!played_at_s_) return;
  playing_ += (now_s - std::exchange(*played_at_s_, now_s)) / kPlaySeconds;
  if (playing_ >= 1) {
    return_to_now();
  } else {
    shown_ = (*history_)[nearest_moment(*history_, playing_ * static_cast<double>(newest_step_))];
  }
}

double TimeLine::position() const {
  if (playing()) return playing_;
  if (!shown_ || newest_step_ == 0) return 1;
  return std::min(static_cast<double>(shown_->position.step) / static_cast<double>(newest_step_),
                  1.0);
}

void TimeLine::show(double position) {
  if (position >= 1 || history_->empty()) {
    return_to_now();
    return;
  }
  show((*history_)[nearest_moment(*history_, position * static_cast<double>(newest_step_))]);
}

void TimeLine::show(MomentPtr moment) {
  stop();
  shown_ = std::move(moment);
}

void TimeLine::return_to_now() {
  stop();
  shown_ = nullptr;
}

void TimeLine::play(double now_s) {
  if (history_->empty()) return;
  playing_ = shown_ ? position() : 0;
  played_at_s_ = now_s;
}

SnapshotPtr snapshot_at(const Snapshot& now, ModelId model, const Moment& moment) {
  auto then = std::make_shared<Snapshot>(now);
  for (ModelView& view : then->models) {
    if (view.id != model) continue;
    view.position = moment.position;
    view.settings.kl_weight = moment.kl_weight;
    view.weights = nullptr;
    view.past_decoder = moment.decoder;
    view.train_sample = moment.train_sample;
    view.test_sample = moment.test_sample;
    view.train_codes = nullptr;
    view.test_codes = nullptr;
    view.errors = nullptr;
  }
  return then;
}

}  // namespace zscape
