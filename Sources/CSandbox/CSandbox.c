#define _GNU_SOURCE
#include "CSandbox.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

bool csandbox_end_with_parent(int parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return getppid() == parent;
}

void csandbox_close_others(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0) return;
#endif
  long most = sysconf(_SC_OPEN_MAX);
  for (int descriptor = STDERR_FILENO + 1; descriptor < most; descriptor++) close(descriptor);
}

// Landlock's numbers and structures: the headers of older systems lack some of them, and the numbers
// are the same on all processors.
enum {
  LANDLOCK_CREATE = 444,
  LANDLOCK_ADD_RULE = 445,
  LANDLOCK_RESTRICT_SELF = 446,
  LANDLOCK_VERSION_FLAG = 1,
  LANDLOCK_PATH = 1,
};

struct landlock_ruleset {
  uint64_t files, network, scopes;
};

struct __attribute__((packed)) landlock_path {
  uint64_t allowed;
  int32_t descriptor;
};

static const uint64_t landlock_read_file = 1 << 2;

// The rights to files that each version of the interface knows.
static uint64_t landlock_file_rights(long version) {
  if (version >= 5) return (1 << 16) - 1;
  if (version >= 3) return (1 << 15) - 1;
  return version == 2 ? (1 << 14) - 1 : (1 << 13) - 1;
}

static void restrict_files(int readable) {
  long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION_FLAG);
  if (version < 1) return;
  // Binding and connecting, and from version 6 abstract sockets and signals to other processes.
  struct landlock_ruleset rights = {landlock_file_rights(version), version >= 4 ? 3 : 0, version >= 6 ? 3 : 0};
  size_t size = version >= 6 ? sizeof rights : version >= 4 ? 16 : 8;
  int rules = (int)syscall(LANDLOCK_CREATE, &rights, size, 0);
  if (rules < 0) return;
  struct landlock_path file = {landlock_read_file, readable};
  if (syscall(LANDLOCK_ADD_RULE, rules, LANDLOCK_PATH, &file, 0) == 0) syscall(LANDLOCK_RESTRICT_SELF, rules, 0);
  close(rules);
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE

// What memory, files, time and the end of a process take. Threads and processes are not among it.
static const int allowed_calls[] = {
    SYS_read, SYS_pread64, SYS_readv, SYS_write, SYS_pwrite64, SYS_writev, SYS_lseek, SYS_close,
    SYS_fstat, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_faccessat, SYS_readlinkat, SYS_getcwd,
    SYS_fcntl, SYS_flock, SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex, SYS_set_robust_list,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_exit, SYS_exit_group,
    SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
    SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_nanosleep, SYS_clock_nanosleep, SYS_times,
    SYS_getrusage, SYS_sched_yield, SYS_sched_getaffinity, SYS_getrandom, SYS_uname, SYS_sysinfo,
    SYS_restart_syscall,
#ifdef SYS_stat
    SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_time, SYS_getrlimit,
#endif
#ifdef SYS_faccessat2
    SYS_faccessat2,
#endif
#ifdef SYS_rseq
    SYS_rseq,
#endif
};

enum {
  WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND,
  MOST_INSTRUCTIONS = 16 + 2 * sizeof allowed_calls / sizeof *allowed_calls + 40,
};

typedef struct {
  struct sock_filter instructions[MOST_INSTRUCTIONS];
  unsigned short count;
} filter;

static void add(filter *filter, struct sock_filter instruction) {
  filter->instructions[filter->count++] = instruction;
}

#define STATEMENT(code, value) ((struct sock_filter)BPF_STMT(code, value))
#define JUMP(code, value, yes, no) ((struct sock_filter)BPF_JUMP(code, value, yes, no))
#define DENY (SECCOMP_RET_ERRNO | EPERM)
// The lower half of an argument, on little-endian processors.
#define ARGUMENT(index) (offsetof(struct seccomp_data, args) + 8 * (index))

static void allow(filter *filter, int call) {
  add(filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1));
  add(filter, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

// Allows a call unless an argument has one of the bits.
static void allow_without(filter *filter, int call, int argument, unsigned bits) {
  add(filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4));
  add(filter, STATEMENT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument)));
  add(filter, JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0));
  add(filter, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  add(filter, STATEMENT(BPF_RET | BPF_K, DENY));
}

// Allows a call if an argument has this value.
static void allow_with(filter *filter, int call, int argument, unsigned value) {
  add(filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 4));
  add(filter, STATEMENT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(argument)));
  add(filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
  add(filter, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  add(filter, STATEMENT(BPF_RET | BPF_K, DENY));
}

static void restrict_calls(void) {
  filter filter = {.count = 0};
  add(&filter, STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
  add(&filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
  add(&filter, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  add(&filter, STATEMENT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
  for (size_t i = 0; i < sizeof allowed_calls / sizeof *allowed_calls; i++) allow(&filter, allowed_calls[i]);
  allow_without(&filter, SYS_openat, 2, WRITING);
#ifdef SYS_open
  allow_without(&filter, SYS_open, 1, WRITING);
#endif
  allow_without(&filter, SYS_mmap, 2, PROT_EXEC);
  allow_without(&filter, SYS_mprotect, 2, PROT_EXEC);
  // abort() sends a signal to its own process.
  allow_with(&filter, SYS_tgkill, 0, (unsigned)getpid());
  // Limits can be read, by their pointer's two halves being zero; they cannot be changed.
  add(&filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prlimit64, 0, 5));
  add(&filter, STATEMENT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2)));
  add(&filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3));
  add(&filter, STATEMENT(BPF_LD | BPF_W | BPF_ABS, ARGUMENT(2) + 4));
  add(&filter, JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1));
  add(&filter, STATEMENT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  add(&filter, STATEMENT(BPF_RET | BPF_K, DENY));
  struct sock_fprog program = {filter.count, filter.instructions};
  syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

#else

static void restrict_calls(void) {}

#endif

void csandbox_restrict(int readable) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return;
  restrict_files(readable);
  restrict_calls();
}

#else

#include <unistd.h>

bool csandbox_end_with_parent(int parent) { return getppid() == parent; }
void csandbox_close_others(void) {}
void csandbox_restrict(int readable) { (void)readable; }

#endif
