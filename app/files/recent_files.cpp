#include "app/files/recent_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <system_error>

#include "engine/io/atomic_file.h"
#include "engine/json_text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr std::size_t kMost = 8;

}  // namespace

RecentFiles::RecentFiles(std::string path) : path_(std::move(path)) {
  std::ifstream file(path_, std::ios::binary);
  const Json json = json_or_discarded(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!json.is_array()) return;
  for (const Json& entry : json) {
    if (entry.is_string() && files_.size() < kMost) files_.push_back(entry.get<std::string>());
  }
}

void RecentFiles::add(const std::string& file) {
  std::error_code error;
  fs::path whole = fs::absolute(file, error).lexically_normal();
  if (error) return;
  if (!whole.has_filename()) whole = whole.parent_path();  // "folder/"
  if (!files_.empty() && files_.front() == whole.string()) return;
  std::erase(files_, whole.string());
  files_.insert(files_.begin(), whole.string());
  if (files_.size() > kMost) files_.resize(kMost);
  if (path_.empty()) return;
  fs::create_directories(fs::path(path_).parent_path(), error);
  const std::string text = Json(files_).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  (void)write_file_atomically(path_, std::as_bytes(std::span(text)));
}

std::vector<std::string> ready_made_models() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::vector<std::string> models;
  if (error) return models;
  for (const char* place : {"models", "../share/zscape/models", "../../models"}) {
    const fs::path folder = (program / place).lexically_normal();
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".safetensors") models.push_back(entry.path().string());
    }
    if (!models.empty()) break;
  }
  std::ranges::sort(models);
  return models;
}

}  // namespace zscape
