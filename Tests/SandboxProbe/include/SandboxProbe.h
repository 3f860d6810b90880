#ifndef SANDBOX_PROBE_H
#define SANDBOX_PROBE_H

/// Calls csandbox_restrict in a forked process, which then tries what it should not be able to do.
/// Returns the line in SandboxProbe.c of the first attempt with the wrong outcome, 0 if all are right,
/// and -1 if the process crashed. Where the kernel has no Landlock, other files can be read.
///
/// - readable: a file that stays readable.
/// - other: the path of another file, which exists.
/// - missing: the path of a file that does not exist.
int sandbox_probe(int readable, const char *other, const char *missing);

#endif
