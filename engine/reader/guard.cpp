#include "engine/reader/guard.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace zscape {
namespace {

constexpr int kRefused = 71;  // the exit code where the kernel does not take a limit

void limit(decltype(RLIMIT_AS) what, rlim_t soft, bool for_good) {
  rlimit value{};
  if (getrlimit(what, &value) != 0) std::_Exit(kRefused);
  value.rlim_cur = value.rlim_max < soft ? value.rlim_max : soft;
  if (for_good) value.rlim_max = value.rlim_cur;
  if (setrlimit(what, &value) != 0) std::_Exit(kRefused);
}

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

// System calls that no reader needs; those that a kernel's headers do not know are left out.
const std::uint32_t kDenied[] = {
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_execve,
    SYS_execveat,
    SYS_ptrace,
    SYS_unlinkat,
    SYS_mkdirat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_fchmodat,
    SYS_fchownat,
    SYS_fchmod,
    SYS_fchown,
    SYS_mknodat,
    SYS_truncate,
    SYS_setxattr,
    SYS_mount,
    SYS_unshare,
    SYS_setns,
    SYS_keyctl,
    SYS_add_key,
    SYS_bpf,
    SYS_tkill,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_utimensat,
    SYS_renameat2,
#ifdef SYS_io_uring_setup
    SYS_io_uring_setup,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
    SYS_unlink,
    SYS_rmdir,
    SYS_mkdir,
    SYS_rename,
    SYS_link,
    SYS_symlink,
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_mknod,
    SYS_creat,
    SYS_utime,
    SYS_utimes,
#endif
};

constexpr std::uint32_t kWrites = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

class Filter {
 public:
  void add(std::uint16_t code, std::uint32_t value, std::uint8_t if_true = 0,
           std::uint8_t if_false = 0) {
    lines_.push_back({code, if_true, if_false, value});
  }
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  }
  void answer(std::uint32_t what) { add(BPF_RET | BPF_K, what); }
  // Behind the call's number: this call fails if an argument has any of these bits.
  void deny_bits(std::uint32_t call, std::size_t argument, std::uint32_t bits) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
    add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    answer(SECCOMP_RET_ERRNO | EPERM);
    answer(SECCOMP_RET_ALLOW);
  }
  // This call fails unless an argument is this value.
  void deny_others(std::uint32_t call, std::size_t argument, std::uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 4);
    load(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    answer(SECCOMP_RET_ERRNO | EPERM);
    answer(SECCOMP_RET_ALLOW);
  }
  // Whether the kernel took it; one without such filters does not.
  bool install() {
    const sock_fprog program = {static_cast<unsigned short>(lines_.size()), lines_.data()};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  std::vector<sock_filter> lines_;
};

void filter_calls() {
  if (kArchitecture == 0) return;
  Filter filter;
  filter.load(offsetof(seccomp_data, arch));
  filter.add(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
  filter.answer(SECCOMP_RET_KILL_PROCESS);
  filter.load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  constexpr std::uint32_t kX32 = 0x40000000;  // the same calls under other numbers
  filter.add(BPF_JMP | BPF_JGE | BPF_K, kX32, 0, 1);
  filter.answer(SECCOMP_RET_ERRNO | ENOSYS);
#endif
  for (const std::uint32_t call : kDenied) {
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    filter.answer(SECCOMP_RET_ERRNO | EPERM);
  }
  // Its flags lie in memory, where a filter cannot look; the C library then takes another call.
  for (const std::uint32_t call : {SYS_clone3, SYS_openat2}) {
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1);
    filter.answer(SECCOMP_RET_ERRNO | ENOSYS);
  }
  filter.deny_bits(SYS_openat, 2, kWrites);
#ifdef SYS_open
  filter.deny_bits(SYS_open, 1, kWrites);
#endif
  // It may end itself, as abort() does.
  const auto own = static_cast<std::uint32_t>(getpid());
  filter.deny_others(SYS_tgkill, 0, own);
  filter.deny_others(SYS_kill, 0, own);
  // Threads are fine, processes are not.
  filter.add(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3);
  filter.load(offsetof(seccomp_data, args));
  filter.add(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0);
  filter.answer(SECCOMP_RET_ERRNO | EPERM);
  filter.answer(SECCOMP_RET_ALLOW);
  filter.install();  // an older kernel without it still has all the limits
}

}  // namespace

void give_up_rights(long parent, unsigned long long memory, unsigned long long seconds) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) std::_Exit(kRefused);
  limit(RLIMIT_CORE, 0, true);
  limit(RLIMIT_FSIZE, 0, true);
  limit(RLIMIT_NOFILE, 64, true);
  limit(RLIMIT_CPU, seconds, false);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which reserve terabytes
  limit(RLIMIT_AS, memory, false);
#else
  static_cast<void>(memory);
#endif
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) std::_Exit(kRefused);
  filter_calls();
}

}  // namespace zscape
