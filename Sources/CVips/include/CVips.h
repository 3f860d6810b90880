#ifndef CVIPS_H
#define CVIPS_H

#include <stdbool.h>
#include <stddef.h>

// The libvips calls that Pictures uses, without their variable arguments. Each
// returns false on failure and runs between cvips_enter and cvips_leave.
//
// libvips has one error text for all threads. A call beside others may fail because of an
// error of another one, and cannot tell which text is its own. Repeat a failed call alone:
// then cvips_take_error has its reason.

/// Starts the library without its operation cache and with only the loaders of JPEG, PNG,
/// WebP, TIFF, HEIC and GIF. Passes warnings to `warn`.
bool cvips_start(void (*warn)(const char *message));

/// Starts a call: beside others, or alone once all others have ended.
void cvips_enter(bool alone);

/// Ends a call.
void cvips_leave(void);

/// Takes the last error text of any thread, or NULL if there is none. Free it with cvips_free.
char *cvips_take_error(void);

void cvips_free(void *memory);

/// Reads the size of a picture from its header, with the EXIF orientation applied.
bool cvips_read_size(const char *path, long *width, long *height);

/// Decodes a file in the given size to [height, width, 4] values 0...1: red, green, blue in
/// sRGB, and alpha. Applies the file's ICC profile and orientation.
bool cvips_read(const char *path, long width, long height, float *values, bool *has_alpha);

/// Reads the file's XMP packet as a string, or NULL if it has none. Free it with cvips_free.
bool cvips_read_xmp(const char *path, char **packet);

/// The version of libvips.
const char *cvips_version(void);

/// Resamples [height, width, bands] with a Lanczos kernel.
bool cvips_resize(const float *values, long width, long height, long bands, long new_width, long new_height,
                  float *resized);

typedef enum { CVIPS_PNG, CVIPS_JPEG, CVIPS_WEBP, CVIPS_TIFF } cvips_format;

/// Encodes [height, width, bands] values 0...1: three bands of sRGB and, with four bands,
/// alpha. Adds an sRGB profile and, unless it is NULL, an XMP packet. Free the bytes with
/// cvips_free.
bool cvips_encode(const float *values, long width, long height, long bands, cvips_format format, int bit_depth,
                  int quality, const char *xmp, void **bytes, size_t *count);

/// Encodes [frames * height, width, 3] values 0...255 as a GIF or WebP animation that repeats
/// forever. `delays` has the duration of each frame in milliseconds. Free the bytes with
/// cvips_free.
bool cvips_encode_animation(const unsigned char *values, long width, long height, long frames, int *delays,
                            bool is_gif, int quality, void **bytes, size_t *count);

/// Draws a line of text in a font of `line_height` pixels, white on black, as [height, width]
/// values 0...255. Free the values with cvips_free.
bool cvips_draw_text(const char *text, long line_height, long *width, long *height, void **values);

#endif
