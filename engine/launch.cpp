#include "engine/launch.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

namespace zscape {
namespace {

std::optional<int> number_in(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  const std::string_view text(value);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Launch launch_of_this_process() {
  struct Names {
    const char *size, *rank, *on_host;
  };
  // Open MPI's mpirun, launchers that speak PMI, and srun.
  constexpr Names kLaunchers[] = {
      {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK"},
      {"PMI_SIZE", "PMI_RANK", "MPI_LOCALRANKID"},
      {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_LOCALID"}};
  for (const Names& names : kLaunchers) {
    const auto size = number_in(names.size), rank = number_in(names.rank);
    if (size && rank && *size > 1 && *rank >= 0 && *rank < *size) {
      return {*size, *rank, number_in(names.on_host).value_or(*rank) == 0};
    }
  }
  return {};
}

}  // namespace zscape
