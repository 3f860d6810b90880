#ifndef CHDF5_H
#define CHDF5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Of libhdf5 what it takes to read arrays of floats, without its macros. Nothing outside of the file
/// is read: neither linked files, nor external storage, nor filters from plug-ins.

enum { CHDF5_MOST_DIMENSIONS = 8 };

/// An array of floating-point numbers in a file.
typedef struct {
  /// Its path in the file, valid during the call that gives it.
  const char *name;
  int dimensions;
  uint64_t lengths[CHDF5_MOST_DIMENSIONS];
} chdf5_array;

/// An open file; below 0 is none.
typedef int64_t chdf5_file;

/// Opens a file for reading.
chdf5_file chdf5_open(const char *path);

void chdf5_close(chdf5_file file);

/// Calls `visit` for every array of floating-point numbers. False if the file is damaged.
bool chdf5_visit(chdf5_file file, void (*visit)(const chdf5_array *array, void *context), void *context);

/// Reads an array's numbers, of which there are `count`.
bool chdf5_read(chdf5_file file, const char *name, float *values, size_t count);

/// Copies a text that an object of the file has as an attribute, cut off where it does not fit; false
/// if there is none.
bool chdf5_attribute(chdf5_file file, const char *object, const char *name, char *text, size_t size);

#endif
