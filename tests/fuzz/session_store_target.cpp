#include <cstdlib>
#include <filesystem>

#include "app/files/session_store.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// Parts: two sessions in the state folder, and the session of zscape 0.1. Each has a run's file.
bool list_sessions(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::filesystem::path state = std::filesystem::path(folder.path()) / "zscape";
  std::filesystem::create_directories(state / "sessions");
  setenv("XDG_STATE_HOME", folder.path().c_str(), 1);
  const auto parts = parts_of(bytes, 3);
  folder.put_or_remove("zscape/sessions/20260101-120000-1.json", parts[0]);
  folder.put_or_remove("zscape/sessions/20260101-120000-2.json", parts[1]);
  folder.put_or_remove("zscape/session.json", parts[2]);
  folder.put("zscape/sessions/20260101-120000-1.17.safetensors", {});
  folder.put("zscape/sessions/20260101-120000-3.18.safetensors", {});  // of a session that is gone

  const auto sessions = kept_sessions();
  for (const KeptSession& kept : sessions) {
    demand(kept.step >= 0 && !kept.data.empty(), "a kept session has a step and data");
    demand(is_kept_session(kept.path), "a kept session lies in the folder of sessions");
  }
  prune_sessions();
  demand(kept_sessions().size() == sessions.size(), "pruning keeps ten sessions");
  demand(!std::filesystem::exists(state / "sessions/20260101-120000-3.18.safetensors"),
         "pruning removes what killed windows left");
  demand(parts[0].empty() || !newest_session().empty(), "there is a newest session");
  return !sessions.empty();
}

}  // namespace

FuzzTarget session_store_target() {
  return {.name = "session_store", .run = list_sessions};
}

}  // namespace zscape
