#pragma once

#include <array>
#include <optional>
#include <string>

#include "app/gui/panels/frame/widgets.h"
#include "app/gui/view/frame/theme.h"
#include "engine/snapshot.h"
#include "engine/text.h"

namespace zscape {

// The panels that the place below the latent view can show.
enum class LowerTab {
  curves,
  rate,
  figures,
  certificate,
  selection,
  worst,
  gaps,
  neighbours,
  samples,
  runs
};

struct LowerTabEntry {
  LowerTab tab;
  const char* name;
  const char* widget;
  const char* help;
};
inline constexpr std::array kLowerTabs = {
    LowerTabEntry{LowerTab::curves, tr("Curves"), "tab_curves",
                  tr("Loss, reconstruction and KL over the steps.")},
    LowerTabEntry{LowerTab::rate, tr("Rate"), "tab_rate",
                  tr("Distortion over rate: each λ that the run has visited leaves a dot.")},
    LowerTabEntry{
        LowerTab::figures, tr("Figures"), "tab_figures",
        tr("The codes as they are now: KL and σ of each dimension and the active units. For "
           "dae and mae, also how the model restores a corrupted input.")},
    LowerTabEntry{
        LowerTab::certificate, tr("log p(x)"), "tab_certificate",
        tr("How well log p(x) of the test inputs is known: estimates that grow with their "
           "effort, and what holds them.")},
    LowerTabEntry{LowerTab::selection, tr("Selection"), "tab_selection",
                  tr("The inputs selected in the latent view: their images, mean and labels.")},
    LowerTabEntry{LowerTab::worst, tr("Worst"), "tab_worst",
                  tr("The inputs with the largest reconstruction error. Click one to fly to it.")},
    LowerTabEntry{LowerTab::gaps, tr("Gaps"), "tab_gaps",
                  tr("What the ELBO lacks of log p(x): what the encoder loses, and what a Gaussian "
                     "cannot reach. Click an input to fly to it.")},
    LowerTabEntry{
        LowerTab::neighbours, tr("Neighbours"), "tab_neighbours",
        tr("The inputs nearest to the one in hand, by their numbers and by their codes.")},
    LowerTabEntry{
        LowerTab::samples, tr("Samples"), "tab_samples",
        tr("Draws from the prior and from one input's posterior, what each latent dimension does, "
           "and how a reconstruction answers to its input (key G).")},
    LowerTabEntry{LowerTab::runs, tr("Runs"), "tab_runs",
                  tr("Runs that another took the place of. Click one to go back to it.")},
};

// The tabs in place of the panel's title; Runs only where there are some, Rate once λ was changed
// or its forecast looked for, Neighbours once an input was pinned or where codes came without a
// model, Samples once an input was pinned or by its key, log p(x) and Gaps once they were asked
// for. figures_warn: a dot at Figures tells of a warning there.
void draw_lower_tabs(const Snapshot& snapshot, LowerTab& tab, bool figures_warn,
                     const PanelFrame& frame);

// The room below the tabs.
Rect below_tabs(const PanelFrame& frame);

// The switch beside the tabs that writes a CSV file. Its popup asks for the file's name.
struct CsvExport {
  const char* what;    // of the widgets: export_…, …_path, write_…
  const char* help;    // of the switch
  const char* prompt;  // above the file's name
  std::string why_not;
};
struct CsvExportState {
  FieldEdit path_edit;
  std::string path;
};
// Draws it with its right end there and moves `right` to its left end. Returns the file to write.
std::optional<std::string> draw_csv_export(const CsvExport& csv, CsvExportState& state,
                                           float& right, const PanelFrame& frame);

}  // namespace zscape
