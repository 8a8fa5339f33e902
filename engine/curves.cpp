#include "engine/curves.h"

namespace zscape {

void Curve::append(const CurvePoint& point) {
  tail_.push_back(point);
  if (tail_.size() == kChunk) {
    full_.push_back(std::make_shared<const std::vector<CurvePoint>>(std::move(tail_)));
    tail_.clear();
    tail_.reserve(kChunk);
  }
}

void Curve::drop_after(std::int64_t step) {
  while (!empty() && back().step > step) {
    if (tail_.empty()) {
      tail_ = *full_.back();
      full_.pop_back();
    }
    tail_.pop_back();
  }
}

void Curve::clear() {
  full_.clear();
  tail_.clear();
}

const CurvePoint& Curve::operator[](std::size_t index) const {
  const std::size_t chunk = index / kChunk;
  return chunk < full_.size() ? (*full_[chunk])[index % kChunk] : tail_[index % kChunk];
}

void Curves::drop_after(std::int64_t step) {
  for (Curve* curve : {&train, &test, &test_sample, &validation}) curve->drop_after(step);
  std::erase_if(gaps, [step](const GapPoint& point) { return point.step > step; });
  std::erase_if(marks, [step](const KlWeightMark& mark) { return mark.step > step; });
  std::erase_if(changes, [step](const SettingsChange& change) { return change.step > step; });
}

}  // namespace zscape
