#include "app/gui/view/decode_pace.h"

#include <algorithm>
#include <cmath>

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

int DecodePace::allowance(double now_s, int least) const {
  if (!immediate() && now_s - last_s_ < kSlowPause) return 0;
  const double ms = picture_ms();
  const double bearable = ms > 0 ? kBudgetMs / ms : kMostPictures;
  return std::max(least, static_cast<int>(std::min<double>(bearable, kMostPictures)));
}

void DecodePace::measured(int pictures, double milliseconds, double now_s) {
  if (pictures <= 0) return;
  recent_[next_] = milliseconds / pictures;
  next_ = (next_ + 1) % recent_.size();
  last_s_ = now_s;
}

void DecodePace::forget() {
  *this = {};
}

}  // namespace zscape
