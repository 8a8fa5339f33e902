#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_work.h"
#include "engine/data/npy.h"
#include "engine/io/atomic_file.h"

namespace zscape {
namespace {

// One line an input: index,label,mu_1..mu_k,sigma_1..sigma_k. The label is empty where there is
// none, and kinds without σ have no columns for it.
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

}  // namespace

Outcome<void> run_encode(const EncodeOptions& options, Backend& backend, Console& console) {
  backend.enter_thread(ThreadRole::engine);
  const auto opened = open_model(backend, options.model, options.out);
  if (!opened) return tl::unexpected(opened.error());
  const FrozenModel& model = *opened->model;
  ProgressLine line(console);
  const auto data = load_data_for(model, options.model, options.data, backend, line);
  if (!data) return tl::unexpected(data.error());
  const auto codes =
      model.encode(**data, options.split, nullptr, line.progress("encoding " + (*data)->name));
  if (!codes) return ended_by(codes.error());

  Expected<void> written;
  if (options.out.ends_with(".npy")) {
    written = write_file_atomically(options.out, as_npy(*codes));
  } else {
    const std::string text = as_csv(*codes, (*data)->split(options.split));
    written = write_file_atomically(options.out, std::as_bytes(std::span(text)));
  }
  if (!written) return failed(written.error().message);
  return {};
}

}  // namespace zscape
