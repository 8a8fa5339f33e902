#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "engine/data/idx.h"
#include "engine/data/synthetic.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {

Outcome<void> run_synthesize(const SynthesizeOptions& options, Console& console) {
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) {
    return failed(tr("--out {}: the folder cannot be made: {}", options.out, error.message()));
  }
  // Of seven images six are for training, one for testing.
  const std::int64_t test_count = options.count / 7;
  ProgressLine line(console);
  const auto data =
      make_synthetic(options.count - test_count, test_count, options.seed.value_or(kSyntheticSeed),
                     line.progress(fmt::format("drawing {} digits", grouped(options.count))));
  if (!data) return ended_by(data.error());
  const auto written = write_idx_dataset(*data, options.out, write_file_atomically);
  if (!written) return failed(written.error().message);
  line.clear();
  console.out << tr("{}: {} training and {} test images\n", options.out, grouped(data->train.count),
                    grouped(data->test.count));
  return {};
}

}  // namespace zscape
