// Linux declares the initializer of locks that prefer writers only under this.
#define _GNU_SOURCE
#include "internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void (*forward_warning)(const char *message);

// The parts of pictures that libvips left blank because it could not decode them.
static atomic_ulong blank_count;
// Whether no other thread is inside a call; written only then.
static bool is_alone;

static void receive_log(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
  (void)domain, (void)data;
  if ((level & G_LOG_LEVEL_MASK) > G_LOG_LEVEL_WARNING) return;
  if (g_str_has_prefix(message, "error in tile ")) {
    // The error text tells whether the blank matters, but only to a thread that is alone:
    // libvips drops the errors of all threads while one of them ignores its own.
    if (!is_alone) atomic_fetch_add(&blank_count, 1);
  } else if (!g_str_has_suffix(message, "\n")) {
    // A message that ends a line is a copy of the error text, perhaps of another thread.
    forward_warning(message);
  }
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
                           "VipsForeignLoadTiff", "VipsForeignLoadHeif", "VipsForeignLoadNsgif",
                           "VipsForeignLoadJp2k", "VipsForeignLoadJxl",  "VipsForeignLoadOpenexr",
                           "VipsForeignSaveJxl"};
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

void cvips_enter(bool alone) {
  alone ? pthread_rwlock_wrlock(&calls) : pthread_rwlock_rdlock(&calls);
  if (alone) is_alone = true;
}

void cvips_leave(void) {
  if (is_alone) is_alone = false;
  pthread_rwlock_unlock(&calls);
}

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

unsigned long cvips_count_errors(void) {
  pthread_mutex_lock(&reading_errors);
  char *text = vips_error_buffer_copy();
  if (*text) {
    g_free(last_error);
    last_error = text;
    error_count += is_error(text);
  } else {
    g_free(text);
  }
  unsigned long count = error_count + atomic_load(&blank_count);
  pthread_mutex_unlock(&reading_errors);
  return count;
}

char *cvips_take_error(void) {
  cvips_count_errors();
  pthread_mutex_lock(&reading_errors);
  char *message = last_error;
  last_error = NULL;
  pthread_mutex_unlock(&reading_errors);
  return message;
}

void cvips_free(void *memory) { g_free(memory); }

const char *cvips_version(void) { return vips_version_string(); }

VipsImage *cvips_from_memory(const cvips_pixels *pixels) {
  VipsBandFormat format = pixels->kind == CVIPS_8_BITS    ? VIPS_FORMAT_UCHAR
                          : pixels->kind == CVIPS_16_BITS ? VIPS_FORMAT_USHORT
                                                          : VIPS_FORMAT_FLOAT;
  size_t size = vips_format_sizeof(format) * (size_t)(pixels->width * pixels->height * pixels->bands);
  return vips_image_new_from_memory(pixels->values, size, (int)pixels->width, (int)pixels->height, (int)pixels->bands,
                                    format);
}

bool cvips_copy_out(VipsImage *image, long width, long height, long bands, float *values) {
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

bool cvips_resize(const cvips_pixels *pixels, long width, long height, float *resized) {
  VipsImage *image = cvips_from_memory(pixels), *made = NULL;
  if (!image) return false;
  double across = (double)width / (double)pixels->width, down = (double)height / (double)pixels->height;
  bool done = !vips_resize(image, &made, across, "vscale", down, "kernel", VIPS_KERNEL_LANCZOS3, NULL) &&
              (pixels->kind == CVIPS_FLOATS || cvips_to_unit(&made)) &&
              cvips_copy_out(made, width, height, pixels->bands, resized);
  if (made) g_object_unref(made);
  g_object_unref(image);
  return done;
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
