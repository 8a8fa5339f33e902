#include "engine/program/base64.h"

#include <cstdint>

namespace zscape {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group =
          group << 8U | (i + j < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i + j]) : 0);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool is_padding = i + j > bytes.size();
      text += is_padding ? '=' : kLetters[group >> (18U - 6U * j) & 63U];
    }
  }
  return text;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t group = 0;
    std::size_t letters = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const char letter = text[i + j];
      const std::size_t value = kLetters.find(letter);
      const bool may_pad = i + 4 == text.size() && j >= 2 && letter == '=';
      if (value == std::string_view::npos && !may_pad) return std::nullopt;
      if (value != std::string_view::npos && letters != j) return std::nullopt;
      if (value != std::string_view::npos) ++letters;
      group = group << 6U | (may_pad ? 0U : static_cast<std::uint32_t>(value));
    }
    for (std::size_t j = 0; j + 1 < letters; ++j) {
      bytes.push_back(static_cast<std::byte>(group >> (16U - 8U * j) & 255U));
    }
  }
  return bytes;
}

}  // namespace zscape
