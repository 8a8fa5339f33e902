#pragma once

#include <string>
#include <string_view>

#include "app/cli/outcome.h"
#include "engine/ranks.h"

// A command that several ranks carry out together (engine/ranks.h). Where one of them alone cannot
// go on, the others must not wait for it.
namespace zscape {

// Together: nothing failed, or the failure of the first rank that has one; it names that rank.
Outcome<void> agreed(Ranks& ranks, const Outcome<void>& mine);

// Ends all ranks with one line, since this one cannot go on.
[[noreturn]] void end_all(Ranks& ranks, std::string_view message);

// Together: whether a signal has come to any rank. Then interrupted() is true in all of them.
bool interrupted_together(Ranks& ranks);

// A file of rank 0, readable in every rank while this object lives. Its host alone needs it.
class SharedFile {
 public:
  // Together: reads it, unless rank 0 has failed before.
  static Outcome<SharedFile> share(Ranks& ranks, const std::string& path,
                                   const Outcome<void>& before = {});
  SharedFile(SharedFile&& other) noexcept;
  SharedFile& operator=(SharedFile&& other) noexcept;
  ~SharedFile();

  const std::string& path() const { return path_; }  // of rank 0 itself: the file's own

 private:
  SharedFile() = default;
  std::string path_;
  int descriptor_ = -1;  // of its copy in memory; -1: none
};

// How many threads a rank may take, so that those of one host do not take more than there are
// cores.
int threads_of_rank(const Ranks& ranks);

}  // namespace zscape
