#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_command.h"
#include "engine/csv.h"
#include "engine/data/npy.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

// float32 [N, 2k], μ and then σ of each input; [N, k] for kinds without σ.
std::vector<std::byte> as_npy(const Codes& codes) {
  const bool has_sigma = !codes.sigma.empty();
  const auto latent = static_cast<std::size_t>(codes.latent);
  std::vector<float> values;
  values.reserve(codes.mean.size() + codes.sigma.size());
  for (std::size_t first = 0; first < codes.mean.size(); first += latent) {
    const auto append = [&](const std::vector<float>& part) {
      const auto begin = part.begin() + static_cast<std::ptrdiff_t>(first);
      values.insert(values.end(), begin, begin + codes.latent);
    };
    append(codes.mean);
    if (has_sigma) append(codes.sigma);
  }
  return npy_bytes(std::array{codes.count(), std::int64_t{codes.latent} * (has_sigma ? 2 : 1)},
                   values);
}

class EncodeCommand : public ModelCommand {
 public:
  explicit EncodeCommand(CLI::App& app) : ModelCommand(app) {
    add_data();
    add_split();
    add_threads(1);  // measuring would take longer than the work
    add_out(tr("The table to write, FILE.csv or FILE.npy."));
  }

 private:
  Outcome<void> check() const override {
    if (out_.ends_with(".csv") || out_.ends_with(".npy")) return {};
    return wrong_usage(tr("--out: {} ends neither in .csv nor in .npy; use one", out_));
  }

  Outcome<void> work(const ModelWork& work) const override {
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    const auto codes = work.model.encode(**data, split_, nullptr,
                                         work.line.progress(tr("encoding {}", (*data)->name)));
    if (!codes) return ended_by(codes.error());
    if (out_.ends_with(".npy")) return outcome_of(write_file_atomically(out_, as_npy(*codes)));
    const std::string text = codes_csv(*codes, (*data)->split(split_));
    return outcome_of(write_file_atomically(out_, std::as_bytes(std::span(text))));
  }
};

}  // namespace

const MakeCommand make_encode = make<EncodeCommand>;

}  // namespace zscape
