#ifndef CSANDBOX_H
#define CSANDBOX_H

#include <stdbool.h>

/// The Linux calls by which a process gives up what it does not need. On other systems, and on
/// kernels that lack a call, nothing is given up.

/// Kills this process when the thread that started it ends. Returns false if the parent has ended
/// already.
bool csandbox_end_with_parent(int parent);

/// Closes every descriptor except for standard input, output and error.
void csandbox_close_others(void);

/// Gives up everything except for reading the file that is open as `readable`, writing to open
/// descriptors, and memory. Opening other files (Landlock), opening any file for writing, network,
/// processes, executable memory and signals to other processes fail with EPERM or EACCES (seccomp).
void csandbox_restrict(int readable);

#endif
