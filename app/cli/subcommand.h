#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "app/cli/option_list.h"
#include "app/cli/options.h"
#include "app/cli/outcome.h"
#include "engine/data_request.h"
#include "engine/model_spec.h"
#include "engine/text.h"

namespace zscape {

// One command: its options while CLI11 reads them, and what they ask for in the end.
class Subcommand {
 public:
  Subcommand(CLI::App& app, const std::string& name, const std::string& description)
      : app_(*app.add_subcommand(name, description)), options_(app_) {}
  virtual ~Subcommand() = default;
  Subcommand(const Subcommand&) = delete;
  Subcommand& operator=(const Subcommand&) = delete;

  std::string name() const { return app_.get_name(); }
  bool was_given() const { return app_.parsed(); }
  virtual Outcome<Request> request() const = 0;

 protected:
  CLI::App& app_;
  OptionList options_;
};
using SubcommandPtr = std::unique_ptr<const Subcommand>;

// Adds a command to the program. One function a command, each in the file of its line.
SubcommandPtr make_explore_line(CLI::App& app);      // explore_line.cpp
SubcommandPtr make_train_line(CLI::App& app);        // train_line.cpp
SubcommandPtr make_eval_line(CLI::App& app);         // figure_lines.cpp
SubcommandPtr make_classify_line(CLI::App& app);     // figure_lines.cpp
SubcommandPtr make_encode_line(CLI::App& app);       // picture_lines.cpp
SubcommandPtr make_decode_line(CLI::App& app);       // picture_lines.cpp
SubcommandPtr make_sample_line(CLI::App& app);       // picture_lines.cpp
SubcommandPtr make_reconstruct_line(CLI::App& app);  // picture_lines.cpp
SubcommandPtr make_manifold_line(CLI::App& app);     // walk_lines.cpp
SubcommandPtr make_interpolate_line(CLI::App& app);  // walk_lines.cpp
SubcommandPtr make_synthesize_line(CLI::App& app);   // data_lines.cpp
SubcommandPtr make_fetch_line(CLI::App& app);        // data_lines.cpp
SubcommandPtr make_info_line(CLI::App& app);         // data_lines.cpp

// ---- What options of several commands take
// -------------------------------------------------------

template <class Number>
constexpr NumberRange<Number> at_least(Number least, std::string_view words) {
  return {least, std::numeric_limits<Number>::max(), words};
}
inline constexpr auto kCount = at_least<std::int64_t>(1, tr("a whole number of at least 1"));
inline constexpr auto kSmallCount = at_least<int>(1, tr("a whole number of at least 1"));
inline constexpr auto kIndex = at_least<int>(0, tr("a whole number of at least 0"));
inline constexpr auto kRow = at_least<std::int64_t>(0, tr("a whole number of at least 0"));
inline constexpr auto kSeed = at_least<std::uint64_t>(0, tr("a whole number of at least 0"));
inline constexpr NumberRange<int> kWidth{1, 65536, tr("a whole number from 1 to 65536")};
inline constexpr NumberRange<int> kThreads{1, 1024, tr("a whole number from 1 to 1024")};
inline constexpr NumberRange<std::int64_t> kPictures{1, 100'000,
                                                     tr("a whole number from 1 to 100000")};

// ---- Options of several commands
// -----------------------------------------------------------------

// MODEL, which must be given.
void add_saved_model(OptionList& options, std::string& path);

// --image-size.
void add_image_size(OptionList& options, DataRequest& data);

// --data and --image-size. Returns --data.
CLI::Option* add_data(OptionList& options, DataRequest& data, const std::string& initial = "");

// --split; initially test.
void add_split(OptionList& options, SplitName& split);

// --seed; initially 0.
void add_seed(OptionList& options, std::uint64_t& seed,
              const std::string& description = tr("decides every random draw"));

// --threads; initially measured.
void add_threads(OptionList& options, int& threads);

// --kernels: what training computes with; initially the fastest, measured.
void add_kernels(OptionList& options, std::string& kernels);

// --label of a cvae. initial: what happens without it.
void add_label(OptionList& options, std::optional<int>& label, const std::string& initial = "");

// --out, which must be given: a file to write.
void add_out(OptionList& options, std::string& out, const std::string& description);

// --json: one JSON object.
void add_json(OptionList& options, bool& json);

// --model KIND of a new model; initially vae.
CLI::Option* add_kind(OptionList& options, std::optional<ModelKind>& kind);

// --noise gaussian:DEVIATION or mask:SHARE.
CLI::Option* add_noise(OptionList& options, std::optional<Noise>& noise,
                       const std::string& description, const std::string& initial = "");

void add_device(OptionList& options, Device& device);

}  // namespace zscape
