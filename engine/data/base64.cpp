#include "engine/data/base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>

namespace zscape {
namespace {

constexpr std::size_t kMostBytes = std::numeric_limits<int>::max() / 2;  // that OpenSSL counts

}  // namespace

std::string to_base64(std::span<const std::byte> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::vector<std::byte>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > kMostBytes) return std::nullopt;
  std::vector<std::byte> bytes(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  // Of the padding it makes zeros.
  const auto padding = std::min<std::size_t>(text.size() - text.find_last_not_of('=') - 1, 2);
  bytes.resize(text.empty() ? 0 : static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace zscape
