#include "app/gui/session_seen.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "app/gui/marks_json.h"
#include "app/gui/view/latent/coloring.h"
#include "app/gui/view/latent/metadata_matches.h"
#include "engine/json_text.h"

namespace zscape {
namespace {

using Json = nlohmann::json;

constexpr ColorBy kColors[] = {
    ColorBy::label,  ColorBy::nearest_centroid, ColorBy::reconstruction_error,
    ColorBy::kl,     ColorBy::amortisation_gap, ColorBy::approximation_gap,
    ColorBy::factor, ColorBy::metadata};

// Texts that have an entry of their own in the legend come before these.
constexpr std::size_t kOwnEntries = kMaxLabels - 2;

std::string name_at(std::span<const std::string> names, int place) {
  return place >= 0 && place < std::ssize(names) ? names[static_cast<std::size_t>(place)]
                                                 : std::string();
}

std::string column_name(const Dataset& data, int column) {
  const auto& columns = data.train.metadata;
  return column >= 0 && column < std::ssize(columns)
             ? columns[static_cast<std::size_t>(column)].name
             : std::string();
}

int column_named(const Dataset& data, const std::string& name) {
  const auto& columns = data.train.metadata;
  const auto found = std::ranges::find(columns, name, &MetadataColumn::name);
  return found == columns.end() || name.empty() ? -1 : static_cast<int>(found - columns.begin());
}

std::optional<ColorChoice> color_of(const SeenOfData& seen, const Dataset& data) {
  const auto by = std::ranges::find(kColors, seen.color, [](ColorBy each) { return id_of(each); });
  if (by == std::end(kColors)) return std::nullopt;
  ColorChoice choice{*by};
  if (*by == ColorBy::metadata) {
    choice.factor = column_named(data, seen.color_name);
    if (choice.factor < 0) return std::nullopt;
  }
  if (*by == ColorBy::factor) {
    const auto found = std::ranges::find(data.factor_names, seen.color_name);
    if (found == data.factor_names.end()) return std::nullopt;
    choice.factor = static_cast<int>(found - data.factor_names.begin());
  }
  return choice;
}

std::optional<MetadataFilter> filter_of(const SeenOfData& seen, const Dataset& data) {
  MetadataFilter filter;
  filter.column = column_named(data, seen.filter);
  if (filter.column < 0) return std::nullopt;
  filter.low = seen.low;
  filter.high = seen.high;
  const MetadataColumn& column = data.train.metadata[static_cast<std::size_t>(filter.column)];
  if (!column.is_text()) return filter;
  for (std::size_t place = 0; place < std::min(column.texts->size(), kOwnEntries); ++place) {
    filter.hidden[place] = std::ranges::binary_search(seen.hidden_texts, (*column.texts)[place]);
  }
  if (column.texts->size() > kOwnEntries) filter.hidden[kOwnEntries] = seen.hides_others;
  filter.hidden[missing_entry(column)] = seen.hides_missing;
  return filter;
}

}  // namespace

SeenOfData seen_of(const LatentPanelState& latent, const Dataset* data,
                   const ChosenSequences* sequences) {
  SeenOfData seen;
  seen.color = id_of(latent.color_by.by);
  if (sequences != nullptr && !sequences->empty()) {
    seen.sequences.assign(sequences->chosen().begin(), sequences->chosen().end());
    seen.step = sequences->step();
  }
  if (data == nullptr) return seen;
  if (latent.color_by.by == ColorBy::factor) {
    seen.color_name = name_at(data->factor_names, latent.color_by.factor);
  } else if (latent.color_by.by == ColorBy::metadata) {
    seen.color_name = column_name(*data, latent.color_by.factor);
  }
  if (latent.metadata.data != data) return seen;  // of other data
  seen.search = latent.metadata.search;
  const MetadataFilter& filter = latent.metadata.filter;
  seen.filter = column_name(*data, filter.column);
  if (seen.filter.empty()) return seen;
  const MetadataColumn& column = data->train.metadata[static_cast<std::size_t>(filter.column)];
  if (!column.is_text()) {
    seen.low = filter.low;
    seen.high = filter.high;
    return seen;
  }
  for (std::size_t place = 0; place < std::min(column.texts->size(), kOwnEntries); ++place) {
    if (filter.hidden[place]) seen.hidden_texts.push_back((*column.texts)[place]);
  }
  std::ranges::sort(seen.hidden_texts);
  seen.hides_others = column.texts->size() > kOwnEntries && filter.hidden[kOwnEntries];
  seen.hides_missing = filter.hidden[missing_entry(column)];
  return seen;
}

void show(const SeenOfData& seen, const Dataset& data, LatentPanelState& latent) {
  latent.color_by = color_of(seen, data).value_or(ColorChoice{});
  latent.metadata = {};
  latent.metadata.data = &data;
  latent.metadata.filter = filter_of(seen, data).value_or(MetadataFilter{});
  if (!data.train.metadata.empty()) latent.metadata.search = seen.search;
}

void show(const SeenOfData& seen, ChosenSequences& sequences) {
  sequences.clear();
  for (const SequenceRef& sequence : seen.sequences) {
    if (sequence.number < 0 || sequence.number >= sequences.count(sequence.split)) continue;
    sequences.toggle(PointRef{sequence.split, sequence.number * sequences.steps()});
  }
  if (!sequences.empty())
    sequences.move_to(std::clamp<std::int64_t>(seen.step, 0, sequences.steps() - 1));
}

Json to_json(const SeenOfData& seen) {
  Json json = Json::object();
  if (seen.color != "label") json["color"] = Json{{"by", seen.color}, {"name", seen.color_name}};
  if (!seen.filter.empty()) {
    Json filter{{"column", seen.filter}};
    if (!seen.hidden_texts.empty()) filter["hidden"] = seen.hidden_texts;
    if (seen.hides_others) filter["hides_others"] = true;
    if (seen.hides_missing) filter["hides_missing"] = true;
    if (std::isfinite(seen.low)) filter["low"] = seen.low;
    if (std::isfinite(seen.high)) filter["high"] = seen.high;
    json["filter"] = std::move(filter);
  }
  if (!seen.search.empty()) json["search"] = seen.search;
  if (!seen.sequences.empty()) {
    Json chosen = Json::array();
    for (const SequenceRef& sequence : seen.sequences) {
      chosen.push_back(Json{{"split", key_of(sequence.split)}, {"number", sequence.number}});
    }
    json["sequences"] = Json{{"chosen", std::move(chosen)}, {"step", seen.step}};
  }
  return json;
}

SeenOfData seen_from(const Json& json) {
  SeenOfData seen;
  if (const auto color = json.find("color"); color != json.end()) {
    seen.color = color->at("by").get<std::string>();
    seen.color_name = color->at("name").get<std::string>();
  }
  if (const auto filter = json.find("filter"); filter != json.end()) {
    seen.filter = filter->at("column").get<std::string>();
    seen.hidden_texts = filter->value("hidden", seen.hidden_texts);
    std::ranges::sort(seen.hidden_texts);
    seen.hides_others = filter->value("hides_others", false);
    seen.hides_missing = filter->value("hides_missing", false);
    seen.low = filter->value("low", seen.low);
    seen.high = filter->value("high", seen.high);
  }
  seen.search = json.value("search", "");
  if (const auto sequences = json.find("sequences"); sequences != json.end()) {
    for (const Json& each : sequences->at("chosen")) {
      seen.sequences.push_back(
          {split_from(each.at("split")), whole_from<std::int64_t>(each.at("number"))});
    }
    if (seen.sequences.size() > ChosenSequences::kMost) {
      seen.sequences.resize(ChosenSequences::kMost);
    }
    seen.step = whole_from<std::int64_t>(sequences->at("step"));
  }
  return seen;
}

}  // namespace zscape
