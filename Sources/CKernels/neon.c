#include "CKernels.h"
#include <stddef.h>

#if defined(__aarch64__)

// NEON is part of every 64-bit Arm, so it needs no target attribute.
#define LANES 4
#define TILE_ROWS 6
#define TILE_VECS 4
#include "kernels_template.h"

static const ck_kernels kernels = KERNELS("neon");
const ck_kernels *ck_kernels_neon(void) { return &kernels; }

#else
const ck_kernels *ck_kernels_neon(void) { return NULL; }
#endif
