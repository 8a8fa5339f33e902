#pragma once

#include <optional>
#include <string>

#include "engine/figures.h"
#include "engine/snapshot.h"

namespace zscape {

// The codes whose figures are shown: the test sample, else the training sample; null: none yet.
const CodesPtr& codes_for_figures(const ModelView& view);

// What is wrong with the codes, in plain words.
struct CodeWarning {
  std::string text;     // "dimensions without information: 2 of 2"
  std::string detail;   // why, and what would help
  bool serious = true;  // else a remark
};
std::optional<CodeWarning> code_warning(const CodeFigures& figures, const ModelView& view);

// The figures of the codes on show, worked out again only when these change.
class FiguresCache {
 public:
  const Figures* update(const ModelView& view);  // null: no codes yet

 private:
  CodesPtr codes_;
  Figures figures_;
};

}  // namespace zscape
