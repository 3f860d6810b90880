#ifndef CDIGESTS_H
#define CDIGESTS_H

#include <stdbool.h>

/// The SHA-256 of a file as 64 hexadecimal digits and a zero, by GLib, which libvips brings; false if
/// the file cannot be read, and errno says why.
bool cdigests_sha256(const char *path, char digits[65]);

#endif
