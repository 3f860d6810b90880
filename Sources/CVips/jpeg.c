#include "CVips.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
// After stdio.h, which it needs.
#include <jpeglib.h>

#include <jerror.h>

// libjpeg reports what it repairs as warnings, of which libvips shows the first only.
typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  // Warnings of rows that cannot be decoded correctly.
  long lost;
  // Whether the file ends before its picture does, as far as its marks say.
  bool is_cut;
} errors;

static void escape(j_common_ptr info) { longjmp(((errors *)info->err)->escape, 1); }

static void count_warning(j_common_ptr info, int level) {
  if (level >= 0) return;
  errors *found = (errors *)info->err;
  switch (info->err->msg_code) {
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC: found->lost++; break;
  case JWRN_JPEG_EOF: found->is_cut = true; break;
  default: break;
  }
}

static void say_nothing(j_common_ptr info) { (void)info; }

// Whether every coefficient is known up to its last bit, as in a progressive picture that
// lacks only its last refinement.
static bool has_nearly_full_precision(j_decompress_ptr info) {
  if (!info->coef_bits) return false;
  for (int component = 0; component < info->num_components; component++)
    for (int i = 0; i < DCTSIZE2; i++)
      if (info->coef_bits[component][i] < 0 || info->coef_bits[component][i] > 1) return false;
  return true;
}

// Reads all scans of a progressive picture. Damage to a scan that adds bits to known
// coefficients is a loss of precision; any other is a loss of the picture.
static bool read_scans(j_decompress_ptr info, errors *found, cvips_jpeg_damage *damage) {
  info->buffered_image = TRUE;
  jpeg_start_decompress(info);
  bool in_refinements = true;
  int status;
  do {
    long lost = found->lost;
    status = jpeg_consume_input(info);
    if (found->lost != lost) in_refinements &= info->Ah > 0 && has_nearly_full_precision(info);
  } while (status != JPEG_REACHED_EOI);
  damage->lacks_precision_only = in_refinements && has_nearly_full_precision(info);
  damage->intact_rows = found->lost || !damage->lacks_precision_only ? 0 : damage->rows;
  return true;
}

// Decodes row by row, at an eighth of the size, because only the damage counts.
static bool read_rows(j_decompress_ptr info, errors *found, cvips_jpeg_damage *damage) {
  bool has_scans = jpeg_has_multiple_scans(info);
  info->scale_num = 1;
  info->scale_denom = 8;
  jpeg_start_decompress(info);
  JSAMPARRAY row = (*info->mem->alloc_sarray)(
      (j_common_ptr)info, JPOOL_IMAGE, info->output_width * (JDIMENSION)info->output_components, 1);
  JDIMENSION intact = info->output_height;
  if (has_scans && (found->lost || found->is_cut)) intact = 0;
  while (info->output_scanline < info->output_height) {
    JDIMENSION current = info->output_scanline;
    jpeg_read_scanlines(info, row, 1);
    if (found->lost && intact == info->output_height) intact = current;
  }
  damage->intact_rows = damage->rows * (long)intact / (long)info->output_height;
  return true;
}

bool cvips_find_jpeg_damage(const char *path, cvips_jpeg_damage *damage) {
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  struct jpeg_decompress_struct info = {0};
  errors found = {.lost = 0};
  info.err = jpeg_std_error(&found.base);
  found.base.error_exit = escape;
  found.base.emit_message = count_warning;
  found.base.output_message = say_nothing;
  volatile bool done = false;
  if (!setjmp(found.escape)) {
    jpeg_create_decompress(&info);
    jpeg_stdio_src(&info, file);
    jpeg_read_header(&info, TRUE);
    *damage = (cvips_jpeg_damage){.rows = info.image_height};
    done = info.progressive_mode ? read_scans(&info, &found, damage) : read_rows(&info, &found, damage);
  }
  jpeg_destroy_decompress(&info);
  fclose(file);
  return done;
}
