#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/subcommand.h"
#include "engine/data/formats.h"
#include "engine/data/idx.h"
#include "engine/data/synthetic.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

bool holds(const std::string& path, std::span<const std::byte> bytes) {
  std::error_code error;
  if (std::filesystem::file_size(path, error) != bytes.size() || error) return false;
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return std::ranges::equal(std::as_bytes(std::span(text)), bytes);
}

// The same digits may be there. Other images may be a person's own, plain or compressed.
Expected<void> check_replaces_no_other(const std::string& path, std::span<const std::byte> bytes) {
  std::error_code error;
  const std::string compressed = path + ".gz";
  const bool is_there = std::filesystem::exists(path, error);
  if (is_there ? holds(path, bytes) : !std::filesystem::exists(compressed, error)) return {};
  return fail(
      tr("{} is there already and would be lost; name another folder, or move that file "
         "away first",
         is_there ? path : compressed));
}

class SynthesizeCommand : public Subcommand {
 public:
  explicit SynthesizeCommand(CLI::App& app) : Subcommand(app) {
    options_.number("--count", count_, 2, 10'000'000,
                    tr("Images in all, six training images to one test image."), "70000");
    parameters_.add(parameter("seed"), tr("Decides the images."), tr("the embedded data set's"));
    options_.text("--out", "DIR", out_, tr("The folder to write to."))->required();
  }

  Outcome<void> run(const Surroundings&, Console& console) override {
    watch_for_interrupt();
    std::error_code error;
    // The absolute path: a folder may have the name of a data set.
    const DataFormat* there = find_data_format(std::filesystem::absolute(out_).string());
    if (there != nullptr && !(there->reads && there->reads(kIdxTrainImages))) {
      return failed(
          tr("--out: {} holds other data ({}), which zscape would no longer find behind "
             "the digits; name another folder",
             out_, there->source));
    }
    std::filesystem::create_directories(out_, error);
    if (error) {
      return failed(tr("--out {}: the folder cannot be made: {}", out_, error.message()));
    }
    const std::uint64_t seed = parameters_.has("seed") ? parameters_.values().seed : kSyntheticSeed;
    const std::int64_t test_count = count_ / 7;
    ProgressLine line(console);
    const auto data = make_synthetic(count_ - test_count, test_count, seed,
                                     line.progress(tr("drawing {} digits", grouped(count_))));
    if (!data) return ended_by(data.error());
    // Two passes, so that nothing is written where one of the files would replace another.
    auto written = write_idx_dataset(*data, out_, check_replaces_no_other);
    if (written) written = write_idx_dataset(*data, out_, write_file_atomically);
    if (!written) return failed(tr("--out: {}", written.error().message));
    line.clear();
    console.out << tr("{}: {} training and {} test images\n", out_, grouped(data->train.count),
                      grouped(data->test.count));
    return {};
  }

 private:
  std::int64_t count_ = 70000;
  std::string out_;
};

}  // namespace

const MakeCommand make_synthesize = make<SynthesizeCommand>;

}  // namespace zscape
