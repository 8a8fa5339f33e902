#include "engine/reader/channel.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace zscape {
namespace {

constexpr std::size_t kMostRequest = std::size_t{1} << 26U;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 20U;

// False at the end of the stream.
bool read_all(std::span<char> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

void write_all(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) std::_Exit(0);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void write_head(FrameKind kind, std::uint64_t length) {
  std::array<std::byte, kFrameHead> head{};
  head[0] = static_cast<std::byte>(kind);
  std::memcpy(head.data() + 1, &length, sizeof length);
  write_all(head);
}

}  // namespace

std::optional<std::string> Channel::receive() {
  std::array<char, sizeof(std::uint64_t)> head{};
  if (!read_all(head)) return std::nullopt;
  std::uint64_t length = 0;
  std::memcpy(&length, head.data(), sizeof length);
  if (length > kMostRequest) return std::nullopt;
  std::string text(length, '\0');
  if (!read_all(text)) return std::nullopt;
  thousandths_ = 0;
  return text;
}

void Channel::send(FrameKind kind, std::span<const std::byte> contents) {
  write_head(kind, contents.size());
  write_all(contents);
}

void Channel::send_bytes(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), kMostAtOnce));
    send(FrameKind::bytes, part);
    bytes = bytes.subspan(part.size());
  }
}

void Channel::send_error(std::string_view sentence) {
  sentence = sentence.substr(0, kMostError);
  send(FrameKind::error, std::as_bytes(std::span(sentence)));
}

void Channel::send_progress(double done) {
  const int now = static_cast<int>(std::clamp(done, 0.0, 1.0) * 1000);
  if (now <= thousandths_) return;
  thousandths_ = now;
  write_head(FrameKind::progress, static_cast<std::uint64_t>(now));
}

}  // namespace zscape
