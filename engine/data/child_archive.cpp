#include "engine/data/child_archive.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/data/names.h"
#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view kPrefix = "zscape-archive-";
constexpr std::size_t kMostFiles = 5'000'000;
// How much larger than the archive its files may be: pictures hardly shrink, arrays of zeros do.
constexpr std::uint64_t kMostGrowth = 200;
constexpr std::uint64_t kSmall = std::uint64_t{1} << 26U;
constexpr std::size_t kMostBlock = std::size_t{1} << 22U;

// Those of processes that were killed: their number stands in the name.
void remove_leftovers(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    const auto process =
        static_cast<pid_t>(std::strtol(name.c_str() + kPrefix.size(), nullptr, 10));
    if (process > 0 && ::kill(process, 0) != 0 && errno == ESRCH) {
      fs::remove_all(entry.path(), ignored);
    }
  }
}

bool is_hidden(const fs::path& name) {
  return std::ranges::any_of(name, [](const fs::path& part) {
    const std::string text = part.string();
    return text == "__MACOSX" || (text.starts_with('.') && text != "." && text != "..");
  });
}

// Takes the files of an archive as they come.
class Unpacker {
 public:
  Unpacker(std::string path, fs::path folder, std::uint64_t most)
      : path_(std::move(path)), folder_(std::move(folder)), most_(most) {}

  Expected<void> begin(const std::string& name) {
    const fs::path relative = fs::path(name).lexically_normal();
    const bool leads_out = std::ranges::any_of(
        relative, [](const fs::path& part) { return part == ".." || part == "/"; });
    if (name.empty() || name.find('\0') != std::string::npos || relative.is_absolute() ||
        leads_out || !relative.has_filename()) {
      return fail(
          tr("'{}' holds a file '{}', which would lie outside of the folder it is unpacked "
             "into; such an archive is not opened",
             path_, as_utf8(name)));
    }
    file_ = {};
    if (is_hidden(relative)) return {};
    if (names_.size() >= kMostFiles) {
      return fail(tr("'{}' holds more than {} files", path_, kMostFiles));
    }
    std::error_code problem;
    fs::create_directories((folder_ / relative).parent_path(), problem);
    file_.open(folder_ / relative, std::ios::binary | std::ios::trunc);
    if (!file_.is_open()) {
      return fail(tr("the file '{}' of '{}' cannot be written into '{}'", as_utf8(name), path_,
                     folder_.string()));
    }
    names_.insert(relative.string());
    return {};
  }

  Expected<void> write(const std::vector<char>& bytes) {
    written_ += bytes.size();
    if (written_ > most_) {
      return fail(
          tr("'{}' unpacks to more than {} MB, which is too much for an archive of its size "
             "or for the disk of temporary files; unpack it yourself and give the folder",
             path_, most_ >> 20U));
    }
    if (!file_.is_open()) return {};
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (file_) return {};
    return fail(tr("'{}' cannot be unpacked: '{}' cannot be written; is its disk full?", path_,
                   folder_.string()));
  }

  Expected<void> end() {
    if (!file_.is_open()) return {};
    file_.close();
    if (file_) return {};
    return fail(tr("'{}' cannot be unpacked: '{}' cannot be written; is its disk full?", path_,
                   folder_.string()));
  }

  std::vector<std::string> names() const { return {names_.begin(), names_.end()}; }

 private:
  std::string path_;
  fs::path folder_;
  std::uint64_t most_;
  std::uint64_t written_ = 0;
  std::ofstream file_;
  std::set<std::string> names_;
};

std::string text_of(const json& bytes) {
  std::string text;
  for (const json& byte : bytes) text += static_cast<char>(byte.get<int>());
  return text;
}

// The bytes of one file; each block says its length first.
Expected<void> receive_file(ChildProcess& child, Unpacker& unpacker, const Progress& progress) {
  std::vector<char> block;
  while (true) {
    const auto text = child.receive_json(progress);
    if (!text) return tl::unexpected(text.error());
    std::int64_t count = 0;
    try {
      count = count_from(json_from(*text).at("bytes"));
    } catch (const json::exception& problem) {
      return child.nonsense(problem.what());
    }
    if (count == 0) return unpacker.end();
    if (count > static_cast<std::int64_t>(kMostBlock))
      return child.nonsense(tr("a block's length"));
    block.resize(static_cast<std::size_t>(count));
    if (auto done = child.receive_bytes(std::as_writable_bytes(std::span(block)), progress);
        !done) {
      return done;
    }
    if (auto done = unpacker.write(block); !done) return done;
  }
}

}  // namespace

Expected<std::shared_ptr<PrivateFolder>> PrivateFolder::make() {
  std::error_code problem;
  const fs::path parent = fs::temp_directory_path(problem);
  if (problem) return fail(tr("there is no folder for temporary files: {}", problem.message()));
  remove_leftovers(parent);
  std::string pattern =
      (parent / (std::string(kPrefix) + std::to_string(::getpid()) + "-XXXXXX")).string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return fail(
        tr("'{}' takes no folder for temporary files; TMPDIR names another", parent.string()));
  }
  return std::shared_ptr<PrivateFolder>(new PrivateFolder(pattern));
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Expected<std::vector<std::string>> unpack_archive(const std::string& path, const fs::path& folder,
                                                  const Progress& progress,
                                                  const ChildLimits& limits,
                                                  const std::string& column) {
  std::error_code problem;
  const std::uint64_t size = fs::file_size(path, problem);
  if (problem) return fail(tr("'{}' cannot be read: {}", path, problem.message()));
  const std::uint64_t room = fs::space(folder, problem).available;
  const std::uint64_t grown = size > UINT64_MAX / kMostGrowth ? UINT64_MAX : size * kMostGrowth;
  Unpacker unpacker(path, folder,
                    std::min(std::max(grown, kSmall), problem ? UINT64_MAX : room / 10 * 9));
  auto child = ChildProcess::start(path, limits);
  if (!child) return tl::unexpected(child.error());
  // Of the whole: a block says how much of itself has come.
  const Progress whole = [&](double) { return report(progress, child->done()); };
  json request = {{"do", "unpack"}, {"path", std::vector<int>(path.begin(), path.end())}};
  if (!column.empty()) request["column"] = column;
  if (auto asked = child->ask(request.dump(), whole); !asked) {
    return tl::unexpected(asked.error());
  }
  while (true) {
    const auto text = child->receive_json(whole);
    if (!text) return tl::unexpected(text.error());
    std::string name;
    try {
      const json head = json_from(*text);
      if (head.empty()) return unpacker.names();
      name = text_of(head.at("name"));
    } catch (const json::exception& nonsense) {
      return child->nonsense(nonsense.what());
    }
    if (auto begun = unpacker.begin(name); !begun) return tl::unexpected(begun.error());
    if (auto done = receive_file(*child, unpacker, whole); !done) {
      return tl::unexpected(done.error());
    }
  }
}

}  // namespace zscape
