// zscape-read: reads files of C libraries for zscape, which trusts neither the files nor this
// program. See engine/data/reader_protocol.h.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/reader_protocol.h"
#include "engine/reader/archive.h"
#include "engine/reader/channel.h"
#include "engine/reader/file_reader.h"
#include "engine/reader/guard.h"
#include "engine/reader/pictures.h"
#include "engine/text.h"

namespace zscape {
namespace {

using nlohmann::json;

std::string path_from(const json& bytes) {
  std::string path;
  for (const json& byte : bytes) path += static_cast<char>(byte.get<int>());
  return path;
}

class Server {
 public:
  void answer(const json& request) {
    const std::string what = request.at("do");
    if (what == "list") {
      settle(list(request));
    } else if (what == "read") {
      settle(read(request));
    } else if (what == "unpack") {
      path_ = path_from(request.at("path"));
      settle(request.contains("column") ? send_files(request.at("column"))
                                        : send_archive(path_, channel_));
    } else if (what == "pictures") {
      for (const json& path : request.at("paths")) {
        settle(picture(path_from(path), request.at("pixels"), request.at("deep")));
      }
    }
  }

  void refuse(const std::string& sentence) { channel_.send_error(sentence); }

  void run() {
    while (const auto text = channel_.receive()) {
      try {
        answer(json::parse(*text));
      } catch (const std::bad_alloc&) {
        refuse(
            tr("'{}' needs more memory than a file of its size should; it is damaged, or made "
               "to fill the memory",
               path_));
      } catch (const std::exception& problem) {
        refuse(tr("'{}' cannot be read: {}", path_, problem.what()));
      }
    }
  }

 private:
  void settle(const Expected<void>& done) {
    if (!done) refuse(done.error().message);
  }

  Expected<void> list(const json& request) {
    path_ = path_from(request.at("path"));
    const std::string format = request.at("format");
    auto opened = format == "hdf5"      ? open_hdf5(path_)
                  : format == "parquet" ? open_parquet(path_)
                                        : open_mat(path_);
    if (!opened) return tl::unexpected(opened.error());
    reader_ = std::move(*opened);
    auto info = reader_->list();
    if (!info) return tl::unexpected(info.error());
    info_ = std::move(*info);
    json arrays = json::array();
    for (const ArrayInfo& array : info_.arrays) {
      arrays.push_back({{"name", array.name}, {"type", array.type}, {"shape", array.shape}});
      if (!array.class_names.empty()) arrays.back()["class_names"] = array.class_names;
    }
    const json description = {{"arrays", std::move(arrays)}, {"notes", info_.notes}};
    channel_.send_json(text_of(description));
    return {};
  }

  Expected<void> send_files(const std::string& column) {
    auto opened = open_parquet(path_);
    if (!opened) return tl::unexpected(opened.error());
    const auto info = (*opened)->list();
    if (!info) return tl::unexpected(info.error());
    const auto rows = [&] {
      for (const ArrayInfo& array : info->arrays) {
        if (array.name == column) return static_cast<double>(array.shape.front()) + 1;
      }
      return 1.0;
    }();
    auto sent =
        (*opened)->read_files(column, [&](std::int64_t row, std::span<const std::byte> bytes) {
          channel_.send_progress(static_cast<double>(row) / rows);
          const std::string name = std::to_string(row);
          channel_.send_json(text_of({{"name", std::vector<int>(name.begin(), name.end())}}));
          constexpr std::size_t kBlock = std::size_t{1} << 18U;
          for (std::size_t first = 0; first < bytes.size(); first += kBlock) {
            const auto block = bytes.subspan(first, std::min(kBlock, bytes.size() - first));
            channel_.send_json(text_of({{"bytes", block.size()}}));
            channel_.send_bytes(block);
          }
          channel_.send_json(text_of({{"bytes", 0}}));
        });
    if (sent) channel_.send_json("{}");
    return sent;
  }

  Expected<void> read(const json& request) {
    const auto array = request.at("array").get<std::size_t>();
    if (info_.arrays.at(array).type == "text") {
      const auto texts = reader_->read_text(array);
      if (!texts) return tl::unexpected(texts.error());
      channel_.send_json(text_of(*texts));
      return {};
    }
    return reader_->read(array, request.at("axis"), request.at("first"), request.at("rows"),
                         [&](std::span<const std::byte> bytes) { channel_.send_bytes(bytes); });
  }

  Expected<void> picture(const std::string& path, bool pixels, bool deep) {
    path_ = path;
    const auto read = read_picture(path, pixels, deep);
    if (!read) return tl::unexpected(read.error());
    const json head = {{"width", read->width},
                       {"height", read->height},
                       {"channels", read->channels},
                       {"bits", read->bits}};
    channel_.send_json(text_of(head));
    if (pixels) channel_.send_bytes(read->bytes);
    return {};
  }

  static std::string text_of(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
  }

  Channel channel_;
  std::string path_;
  std::unique_ptr<FileReader> reader_;
  FileInfo info_;
};

}  // namespace
}  // namespace zscape

int main(int count, char** words) {
  if (count != 4) return 64;
  zscape::give_up_rights(std::strtol(words[1], nullptr, 10), std::strtoull(words[2], nullptr, 10),
                         std::strtoull(words[3], nullptr, 10));
  zscape::Server().run();
}
