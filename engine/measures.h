#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/codes.h"
#include "engine/dataset.h"
#include "engine/error.h"

namespace zscape {

// Measures of a trained model beyond `Figures`: what the experiments of the lab ask for. Each has a
// name and options, takes seconds to minutes, and yields figures under names of their own.

// What a measure reads besides the weights.
struct MeasureSettings {
  Indices train_rows;  // of the training split, those that it was trained on; null: all
  std::uint64_t seed = 0;
  double kl_weight = 1;  // λ
  int batch_size = 128;  // of its training
};

// One option's values: most options have one.
using MeasureOptions = std::map<std::string, std::vector<double>, std::less<>>;

struct MeasureRequest {
  std::string measure;     // a key of the table
  MeasureOptions options;  // those that are not as in the table
};

struct NamedFigure {
  std::string name;  // "probe_accuracy"; with a value of an option: "probe_accuracy_100"
  double value = 0;
};

// A figure against an option's values, or against what a measure counts itself, such as epochs.
struct NamedCurve {
  std::string name;  // "probe_accuracy"
  std::string over;  // "labels"
  std::vector<double> x, y;
};

// Grey, row by row, in [0, 1].
struct NamedPicture {
  std::string name;
  int width = 0, height = 0;
  std::vector<float> pixels;
};

struct Measured {
  std::vector<NamedFigure> figures;
  std::vector<NamedCurve> curves;
  std::vector<NamedPicture> pictures;
};

struct MeasureOption {
  std::string_view name;
  const char* help = "";
  std::vector<double> initial = {};
  double least = 0, most = 0;  // inclusive
  bool is_whole = true;
  bool takes_list = false;
};

// One of the figures that a measure yields.
struct MeasureFigure {
  std::string_view name;
  const char* label = "";
  const char* help = "";
  const char* unit = "";
  // The option each of whose values has a figure of its own. Where it has several, they are named
  // with the value behind, and there is a curve of the plain name over it.
  std::string_view per = {};
  // Only some models or data have it: it is absent elsewhere.
  bool may_be_absent = false;
};

struct MeasureCurve {
  std::string_view name;
  const char* label = "";
  std::string_view over = {};
  std::string_view per = {};  // as of a figure
};

struct Measure {
  std::string_view key;
  const char* label = "";
  const char* help = "";    // what it tells and how
  const char* source = "";  // whom it is due to
  const char* needs = "";   // of model and data, for people; empty: any
  std::vector<MeasureOption> options = {};
  std::vector<MeasureFigure> figures = {};
  std::vector<MeasureCurve> curves = {};

  const MeasureOption* find_option(std::string_view name) const;
};

const std::vector<Measure>& measure_table();
const Measure* find_measure(std::string_view key);  // null: none

// Success, or which name or value is wrong and what would be right.
Expected<void> check(const MeasureRequest& request);

// The values of an option, as asked for or as in the table. The request passed check().
std::vector<double> values_of(const MeasureRequest& request, std::string_view option);
double value_of(const MeasureRequest& request, std::string_view option);  // of the first

// The names of its figures and curves, in their order; those that may be absent included.
std::vector<std::string> figure_names(const MeasureRequest& request);
std::vector<std::string> curve_names(const MeasureRequest& request);

// "accuracy_100", or "accuracy" where the option has one value only.
std::string name_with(std::string_view name, const std::vector<double>& values, double value);

}  // namespace zscape
