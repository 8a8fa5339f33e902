#pragma once

#include <future>
#include <optional>
#include <string>
#include <utility>

#include "engine/figure_errors.h"
#include "engine/figures.h"
#include "engine/snapshot.h"

namespace zscape {

// The codes whose figures are shown: those in the plot of this split, else of the other; null: none
// yet.
const CodesPtr& codes_for_figures(const ModelView& view, SplitName split);

// Figures of codes, and how far they may be off where these are a sample.
struct ShownFigures {
  Figures figures;
  FigureErrors errors;
  SplitName split = SplitName::test;
};

// What is wrong with the codes, in plain words.
struct CodeWarning {
  std::string text;     // "dimensions without information: 2 of 2"
  std::string detail;   // why, and what would help
  bool serious = true;  // else a remark
};
std::optional<CodeWarning> code_warning(const CodeFigures& figures, const ModelView& view);

// The figures of all codes on show, worked out again only when these change: of many on a thread of
// its own, so that no frame waits. Lives on the window's thread.
class FiguresCache {
 public:
  // Null: none yet. While others are worked out, the former ones of this model stay.
  const ShownFigures* update(const ModelView& view, SplitName split);
  bool take_news() { return std::exchange(news_, false); }  // others than at the last call
  bool busy() const { return future_.valid(); }             // a frame is wanted soon
  void wait() {                                             // until it is not busy; for tests
    if (busy()) take();
  }

 private:
  void take();

  CodesPtr codes_;  // that are worked out, or were
  std::optional<ShownFigures> shown_;
  bool news_ = false;
  std::future<ShownFigures> future_;
};

}  // namespace zscape
