#include "engine/data/md5.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18U;

struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};

}  // namespace

Expected<std::string> md5_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return fail(tr("'{}' cannot be opened", path));
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(EVP_MD_CTX_new());
  if (!digest || EVP_DigestInit_ex(digest.get(), EVP_md5(), nullptr) != 1) {
    return fail(tr("'{}' cannot be checked: this system's OpenSSL offers no MD5", path));
  }
  std::vector<char> chunk(kChunk);
  while (file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    EVP_DigestUpdate(digest.get(), chunk.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || !file.eof()) return fail(tr("'{}' cannot be read", path));

  std::array<std::uint8_t, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  EVP_DigestFinal_ex(digest.get(), sum.data(), &size);
  std::string text;
  for (const std::uint8_t byte : std::span(sum).first(size)) {
    fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  }
  return text;
}

}  // namespace zscape
