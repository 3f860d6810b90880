#include "CMPI.h"

#ifdef IMPASTO_MPI

#include <limits.h>
#include <mpi.h>

bool cmpi_join(cmpi_world *world) {
  int provided = 0;
  if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS) return false;
  if (provided < MPI_THREAD_SERIALIZED) return false;
  MPI_Comm_rank(MPI_COMM_WORLD, &world->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &world->count);
  MPI_Comm machine;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  MPI_Comm_size(machine, &world->local_count);
  MPI_Comm_free(&machine);
  return true;
}

void cmpi_leave(void) { MPI_Finalize(); }

// The largest part that a count of int can hold.
static int part(size_t length) { return length < INT_MAX ? (int)length : INT_MAX; }

void cmpi_send(const void *bytes, size_t length, int rank) {
  for (const char *place = bytes; length > 0;) {
    int count = part(length);
    MPI_Send(place, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD);
    place += count;
    length -= (size_t)count;
  }
}

void cmpi_receive(void *bytes, size_t length, int rank) {
  for (char *place = bytes; length > 0;) {
    int count = part(length);
    MPI_Recv(place, count, MPI_BYTE, rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    place += count;
    length -= (size_t)count;
  }
}

void cmpi_broadcast(void *bytes, size_t length) {
  for (char *place = bytes; length > 0;) {
    int count = part(length);
    MPI_Bcast(place, count, MPI_BYTE, 0, MPI_COMM_WORLD);
    place += count;
    length -= (size_t)count;
  }
}

#endif
