#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <variant>

#include "engine/command.h"

namespace zscape {

// What waits for the engine thread: commands from outside and finished work from the worker, in
// the order in which they came. Any thread may put, the engine thread takes. Internal to Engine.
class Mailbox {
 public:
  using Delivery = std::function<void()>;  // runs on the engine thread
  using Letter = std::variant<Command, Delivery>;

  // A Set… command replaces a waiting one of its type and model, unless a command that is not a
  // Set… came in between: a Reset must see the values that were set before it, not after.
  void put(Command command);
  void deliver(Delivery delivery);

  // Wakes wait() without a letter.
  void nudge();

  std::optional<Letter> take();  // the oldest letter, or nothing; never blocks

  // Blocks until there is a letter or a nudge.
  void wait();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Letter> letters_;
  bool nudged_ = false;
};

}  // namespace zscape
