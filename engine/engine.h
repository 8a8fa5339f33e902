#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "engine/backend.h"
#include "engine/command.h"
#include "engine/error.h"
#include "engine/snapshot.h"

namespace zscape {

// Writes pictures [n, d] that belong in a row as a file of the kind that its name says.
using PictureWriter = std::function<Expected<void>(
    const std::string& path, std::span<const float> pictures, const ImageShape& shape)>;

struct EngineOptions {
  double publish_hz = 30;            // snapshots a second at most
  std::int64_t train_sample = 5000;  // codes refreshed while training
  std::int64_t test_sample = 1000;
  int nice = 0;                      // niceness of the engine thread and its helpers (Linux)
  std::function<void()> on_publish;  // called on the engine thread after each new snapshot
  PictureWriter write_pictures;      // what ExportPath writes with; empty: it is refused
  // Writes a file whole or not at all, on a background thread; null: CSV exports are refused.
  std::function<Expected<void>(const std::string& path, std::span<const std::byte> bytes)>
      write_file;
};

// Trains on a thread of its own and has two more for work in the background: one for pictures that
// follow the pointer, one for what takes long (loading, full encodings, saving). Owns models,
// optimisers and data order; the outside sends commands and reads snapshots.
//
// post() and snapshot() may be called from any thread; neither waits for training. The destructor
// stops training after the present step, cancels long work and joins all threads.
class Engine {
 public:
  Engine(std::shared_ptr<Backend> backend, EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void post(Command command);
  SnapshotPtr snapshot() const;  // never null

  // Whether somebody looks, at first true. Where not, codes come every two seconds only. From any
  // thread.
  void set_watched(bool watched);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zscape
