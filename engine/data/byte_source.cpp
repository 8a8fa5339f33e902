#include "engine/data/byte_source.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

class FileSource : public ByteSource {
 public:
  FileSource(std::ifstream file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Expected<std::size_t> read(std::span<std::byte> bytes) override {
    file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<std::size_t>(file_.gcount());
  }

  Expected<void> seek(std::uint64_t place) override {
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(place));
    return {};
  }

 private:
  std::ifstream file_;
  std::uint64_t size_;
};

}  // namespace

Expected<std::unique_ptr<ByteSource>> open_file_source(const std::string& path) {
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(path, problem);  // refuses folders, too
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
  return std::make_unique<FileSource>(std::move(file), size);
}

}  // namespace zscape
