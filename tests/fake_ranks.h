#pragma once

#include <algorithm>
#include <barrier>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine/ranks.h"

namespace zscape {

// Ranks that are threads of the test. Sums run in the order of the ranks.
class FakeRanks final : public Ranks {
 public:
  // Runs the work of each rank on a thread of its own, and waits for all.
  static void run(int size, const std::function<void(std::shared_ptr<Ranks>)>& work) {
    const auto world = std::make_shared<World>(size);
    std::vector<std::exception_ptr> errors(static_cast<std::size_t>(size));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < size; ++rank) {
      threads.emplace_back([&, rank] {
        try {
          work(std::make_shared<FakeRanks>(world, rank));
        } catch (...) {
          errors[static_cast<std::size_t>(rank)] = std::current_exception();
        }
        world->barrier.arrive_and_drop();
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& error : errors) {
      if (error) std::rethrow_exception(error);
    }
  }

  struct World {
    explicit World(int count)
        : size(count),
          barrier(count),
          arrays(static_cast<std::size_t>(count)),
          boxes(static_cast<std::size_t>(count)) {}
    int size;
    std::barrier<> barrier;
    std::vector<std::vector<double>> arrays;
    std::string bytes;
    std::mutex mutex;
    std::vector<std::deque<RankMessage>> boxes;
  };
  FakeRanks(std::shared_ptr<World> world, int rank) : world_(std::move(world)), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return world_->size; }
  int size_here() const override { return world_->size; }
  std::string host() const override { return "host" + std::to_string(rank_); }

  void sum(std::span<float> values) override { add(values); }
  void sum(std::span<double> values) override { add(values); }

  void broadcast(std::string& bytes, int from) override {
    if (rank_ == from) world_->bytes = bytes;
    world_->barrier.arrive_and_wait();
    bytes = world_->bytes;
    world_->barrier.arrive_and_wait();
  }

  void send(int to, const std::string& bytes) override {
    const std::lock_guard lock(world_->mutex);
    world_->boxes[static_cast<std::size_t>(to)].push_back({rank_, bytes});
  }
  std::optional<RankMessage> receive() override {
    const std::lock_guard lock(world_->mutex);
    auto& box = world_->boxes[static_cast<std::size_t>(rank_)];
    if (box.empty()) return std::nullopt;
    RankMessage oldest = std::move(box.front());
    box.pop_front();
    return oldest;
  }

  void abort(int) override { throw std::runtime_error("the ranks were ended"); }

 private:
  template <class Value>
  void add(std::span<Value> values) {
    world_->arrays[static_cast<std::size_t>(rank_)].assign(values.begin(), values.end());
    world_->barrier.arrive_and_wait();
    for (std::size_t i = 0; i < values.size(); ++i) {
      Value sum = 0;
      for (const auto& array : world_->arrays) sum += static_cast<Value>(array[i]);
      values[i] = sum;
    }
    world_->barrier.arrive_and_wait();
  }

  std::shared_ptr<World> world_;
  int rank_;
};

}  // namespace zscape
