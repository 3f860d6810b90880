#ifndef CDIGESTS_H
#define CDIGESTS_H

#include <stdbool.h>

/// Computes the SHA-256 of a file as 64 hexadecimal digits and a terminating zero, by GLib, which is
/// a dependency of libvips. Returns false and sets errno if the file cannot be read.
bool cdigests_sha256(const char *path, char digits[65]);

#endif
