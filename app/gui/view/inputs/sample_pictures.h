#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "app/gui/view/inputs/pictures.h"
#include "engine/command.h"
#include "engine/decoder.h"
#include "engine/snapshot.h"

namespace zscape {

// A code to be decoded. tag: by which its picture is found again.
struct SampleCode {
  std::int64_t tag = 0;
  std::vector<float> z;  // [k]
  int label = 0;         // of cvae, else ignored
  bool operator==(const SampleCode&) const = default;
};

// The decoded pictures of the codes that a panel lists: made by the interactive lane, all at once,
// so that no frame waits. What a person changed is asked for at once; what only training moved on,
// for a tenth of the time at most. Until an answer comes a tag keeps its last picture. Lives on the
// window's thread.
class SamplePictures {
 public:
  // The pictures go into this store.
  explicit SamplePictures(Pictures& pictures) : pictures_(pictures) {}
  SamplePictures(const SamplePictures&) = delete;
  SamplePictures& operator=(const SamplePictures&) = delete;

  // What is to be seen from now on; others give up their pictures. choice: differs whenever a
  // person has changed something, such as the input in hand.
  void show(std::vector<SampleCode> codes, std::uint64_t choice);

  // Once a frame. answer: the newest (null: none). Returns what to post; its ModelId is the
  // caller's to set.
  std::optional<Decode> update(const DecoderPtr& decoder,
                               const std::shared_ptr<const DecodedPictures>& answer, double now_s);

  const std::vector<SampleCode>& codes() const { return codes_; }
  PictureSlot of(std::int64_t tag) const;  // kNoPicture: none yet
  // Whether every picture is of these codes and of the decoder's weights.
  bool is_current() const { return is_current_; }
  std::uint64_t revision() const { return revision_; }  // of the weights behind the pictures
  // When a frame is wanted although nothing happens; nothing: no such time.
  std::optional<double> due_s() const { return due_s_; }

 private:
  void forget();
  void take_over(const DecodedPictures& answer, double now_s);

  Pictures& pictures_;
  ImageShape shape_;
  std::vector<SampleCode> codes_;
  std::uint64_t choice_ = 0;
  std::map<std::int64_t, PictureSlot> slots_;

  std::vector<SampleCode> asked_codes_;
  std::uint64_t asked_choice_ = 0;
  std::uint64_t requests_ = 0;  // made so far
  std::uint64_t asked_ = 0;     // the number of the one under way; 0: none
  double asked_s_ = 0;
  std::vector<SampleCode> shown_codes_;  // what the pictures are of …
  std::uint64_t shown_choice_ = 0;
  std::uint64_t revision_ = 0;  // … and of which weights; 0: nothing yet
  double took_s_ = 0, shown_s_ = 0;
  bool is_current_ = false;
  std::optional<double> due_s_;
};

}  // namespace zscape
