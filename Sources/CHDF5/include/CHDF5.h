#ifndef CHDF5_H
#define CHDF5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The libhdf5 calls that read arrays of floats, without its macros. Nothing outside of the file is
/// read: no linked files, no external storage, no filters from plug-ins.

enum {
  CHDF5_MOST_DIMENSIONS = 8,
  /// The most groups within one another, and the most groups and arrays in all, far above those of
  /// any network.
  CHDF5_MOST_DEPTH = 64,
  CHDF5_MOST_OBJECTS = 50000
};

/// An array of floating-point numbers in a file.
typedef struct {
  /// The path in the file, valid during the call of `visit`.
  const char *name;
  int dimensions;
  uint64_t lengths[CHDF5_MOST_DIMENSIONS];
} chdf5_array;

/// An open file, or a negative number.
typedef int64_t chdf5_file;

/// Opens a file for reading. Returns a negative number on failure.
chdf5_file chdf5_open(const char *path);

void chdf5_close(chdf5_file file);

/// Calls `visit` for every array of floating-point numbers. Returns false if the file is damaged, or
/// its groups are too many or too deep.
bool chdf5_visit(chdf5_file file, void (*visit)(const chdf5_array *array, void *context), void *context);

/// Reads the `count` numbers of an array.
bool chdf5_read(chdf5_file file, const char *name, float *values, size_t count);

/// Copies the text of an object's attribute, truncated to `size`. Returns false if there is none.
bool chdf5_attribute(chdf5_file file, const char *object, const char *name, char *text, size_t size);

#endif
