#define _GNU_SOURCE
#include "SandboxProbe.h"

#ifdef __linux__

#include "CSandbox.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LANDLOCK_CREATE_RULESET = 444, LANDLOCK_VERSION = 1 };

#define EXPECT(condition)                                                                                              \
  do {                                                                                                                 \
    if (!(condition)) _exit(__LINE__);                                                                                 \
  } while (0)

static void probe(int readable, const char *other, const char *missing) {
  char path[32], byte;
  snprintf(path, sizeof path, "/dev/fd/%d", readable);
  bool has_landlock = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, LANDLOCK_VERSION) >= 1;
  csandbox_restrict(readable);
  // What reading weights takes.
  int opened = open(path, O_RDONLY);
  EXPECT(opened >= 0 && pread(opened, &byte, 1, 0) == 1);
  EXPECT(mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
  struct rlimit limit;
  EXPECT(getrlimit(RLIMIT_CPU, &limit) == 0);
  // Everything else.
  EXPECT(open(path, O_RDWR) < 0);
  EXPECT(!has_landlock || open(other, O_RDONLY) < 0);
  EXPECT(open(other, O_WRONLY) < 0);
  EXPECT(open(missing, O_WRONLY | O_CREAT, 0600) < 0);
  EXPECT(truncate(other, 0) < 0);
  EXPECT(rename(other, missing) < 0);
  EXPECT(link(other, missing) < 0);
  EXPECT(chmod(other, 0) < 0);
  EXPECT(unlink(other) < 0);
  EXPECT(mkdir(missing, 0700) < 0);
  EXPECT(socket(AF_INET, SOCK_STREAM, 0) < 0);
  EXPECT(socket(AF_UNIX, SOCK_STREAM, 0) < 0);
  EXPECT(fork() < 0);
  EXPECT(kill(getppid(), 0) < 0);
  EXPECT(execl("/bin/true", "true", NULL) < 0);
  EXPECT(mmap(NULL, 1 << 16, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  EXPECT(setrlimit(RLIMIT_CPU, &limit) < 0);
}

int sandbox_probe(int readable, const char *other, const char *missing) {
  pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    probe(readable, other, missing);
    _exit(0);
  }
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

#else

int sandbox_probe(int readable, const char *other, const char *missing) {
  (void)readable, (void)other, (void)missing;
  return 0;
}

#endif
