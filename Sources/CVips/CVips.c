#include "CVips.h"

#include <string.h>
#include <vips/vips.h>

static void (*forward_warning)(const char *message);

static void receive_log(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
  (void)domain, (void)level, (void)data;
  forward_warning(message);
}

bool cvips_start(void (*warn)(const char *message)) {
  forward_warning = warn;
  g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, receive_log, NULL);
  if (vips_init("impasto")) return false;
  vips_cache_set_max(0);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  const char *allowed[] = {"VipsForeignLoadJpeg", "VipsForeignLoadPng",  "VipsForeignLoadWebp",
                           "VipsForeignLoadTiff", "VipsForeignLoadHeif", "VipsForeignLoadNsgif"};
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) vips_operation_block_set(allowed[i], FALSE);
  return true;
}

char *cvips_take_error(void) {
  char *message = g_strdup(vips_error_buffer());
  vips_error_clear();
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

// Replaces *image by what an operation made of it; its arguments may name the old one.
#define REPLACE(image, call)                                                                                          \
  do {                                                                                                                \
    VipsImage *made = NULL;                                                                                           \
    int failed = (call);                                                                                              \
    g_object_unref(*(image));                                                                                         \
    *(image) = made;                                                                                                  \
    if (failed) return false;                                                                                         \
  } while (0)

// sRGB, whatever the colour space, with alpha: four bands of float 0...1.
static bool to_rgba(VipsImage **image, bool *has_alpha) {
  *has_alpha = vips_image_hasalpha(*image);
  bool deep = (*image)->BandFmt == VIPS_FORMAT_USHORT;
  VipsInterpretation space = deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  double white = deep ? 65535 : 255;
  REPLACE(image, vips_colourspace(*image, &made, space, NULL));
  if (!*has_alpha) REPLACE(image, vips_bandjoin_const1(*image, &made, white, NULL));
  if ((*image)->Bands > 4) REPLACE(image, vips_extract_band(*image, &made, 0, "n", 4, NULL));
  REPLACE(image, vips_linear1(*image, &made, 1 / white, 0, NULL));
  REPLACE(image, vips_cast_float(*image, &made, NULL));
  return true;
}

static bool copy_out(VipsImage *image, float *values) {
  size_t size;
  void *memory = vips_image_write_to_memory(image, &size);
  if (!memory) return false;
  memcpy(values, memory, size);
  g_free(memory);
  return true;
}

bool cvips_read(const char *path, long width, long height, float *values, bool *has_alpha) {
  VipsImage *image = NULL;
  if (vips_thumbnail(path, &image, (int)width, "height", (int)height, "size", VIPS_SIZE_FORCE, "export_profile", "srgb",
                     "fail_on", VIPS_FAIL_ON_ERROR, NULL))
    return false;
  bool done = to_rgba(&image, has_alpha) && copy_out(image, values);
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
              copy_out(made, resized);
  if (made) g_object_unref(made);
  g_object_unref(image);
  return done;
}

// Whole numbers of the given depth, marked as sRGB.
static bool to_integers(VipsImage **image, int bit_depth) {
  double white = bit_depth == 16 ? 65535 : 255;
  VipsBandFormat format = bit_depth == 16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  VipsInterpretation space = bit_depth == 16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  // The cast cuts off fractions and what is out of range.
  REPLACE(image, vips_linear1(*image, &made, white, 0.5, NULL));
  REPLACE(image, vips_cast(*image, &made, format, NULL));
  REPLACE(image, vips_copy(*image, &made, "interpretation", space, NULL));
  return true;
}

bool cvips_encode(const float *values, long width, long height, long bands, cvips_format format, int bit_depth,
                  int quality, void **bytes, size_t *count) {
  VipsImage *image = from_memory(values, width, height, bands);
  if (!image) return false;
  int failed = 1;
  if (to_integers(&image, bit_depth)) switch (format) {
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
