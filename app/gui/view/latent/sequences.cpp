#include "app/gui/view/latent/sequences.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/sequences.h"

namespace zscape {
namespace {

constexpr double kPatience = 3;                 // seconds that the engine's answer may take
constexpr double kStepsPerSecond = 12;          // that are played
constexpr double kShortest = 2, kLongest = 20;  // seconds for a sequence

bool holds(const Codes& codes, const std::vector<std::int64_t>& rows, SplitName split) {
  return codes.split == split && *codes.indices == rows;
}

}  // namespace

SequenceRef sequence_of(PointRef input, std::int64_t steps) {
  return {input.split, input.index / std::max<std::int64_t>(steps, 1)};
}

void ChosenSequences::follow(const std::shared_ptr<const Dataset>& data, double now_s) {
  if (data != data_) {
    data_ = data;
    clear();
  }
  if (empty() || !playback_.playing()) return;
  const double seconds =
      std::clamp(static_cast<double>(steps()) / kStepsPerSecond, kShortest, kLongest);
  playback_.advance_over(now_s, seconds);
}

std::int64_t ChosenSequences::count(SplitName split) const {
  return available() ? sequence_count(*data_, split) : 0;
}

void ChosenSequences::choose(PointRef input) {
  choose(sequence_of(input, steps()));
  move_to(input.index % std::max<std::int64_t>(steps(), 1));
}

void ChosenSequences::choose(SequenceRef sequence) {
  if (sequence.number < 0 || sequence.number >= count(sequence.split)) return;
  playback_.pause();
  chosen_ = {sequence};
}

void ChosenSequences::toggle(PointRef input) {
  const SequenceRef sequence = sequence_of(input, steps());
  const auto held = std::ranges::find(chosen_, sequence);
  if (held != chosen_.end()) {
    chosen_.erase(held);
    if (empty()) clear();
    return;
  }
  // The plot shows one split at a time.
  std::erase_if(chosen_, [&](const SequenceRef& other) { return other.split != sequence.split; });
  if (chosen_.size() == kMost) chosen_.erase(chosen_.begin());
  chosen_.push_back(sequence);
  move_to(input.index % std::max<std::int64_t>(steps(), 1));
}

void ChosenSequences::clear() {
  chosen_.clear();
  playback_.rewind();
  beats_pointer_ = false;
}

const SequenceRef* ChosenSequences::active() const {
  return chosen_.empty() ? nullptr : &chosen_.back();
}

std::optional<PointRef> ChosenSequences::shown() const {
  const SequenceRef* sequence = active();
  if (sequence == nullptr) return {};
  return PointRef{sequence->split, sequence->number * steps() + step()};
}

std::int64_t ChosenSequences::step() const {
  const auto last = static_cast<double>(std::max<std::int64_t>(steps() - 1, 0));
  return std::llround(playback_.position() * last);
}

void ChosenSequences::move_to(std::int64_t step) {
  const std::int64_t last = std::max<std::int64_t>(steps() - 1, 1);
  move_along(static_cast<double>(step) / static_cast<double>(last));
}

void ChosenSequences::move_along(double position) {
  playback_.move_to(position);
  beats_pointer_ = true;
}

void ChosenSequences::play() {
  if (empty()) return;
  playback_.play();
  beats_pointer_ = true;
}

std::optional<Encode> SequenceCodes::update(const ChosenSequences& chosen, const ModelView& model,
                                            SplitName split, double now_s) {
  steps_ = chosen.steps();
  std::vector<std::int64_t> numbers;
  for (const SequenceRef& sequence : chosen.chosen()) {
    if (sequence.split == split) numbers.push_back(sequence.number);
  }
  if (numbers.empty()) {
    codes_.reset();
    asked_.clear();
    return {};
  }
  const CodesPtr& plot = codes_shown(model, split);
  const bool has_all = plot && plot->count() == chosen.count(split) * steps_;
  // A moment of the past has no encoder: of some sequences it keeps all steps, of most it does not.
  if (has_all || model.past_decoder || !model.weights) {
    codes_ = plot && plot->split == split ? plot : nullptr;
    asked_.clear();
    return {};
  }
  std::ranges::sort(numbers);
  const std::vector<std::int64_t> rows = steps_of(numbers, steps_);
  const CodesPtr& answer = model.encoded;
  const bool fits = answer && answer->latent == model.spec.latent && holds(*answer, rows, split);
  if (fits) {
    codes_ = answer;
  } else if (codes_ && (codes_->split != split || codes_->latent != model.spec.latent)) {
    codes_.reset();
  }
  if (fits && answer->revision == model.weights->revision()) {
    asked_.clear();
    return {};
  }
  // While a model learns, the next request goes out when the last one is answered.
  const bool is_answered = answer != answer_then_;
  if (asked_ == rows && !is_answered && now_s < asked_s_ + kPatience) return {};
  asked_ = rows;
  answer_then_ = answer;
  asked_s_ = now_s;
  return Encode{{}, split, rows};
}

std::span<const float> SequenceCodes::means(SequenceRef sequence) const {
  if (!codes_ || codes_->split != sequence.split || steps_ == 0) return {};
  const auto first = row_of(*codes_, sequence.number * steps_);
  const auto last = row_of(*codes_, sequence.number * steps_ + steps_ - 1);
  if (!first || !last || *last - *first != static_cast<std::size_t>(steps_ - 1)) return {};
  const auto latent = static_cast<std::size_t>(codes_->latent);
  return std::span(codes_->mean)
      .subspan(*first * latent, static_cast<std::size_t>(steps_) * latent);
}

std::span<const float> SequenceCodes::mean(SequenceRef sequence, std::int64_t step) const {
  const std::span<const float> all = means(sequence);
  if (all.empty()) return {};
  const auto latent = static_cast<std::size_t>(codes_->latent);
  return all.subspan(static_cast<std::size_t>(step) * latent, latent);
}

}  // namespace zscape
