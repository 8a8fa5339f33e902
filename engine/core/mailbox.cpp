#include "engine/core/mailbox.h"

#include <iterator>
#include <type_traits>
#include <utility>

namespace zscape {
namespace {

template <class T>
constexpr bool kIsSetting = std::is_same_v<T, SetKlWeight> || std::is_same_v<T, SetKlSchedule> ||
                            std::is_same_v<T, SetParameter> || std::is_same_v<T, SetHoldOut> ||
                            std::is_same_v<T, SetStoreSize>;

bool is_setting(const Command& command) {
  return std::visit([](const auto& c) { return kIsSetting<std::decay_t<decltype(c)>>; }, command);
}

ModelId model_of(const Command& command) {
  return std::visit([](const auto& c) { return c.model; }, command);
}

// Whether the newer of two settings leaves nothing of the older one.
bool replaces(const Command& newer, const Command& older) {
  if (newer.index() != older.index() || model_of(newer) != model_of(older)) return false;
  const auto* parameter = std::get_if<SetParameter>(&newer);
  return parameter == nullptr || parameter->key == std::get<SetParameter>(older).key;
}

}  // namespace

void Mailbox::put(Command command) {
  {
    const std::lock_guard lock(mutex_);
    if (is_setting(command)) {
      for (auto message = messages_.rbegin(); message != messages_.rend(); ++message) {
        const auto* waiting = std::get_if<Command>(&*message);
        if (waiting == nullptr || !is_setting(*waiting)) break;
        if (replaces(command, *waiting)) {
          // The newer one goes to the end: a λ and a schedule in between end each other.
          messages_.erase(std::next(message).base());
          break;
        }
      }
    }
    messages_.emplace_back(std::move(command));
  }
  changed_.notify_one();
}

void Mailbox::deliver(Delivery delivery) {
  {
    const std::lock_guard lock(mutex_);
    messages_.emplace_back(std::move(delivery));
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

std::optional<Mailbox::Message> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  if (messages_.empty()) return std::nullopt;
  Message message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

void Mailbox::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return nudged_ || !messages_.empty(); });
  nudged_ = false;
}

}  // namespace zscape
