#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/run.h"
#include "app/gui/explorer.h"
#include "engine/backend/mpi_plugin.h"
#include "engine/backend/torch_backend.h"

namespace {

std::shared_ptr<zscape::Backend> make_backend(const zscape::ComputeOptions& options) {
  return zscape::make_torch_backend(options);
}

// The window knows nothing of the command line: what it needs is handed over here.
int explore(const zscape::ExploreOptions& options, std::shared_ptr<zscape::Backend> backend) {
  return zscape::run_explorer({.model_path = options.model_path,
                               .said = options.said,
                               .watched = options.watched,
                               .codes_path = options.codes_path,
                               .session_path = options.session_path,
                               .session_data = options.session_data,
                               .lab_path = options.lab_path,
                               .resume_session = options.is_plain && !options.is_new,
                               .data = options.data,
                               .kind = options.kind,
                               .latent = options.latent,
                               .seed = options.seed,
                               .width = options.width,
                               .height = options.height,
                               .script = options.script,
                               .log = options.log},
                              std::move(backend));
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  zscape::Console console = zscape::standard_console();
  return zscape::run(
      arguments, {zscape::settled, make_backend, zscape::machine_info, explore, zscape::open_ranks},
      console);
}
