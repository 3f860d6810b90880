#include "CDigests.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>

bool cdigests_sha256(int descriptor, char digits[65]) {
  GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
  guchar part[1 << 16];
  ssize_t count;
  while ((count = read(descriptor, part, sizeof part)) > 0 || (count < 0 && errno == EINTR))
    if (count > 0) g_checksum_update(checksum, part, (gssize)count);
  int error = errno;
  if (count == 0) memcpy(digits, g_checksum_get_string(checksum), 65);
  g_checksum_free(checksum);
  errno = error;
  return count == 0;
}
