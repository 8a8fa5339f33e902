#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/backend.h"
#include "engine/data_request.h"
#include "engine/model_spec.h"

namespace zscape {

// What the explorer opens with.
struct ExplorerOptions {
  std::string model_path;       // a saved model to open; empty: a new model
  SaidOfModel said;             // of that model
  std::string watched;          // a folder whose newest model is shown; empty: none
  std::string codes_path;       // codes to show in place of a model; empty: none
  std::string session_path;     // a saved session to open; empty: none
  std::string session_data;     // where its data lie now; empty: where they were
  std::string lab_path;         // a lab's folder or file to show in the place Lab; empty: none
  bool resume_session = false;  // the last session comes back; not where a script plays
  DataRequest data{"synthetic", std::nullopt};
  ModelKind kind = ModelKind::vae;  // of a new model
  int latent = 2;                   // of a new model, ≥ 1
  std::uint64_t seed = 0;           // of a new model
  int width = 1600;                 // of the window, at 100 %
  int height = 1000;
  std::string script;  // JSON lines to play; empty: none
  std::string log;     // JSON lines to write; empty: none
};

// Opens the window, trains and shows until it is closed. Returns the exit status: 0, or 1 with one
// line on standard error (no display, no OpenGL 3.3, a script that cannot be played). Call on the
// main thread.
int run_explorer(const ExplorerOptions& options, std::shared_ptr<Backend> backend);

}  // namespace zscape
