#ifndef CDIGESTS_H
#define CDIGESTS_H

#include <stdbool.h>

/// Computes the SHA-256 of an open file, from its position to its end, as 64 hexadecimal digits and a terminating zero, by GLib, which is
/// a dependency of libvips. Returns false and sets errno if it cannot be read.
bool cdigests_sha256(int descriptor, char digits[65]);

#endif
