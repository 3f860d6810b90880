#include "internal.h"

#include <string.h>

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

static guint32 u32(const guint8 *bytes) {
  return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

static bool has_tag(const guint8 *profile, size_t size, const char *name) {
  const size_t header = 128, entry = 12;
  guint32 count = u32(profile + header);
  for (size_t i = 0; i < count && header + 4 + (i + 1) * entry <= size; i++)
    if (!memcmp(profile + header + 4 + i * entry, name, 4)) return true;
  return false;
}

// Finds an intent that a profile of this many colors supports: its curves serve any, a
// table serves one. libvips takes the picture for sRGB when the profile lacks the intent.
static bool find_intent(const guint8 *profile, size_t size, int colors, VipsIntent *intent) {
  const char *spaces[] = {NULL, "GRAY", NULL, "RGB ", "CMYK"};
  if (size < 132 || memcmp(profile + 36, "acsp", 4)) return false;
  if (colors > 4 || !spaces[colors] || memcmp(profile + 16, spaces[colors], 4)) return false;
  const struct {
    const char *tag;
    VipsIntent intent;
  } tables[] = {{"A2B1", VIPS_INTENT_RELATIVE}, {"A2B0", VIPS_INTENT_PERCEPTUAL}, {"A2B2", VIPS_INTENT_SATURATION}};
  *intent = VIPS_INTENT_RELATIVE;
  if (has_tag(profile, size, colors == 1 ? "kTRC" : "rTRC")) return true;
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    *intent = tables[i].intent;
    if (has_tag(profile, size, tables[i].tag)) return true;
  }
  return false;
}

static bool apply_profile(VipsImage **image) {
  const void *profile;
  size_t size;
  VipsIntent intent;
  if (vips_image_get_blob(*image, VIPS_META_ICC_NAME, &profile, &size)) return false;
  if (!find_intent(profile, size, (*image)->Bands, &intent)) return false;
  VipsImage *converted = NULL;
  if (vips_icc_transform(*image, &converted, "srgb", "embedded", TRUE, "intent", intent, "depth", 16, NULL))
    return false;
  g_object_unref(*image);
  *image = converted;
  return true;
}

// Damaged profiles and profiles of another kind of image are common, and viewers ignore
// them.
bool cvips_to_srgb(VipsImage **image, bool *ignores_profile) {
  bool has_profile = vips_image_get_typeof(*image, VIPS_META_ICC_NAME);
  *ignores_profile = has_profile && !has_own_profile(*image) && !apply_profile(image);
  bool deep = (*image)->BandFmt == VIPS_FORMAT_USHORT;
  VipsInterpretation space = deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  REPLACE(image, vips_colourspace(*image, &made, space, NULL));
  return true;
}

bool cvips_to_unit(VipsImage **image) {
  double white = (*image)->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
  REPLACE(image, vips_linear1(*image, &made, 1 / white, 0, NULL));
  REPLACE(image, vips_cast_float(*image, &made, NULL));
  return true;
}

// Alpha is converted separately, because a conversion by a profile changes the depth of
// the colors only.
bool cvips_to_rgba(VipsImage **image, bool *has_alpha, bool *ignores_profile) {
  *has_alpha = vips_image_hasalpha(*image);
  VipsImage *alpha = NULL;
  bool done = true;
  if (*has_alpha) {
    int last = (*image)->Bands - 1;
    VipsImage *colors = NULL;
    done = !vips_extract_band(*image, &colors, 0, "n", last, NULL) &&
           !vips_extract_band(*image, &alpha, last, NULL) && cvips_to_unit(&alpha);
    g_object_unref(*image);
    *image = colors;
  }
  done = done && cvips_to_srgb(image, ignores_profile) && cvips_to_unit(image);
  if (done) {
    VipsImage *joined = NULL;
    done = !(alpha ? vips_bandjoin2(*image, alpha, &joined, NULL) : vips_bandjoin_const1(*image, &joined, 1, NULL));
    g_object_unref(*image);
    *image = joined;
  }
  if (alpha) g_object_unref(alpha);
  return done;
}

bool cvips_to_sixteen_bits(VipsImage **image) {
  if ((*image)->BandFmt != VIPS_FORMAT_FLOAT) return true;
  VipsInterpretation space = (*image)->Bands < 3 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
  REPLACE(image, vips_linear1(*image, &made, 65535, 0.5, NULL));
  REPLACE(image, vips_cast(*image, &made, VIPS_FORMAT_USHORT, NULL));
  REPLACE(image, vips_copy(*image, &made, "interpretation", space, NULL));
  return true;
}
