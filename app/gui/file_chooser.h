#pragma once

#include <sys/types.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace zscape {

// What a file is chosen for.
enum class ChooserPurpose { open_file, open_folder, open_results, save_session };

// The desktop's own file chooser (zenity or kdialog) in a separate process, so that no frame waits.
// One at a time; used on the window's thread.
class FileChooser {
 public:
  struct Answer {
    ChooserPurpose purpose = ChooserPurpose::open_file;
    std::string path;         // empty: given up
    bool has_failed = false;  // it could not be shown
  };

  // wake is called, on a thread of the chooser's, when there is an answer.
  explicit FileChooser(std::function<void()> wake) : wake_(std::move(wake)) {}
  ~FileChooser();
  FileChooser(const FileChooser&) = delete;
  FileChooser& operator=(const FileChooser&) = delete;

  // start: the first folder, or the file to save. endings: offered for opening (".npy"); the user
  // may show all. False: the desktop has no chooser.
  bool show(ChooserPurpose purpose, const std::string& start,
            const std::vector<std::string>& endings);
  bool is_open() const { return thread_.joinable(); }

  // The answer, once.
  std::optional<Answer> take();

 private:
  void wait_for(ChooserPurpose purpose, int pipe, pid_t child);

  std::function<void()> wake_;
  std::thread thread_;
  pid_t child_ = 0;
  std::mutex mutex_;
  std::optional<Answer> answer_;
};

}  // namespace zscape
