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
/// WebP, TIFF, HEIC, AVIF, GIF, JPEG 2000, JPEG XL and OpenEXR. Passes warnings to `warn`.
bool cvips_start(void (*warn)(const char *message));

/// Starts a call: beside others, or alone once all others have ended.
void cvips_enter(bool alone);

/// Ends a call.
void cvips_leave(void);

/// Takes the last error text of any thread, or NULL if there is none. Free it with cvips_free.
char *cvips_take_error(void);

void cvips_free(void *memory);

/// The loaders that Pictures treats in ways of their own.
typedef enum {
  CVIPS_LOADER_OTHER,
  CVIPS_LOADER_JPEG,
  CVIPS_LOADER_PNG,
  CVIPS_LOADER_TIFF,
  CVIPS_LOADER_JXL,
  CVIPS_LOADER_JP2K,
  CVIPS_LOADER_EXR,
} cvips_loader;

/// The kind of a picture's stored values.
typedef enum { CVIPS_8_BITS, CVIPS_16_BITS, CVIPS_FLOATS, CVIPS_OTHER_VALUES } cvips_values;

/// What a file's header says. The size has the EXIF orientation applied.
typedef struct {
  long width, height;
  /// The values of a pixel, and the bytes of a value.
  long bands, bytes;
  cvips_values values;
  long pages;
  /// Pixels per millimeter; 1 if the file does not say.
  double across, down;
  cvips_loader loader;
  /// Whether shrinking the picture needs only a part of it in memory.
  bool is_streamed;
  bool has_profile, has_alpha;
} cvips_header;

bool cvips_read_header(const char *path, cvips_header *header);

/// A file to decode in a given size.
typedef struct {
  const char *path;
  long width, height;
  /// The number of color bands and the index of the alpha band, negative for none; with
  /// `colors` 0 the loader decides.
  long colors, alpha;
  /// Whether to leave parts blank that cannot be decoded.
  bool tolerates_damage;
} cvips_request;

typedef struct {
  bool has_alpha;
  /// Whether the embedded profile is unusable.
  bool ignores_profile;
} cvips_outcome;

/// Decodes a file to [height, width, 4] values 0...1: red, green, blue in sRGB, and alpha.
/// Applies the file's ICC profile and orientation.
bool cvips_read(const cvips_request *request, float *values, cvips_outcome *outcome);

/// Decodes a file like cvips_read, to [height, width, 3] integers of 8 or 16 bits in sRGB: the
/// depth that its decoded values have. A file with alpha is not decoded, and `values` is NULL.
/// Free the values with cvips_free.
bool cvips_read_packed(const cvips_request *request, cvips_values *kind, void **values, cvips_outcome *outcome);

/// Decodes a file of floats to [height, width, 4] as the file has them.
bool cvips_read_floats(const char *path, long width, long height, float *values);

/// Resamples [height, width, 4] values 0...65535 of sRGB and alpha to the request's size.
bool cvips_convert(const unsigned short *pixels, long width, long height, const cvips_request *request, float *values,
                   cvips_outcome *outcome);

/// How much of a JPEG can be decoded.
typedef struct {
  /// The number of rows, and of those before the first damage.
  long rows, intact_rows;
  /// Whether only the last bits of a progressive picture's precision are damaged.
  bool lacks_precision_only;
} cvips_jpeg_damage;

/// Looks for damage in a JPEG with libjpeg; needs no cvips_enter. Returns false if a part
/// cannot be decoded at all.
bool cvips_find_jpeg_damage(const char *path, cvips_jpeg_damage *damage);

/// Reads the file's XMP packet as a string, or NULL if it has none. Free it with cvips_free.
bool cvips_read_xmp(const char *path, char **packet);

/// The version of libvips.
const char *cvips_version(void);

/// A picture in memory, [height, width, bands]. White is 255, 65535 or 1.
typedef struct {
  const void *values;
  long width, height, bands;
  cvips_values kind;
} cvips_pixels;

/// Resamples a picture to floats 0...1 with a Lanczos kernel.
bool cvips_resize(const cvips_pixels *pixels, long width, long height, float *resized);

typedef enum { CVIPS_PNG, CVIPS_JPEG, CVIPS_WEBP, CVIPS_TIFF, CVIPS_AVIF, CVIPS_JXL } cvips_format;

/// How to encode a picture.
typedef struct {
  cvips_format format;
  int quality;
  /// An XMP packet, or NULL.
  const char *xmp;
  /// Pixels per millimeter.
  double across, down;
} cvips_encoding;

/// Encodes a picture in the depth that it has: three bands of sRGB and, with four bands,
/// alpha. Adds an sRGB profile. Free the bytes with cvips_free.
bool cvips_encode(const cvips_pixels *pixels, const cvips_encoding *encoding, void **bytes, size_t *count);

/// Encodes [frames * height, width, 3] values 0...255 as a GIF or WebP animation that repeats
/// forever. `delays` has the duration of each frame in milliseconds. Free the bytes with
/// cvips_free.
bool cvips_encode_animation(const unsigned char *values, long width, long height, long frames, int *delays,
                            bool is_gif, int quality, void **bytes, size_t *count);

/// A WebP animation whose frames are decoded in order.
typedef struct cvips_animation cvips_animation;

/// Opens a WebP file; NULL on failure. Close it with cvips_close_animation.
cvips_animation *cvips_open_animation(const char *path, long *width, long *height, long *frames);

/// The duration of a frame in milliseconds.
long cvips_frame_delay(const cvips_animation *animation, long frame);

/// Decodes a frame to [height, width, 3] values 0...255 of sRGB, on white where it is transparent; NULL on
/// failure. No frame may come before one that was decoded. Free the values with cvips_free.
void *cvips_read_frame(const cvips_animation *animation, long frame);

void cvips_close_animation(cvips_animation *animation);

/// Draws a line of text in a font of `line_height` pixels, white on black, as [height, width]
/// values 0...255. Free the values with cvips_free.
bool cvips_draw_text(const char *text, long line_height, long *width, long *height, void **values);

#endif
