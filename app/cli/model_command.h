#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/foreign_model.h"
#include "app/cli/outputs.h"
#include "app/cli/subcommand.h"
#include "engine/backend.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/io/png.h"
#include "engine/text.h"

namespace zscape {

// An open model and what a command uses to work on it.
struct ModelWork {
  const FrozenModel& model;
  const RunRecord& record;
  Backend& backend;
  Console& console;
  ProgressLine& line;

  const ModelSpec& spec() const { return model.spec(); }
};

// A command that works with a saved model on the CPU until Ctrl-C. It holds what such commands
// share.
class ModelCommand : public Subcommand {
 public:
  explicit ModelCommand(CLI::App& app);
  Outcome<void> run(const Surroundings& surroundings, Console& console) final;

 protected:
  // Refuses a wrong line before the model is opened.
  virtual Outcome<void> check() const { return {}; }
  virtual Outcome<void> work(const ModelWork& work) const = 0;

  // Options that several of them have. usual: threads where the line names none; 0: measured.
  // --data, which must be given, and how to read it. has_labels: the command has another option
  // --labels, so that the file of labels is --labels-file alone.
  void add_data(bool has_labels = false);
  void add_data_rules(bool has_labels = false);  // how to read it
  void add_image_size();
  void add_split();
  void add_seed() { parameters_.add(parameter("seed")); }
  void add_threads(int usual);
  void add_label(const std::string& initial = "");
  // Must be given. The file's ending is one of these and decides its type.
  void add_out(const std::string& help, std::vector<std::string_view> endings);

  // Loads the data that --data names; fails if the model cannot read them.
  Outcome<std::shared_ptr<const Dataset>> load_data(const ModelWork& work) const;

  // Whether the split has the row that this option names.
  static Outcome<void> check_row(const Dataset& data, SplitName split, std::int64_t row,
                                 std::string_view option);

  // The class that --label names, if it is given. Fails if the model cannot draw it.
  Outcome<std::optional<int>> label_of(const ModelSpec& spec) const;
  // The same for a command that draws one class: a cvae needs a label.
  Outcome<std::optional<int>> needed_label_of(const ModelSpec& spec) const;

  bool writes_picture() const;                                // and not numbers
  Outcome<void> write_picture(const Picture& picture) const;  // as --out
  // Inputs in the data's own units, [n, d], as the .csv or .npy of --out. places: what stands
  // before the numbers in the table, a line of names and one for each input; empty: nothing. steps:
  // Dataset::steps where they are those of whole sequences.
  Outcome<void> write_values(const std::vector<double>& values, const ImageShape& shape,
                             std::span<const std::string> places = {},
                             std::int64_t steps = 0) const;
  // What the decoder makes of codes [n, k]: a grid of pictures (columns 0: a square), or numbers.
  // labels: [n] for a cvae, else empty.
  Outcome<void> write_decoded(const FrozenModel& model, std::span<const float> z,
                              std::span<const int> labels, int columns = 0) const;

  std::string path_;  // of the model
  SplitName split_ = SplitName::test;
  std::string label_;  // of --label; empty: none is given
  std::string out_;    // the file to write; empty: none

 private:
  Outcome<void> check_out() const;
  FileType type_of_out() const;

  std::vector<std::string_view> endings_;  // that --out may have
  ForeignModelOptions foreign_;
  ThreadRole role_ = ThreadRole::helper;
  int usual_threads_ = 1;  // what does not train needs no measuring
};

std::string_view name_of(SplitName split);

// The request for data whose pictures become inputs as those did that the model learned from, where
// it names nothing else.
DataRequest as_learned(DataRequest request, const ModelSpec& spec, const RunRecord& record);

// Pictures of many codes, [n, d]; Ctrl-C ends it. z: [n, k]. labels: [n] for a cvae, else empty.
Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::span<const int> labels);
// The same label, where the model reads one, for as many codes.
std::vector<int> repeated(const ModelSpec& spec, std::optional<int> label, std::size_t count);

inline constexpr const char* kCodesNotFinite =
    tr("the codes are not all finite numbers; the model's weights or its inputs are too large");
inline constexpr const char* kOutputsNotFinite =
    tr("the decoder's outputs are not all finite numbers; the model's weights or its codes are too "
       "large");

// Fails with this sentence if a number is not finite.
template <class Numbers>
Outcome<void> check_finite(const Numbers& numbers, const char* refusal) {
  if (std::ranges::all_of(numbers, [](auto number) { return std::isfinite(number); })) return {};
  return failed(refusal);
}

}  // namespace zscape
