#include "app/gui/panels/inputs/data_facts_panel.h"

#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {

void draw_data_facts_panel(const Snapshot& snapshot, const PanelFrame& frame) {
  begin_panel(tr("Data"), frame);
  if (const auto& data = snapshot.data) {
    const Theme& theme = frame.theme;
    small_text(theme, data->source.c_str(), color::kText);
    const std::string counts = tr("{} for training, {} for testing",
                                  format_count(data->train.count), format_count(data->test.count));
    small_text(theme, counts.c_str());
    frame.widgets.note("data_facts");
  }
  end_panel();
}

}  // namespace zscape
