#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "app/cli/interrupt.h"
#include "app/cli/model_command.h"
#include "engine/data/npy.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

// One line for each input: index,label,mu_1..mu_k,sigma_1..sigma_k. An unlabelled input has an
// empty label; kinds without σ have no σ columns.
std::string as_csv(const Codes& codes, const Split& split) {
  const auto latent = static_cast<std::size_t>(codes.latent);
  std::string text = "index,label";
  auto end = std::back_inserter(text);
  for (std::size_t i = 1; i <= latent; ++i) fmt::format_to(end, ",mu_{}", i);
  for (std::size_t i = 1; i <= latent && !codes.sigma.empty(); ++i) {
    fmt::format_to(end, ",sigma_{}", i);
  }
  text += '\n';
  for (std::int64_t row = 0; row < codes.count(); ++row) {
    const std::int64_t index = (*codes.indices)[static_cast<std::size_t>(row)];
    fmt::format_to(end, "{},", index);
    if (const int label = split.label(index); label >= 0) fmt::format_to(end, "{}", label);
    for (const std::vector<float>* part : {&codes.mean, &codes.sigma}) {
      if (part->empty()) continue;
      for (std::size_t i = 0; i < latent; ++i) {
        fmt::format_to(end, ",{}", (*part)[static_cast<std::size_t>(row) * latent + i]);
      }
    }
    text += '\n';
  }
  return text;
}

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
    Expected<void> written;
    if (out_.ends_with(".npy")) {
      written = write_file_atomically(out_, as_npy(*codes));
    } else {
      const std::string text = as_csv(*codes, (*data)->split(split_));
      written = write_file_atomically(out_, std::as_bytes(std::span(text)));
    }
    if (!written) return failed(written.error().message);
    return {};
  }
};

}  // namespace

SubcommandPtr make_encode(CLI::App& app) {
  return std::make_unique<EncodeCommand>(app);
}

}  // namespace zscape
