#pragma once

#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigfillset() is POSIX
#include <spawn.h>
#include <unistd.h>

namespace zscape {

// What posix_spawn() takes for a child that speaks over one socket, and that this process alone
// ends.

// A group of its own, so that Ctrl-C reaches the parent alone, and no signal ignored or blocked.
struct ChildAttributes {
  ChildAttributes() {
    posix_spawnattr_init(&value);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&value, &none);
    posix_spawnattr_setsigdefault(&value, &all);
    posix_spawnattr_setpgroup(&value, 0);
    posix_spawnattr_setflags(
        &value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~ChildAttributes() { posix_spawnattr_destroy(&value); }
  ChildAttributes(const ChildAttributes&) = delete;
  ChildAttributes& operator=(const ChildAttributes&) = delete;
  posix_spawnattr_t value{};
};

// The socket is the child's standard input and output.
struct ChildDescriptors {
  explicit ChildDescriptors(int socket) {
    posix_spawn_file_actions_init(&value);
    posix_spawn_file_actions_adddup2(&value, socket, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&value, STDIN_FILENO, STDOUT_FILENO);
  }
  ~ChildDescriptors() { posix_spawn_file_actions_destroy(&value); }
  ChildDescriptors(const ChildDescriptors&) = delete;
  ChildDescriptors& operator=(const ChildDescriptors&) = delete;
  posix_spawn_file_actions_t value{};
};

}  // namespace zscape
