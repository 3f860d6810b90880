#ifndef CMPI_H
#define CMPI_H

#include <stdbool.h>
#include <stddef.h>

// MPI's calls for Swift, which cannot import its macros. Without the package trait MPI the library has
// none of them.

typedef struct {
  int rank;
  int count;
  /// The number of processes on this machine.
  int local_count;
} cmpi_world;

/// Joins the processes that mpirun or srun started. Returns false if MPI cannot start. Calls may come from
/// any thread, but only one at a time.
bool cmpi_join(cmpi_world *world);

/// Leaves them in order.
void cmpi_leave(void);

// An error in one of these ends all processes. Lengths are in bytes.
void cmpi_send(const void *bytes, size_t length, int rank);
void cmpi_receive(void *bytes, size_t length, int rank);
/// Sends the bytes of rank 0 to all others.
void cmpi_broadcast(void *bytes, size_t length);

#endif
