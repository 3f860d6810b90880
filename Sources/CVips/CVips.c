// Linux declares the initializer of locks that prefer writers only under this.
#define _GNU_SOURCE
#include "CVips.h"

#include <pthread.h>
#include <string.h>
#include <vips/vips.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void (*forward_warning)(const char *message);

static void receive_log(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
  (void)domain, (void)data;
  // A message that ends a line is a copy of the error text, perhaps of another thread.
  if ((level & G_LOG_LEVEL_MASK) <= G_LOG_LEVEL_WARNING && !g_str_has_suffix(message, "\n"))
    forward_warning(message);
}

bool cvips_start(void (*warn)(const char *message)) {
  forward_warning = warn;
  g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, receive_log, NULL);
  if (vips_init("impasto")) return false;
  vips_cache_set_max(0);
#ifdef __GLIBC__
  // Pictures are blocks of megabytes, which the allocator would keep in every thread.
  mallopt(M_MMAP_THRESHOLD, 1 << 18);
#endif
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  const char *allowed[] = {"VipsForeignLoadJpeg", "VipsForeignLoadPng",  "VipsForeignLoadWebp",
                           "VipsForeignLoadTiff", "VipsForeignLoadHeif", "VipsForeignLoadNsgif"};
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) vips_operation_block_set(allowed[i], FALSE);
  return true;
}

// POSIX locks, because ThreadSanitizer does not see GLib's. A call that waits to be
// alone goes first, or a steady stream of other calls would keep it waiting.
#ifdef PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
static pthread_rwlock_t calls = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
#else
static pthread_rwlock_t calls = PTHREAD_RWLOCK_INITIALIZER;
#endif

void cvips_enter(bool alone) { alone ? pthread_rwlock_wrlock(&calls) : pthread_rwlock_rdlock(&calls); }

void cvips_leave(void) { pthread_rwlock_unlock(&calls); }

// Guards the two below; held only while libvips' error text is read.
static pthread_mutex_t reading_errors = PTHREAD_MUTEX_INITIALIZER;
static unsigned long error_count;
static char *last_error;

// Whether a text has more than color management's complaints. Those never stand for
// missing pixels, and pictures with unusable profiles are common.
static bool is_error(const char *text) {
  for (const char *line = text; line && *line; line = strchr(line, '\n')) {
    line += *line == '\n';
    if (*line && !g_str_has_prefix(line, "VipsIcc: ") && !g_str_has_prefix(line, "icc_")) return true;
  }
  return false;
}

// Takes the text that libvips has noted, of any thread, and returns how often there was
// one. A thread that sees the same number before and after an operation knows that the
// operation noted no error, whoever took the text.
static unsigned long count_errors(void) {
  pthread_mutex_lock(&reading_errors);
  char *text = vips_error_buffer_copy();
  if (*text) {
    g_free(last_error);
    last_error = text;
    error_count += is_error(text);
  } else {
    g_free(text);
  }
  unsigned long count = error_count;
  pthread_mutex_unlock(&reading_errors);
  return count;
}

char *cvips_take_error(void) {
  count_errors();
  pthread_mutex_lock(&reading_errors);
  char *message = last_error;
  last_error = NULL;
  pthread_mutex_unlock(&reading_errors);
  return message;
}

void cvips_free(void *memory) { g_free(memory); }

bool cvips_read_size(const char *path, long *width, long *height) {
  VipsImage *image = vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  if (!image) return false;
  bool swap = vips_image_get_orientation_swap(image);
  *width = swap ? vips_image_get_height(image) : vips_image_get_width(image);
  *height = swap ? vips_image_get_width(image) : vips_image_get_height(image);
  g_object_unref(image);
  return true;
}

// Replaces *image by the result of an operation, whose arguments may use the old image.
#define REPLACE(image, call)                                                                                          \
  do {                                                                                                                \
    VipsImage *made = NULL;                                                                                           \
    int failed = (call);                                                                                              \
    g_object_unref(*(image));                                                                                         \
    *(image) = made;                                                                                                  \
    if (failed) return false;                                                                                         \
  } while (0)

// Whether the picture's profile is the one that cvips_encode embeds. A conversion
// from sRGB to sRGB would only round.
static bool has_own_profile(VipsImage *image) {
  const void *embedded;
  size_t size, own_size;
  VipsBlob *own = NULL;
  if (vips_image_get_blob(image, VIPS_META_ICC_NAME, &embedded, &size)) return false;
  if (vips_profile_load("srgb", &own, NULL) || !own) return false;
  const void *bytes = vips_blob_get(own, &own_size);
  bool same = size == own_size && !memcmp(embedded, bytes, size);
  vips_area_unref((VipsArea *)own);
  return same;
}

// Converts any color space to sRGB of 8 or 16 bits.
static bool to_srgb(VipsImage **image) {
  if (vips_image_get_typeof(*image, VIPS_META_ICC_NAME) && !has_own_profile(*image)) {
    VipsImage *converted = NULL;
    if (!vips_icc_transform(*image, &converted, "srgb", "embedded", TRUE, "depth", 16, NULL)) {
      g_object_unref(*image);
      *image = converted;
    } else {
      // Damaged profiles and profiles of another kind of image are common, and viewers
      // ignore them.
      forward_warning("the embedded profile cannot be used and is ignored");
    }
  }
  bool deep = (*image)->BandFmt == VIPS_FORMAT_USHORT;
  VipsInterpretation space = deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  REPLACE(image, vips_colourspace(*image, &made, space, NULL));
  return true;
}

