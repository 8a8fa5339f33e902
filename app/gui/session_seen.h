#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "app/gui/panels/latent/latent_panel.h"
#include "app/gui/view/latent/sequences.h"
#include "engine/dataset.h"

namespace zscape {

// What a session remembers of colours, of metadata and of sequences, by the names of columns and
// texts: the same data may come back with their columns in another order.
struct SeenOfData {
  std::string color = "label";  // id_of(ColorBy)
  std::string color_name;       // of the factor or the column of metadata

  std::string filter;                     // the column; empty: all inputs are shown
  std::vector<std::string> hidden_texts;  // rising
  bool hides_others = false;              // the texts that share an entry of the legend
  bool hides_missing = false;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::string search;

  std::vector<SequenceRef> sequences;  // that are followed; the active one last
  std::int64_t step = 0;               // of the active one

  bool operator==(const SeenOfData&) const = default;
};

// sequences: null: none are followed.
SeenOfData seen_of(const LatentPanelState& latent, const Dataset* data,
                   const ChosenSequences* sequences);

// Shows it again, without what these data do not have.
void show(const SeenOfData& seen, const Dataset& data, LatentPanelState& latent);
void show(const SeenOfData& seen, ChosenSequences& sequences);

// Only what is not as in a new window. Reading refuses, by an exception of the library, what has
// another form, and takes {} for a new window.
nlohmann::json to_json(const SeenOfData& seen);
SeenOfData seen_from(const nlohmann::json& json);

}  // namespace zscape
