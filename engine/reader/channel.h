#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/data/reader_protocol.h"

namespace zscape {

// The child's end of the socket (engine/data/reader_protocol.h). Ends the process where the parent
// has gone.
class Channel {
 public:
  // The next request; nothing once the parent closed its end.
  std::optional<std::string> receive();

  void send_json(std::string_view text) { send(FrameKind::json, std::as_bytes(std::span(text))); }
  void send_bytes(std::span<const std::byte> bytes);
  void send_error(std::string_view sentence);
  // done: in [0, 1] of the present request; what is no news is not sent.
  void send_progress(double done);

 private:
  void send(FrameKind kind, std::span<const std::byte> contents);
  int thousandths_ = 0;
};

}  // namespace zscape
