#pragma once

#include <string>
#include <vector>

namespace zscape {

// What was opened or saved last, newest first, for all windows of the person: kept as JSON under
// the state folder. A list that cannot be read is empty; one that cannot be written is no reason to
// bother anybody. Made without a path it only lives in memory.
class RecentFiles {
 public:
  RecentFiles() = default;
  explicit RecentFiles(std::string path);

  void add(const std::string& file);  // made absolute
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::string path_;
  std::vector<std::string> files_;
};

// The models that come with zscape: beside the program, where it is installed, or in the checkout
// that it was built in.
std::vector<std::string> ready_made_models();

}  // namespace zscape