// Converts integers to floats 0...1.
static bool to_unit(VipsImage **image) {
  double white = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
  REPLACE(image, vips_linear1(*image, &made, 1 / white, 0, NULL));
  REPLACE(image, vips_cast_float(*image, &made, NULL));
  return true;
}

// Converts to four bands, sRGB and alpha, floats 0...1. Alpha is converted separately,
// because a conversion by a profile changes the depth of the colors only.
static bool to_rgba(VipsImage **image, bool *has_alpha) {
  *has_alpha = vips_image_hasalpha(*image);
  VipsImage *alpha = NULL;
  bool done = true;
  if (*has_alpha) {
    int last = (*image)->Bands - 1;
    VipsImage *colors = NULL;
    done = !vips_extract_band(*image, &colors, 0, "n", last, NULL) &&
           !vips_extract_band(*image, &alpha, last, NULL) && to_unit(&alpha);
    g_object_unref(*image);
    *image = colors;
  }
  done = done && to_srgb(image) && to_unit(image);
  if (done) {
    VipsImage *joined = NULL;
    done = !(alpha ? vips_bandjoin2(*image, alpha, &joined, NULL) : vips_bandjoin_const1(*image, &joined, 1, NULL));
    g_object_unref(*image);
    *image = joined;
  }
  if (alpha) g_object_unref(alpha);
  return done;
}

// Copies [height, width, bands] floats. The size is checked because `values` has space
// for this size only.
static bool copy_out(VipsImage *image, long width, long height, long bands, float *values) {
  if (image->Xsize != width || image->Ysize != height || image->Bands != bands ||
      image->BandFmt != VIPS_FORMAT_FLOAT) {
    vips_error("impasto", "the result has an unexpected size");
    return false;
  }
  size_t size;
  void *memory = vips_image_write_to_memory(image, &size);
  if (!memory) return false;
  memcpy(values, memory, size);
  g_free(memory);
  return true;
}

// Decoding a large JPEG to a half, a quarter or an eighth is far cheaper than decoding
// all of it. At least a factor of two is left to the better kernel.
static VipsImage *open_for_width(const char *path, long width) {
  VipsImage *image =
      vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL);
  const char *loader;
  if (!image || !vips_image_get_typeof(image, VIPS_META_LOADER) ||
      vips_image_get_string(image, VIPS_META_LOADER, &loader) || strcmp(loader, "jpegload"))
    return image;
  bool swap = vips_image_get_orientation_swap(image);
  long full = swap ? vips_image_get_height(image) : vips_image_get_width(image);
  int shrink = 1;
  while (shrink < 8 && full / (shrink * 2) >= width * 2) shrink *= 2;
  if (shrink == 1) return image;
  g_object_unref(image);
  image = NULL;
  if (vips_jpegload(path, &image, "shrink", shrink, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                    NULL))
    return NULL;
  return image;
}

// Resamples in the file's own color space. Colors are weighted with their alpha, so that
// those of transparent pixels do not bleed into opaque ones.
static bool resample(VipsImage **image, long width, long height) {
  double across = (double)width / vips_image_get_width(*image);
  double down = (double)height / vips_image_get_height(*image);
  if (across == 1 && down == 1) return true;
  VipsBandFormat format = (*image)->BandFmt;
  bool has_alpha = vips_image_hasalpha(*image);
  if (has_alpha) REPLACE(image, vips_premultiply(*image, &made, NULL));
  REPLACE(image, vips_resize(*image, &made, across, "vscale", down, "kernel", VIPS_KERNEL_LANCZOS3, NULL));
  if (has_alpha) {
    REPLACE(image, vips_unpremultiply(*image, &made, NULL));
    REPLACE(image, vips_cast(*image, &made, format, NULL));
  }
  return true;
}

static bool decode(VipsImage **image, long width, long height, float *values, bool *has_alpha) {
  if ((*image)->BandFmt != VIPS_FORMAT_UCHAR && (*image)->BandFmt != VIPS_FORMAT_USHORT) {
    vips_error("impasto", "its values have neither 8 nor 16 bits");
    return false;
  }
  bool swap = vips_image_get_orientation_swap(*image);
  if (!resample(image, swap ? height : width, swap ? width : height)) return false;
  // The file is read here, because rotating takes the rows in another order than the
  // file has them. When a part cannot be decoded, libvips may note an error, leave the
  // part blank and go on. Notes from before, like a seek past the end, are no failure.
  unsigned long count = count_errors();
  REPLACE(image, !(made = vips_image_copy_memory(*image)));
  if (count_errors() != count) return false;
  REPLACE(image, vips_autorot(*image, &made, NULL));
  return to_rgba(image, has_alpha) && copy_out(*image, width, height, 4, values);
}

