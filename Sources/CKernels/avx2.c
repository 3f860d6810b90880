#include "CKernels.h"
#include <stddef.h>

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define TILE_ROWS 6
#define TILE_VECS 2
#include "kernels_template.h"
#pragma clang attribute pop

static const ck_kernels kernels = KERNELS("avx2");
const ck_kernels *ck_kernels_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels : NULL;
}

#else
const ck_kernels *ck_kernels_avx2(void) { return NULL; }
#endif
