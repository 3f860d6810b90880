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

/// Starts the library: no operation cache, only the loaders of the picture
/// formats below, and warnings go to `warn`.
bool cvips_start(void (*warn)(const char *message));

/// Starts a call: beside others, or alone once all others have ended.
void cvips_enter(bool alone);

/// Ends a call.
void cvips_leave(void);

/// Takes the last error text of any thread, or NULL if there is none. Free it with cvips_free.
char *cvips_take_error(void);

void cvips_free(void *memory);

/// Reads a file's header: its size as it is to be looked at, with EXIF orientation applied.
bool cvips_read_size(const char *path, long *width, long *height);

/// Decodes a file as sRGB of exactly this size, into [height, width, 4] values 0...1: red,
/// green, blue and alpha. The file's ICC profile and orientation are applied.
bool cvips_read(const char *path, long width, long height, float *values, bool *has_alpha);

/// The file's XMP packet as a string, to be freed with cvips_free; NULL if it has none.
bool cvips_read_xmp(const char *path, char **packet);

const char *cvips_version(void);

/// Resamples [height, width, bands] with a Lanczos kernel.
bool cvips_resize(const float *values, long width, long height, long bands, long new_width, long new_height,
                  float *resized);

typedef enum { CVIPS_PNG, CVIPS_JPEG, CVIPS_WEBP, CVIPS_TIFF } cvips_format;

/// Encodes [height, width, bands] values 0...1, three bands of sRGB and perhaps alpha, with
/// an sRGB profile and, unless it is NULL, an XMP packet. Free the bytes with cvips_free.
bool cvips_encode(const float *values, long width, long height, long bands, cvips_format format, int bit_depth,
                  int quality, const char *xmp, void **bytes, size_t *count);

/// Encodes frames of [frames * height, width, 3] values 0...255 as a moving picture that repeats
/// for ever, GIF or WebP; each frame is shown for so many milliseconds. Free the bytes with cvips_free.
bool cvips_encode_animation(const unsigned char *values, long width, long height, long frames, int *delays,
                            bool is_gif, int quality, void **bytes, size_t *count);

/// Draws a line of text, white on black, as [height, width] values 0...255 of so many pixels in
/// height; free them with cvips_free.
bool cvips_draw_text(const char *text, long line_height, long *width, long *height, void **values);

#endif
