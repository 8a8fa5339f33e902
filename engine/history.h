#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/codes.h"
#include "engine/decoder.h"
#include "engine/trainer.h"

namespace zscape {

// The memory of the pasts of open runs and of the runs that are put away, if nobody chooses; each
// kind a half of it.
inline constexpr std::size_t kStoreBytes = std::size_t{384} << 20;

// A model at one moment of its training, small enough to keep many. Immutable.
struct Moment {
  TrainingPosition position;
  double kl_weight = 1;            // λ of the next step
  Losses training = kNotMeasured;  // the newest point of the training curve
  DecoderPtr decoder;              // of that moment's weights; never null
  CodesPtr train_sample;           // made by the same weights
  CodesPtr test_sample;

  std::size_t bytes() const;  // of memory, about
};
using MomentPtr = std::shared_ptr<const Moment>;
using Moments = std::vector<MomentPtr>;  // rising steps

// The past of one run within a memory budget: all of the newest moments, fewer of the older ones,
// and always the first. Used by one thread; what moments() returned never changes.
class History {
 public:
  static constexpr std::size_t kBytes = kStoreBytes / 2;
  static constexpr std::size_t kMoments = 2000;

  explicit History(std::size_t most_bytes = kBytes, std::size_t most_moments = kMoments)
      : most_bytes_(most_bytes), most_moments_(most_moments) {}

  // Drops moments of the same and later steps first.
  void add(MomentPtr moment);
  void drop_after(std::int64_t step);
  void set_most_bytes(std::size_t most_bytes);  // thins at once where there is more
  void clear();
  void restore(std::shared_ptr<const Moments> moments);  // not null

  std::shared_ptr<const Moments> moments() const { return moments_; }  // never null
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t most_bytes_;
  std::size_t most_moments_;
  std::shared_ptr<const Moments> moments_ = std::make_shared<const Moments>();
  std::size_t bytes_ = 0;
};

std::size_t bytes_of(const Moments& moments);

// The same moments, or fewer of them that take no more; the first and the last always stay.
std::shared_ptr<const Moments> thinned(std::shared_ptr<const Moments> moments,
                                       std::size_t most_bytes);

// The moment whose step is nearest; moments must not be empty.
std::size_t nearest_moment(const Moments& moments, double step);

}  // namespace zscape
