#include "internal.h"

#include <string.h>

bool cvips_is_loaded_by(VipsImage *image, const char *loader) {
  const char *name;
  return vips_image_get_typeof(image, VIPS_META_LOADER) && !vips_image_get_string(image, VIPS_META_LOADER, &name) &&
         g_str_has_prefix(name, loader);
}

static void *copy_blob(VipsImage *image, const char *name, GValue *value, void *copy) {
  (void)image;
  if (G_VALUE_HOLDS(value, VIPS_TYPE_BLOB)) {
    size_t size;
    const void *bytes = vips_value_get_blob(value, &size);
    vips_image_set_blob_copy(copy, name, bytes, size);
  }
  return NULL;
}

// Opens a file. The profile and other metadata of HEIC and AVIF belong to the loader's
// image, and images made from it would read them after it is gone: this image has copies.
static VipsImage *open_file(const char *path, bool tolerates_damage, int shrink) {
  VipsFailOn fail_on = tolerates_damage ? VIPS_FAIL_ON_NONE : VIPS_FAIL_ON_ERROR;
  VipsImage *loaded = NULL, *image = NULL;
  if (shrink == 1)
    loaded = vips_image_new_from_file(path, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, NULL);
  else
    vips_jpegload(path, &loaded, "shrink", shrink, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", fail_on, NULL);
  if (!loaded) return NULL;
  if (!vips_copy(loaded, &image, NULL)) vips_image_map(loaded, copy_blob, image);
  g_object_unref(loaded);
  return image;
}

static cvips_loader loader_of(VipsImage *image) {
  static const struct {
    const char *name;
    cvips_loader loader;
  } loaders[] = {{"jpegload", CVIPS_LOADER_JPEG}, {"pngload", CVIPS_LOADER_PNG},
                 {"tiffload", CVIPS_LOADER_TIFF}, {"jxlload", CVIPS_LOADER_JXL},
                 {"jp2kload", CVIPS_LOADER_JP2K}, {"openexrload", CVIPS_LOADER_EXR}};
  for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++)
    if (cvips_is_loaded_by(image, loaders[i].name)) return loaders[i].loader;
  return CVIPS_LOADER_OTHER;
}

static cvips_values values_of(VipsImage *image) {
  switch (image->BandFmt) {
  case VIPS_FORMAT_UCHAR: return CVIPS_8_BITS;
  case VIPS_FORMAT_USHORT: return CVIPS_16_BITS;
  case VIPS_FORMAT_FLOAT: return CVIPS_FLOATS;
  default: return CVIPS_OTHER_VALUES;
  }
}

// Whether rows are decoded one after the other.
static bool is_streamed(VipsImage *image, cvips_loader loader) {
  const char *marks[] = {"interlaced", "jpeg-multiscan"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    int is_set = 0;
    if (vips_image_get_typeof(image, marks[i]) && !vips_image_get_int(image, marks[i], &is_set) && is_set) return false;
  }
  return loader == CVIPS_LOADER_JPEG || loader == CVIPS_LOADER_PNG;
}

bool cvips_read_header(const char *path, cvips_header *header) {
  VipsImage *image = open_file(path, true, 1);
  if (!image) return false;
  bool swap = vips_image_get_orientation_swap(image);
  header->width = swap ? image->Ysize : image->Xsize;
  header->height = swap ? image->Xsize : image->Ysize;
  header->bands = image->Bands;
  header->bytes = (long)VIPS_IMAGE_SIZEOF_ELEMENT(image);
  header->pages = vips_image_get_n_pages(image);
  header->across = swap ? image->Yres : image->Xres;
  header->down = swap ? image->Xres : image->Yres;
  header->loader = loader_of(image);
  header->values = values_of(image);
  header->is_streamed = is_streamed(image, header->loader);
  header->has_alpha = vips_image_hasalpha(image);
  header->has_profile = vips_image_get_typeof(image, VIPS_META_ICC_NAME);
  g_object_unref(image);
  return true;
}

// Decoding a large JPEG to a half, a quarter or an eighth is far cheaper than decoding
// all of it. At least a factor of two is left to the better kernel.
static VipsImage *open_for_width(const cvips_request *request) {
  VipsImage *image = open_file(request->path, request->tolerates_damage, 1);
  if (!image || !cvips_is_loaded_by(image, "jpegload")) return image;
  bool swap = vips_image_get_orientation_swap(image);
  long full = swap ? vips_image_get_height(image) : vips_image_get_width(image);
  int shrink = 1;
  while (shrink < 8 && full / (shrink * 2) >= request->width * 2) shrink *= 2;
  if (shrink == 1) return image;
  g_object_unref(image);
  return open_file(request->path, request->tolerates_damage, shrink);
}

