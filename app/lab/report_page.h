#pragma once

#include <string>
#include <vector>

#include "app/lab/report_figure.h"
#include "app/lab/run_times.h"
#include "engine/lab/results.h"

namespace zscape {

struct PageFigure {
  ReportFigure plot;
  std::string name;  // of its files
  std::string svg;   // empty: it was not drawn
};

// The report as one page of HTML that needs no other file, no script and no network. note: a
// sentence shown above the figures; may be empty.
std::string report_page(const LabTable& table, const std::vector<PageFigure>& figures,
                        const RunTimes& times, const std::string& note);

}  // namespace zscape
