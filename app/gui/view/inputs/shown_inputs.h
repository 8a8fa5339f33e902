#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "app/gui/view/latent/metadata_matches.h"
#include "app/gui/view/latent/points.h"

namespace zscape {

// Calls use(i, input) for each of these rows of a split that the legend and the filter of metadata
// show.
template <class Use>
void for_each_shown(const Dataset& data, SplitName name, const std::vector<std::int64_t>& rows,
                    const HiddenLabels& hidden, const MetadataFilter& filter, const Use& use) {
  const Split& split = data.split(name);
  const std::vector<std::uint8_t> shown = rows_shown(split, filter);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int64_t row = rows[i];
    if (row >= split.count) continue;  // of other data
    if (!shown.empty() && shown[static_cast<std::size_t>(row)] == 0) continue;
    const int label = split.label(row);
    if (label >= 0 && hidden[static_cast<std::size_t>(std::min(label, kMaxLabels - 1))]) continue;
    use(i, PointRef{name, row});
  }
}

}  // namespace zscape
