#include "CDigests.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

bool cdigests_sha256(const char *path, char digits[65]) {
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
  guchar part[1 << 16];
  size_t count;
  while ((count = fread(part, 1, sizeof part, file)) > 0) g_checksum_update(checksum, part, (gssize)count);
  bool whole = !ferror(file);
  if (whole) memcpy(digits, g_checksum_get_string(checksum), 65);
  g_checksum_free(checksum);
  fclose(file);
  return whole;
}
