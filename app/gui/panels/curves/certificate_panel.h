#pragma once

#include <string>
#include <vector>

#include "app/gui/panels/frame/lower_tabs.h"
#include "app/gui/view/frame/theme.h"
#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

struct CertificatePanelState {
  CsvExportState csv{{}, "log-likelihood.csv"};
};

// Draws how well log p(x) of the test inputs is known: each estimate over its effort as it grows,
// the exact value where there is one, and both bounds on inputs drawn from the model; with the
// verdict in a sentence. Returns what the person asked for.
std::vector<Command> draw_certificate_panel(const Snapshot& snapshot, ModelId model,
                                            CertificatePanelState& state, LowerTab& tab,
                                            const PanelFrame& frame);

// Why a model has no log p(x) to estimate; empty: it has one.
std::string why_no_certificate(const ModelView& view);

}  // namespace zscape
