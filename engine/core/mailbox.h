#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <variant>

#include "engine/command.h"

namespace zscape {

// Commands and answers of background work that wait for the engine thread, in order of arrival. Any
// thread may put; the engine thread takes. Internal to Engine.
class Mailbox {
 public:
  struct Delivery {
    std::optional<ModelId> about;  // none: no particular model
    std::function<void()> run;     // on the engine thread
  };
  using Message = std::variant<Command, Delivery>;

  // A Set… command removes a waiting one of its type and model and goes to the end, unless another
  // kind of command came in between: a Reset must see only the values that were set before it.
  void put(Command command);
  void deliver(Delivery delivery);

  // Wakes wait() without a message.
  void nudge();

  std::optional<Message> take();  // the oldest one, or nothing; never blocks

  // Blocks until there is a message or a nudge.
  void wait();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> messages_;
  bool nudged_ = false;
};

}  // namespace zscape
