#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/subcommand.h"
#include "engine/backend.h"
#include "engine/dataset.h"
#include "engine/frozen_model.h"
#include "engine/io/png.h"

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
  void add_data();  // must be given; with --image-size
  void add_image_size();
  void add_split();
  void add_seed() { parameters_.add(parameter("seed")); }
  void add_threads(int usual);
  void add_label(const std::string& initial = "");
  void add_out(const std::string& help);  // must be given

  // Loads the data that --data names; fails if the model cannot read them.
  Outcome<std::shared_ptr<const Dataset>> load_data(const ModelWork& work) const;

  // Whether the split has the row that this option names.
  static Outcome<void> check_row(const Dataset& data, SplitName split, std::int64_t row,
                                 std::string_view option);

  // Whether the model can draw the class of --label, if one is given.
  Outcome<void> check_label(const ModelSpec& spec) const;
  // The same for a command that draws one class: a cvae needs a label.
  Outcome<void> need_label(const ModelSpec& spec) const;

  Outcome<void> write_picture(const Picture& picture) const;  // as --out

  std::string path_;  // of the model
  SplitName split_ = SplitName::test;
  std::optional<int> label_;
  std::string out_;  // the file to write; empty: none

 private:
  ThreadRole role_ = ThreadRole::helper;
  int usual_threads_ = 1;  // what does not train needs no measuring
};

std::string_view name_of(SplitName split);

// Pictures of many codes, [n, d]; Ctrl-C ends it. z: [n, k]. labels: [n] for a cvae, else empty.
Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::span<const int> labels);
// The same label, where the model reads one, for all of them.
Outcome<std::vector<float>> decode_all(const Decoder& decoder, std::span<const float> z,
                                       std::optional<int> label);

}  // namespace zscape
