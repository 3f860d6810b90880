#include "internal.h"

struct cvips_animation {
  // All frames, one below the other, decoded from top to bottom.
  VipsImage *stack;
  long height;
};

cvips_animation *cvips_open_animation(const char *path, long *width, long *height, long *frames) {
  VipsImage *stack = NULL;
  if (vips_webpload(path, &stack, "n", -1, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR, NULL))
    return NULL;
  cvips_animation *animation = g_new(cvips_animation, 1);
  *animation = (cvips_animation){.stack = stack, .height = vips_image_get_page_height(stack)};
  *width = vips_image_get_width(stack);
  *height = animation->height;
  *frames = vips_image_get_height(stack) / animation->height;
  return animation;
}

long cvips_frame_delay(const cvips_animation *animation, long frame) {
  int *delays, count;
  if (vips_image_get_array_int(animation->stack, "delay", &delays, &count) || frame >= count) return 0;
  return delays[frame];
}

static bool to_opaque_srgb(VipsImage **image) {
  bool ignores_profile;
  if (vips_image_hasalpha(*image)) {
    VipsArrayDouble *white = vips_array_double_newv(1, 255.0);
    VipsImage *made = NULL;
    int failed = vips_flatten(*image, &made, "background", white, NULL);
    vips_area_unref(VIPS_AREA(white));
    g_object_unref(*image);
    *image = made;
    if (failed) return false;
  }
  if (!cvips_to_srgb(image, &ignores_profile)) return false;
  REPLACE(image, vips_colourspace(*image, &made, VIPS_INTERPRETATION_sRGB, NULL));
  return true;
}

void *cvips_read_frame(const cvips_animation *animation, long frame) {
  VipsImage *image = NULL;
  int width = vips_image_get_width(animation->stack);
  if (vips_extract_area(animation->stack, &image, 0, (int)(frame * animation->height), width, (int)animation->height,
                        NULL))
    return NULL;
  size_t size = 0;
  void *values = to_opaque_srgb(&image) ? vips_image_write_to_memory(image, &size) : NULL;
  if (image) g_object_unref(image);
  if (values && size != (size_t)(3 * width * animation->height)) {
    vips_error("impasto", "a frame has an unexpected size");
    g_free(values);
    return NULL;
  }
  return values;
}

void cvips_close_animation(cvips_animation *animation) {
  g_object_unref(animation->stack);
  g_free(animation);
}
