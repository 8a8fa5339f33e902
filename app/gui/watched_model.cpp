#include "app/gui/watched_model.h"

#include <utility>

#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {

Expected<void> WatchedModel::begin(const std::string& folder, SaidOfModel said,
                                   std::function<void()> wake) {
  auto watch = FolderWatch::begin(folder, std::move(wake));
  if (!watch) return tl::unexpected(watch.error());
  watch_ = *std::move(watch);
  said_ = std::move(said);
  return {};
}

WatchedModel::News WatchedModel::follow(const Snapshot& snapshot) {
  News news;
  const ModelView* model = snapshot.find(kFirstModel);
  if (!watch_ || model == nullptr) return news;
  if (opening_ && model->saved.number != saves_then_) {
    if (model->saved.is_done && model->saved.path == *opening_) news.shown = *opening_;
    opening_.reset();
  }
  if (auto found = watch_->take()) newest_ = std::move(found);
  if (!newest_) return news;
  // Nobody's training is given up for a file.
  if (model->state == RunState::running || model->position.step > model->saved.step) {
    if (!std::exchange(has_refused_, true)) {
      news.refused = tr(
          "{} has changed; it is not opened over what this model learns here: open it, and it is "
          "followed again",
          *newest_);
    }
    return news;
  }
  has_refused_ = false;
  opening_ = newest_;
  saves_then_ = model->saved.number;
  news.open = OpenModel{kFirstModel, *std::exchange(newest_, std::nullopt), said_};
  return news;
}

}  // namespace zscape
