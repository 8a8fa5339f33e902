#include "app/gui/lab_scatters.h"

#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <system_error>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kLowPriority = 10;
constexpr std::int64_t kInputs = 300;  // of the test part, evenly spread

Indices even_rows(std::int64_t count) {
  std::vector<std::int64_t> rows;
  const std::int64_t most = std::min(count, kInputs);
  for (std::int64_t i = 0; i < most; ++i) rows.push_back(i * count / most);
  return make_indices(std::move(rows));
}

LabScatterPtr without(std::string why) {
  LabScatter scatter;
  scatter.why_not = std::move(why);
  return std::make_shared<const LabScatter>(std::move(scatter));
}

}  // namespace

LabScatters::~LabScatters() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LabScatters::want(std::vector<std::string> models, const std::string& data,
                       std::shared_ptr<const Dataset> known) {
  bool is_some = false;
  {
    const std::lock_guard lock(mutex_);
    wanted_ = std::move(models);
    data_name_ = data;
    known_ = std::move(known);
    is_some = std::ranges::any_of(
        wanted_, [this](const std::string& model) { return !done_.contains(model); });
  }
  if (!is_some) return;
  changed_.notify_one();
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

LabScatterPtr LabScatters::find(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  const auto found = done_.find(model);
  return found == done_.end() ? nullptr : found->second;
}

void LabScatters::run() {
  ::setpriority(PRIO_PROCESS, 0, kLowPriority);  // on Linux, of this thread
  backend_->enter_thread(ThreadRole::helper);
  std::unique_lock lock(mutex_);
  while (true) {
    std::string model;
    changed_.wait(lock, [&] {
      const auto next = std::ranges::find_if(
          wanted_, [this](const std::string& each) { return !done_.contains(each); });
      if (next != wanted_.end()) model = *next;
      return stopping_ || next != wanted_.end();
    });
    if (stopping_) return;
    const std::string data = data_name_;
    if (known_) {
      loaded_ = std::exchange(known_, nullptr);
      loaded_name_ = data;
    }
    lock.unlock();
    LabScatterPtr made;
    try {
      made = make(model, data);
    } catch (const std::exception& thrown) {
      made = without(thrown.what());
    }
    lock.lock();
    done_[model] = std::move(made);
    lock.unlock();
    wake_();
    lock.lock();
  }
}

LabScatterPtr LabScatters::make(const std::string& model, const std::string& data) {
  if (loaded_name_ != data) {
    DataRequest request;
    request.source = data;
    loaded_ = backend_->load_data(request, [this](double) {
      const std::lock_guard lock(mutex_);
      return !stopping_;
    });
    loaded_name_ = data;
  }
  if (!loaded_) return without(loaded_.error().message);
  const auto opened = backend_->open_model(model);
  if (!opened) return without(opened.error().message);
  const Dataset& inputs = **loaded_;
  const FrozenModel& frozen = *opened->model;
  if (frozen.spec().shape.size() != inputs.shape.size()) {
    return without(tr("The model reads other inputs than {} has", data));
  }
  const bool has_test = inputs.test.count > 0;
  const Split& split = has_test ? inputs.test : inputs.train;
  const Indices rows = even_rows(split.count);
  const auto codes = frozen.encode(inputs, has_test ? SplitName::test : SplitName::train, rows);
  if (!codes) return without(codes.error().message);
  std::vector<int> labels;
  if (!split.labels.empty()) {
    for (const std::int64_t row : *rows)
      labels.push_back(split.labels[static_cast<std::size_t>(row)]);
  }
  return std::make_shared<const LabScatter>(scatter_of(*codes, labels));
}

}  // namespace zscape
