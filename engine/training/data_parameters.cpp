#include "engine/training/data_parameters.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "engine/number.h"
#include "engine/text.h"
#include "engine/training/parameter_fields.h"

namespace zscape {
namespace {

using fields::chosen_word;
using fields::Field;
using fields::flag;
using fields::Form;
using fields::free_text;
using fields::halves;
using fields::Named;
using fields::number;
using fields::whole_from;
using Place = Parameter::Place;

Field data_field() {
  return free_text(
      "DATA", tr("a name"), [](const RunPlan& plan) { return plan.data.source; },
      [](RunPlan& plan, std::string_view text) {
        // Most likely the value was forgotten, and this is the next option.
        if (text.empty() || text.starts_with("--")) return false;
        plan.data.source = text;
        return true;
      });
}

Field image_size_field() {
  return free_text(
      "HEIGHTxWIDTH", tr("a size HEIGHTxWIDTH from 1x1 to 4096x4096, as in 28x28"),
      [](const RunPlan& plan) {
        const auto& size = plan.data.image_size;
        return size ? fmt::format("{}x{}", size->height, size->width) : "";
      },
      [](RunPlan& plan, std::string_view text) {
        constexpr int kLongestSide = 4096;
        const auto [first, second] = halves(text, 'x');
        const auto height = number_from<int>(first), width = number_from<int>(second);
        const auto fits = [](const auto& side) {
          return side && *side >= 1 && *side <= kLongestSide;
        };
        if (!fits(height) || !fits(width)) return false;
        plan.data.image_size = ImageSize{*height, *width};
        return true;
      });
}

Field fit_field() {
  return chosen_word<&RunPlan::data, &DataRequest::fit>(std::vector<Named<std::optional<Fit>>>{
      {Fit::crop, {"crop", "", tr("the middle, without both ends")}},
      {Fit::pad, {"pad", "", tr("all of it, with the ground at both ends")}},
      {Fit::stretch, {"stretch", "", tr("all of it, its proportions lost")}}});
}

Field ground_field() {
  return chosen_word<&RunPlan::data, &DataRequest::ground>(
      std::vector<Named<std::optional<Ground>>>{{Ground::black, {"black", "", ""}},
                                                {Ground::white, {"white", "", ""}}});
}

Field range_field() {
  return free_text(
      "LOW,HIGH", tr("two numbers LOW,HIGH, the first below the second, as in 0,255"),
      [](const RunPlan& plan) {
        const auto& range = plan.data.range;
        return range ? fmt::format("{},{}", range->low, range->high) : "";
      },
      [](RunPlan& plan, std::string_view text) {
        const auto [first, second] = halves(text, ',');
        const auto low = number_from<double>(first), high = number_from<double>(second);
        if (!low || !high || !(*low < *high) || !std::isfinite(*high - *low)) return false;
        plan.data.range = PixelRange{*low, *high};
        return true;
      });
}

Field label_column_field() {
  return free_text(
      "COLUMN", tr("the name of a column, or its number from 1"),
      [](const RunPlan& plan) { return plan.data.label_column; },
      [](RunPlan& plan, std::string_view text) {
        plan.data.label_column = text;
        return !text.empty();
      });
}

Field labels_file_field() {
  return free_text(
      "FILE", tr("the name of a file"), [](const RunPlan& plan) { return plan.data.labels_file; },
      [](RunPlan& plan, std::string_view text) {
        plan.data.labels_file = text;
        return !text.empty();
      });
}

Field memory_field() {
  return free_text(
      "GB", tr("a number of at least 0, as in 8 or 0.5"),
      [](const RunPlan& plan) {
        return plan.data.memory ? fmt::format("{}", *plan.data.memory) : "";
      },
      [](RunPlan& plan, std::string_view text) {
        const auto memory = number_from<double>(text);
        if (!memory || !(*memory >= 0) || !std::isfinite(*memory)) return false;
        plan.data.memory = memory;
        return true;
      },
      Form::number);
}

}  // namespace

std::vector<Parameter> data_parameters() {
  return {
      {.key = "data",
       .label = tr("Data"),
       .help = tr("The data to learn from: a folder, a file or the name of a set."),
       .field = data_field(),
       .may_change = true},
      {.key = "image_size",
       .label = tr("Image size"),
       .help = tr("Resizes pictures; reads vectors as grey images."),
       .unit = tr("pixels"),
       .field = image_size_field(),
       .place = Place::nowhere},
      {.key = "fit",
       .label = tr("Fit"),
       .help = tr("How pictures of other proportions come to the image size."),
       .initial = tr("crop"),
       .field = fit_field(),
       .place = Place::nowhere},
      {.key = "ground",
       .label = tr("Ground"),
       .help = tr("What lies behind transparent pictures and beside padded ones."),
       .initial = tr("black"),
       .field = ground_field(),
       .place = Place::nowhere},
      {.key = "range",
       .label = tr("Range"),
       .help = tr("The numbers of the data that are black and white, as 0,255."),
       .initial = tr("found from the training inputs"),
       .field = range_field(),
       .place = Place::nowhere},
      {.key = "label_column",
       .label = tr("Label column"),
       .help = tr("The column of a table that holds the labels."),
       .initial = tr("found by its name"),
       .field = label_column_field(),
       .place = Place::nowhere},
      {.key = "labels_file",
       .option = "labels",
       .label = tr("Labels"),
       .help = tr("A file with a label for each input of the data, in their order: .npy, .npz, "
                  ".h5, .mat, .csv, IDX."),
       .initial = tr("those of the data"),
       .field = labels_file_field(),
       .place = Place::nowhere},
      {.key = "sequence",
       .label = tr("Sequences"),
       .help = tr("Reads arrays [sequences, steps, values] as sequences: each step is an input."),
       .field = flag<&RunPlan::data, &DataRequest::sequence>(),
       .place = Place::nowhere},
      {.key = "memory",
       .label = tr("Memory"),
       .help = tr("How much of the data may lie in memory. Arrays that take more stay on a disk, "
                  "and training reads them block by block."),
       .initial = tr("half of the machine's"),
       .field = memory_field(),
       .place = Place::nowhere},
      {.key = "limit",
       .label = tr("Limit"),
       .help = tr("A seeded draw of so many training inputs, or sequences, some of each class."),
       .unit = tr("inputs"),
       .initial = tr("all"),
       .field = number<&RunPlan::limit>(whole_from(1), true),
       .place = Place::nowhere},
  };
}

}  // namespace zscape
