#include "engine/core/mailbox.h"

#include <type_traits>
#include <utility>

namespace zscape {
namespace {

template <class T>
constexpr bool kIsSetting =
    std::is_same_v<T, SetKlWeight> || std::is_same_v<T, SetLearningRate> ||
    std::is_same_v<T, SetBatchSize> || std::is_same_v<T, SetSeed> || std::is_same_v<T, SetHoldOut>;

bool is_setting(const Command& command) {
  return std::visit([](const auto& c) { return kIsSetting<std::decay_t<decltype(c)>>; }, command);
}

ModelId model_of(const Command& command) {
  return std::visit([](const auto& c) { return c.model; }, command);
}

}  // namespace

void Mailbox::put(Command command) {
  {
    const std::lock_guard lock(mutex_);
    if (is_setting(command)) {
      for (auto letter = letters_.rbegin(); letter != letters_.rend(); ++letter) {
        Command* const waiting = std::get_if<Command>(&*letter);
        if (waiting == nullptr) continue;
        if (!is_setting(*waiting)) break;
        if (waiting->index() == command.index() && model_of(*waiting) == model_of(command)) {
          *waiting = std::move(command);
          return;
        }
      }
    }
    letters_.emplace_back(std::move(command));
  }
  changed_.notify_one();
}

void Mailbox::deliver(Delivery delivery) {
  {
    const std::lock_guard lock(mutex_);
    letters_.emplace_back(std::move(delivery));
  }
  changed_.notify_one();
}

void Mailbox::nudge() {
  {
    const std::lock_guard lock(mutex_);
    nudged_ = true;
  }
  changed_.notify_one();
}

std::optional<Mailbox::Letter> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (letters_.empty()) return std::nullopt;
  Letter letter = std::move(letters_.front());
  letters_.pop_front();
  return letter;
}

void Mailbox::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return nudged_ || !letters_.empty(); });
  nudged_ = false;
}

}  // namespace zscape
