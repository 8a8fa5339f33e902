#include "engine/data/fetch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/download.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

bool is_whole(const std::string& path, const RemoteFile& file) {
  std::error_code problem;
  if (!fs::is_regular_file(path, problem)) return false;
  if (static_cast<std::int64_t>(fs::file_size(path, problem)) != file.size || problem) return false;
  const auto md5 = md5_of_file(path);
  return md5 && *md5 == file.md5;
}

std::string address_of(const std::string& mirror, const std::string& name) {
  return mirror.ends_with('/') ? mirror + name : mirror + "/" + name;
}

// Moves a complete file to its place if it is the right one.
Expected<void> verify(const std::string& url, const RemoteFile& file, PartFile& part,
                      const std::string& place) {
  const auto md5 = md5_of_file(part.path());
  if (!md5) return tl::unexpected(md5.error());
  if (*md5 == file.md5) return part.move_to(place);
  part.remove();
  return fail(
      tr("{} cannot be used: its MD5 is {} instead of {}; what came was removed, run it again or "
         "name another mirror",
         url, *md5, file.md5));
}

Expected<void> fetch_from(const std::string& url, const RemoteFile& file, const std::string& place,
                          const DownloadPatience& patience, const ByteProgress& progress) {
  auto part = PartFile::open(place + ".part");
  if (!part) return tl::unexpected(part.error());
  if (part->size() > file.size) {
    if (auto emptied = part->clear(); !emptied) return emptied;
  }
  auto done = download(url, file.size, *part, patience, progress);
  if (!done) {
    if (part->size() == 0) part->remove();
    return done;
  }
  return verify(url, file, *part, place);
}

}  // namespace

Expected<Fetched> fetch_files(std::span<const RemoteFile> files,
                              std::span<const std::string> mirrors, const std::string& folder,
                              const DownloadPatience& patience, const Progress& progress) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) {
    return fail(tr("the folder '{}' cannot be made: {}", folder, problem.message()));
  }
  Fetched fetched;
  fetched.folder = folder;
  for (const RemoteFile& file : files) fetched.bytes += file.size;

  std::int64_t before = 0;  // bytes of the complete files
  bool cancelled = false;
  const ByteProgress byte_progress = [&](std::int64_t bytes) {
    const double all = static_cast<double>(fetched.bytes);
    cancelled = cancelled || !report(progress, static_cast<double>(before + bytes) / all);
    return !cancelled;
  };
  for (const RemoteFile& file : files) {
    const std::string place = (fs::path(folder) / file.name).string();
    if (!is_whole(place, file)) {
      Expected<void> done = fail(tr("there is no mirror to download from"));
      for (const std::string& mirror : mirrors) {
        auto tried =
            fetch_from(address_of(mirror, file.name), file, place, patience, byte_progress);
        if (tried || cancelled || &mirror == &mirrors.front()) done = std::move(tried);
        if (done || cancelled) break;
      }
      if (!done) return tl::unexpected(done.error());
      ++fetched.files;
    }
    before += file.size;
    if (!byte_progress(0)) return fail(tr("downloading was cancelled"), ErrorCode::cancelled);
  }
  return fetched;
}

Expected<Fetched> fetch(const std::string& name, const std::optional<std::string>& from,
                        const Progress& progress) {
  const NamedSet* set = find_named_set(name);
  if (set == nullptr) {
    std::vector<std::string> names;
    for (const NamedSet& known : named_sets()) names.push_back(known.name);
    return fail(
        tr("'{}' is no data set that zscape can fetch; it knows {}", name, fmt::join(names, ", ")));
  }
  if (from && !is_web_address(*from)) {
    return fail(
        tr("'{}' is no address to fetch from; give the http:// or https:// URL of a folder with "
           "the files",
           *from));
  }
  const auto folder = named_set_folder(*set);
  if (!folder) return tl::unexpected(folder.error());
  const std::vector<std::string> mirrors = from ? std::vector{*from} : set->mirrors;
  return fetch_files(set->files, mirrors, folder->string(), {}, progress);
}

Expected<std::string> md5_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return fail(tr("'{}' cannot be opened: {}", path, std::strerror(errno)));
  std::error_code problem;
  const auto bytes = fs::file_size(path, problem);  // refuses folders, too
  std::vector<char> content(problem ? 0 : bytes);
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (problem || !file) {
    return fail(
        tr("'{}' cannot be read: {}", path,
           problem ? problem.message() : std::string(std::strerror(errno != 0 ? errno : EIO))));
  }
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  if (EVP_Digest(content.data(), content.size(), sum.data(), &size, EVP_md5(), nullptr) != 1) {
    return fail(tr("'{}' cannot be checked: this system's OpenSSL offers no MD5", path));
  }
  return fmt::format("{:02x}", fmt::join(std::span(sum).first(size), ""));
}

}  // namespace zscape
