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

// Writes successive pictures [n, d] to a file; its name decides the format.
using PictureWriter = std::function<Expected<void>(
    const std::string& path, std::span<const float> pictures, const ImageShape& shape)>;

struct EngineOptions {
  double publish_hz = 30;            // snapshots a second at most
  std::int64_t train_sample = 5000;  // codes refreshed while training
  std::int64_t test_sample = 1000;
  int nice = 0;                      // niceness of the engine thread and its helpers (Linux)
  std::function<void()> on_publish;  // called on the engine thread after each new snapshot
  PictureWriter write_pictures;      // for ExportPath; empty: it is refused
  // Writes a file completely or not at all, on a background thread; null: CSV exports are refused.
  std::function<Expected<void>(const std::string& path, std::span<const std::byte> bytes)>
      write_file;
};

// Trains on a thread of its own, with three more for background work: pictures that follow the
// pointer, long work (loading, encoding whole splits, saving), and evaluations. Owns models,
// optimisers and data; the outside sends commands and reads snapshots.
//
// Any thread may call post() and snapshot(); neither waits for training. The destructor stops after
// the present step, cancels long work and joins all threads.
class Engine {
 public:
  Engine(std::shared_ptr<Backend> backend, EngineOptions options);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void post(Command command);
  SnapshotPtr snapshot() const;  // never null

  // Whether somebody looks (at first true). If not, codes come only every two seconds. Any thread.
  void set_watched(bool watched);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace zscape
