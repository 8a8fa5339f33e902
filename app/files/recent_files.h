#pragma once

#include <string>
#include <vector>

namespace zscape {

// The files opened or saved last, newest first. All windows of a user share the list, a JSON file
// in the state folder. A list that cannot be read is empty; a failed write is ignored. Without a
// path the list lives in memory only.
class RecentFiles {
 public:
  RecentFiles() = default;
  explicit RecentFiles(std::string path);

  void add(const std::string& file);  // is made absolute
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

// The models that ship with zscape: beside the program, where it is installed, or in its checkout.
std::vector<std::string> ready_made_models();

}  // namespace zscape
