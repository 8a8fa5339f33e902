#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "app/cli/console.h"
#include "engine/backend.h"
#include "engine/computing.h"
#include "engine/data_request.h"
#include "engine/model_spec.h"
#include "engine/ranks.h"

namespace zscape {

// What `zscape explore` asks the window for.
struct ExploreOptions {
  std::string model_path;     // a saved model to open; empty: a new model
  SaidOfModel said;           // of that model
  std::string watched;        // a folder whose newest model is shown; empty: none
  std::string codes_path;     // codes to show in place of a model; empty: none
  std::string session_path;   // a saved session to open; empty: none
  std::string session_data;   // where its data lie now; empty: where they were
  std::string lab_path = {};  // a lab's folder or file to show; empty: none
  bool is_plain = true;       // no model, session or data were named: keep the session
  bool is_new = false;        // do not restore the last session
  DataRequest data;
  ModelKind kind = ModelKind::vae;  // of a new model
  int latent = 2;                   // of a new model, ≥ 1
  std::uint64_t seed = 0;           // of a new model
  int width = 1600;                 // of the window, ≥ 320
  int height = 1000;                // of the window, ≥ 240
  std::string script;               // JSON lines to play; empty: none
  std::string log;                  // JSON lines to write; empty: none
};

// What main() provides to the command line. Only commands that need a function call it, so that
// --help and wrong usage start no numerical library.
struct Surroundings {
  // Fills in the fastest kernels and the device; fails if this machine lacks what is asked for.
  std::function<Expected<ComputeOptions>(const ComputeOptions&)> settled;
  // The options must be possible on this machine.
  std::function<std::shared_ptr<Backend>(const ComputeOptions&)> make_backend;
  std::function<MachineInfo()> machine_info;
  // Opens the window; returns the exit code.
  std::function<int(const ExploreOptions&, std::shared_ptr<Backend>)> explore;
  // The processes that mpirun or srun started beside this one; null: none, or no such function.
  std::function<Expected<std::shared_ptr<Ranks>>()> open_ranks = {};
};

// Reads the command line (without the program's name), carries out its command and prints an error
// as one line. Returns the exit code.
int run(std::span<const std::string> arguments, const Surroundings& surroundings, Console& console);

}  // namespace zscape
