#include <filesystem>
#include <system_error>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/subcommand.h"
#include "engine/data/idx.h"
#include "engine/data/synthetic.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

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
    const auto written = write_idx_dataset(*data, out_, write_file_atomically);
    if (!written) return failed(written.error().message);
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
