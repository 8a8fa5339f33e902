#include "app/cli/data_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "app/cli/console.h"
#include "engine/data/formats.h"
#include "engine/data/metadata.h"
#include "engine/data/pixel_map.h"
#include "engine/sequences.h"
#include "engine/text.h"
#include "engine/training/parameters.h"
#include "engine/training/plan.h"

namespace zscape {
namespace {

constexpr std::size_t kClassesShown = 40;
constexpr std::size_t kSentencesShown = 3;

void print_row(std::ostream& out, std::string_view name, std::string_view value) {
  out << fmt::format("{:<12} {}\n", name, value);
}

std::vector<std::int64_t> count_classes(const Split& split, int classes) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  for (const std::int32_t label : split.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

std::string type_text(const Dataset& data) {
  if (!data.type.empty()) return data.type;
  return data.train.pixels.empty() ? "float32" : "uint8";
}

std::string classes_text(const Dataset& data) {
  if (data.classes() == 0) return tr("none: no labels");
  const auto train = count_classes(data.train, data.classes());
  const auto test = count_classes(data.test, data.classes());
  const auto all_same = [](const std::vector<std::int64_t>& counts) {
    return std::ranges::count(counts, counts.front()) == std::ssize(counts);
  };
  const bool once = train.size() > 1 && all_same(train) && all_same(test);
  std::vector<std::string> items;
  for (std::size_t i = 0; i < std::min(train.size(), kClassesShown); ++i) {
    items.push_back(once ? data.class_names[i]
                         : tr("{}: {} training, {} test", data.class_names[i], grouped(train[i]),
                              grouped(test[i])));
  }
  if (train.size() > kClassesShown) {
    items.push_back(tr("… and {} more", train.size() - kClassesShown));
  }
  if (!once) return tr("{} ({})", data.classes(), fmt::join(items, "; "));
  return tr("{} ({}), each {} training, {} test", data.classes(), fmt::join(items, "; "),
            grouped(train.front()), grouped(test.front()));
}

std::string metadata_list(const Dataset& data) {
  constexpr std::size_t kShown = 12;
  std::vector<std::string> items;
  const std::size_t all = data.train.metadata.size();
  for (std::size_t i = 0; i < std::min(all, kShown); ++i) items.push_back(metadata_text(data, i));
  if (all > kShown) items.push_back(tr("… and {} more", all - kShown));
  return fmt::format("{}", fmt::join(items, ", "));
}

Json metadata_json(const Dataset& data) {
  Json columns = Json::array();
  for (std::size_t i = 0; i < data.train.metadata.size(); ++i) {
    const MetadataColumn& column = data.train.metadata[i];
    const MetadataFacts facts = facts_of(data, i);
    Json json;
    json["name"] = column.name;
    json["type"] = column.is_text() ? "text" : "numbers";
    json["missing"] = facts.missing;
    if (column.is_text()) {
      json["different"] = facts.different;
    } else {
      json["range"] = {facts.least, facts.greatest};
    }
    columns.push_back(std::move(json));
  }
  return columns;
}

std::string sentences_text(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return tr("nothing");
  const std::size_t shown = std::min(sentences.size(), kSentencesShown);
  std::string text = fmt::format(
      "{}",
      fmt::join(sentences.begin(), sentences.begin() + static_cast<std::ptrdiff_t>(shown), "; "));
  if (shown < sentences.size()) text += tr("; … and {} more", sentences.size() - shown);
  return text;
}

}  // namespace

std::string rule_text(const char* key, const PictureRules& rules) {
  RunPlan plan;
  plan.data.fit = rules.fit;
  plan.data.ground = rules.ground;
  return parameter(key).value(plan);
}

void add_rules(Json& json, const std::optional<PictureRules>& rules) {
  for (const char* key : {"fit", "ground"}) {
    json[key] = rules ? Json(rule_text(key, *rules)) : Json(nullptr);
  }
}

Json data_json(const Dataset& data) {
  Json json;
  json["format"] = data.format;
  if (data.has_images() || data.shape.channels > 1) {
    json["inputs"] = {data.shape.height, data.shape.width, data.shape.channels};
  } else {
    json["inputs"] = {data.inputs()};
  }
  json["type"] = type_text(data);
  const auto range = shown_range(data);
  json["range"] = range ? Json({range->low, range->high}) : Json(nullptr);
  json["map"] = map_text(data);
  json["training"] = data.train.count;
  json["test"] = data.test.count;
  json["classes"] = data.class_names;
  json["counts"] = {{"training", count_classes(data.train, data.classes())},
                    {"test", count_classes(data.test, data.classes())}};
  json["left_out"] = data.left_out;
  if (data.steps > 0) {
    json["steps"] = data.steps;
    json["sequences"] = {{"training", sequence_count(data, SplitName::train)},
                         {"test", sequence_count(data, SplitName::test)}};
  }
  json["factors"] = data.factor_names;
  json["metadata"] = metadata_json(data);
  if (data.pictures) {
    add_rules(json, data.pictures);
    json["assumed"] = data.assumed;
  }
  return json;
}

void print_data(const Dataset& data, std::ostream& out) {
  print_row(out, tr("data"), data.name);
  print_row(out, tr("source"), data.source);
  print_row(out, tr("format"), data.format);
  print_row(out, tr("inputs"), tr("{} of {}", shape_text(data.shape), type_text(data)));
  if (!data.input_names.empty()) {
    print_row(out, tr("columns"), fmt::format("{}", fmt::join(data.input_names, ", ")));
  }
  print_row(out, tr("map"), map_text(data));
  if (data.steps > 0) {
    print_row(out, tr("sequences"),
              tr("{} training, {} test, of {} steps each",
                 grouped(sequence_count(data, SplitName::train)),
                 grouped(sequence_count(data, SplitName::test)), grouped(data.steps)));
  }
  print_row(out, data.has_images() ? "images" : "vectors",
            tr("{} training, {} test", grouped(data.train.count), grouped(data.test.count)));
  print_row(out, tr("classes"), classes_text(data));
  if (!data.factor_names.empty()) {
    print_row(out, tr("factors"), fmt::format("{}", fmt::join(data.factor_names, ", ")));
  }
  if (!data.train.metadata.empty()) print_row(out, tr("metadata"), metadata_list(data));
  print_row(out, tr("assumed"), sentences_text(data.assumed));
  print_row(out, tr("left out"), sentences_text(data.left_out));
}

void tell_what_was_read(const Dataset& data, std::ostream& out) {
  if (data.steps > 0) {
    out << tr("{}: sequences of {} steps, each {} of {}; {}", data.name, data.steps,
              shape_text(data.shape), type_text(data), map_text(data))
        << '\n';
  } else if (!data.type.empty()) {
    out << tr("{}: {} of {}; {}", data.name, shape_text(data.shape), data.type, map_text(data))
        << '\n';
  }
  if (!data.train.metadata.empty()) {
    out << tr("{}: metadata, which no network reads: {}", data.name, metadata_list(data)) << '\n';
  }
  out.flush();
}

Expected<void> check_rules(const DataRequest& given, const Dataset& data) {
  const DataFormat* format = find_data_format(given.source);
  if (!given.label_column.empty() && given.labels_file.empty() && format != nullptr &&
      !format->has_named_columns) {
    return fail(
        tr("--label-column: only tables have columns with names, and {} is none; leave it "
           "out",
           data.name));
  }
  if (data.pictures || !(given.fit || given.ground)) return {};
  return fail(tr("{}: only pictures of a folder are fitted, and {} holds none; leave it out",
                 given.fit ? "--fit" : "--ground", data.name));
}

std::vector<float> first_pictures(const Dataset& data) {
  constexpr std::int64_t kShown = 6;
  std::vector<float> pictures;
  for (std::int64_t i = 0; i < std::min(kShown, data.train.count); ++i) {
    const auto picture = data.picture(SplitName::train, i);
    pictures.insert(pictures.end(), picture.begin(), picture.end());
  }
  return pictures;
}

}  // namespace zscape