bool cvips_read(const char *path, long width, long height, float *values, bool *has_alpha) {
  VipsImage *image = open_for_width(path, width);
  if (!image) return false;
  bool done = decode(&image, width, height, values, has_alpha);
  if (image) g_object_unref(image);
  return done;
}

static VipsImage *from_memory(const float *values, long width, long height, long bands) {
  size_t size = sizeof(float) * (size_t)(width * height * bands);
  return vips_image_new_from_memory(values, size, (int)width, (int)height, (int)bands, VIPS_FORMAT_FLOAT);
}

bool cvips_resize(const float *values, long width, long height, long bands, long new_width, long new_height,
                  float *resized) {
  VipsImage *image = from_memory(values, width, height, bands), *made = NULL;
  if (!image) return false;
  double across = (double)new_width / (double)width, down = (double)new_height / (double)height;
  bool done = !vips_resize(image, &made, across, "vscale", down, "kernel", VIPS_KERNEL_LANCZOS3, NULL) &&
              copy_out(made, new_width, new_height, bands, resized);
  if (made) g_object_unref(made);
  g_object_unref(image);
  return done;
}

// Converts to integers of the given depth, marked as sRGB.
static bool to_integers(VipsImage **image, int bit_depth) {
  double white = bit_depth == 16 ? 65535 : 255;
  VipsBandFormat format = bit_depth == 16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  VipsInterpretation space = bit_depth == 16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  // The cast truncates fractions and clamps to the range.
  REPLACE(image, vips_linear1(*image, &made, white, 0.5, NULL));
  REPLACE(image, vips_cast(*image, &made, format, NULL));
  REPLACE(image, vips_copy(*image, &made, "interpretation", space, NULL));
  return true;
}

static bool attach_xmp(VipsImage *image, const char *xmp) {
  if (xmp) vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, xmp, strlen(xmp));
  return true;
}

bool cvips_read_xmp(const char *path, char **packet) {
  VipsImage *image = vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
  if (!image) return false;
  const void *bytes;
  size_t size;
  *packet = NULL;
  if (vips_image_get_typeof(image, VIPS_META_XMP_NAME) &&
      !vips_image_get_blob(image, VIPS_META_XMP_NAME, &bytes, &size))
    *packet = g_strndup(bytes, size);
  g_object_unref(image);
  return true;
}

const char *cvips_version(void) { return vips_version_string(); }

bool cvips_encode(const float *values, long width, long height, long bands, cvips_format format, int bit_depth,
                  int quality, const char *xmp, void **bytes, size_t *count) {
  VipsImage *image = from_memory(values, width, height, bands);
  if (!image) return false;
  int failed = 1;
  if (to_integers(&image, bit_depth) && attach_xmp(image, xmp)) switch (format) {
    case CVIPS_PNG: failed = vips_pngsave_buffer(image, bytes, count, "profile", "srgb", NULL); break;
    case CVIPS_JPEG:
      failed = vips_jpegsave_buffer(image, bytes, count, "Q", quality, "optimize_coding", TRUE, "profile", "srgb", NULL);
      break;
    case CVIPS_WEBP: failed = vips_webpsave_buffer(image, bytes, count, "Q", quality, "profile", "srgb", NULL); break;
    case CVIPS_TIFF:
      failed = vips_tiffsave_buffer(image, bytes, count, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_LZW, "predictor",
                                    VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "profile", "srgb", NULL);
      break;
    }
  if (image) g_object_unref(image);
  return !failed;
}

bool cvips_encode_animation(const unsigned char *values, long width, long height, long frames, int *delays,
                            bool is_gif, int quality, void **bytes, size_t *count) {
  size_t size = (size_t)(3 * width * height * frames);
  VipsImage *stack =
      vips_image_new_from_memory(values, size, (int)width, (int)(height * frames), 3, VIPS_FORMAT_UCHAR);
  if (!stack) return false;
  VipsImage *image = NULL;
  int failed = vips_copy(stack, &image, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
  g_object_unref(stack);
  if (failed) return false;
  vips_image_set_int(image, VIPS_META_PAGE_HEIGHT, (int)height);
  vips_image_set_array_int(image, "delay", delays, (int)frames);
  vips_image_set_int(image, "loop", 0);
  failed = is_gif ? vips_gifsave_buffer(image, bytes, count, NULL)
                  : vips_webpsave_buffer(image, bytes, count, "Q", quality, NULL);
  g_object_unref(image);
  return !failed;
}

bool cvips_draw_text(const char *text, long line_height, long *width, long *height, void **values) {
  char *escaped = g_markup_escape_text(text, -1);
  char font[32];
  g_snprintf(font, sizeof font, "sans %ld", line_height);
  VipsImage *image = NULL;
  // At 72 dots per inch a point is a pixel.
  int failed = vips_text(&image, escaped, "font", font, "dpi", 72, NULL);
  g_free(escaped);
  if (failed) return false;
  size_t size;
  *width = vips_image_get_width(image);
  *height = vips_image_get_height(image);
  *values = vips_image_write_to_memory(image, &size);
  bool done = *values && size == (size_t)(*width * *height);
  g_object_unref(image);
  return done;
}
