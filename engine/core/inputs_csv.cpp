#include "engine/core/inputs_csv.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace zscape {

std::string inputs_csv(std::span<const MeasuredInputs> parts, const Dataset& data) {
  std::string text = "index,split,label";
  auto end = std::back_inserter(text);
  if (!parts.empty()) {
    const Codes& any = parts.front().codes;
    for (int i = 1; i <= any.latent; ++i) fmt::format_to(end, ",mu_{}", i);
    for (int i = 1; i <= any.latent && !any.sigma.empty(); ++i) fmt::format_to(end, ",sigma_{}", i);
  }
  text += ",mse\n";
  for (const auto& [codes, mse] : parts) {
    const auto latent = static_cast<std::size_t>(codes.latent);
    for (std::size_t row = 0; row < codes.indices->size(); ++row) {
      const std::int64_t index = (*codes.indices)[row];
      fmt::format_to(end, "{},{},", index, codes.split == SplitName::train ? "train" : "test");
      if (const int label = data.split(codes.split).label(index); label >= 0) {
        fmt::format_to(end, "{}", label);
      }
      for (const std::vector<float>* part : {&codes.mean, &codes.sigma}) {
        if (part->empty()) continue;
        for (std::size_t i = 0; i < latent; ++i) {
          fmt::format_to(end, ",{}", (*part)[row * latent + i]);
        }
      }
      fmt::format_to(end, ",{}\n", mse[row]);
    }
  }
  return text;
}

Expected<MeasuredInputs> measure_inputs(const FrozenModel& model, const Dataset& data,
                                        SplitName split, const Indices& rows, std::uint64_t seed,
                                        const Progress& progress) {
  auto codes = model.encode(data, split, rows, part_of(progress, 0, 0.5));
  if (!codes) return tl::unexpected(codes.error());
  auto errors = measure_errors(model, data, split, rows, seed, part_of(progress, 0.5, 1));
  if (!errors) return tl::unexpected(errors.error());
  return MeasuredInputs{std::move(*codes), std::move(errors->mse)};
}

}  // namespace zscape