// Keeps the colors and the alpha band of a picture that has more.
static bool select_bands(VipsImage **image, const cvips_request *request) {
  if (!request->colors) return true;
  VipsImage *alpha = NULL;
  if (request->alpha >= 0 && vips_extract_band(*image, &alpha, (int)request->alpha, NULL)) return false;
  VipsImage *colors = NULL;
  bool done = !vips_extract_band(*image, &colors, 0, "n", (int)request->colors, NULL);
  if (done && alpha) {
    VipsImage *joined = NULL;
    done = !vips_bandjoin2(colors, alpha, &joined, NULL);
    g_object_unref(colors);
    colors = joined;
  }
  if (alpha) g_object_unref(alpha);
  g_object_unref(*image);
  *image = colors;
  return done;
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

// Reads the file in the request's size, upright, into memory.
static bool read_upright(VipsImage **image, const cvips_request *request) {
  if (!cvips_to_sixteen_bits(image)) return false;
  if ((*image)->BandFmt != VIPS_FORMAT_UCHAR && (*image)->BandFmt != VIPS_FORMAT_USHORT) {
    vips_error("impasto", "its values have neither 8 nor 16 bits");
    return false;
  }
  bool swap = vips_image_get_orientation_swap(*image);
  long width = request->width, height = request->height;
  if (!resample(image, swap ? height : width, swap ? width : height)) return false;
  // The file is read here, because rotating takes the rows in another order than the
  // file has them. When a part cannot be decoded, libvips may note an error, leave the
  // part blank and go on. Notes from before, like a seek past the end, are no failure.
  unsigned long count = cvips_count_errors();
  REPLACE(image, !(made = vips_image_copy_memory(*image)));
  if (cvips_count_errors() != count && !request->tolerates_damage) return false;
  REPLACE(image, vips_autorot(*image, &made, NULL));
  return true;
}

static bool decode(VipsImage **image, const cvips_request *request, float *values, cvips_outcome *outcome) {
  return select_bands(image, request) && read_upright(image, request) &&
         cvips_to_rgba(image, &outcome->has_alpha, &outcome->ignores_profile) &&
         cvips_copy_out(*image, request->width, request->height, 4, values);
}

bool cvips_read(const cvips_request *request, float *values, cvips_outcome *outcome) {
  VipsImage *image = open_for_width(request);
  if (!image) return false;
  bool done = decode(&image, request, values, outcome);
  if (image) g_object_unref(image);
  return done;
}

static bool pack(VipsImage **image, const cvips_request *request, cvips_values *kind, void **values,
                 cvips_outcome *outcome) {
  if (!select_bands(image, request)) return false;
  outcome->has_alpha = vips_image_hasalpha(*image);
  if (outcome->has_alpha) return true;
  if (!read_upright(image, request) || !cvips_to_srgb(image, &outcome->ignores_profile)) return false;
  *kind = values_of(*image);
  if ((*image)->Xsize != request->width || (*image)->Ysize != request->height || (*image)->Bands != 3 ||
      (*kind != CVIPS_8_BITS && *kind != CVIPS_16_BITS)) {
    vips_error("impasto", "the result has an unexpected size");
    return false;
  }
  size_t size;
  *values = vips_image_write_to_memory(*image, &size);
  return *values;
}

bool cvips_read_packed(const cvips_request *request, cvips_values *kind, void **values, cvips_outcome *outcome) {
  *values = NULL;
  VipsImage *image = open_for_width(request);
  if (!image) return false;
  bool done = pack(&image, request, kind, values, outcome);
  if (image) g_object_unref(image);
  return done;
}

bool cvips_read_floats(const char *path, long width, long height, float *values) {
  VipsImage *image = open_file(path, false, 1);
  if (!image) return false;
  unsigned long count = cvips_count_errors();
  bool done = cvips_copy_out(image, width, height, 4, values) && cvips_count_errors() == count;
  g_object_unref(image);
  return done;
}

bool cvips_convert(const unsigned short *pixels, long width, long height, const cvips_request *request, float *values,
                   cvips_outcome *outcome) {
  size_t size = sizeof *pixels * (size_t)(4 * width * height);
  VipsImage *plain = vips_image_new_from_memory(pixels, size, (int)width, (int)height, 4, VIPS_FORMAT_USHORT);
  if (!plain) return false;
  VipsImage *image = NULL;
  bool done = !vips_copy(plain, &image, "interpretation", VIPS_INTERPRETATION_RGB16, NULL);
  g_object_unref(plain);
  done = done && decode(&image, request, values, outcome);
  if (image) g_object_unref(image);
  return done;
}

bool cvips_read_xmp(const char *path, char **packet) {
  VipsImage *image = open_file(path, true, 1);
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
