#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace zscape {

class InputMapping;

// The numbers of all inputs of a split, in memory of its own or in a file that is mapped. Both are
// read alike; only its own memory can be changed.
template <class T>
class InputBlock {
 public:
  using value_type = T;

  InputBlock() = default;
  InputBlock(std::vector<T> own) : own_(std::move(own)) {}  // NOLINT(google-explicit-constructor)
  InputBlock(std::initializer_list<T> own) : own_(own) {}
  // mapped: numbers that lie in the mapping (engine/input_mapping.h).
  InputBlock(std::shared_ptr<const InputMapping> mapping, std::span<const T> mapped)
      : mapping_(std::move(mapping)), mapped_(mapped) {}

  // Numbers of another block, which `keeper` holds and never changes.
  static InputBlock shared(std::shared_ptr<const void> keeper, std::span<const T> numbers) {
    InputBlock block;
    block.keeper_ = std::move(keeper);
    block.mapped_ = numbers;
    return block;
  }

  bool is_mapped() const { return mapping_ != nullptr; }
  const std::shared_ptr<const InputMapping>& mapping() const { return mapping_; }  // null: own
  const T* data() const { return has_own() ? own_.data() : mapped_.data(); }
  std::size_t size() const { return has_own() ? own_.size() : mapped_.size(); }
  bool empty() const { return size() == 0; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  const T& operator[](std::size_t i) const { return data()[i]; }

  // The memory to change; not of a mapped or shared block.
  std::vector<T>& own() { return own_; }

  bool operator==(const InputBlock& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  bool has_own() const { return !mapping_ && !keeper_; }

  std::vector<T> own_;
  std::shared_ptr<const InputMapping> mapping_;
  std::shared_ptr<const void> keeper_;
  std::span<const T> mapped_;
};

}  // namespace zscape
