#ifndef CVIPS_H
#define CVIPS_H

#include <stdbool.h>
#include <stddef.h>

// The libvips calls that Pictures uses, without their variable arguments. Each
// returns false on failure; cvips_take_error then says why.

/// Starts the library: no operation cache, only the loaders of the picture
/// formats below, and warnings go to `warn`.
bool cvips_start(void (*warn)(const char *message));

/// What libvips noted as errors since this was last called, on any thread; free it with cvips_free.
char *cvips_take_error(void);

void cvips_free(void *memory);

/// Reads a file's header: its size as it is to be looked at, with EXIF orientation applied.
bool cvips_read_size(const char *path, long *width, long *height);

/// Decodes a file as sRGB of exactly this size, into [height, width, 4] values 0...1: red,
/// green, blue and alpha. The file's ICC profile and orientation are applied.
bool cvips_read(const char *path, long width, long height, float *values, bool *has_alpha);

/// Resamples [height, width, bands] with a Lanczos kernel.
bool cvips_resize(const float *values, long width, long height, long bands, long new_width, long new_height,
                  float *resized);

typedef enum { CVIPS_PNG, CVIPS_JPEG, CVIPS_WEBP, CVIPS_TIFF } cvips_format;

/// Encodes [height, width, bands] values 0...1, three bands of sRGB and perhaps alpha, with
/// an sRGB profile and no other metadata. Free the bytes with cvips_free.
bool cvips_encode(const float *values, long width, long height, long bands, cvips_format format, int bit_depth,
                  int quality, void **bytes, size_t *count);

#endif
