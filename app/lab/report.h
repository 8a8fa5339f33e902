#pragma once

#include <string>
#include <vector>

#include "engine/error.h"
#include "engine/lab/results.h"

namespace zscape {

// What write_report has written, in the folder `report` of the results folder.
struct ReportFiles {
  std::string page;                 // report.html: all of it in one file, figures included
  std::vector<std::string> others;  // runs.csv, and figure-N.gp, .csv and .svg of each plot
  std::string note;                 // why figures are missing, and how to get them; may be empty
};

// Writes a lab's report into its results folder, also while it runs. The page says the verdicts,
// figures and tables, how they were measured, and how to repeat it. Figures take gnuplot; without
// it the page has tables alone. Each file is written whole or not at all, the page last; figures of
// an earlier report are removed. The same results give the same bytes.
Expected<ReportFiles> write_report(const LabTable& table, const std::string& folder);

}  // namespace zscape
