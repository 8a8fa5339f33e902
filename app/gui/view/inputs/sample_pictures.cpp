#include "app/gui/view/inputs/sample_pictures.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

namespace zscape {
namespace {

constexpr double kAnswerPatience = 3;  // seconds; then its model is gone
constexpr double kShare = 10;          // a refresh may take a tenth of the time

}  // namespace

void SamplePictures::forget() {
  slots_.clear();
  revision_ = asked_ = 0;
  shown_codes_.clear();
}

void SamplePictures::show(std::vector<SampleCode> codes, std::uint64_t choice) {
  if (!(shape_ == pictures_.shape())) {  // the sheet has forgotten them
    shape_ = pictures_.shape();
    forget();
  }
  codes_ = std::move(codes);
  choice_ = choice;
  std::set<std::int64_t> wanted;
  for (const SampleCode& code : codes_) wanted.insert(code.tag);
  std::erase_if(slots_, [&](const auto& slot) {
    if (wanted.contains(slot.first)) return false;
    pictures_.release(slot.second);
    return true;
  });
  if (codes_.empty()) {
    shown_codes_.clear();
    due_s_.reset();
  }
}

PictureSlot SamplePictures::of(std::int64_t tag) const {
  const auto found = slots_.find(tag);
  return found == slots_.end() ? kNoPicture : found->second;
}

void SamplePictures::take_over(const DecodedPictures& answer, double now_s) {
  const auto size = static_cast<std::size_t>(pictures_.shape().size());
  asked_ = 0;
  took_s_ = now_s - asked_s_;
  shown_s_ = now_s;
  if (size == 0 || answer.pixels.size() != asked_codes_.size() * size) return;
  std::set<std::int64_t> wanted;
  for (const SampleCode& code : codes_) wanted.insert(code.tag);
  for (std::size_t i = 0; i < asked_codes_.size(); ++i) {
    const std::int64_t tag = asked_codes_[i].tag;
    if (!wanted.contains(tag)) continue;
    PictureSlot& slot = slots_.try_emplace(tag, kNoPicture).first->second;
    pictures_.draw(slot, std::span<const float>(answer.pixels).subspan(i * size, size));
    if (slot == kNoPicture) slots_.erase(tag);  // the sheet is full
  }
  shown_codes_ = std::move(asked_codes_);
  shown_choice_ = asked_choice_;
  revision_ = answer.revision;
}

std::optional<Decode> SamplePictures::update(const DecoderPtr& decoder,
                                             const std::shared_ptr<const DecodedPictures>& answer,
                                             double now_s) {
  if (!(shape_ == pictures_.shape())) {
    shape_ = pictures_.shape();
    forget();
  }
  due_s_.reset();
  if (answer && asked_ != 0 && answer->samples == asked_) take_over(*answer, now_s);
  const bool fits = decoder && decoder->shape() == pictures_.shape() &&
                    std::ranges::all_of(codes_, [&](const SampleCode& code) {
                      return code.z.size() == static_cast<std::size_t>(decoder->latent());
                    });
  is_current_ =
      fits && !codes_.empty() && shown_codes_ == codes_ && revision_ == decoder->revision();
  if (!fits || codes_.empty() || is_current_) return {};
  if (asked_ != 0 && now_s < asked_s_ + kAnswerPatience) {
    due_s_ = asked_s_ + kAnswerPatience;
    return {};
  }
  const bool is_chosen = shown_choice_ != choice_ || revision_ == 0;
  if (const double rest_s = shown_s_ + kShare * took_s_; !is_chosen && now_s < rest_s) {
    due_s_ = rest_s;
    return {};
  }
  Decode request;
  for (const SampleCode& code : codes_) {
    request.z.insert(request.z.end(), code.z.begin(), code.z.end());
    if (decoder->classes() > 0) {
      request.labels.push_back(std::clamp(code.label, 0, decoder->classes() - 1));
    }
  }
  request.decoder = decoder;
  request.samples = asked_ = ++requests_;
  asked_codes_ = codes_;
  asked_choice_ = choice_;
  asked_s_ = now_s;
  due_s_ = now_s + kAnswerPatience;
  return request;
}

}  // namespace zscape
