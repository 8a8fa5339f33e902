#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace zscape {

// A session that a window keeps for its user: NAME.json in the folder `sessions` of the state
// folder, with its runs beside it in NAME.….safetensors. Any thread may call these functions.
struct KeptSession {
  std::string path;
  std::string data;  // what it learns from, in short
  std::time_t written = 0;
  std::int64_t step = 0;
};

inline constexpr std::size_t kMostSessions = 10;  // the oldest beyond these are removed

// While it lives, no other window takes this session, or removes it.
class SessionLock {
 public:
  // Null: another window has it.
  static std::shared_ptr<const SessionLock> take(const std::string& session);
  ~SessionLock();
  SessionLock(const SessionLock&) = delete;
  SessionLock& operator=(const SessionLock&) = delete;

  const std::string& session() const { return session_; }  // its file

 private:
  SessionLock(std::string session, int descriptor)
      : session_(std::move(session)), descriptor_(descriptor) {}

  std::string session_;
  int descriptor_;
};

// A new name. Null: there is no folder that can be written to.
std::shared_ptr<const SessionLock> new_session();

bool is_kept_session(const std::string& path);
std::string newest_session();              // also one of zscape 0.1; empty: there is none
std::vector<KeptSession> kept_sessions();  // newest first; without those of zscape 0.1

std::string new_run_path(const std::string& session);  // of a file for its weights
// Of the runs of a session those that are older than `kept`; all, if that is empty.
void remove_older_runs(const std::string& session, const std::vector<std::string>& kept);

// Removes the oldest ones, and what killed windows left, but nothing that a window has.
void prune_sessions();

}  // namespace zscape
