#include "app/gui/view/inputs/decode_pace.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace zscape {

std::array<double, 8> DecodePace::filled() {
  std::array<double, 8> none;
  none.fill(std::numeric_limits<double>::infinity());
  return none;
}

double DecodePace::picture_ms() const {
  const double best = *std::min_element(recent_.begin(), recent_.end());
  return std::isfinite(best) ? best : 0;
}

int DecodePace::allowance(int least) const {
  const double ms = picture_ms();
  if (!immediate()) return kMostPictures;
  if (ms == 0) return least;  // not known yet: little is risked
  return std::max(least, static_cast<int>(std::min<double>(kBudgetMs / ms, kMostPictures)));
}

void DecodePace::measured(int pictures, double milliseconds) {
  if (pictures <= 0) return;
  recent_[next_] = milliseconds / pictures;
  next_ = (next_ + 1) % recent_.size();
  count_ = std::min(count_ + 1, kFewest);
}

}  // namespace zscape
