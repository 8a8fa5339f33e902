#pragma once

#include <string_view>

namespace zscape {

// The style sheet of a lab's report: light and dark, for screens of any width and for paper. It
// names no file, so that the page stands alone.
extern const std::string_view kReportStyle;

}  // namespace zscape
