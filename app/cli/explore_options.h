#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/computing.h"
#include "engine/data_request.h"
#include "engine/model_spec.h"

namespace zscape {

// What `zscape explore` was asked for, checked as far as the command line alone can tell.
struct ExploreOptions {
  std::string model_path;    // a saved model to open; empty: a new model
  std::string session_path;  // a saved session to open; empty: none
  bool is_plain = true;      // no model, session or data were named: the session is kept
  bool is_new = false;       // …, but the last one does not come back
  DataRequest data{"synthetic", std::nullopt};
  ModelKind kind = ModelKind::vae;    // of a new model
  int latent = 2;                     // of a new model, ≥ 1
  std::uint64_t seed = 0;             // of a new model
  int threads = 0;                    // of the engine thread; 0: measured by the backend
  std::string kernels;                // of training; empty: measured by the backend
  Device device = Device::automatic;  // that trains
  int width = 1600;                   // of the window, ≥ 320
  int height = 1000;                  // of the window, ≥ 240
  std::string script;                 // JSON lines to play; empty: none
  std::string log;                    // JSON lines to write; empty: none
};

}  // namespace zscape
