#include "internal.h"

#include <string.h>

// Marks the picture as sRGB. Floats stay as they are, with the profile that says what
// they mean.
static bool attach_metadata(VipsImage **image, const cvips_encoding *encoding) {
  bool is_deep = (*image)->BandFmt != VIPS_FORMAT_UCHAR;
  VipsInterpretation space = is_deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  double across = encoding->across, down = encoding->down;
  REPLACE(image, vips_copy(*image, &made, "interpretation", space, "xres", across, "yres", down, NULL));
  vips_image_set_string(*image, VIPS_META_RESOLUTION_UNIT, "in");
  if (encoding->xmp) vips_image_set_blob_copy(*image, VIPS_META_XMP_NAME, encoding->xmp, strlen(encoding->xmp));
  return true;
}

// The savers of AVIF and JPEG XL take no profile by name, and write the picture's own.
static bool attach_profile(VipsImage *image) {
  VipsBlob *profile = NULL;
  if (vips_profile_load("srgb", &profile, NULL) || !profile) return false;
  size_t size;
  const void *bytes = vips_blob_get(profile, &size);
  vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, bytes, size);
  vips_area_unref((VipsArea *)profile);
  return true;
}

static bool save(VipsImage *image, const cvips_encoding *encoding, void **bytes, size_t *count) {
  int quality = encoding->quality;
  switch (encoding->format) {
  case CVIPS_PNG: return !vips_pngsave_buffer(image, bytes, count, "profile", "srgb", NULL);
  case CVIPS_JPEG:
    return !vips_jpegsave_buffer(image, bytes, count, "Q", quality, "optimize_coding", TRUE, "profile", "srgb", NULL);
  case CVIPS_WEBP: return !vips_webpsave_buffer(image, bytes, count, "Q", quality, "profile", "srgb", NULL);
  case CVIPS_TIFF: {
    // Programs open large pictures part by part, and classic TIFF ends at 4 GB.
    bool is_large = VIPS_IMAGE_SIZEOF_IMAGE(image) > (guint64)1 << 28;
    bool is_huge = VIPS_IMAGE_SIZEOF_IMAGE(image) > (guint64)1 << 31;
    bool is_float = image->BandFmt == VIPS_FORMAT_FLOAT;
    int predictor = is_float ? VIPS_FOREIGN_TIFF_PREDICTOR_FLOAT : VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL;
    return !vips_tiffsave_buffer(image, bytes, count, "compression", VIPS_FOREIGN_TIFF_COMPRESSION_LZW, "predictor",
                                 predictor, "tile", is_large, "tile_width", 256, "tile_height", 256, "bigtiff",
                                 is_huge, "profile", "srgb", NULL);
  }
  case CVIPS_AVIF:
    return attach_profile(image) &&
           !vips_heifsave_buffer(image, bytes, count, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q", quality,
                                 NULL);
  case CVIPS_JXL:
    return attach_profile(image) && !vips_jxlsave_buffer(image, bytes, count, "Q", quality, NULL);
  }
  return false;
}

bool cvips_encode(const cvips_pixels *pixels, const cvips_encoding *encoding, void **bytes, size_t *count) {
  VipsImage *image = cvips_from_memory(pixels);
  if (!image) return false;
  bool done = attach_metadata(&image, encoding) && save(image, encoding, bytes, count);
  if (image) g_object_unref(image);
  return done;
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
