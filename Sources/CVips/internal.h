#ifndef CVIPS_INTERNAL_H
#define CVIPS_INTERNAL_H

#include "CVips.h"

#include <vips/vips.h>

// Replaces *image by the result of an operation, whose arguments may use the old image.
#define REPLACE(image, call)                                                                                          \
  do {                                                                                                                \
    VipsImage *made = NULL;                                                                                           \
    int failed = (call);                                                                                              \
    g_object_unref(*(image));                                                                                         \
    *(image) = made;                                                                                                  \
    if (failed) return false;                                                                                         \
  } while (0)

// Takes the text that libvips has noted, of any thread, and returns how often there was
// one. A thread that sees the same number before and after an operation knows that the
// operation noted no error, whoever took the text.
unsigned long cvips_count_errors(void);

VipsImage *cvips_from_memory(const cvips_pixels *pixels);

// Copies [height, width, bands] floats. The size is checked because `values` has space
// for this size only.
bool cvips_copy_out(VipsImage *image, long width, long height, long bands, float *values);

// Converts any color space to sRGB of 8 or 16 bits.
bool cvips_to_srgb(VipsImage **image, bool *ignores_profile);

// Converts integers to floats 0...1.
bool cvips_to_unit(VipsImage **image);

// Converts any color space to four bands, sRGB and alpha, floats 0...1.
bool cvips_to_rgba(VipsImage **image, bool *has_alpha, bool *ignores_profile);

// Converts floats 0...1 to 16 bits; leaves integers as they are.
bool cvips_to_sixteen_bits(VipsImage **image);

bool cvips_is_loaded_by(VipsImage *image, const char *loader);

#endif
