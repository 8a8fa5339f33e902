#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/gui/view/lab/lab_scatter.h"
#include "engine/backend.h"

namespace zscape {

// Makes the small scatters of a lab's models on a thread of its own at low priority: reads a model,
// encodes some test inputs, takes two axes. Used on the window's thread.
class LabScatters {
 public:
  // wake: called on that thread after each scatter.
  LabScatters(std::shared_ptr<Backend> backend, std::function<void()> wake)
      : backend_(std::move(backend)), wake_(std::move(wake)) {}
  ~LabScatters();
  LabScatters(const LabScatters&) = delete;
  LabScatters& operator=(const LabScatters&) = delete;

  // What is on show, the most wanted first: models by their paths, and their data. known: data that
  // lie in memory, or null.
  void want(std::vector<std::string> models, const std::string& data,
            std::shared_ptr<const Dataset> known);

  // Null: not there yet. The reason where there will be none.
  LabScatterPtr find(const std::string& model) const;

 private:
  void run();
  LabScatterPtr make(const std::string& model, const std::string& data);

  std::shared_ptr<Backend> backend_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> wanted_;
  std::string data_name_;
  std::shared_ptr<const Dataset> known_;
  bool stopping_ = false;
  std::map<std::string, LabScatterPtr> done_;
  // Of the thread:
  std::string loaded_name_;
  Expected<std::shared_ptr<const Dataset>> loaded_ = std::shared_ptr<const Dataset>();
  std::thread thread_;
};

}  // namespace zscape
