#include "CKernels.h"
#include <stddef.h>

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma"))), apply_to = function)
#define LANES 16
#define TILE_ROWS 12
#define TILE_VECS 2
#include "kernels_template.h"
#pragma clang attribute pop

static const ck_kernels kernels = KERNELS("avx512");
const ck_kernels *ck_kernels_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                 __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq")
             ? &kernels
             : NULL;
}

#else
const ck_kernels *ck_kernels_avx512(void) { return NULL; }
#endif
