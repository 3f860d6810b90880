#include "CKernels.h"
#include <stddef.h>

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(                                                                                         \
    __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx512bf16,fma"))), apply_to = function)
#define LANES 16
#define TILE_ROWS 12
#define TILE_VECS 2
#define BFLOAT16_INSTRUCTIONS
#include "kernels_template.h"
#pragma clang attribute pop

static const ck_kernels kernels = KERNELS("avx512-bf16");
const ck_kernels *ck_kernels_avx512_bf16(void) {
  return ck_kernels_avx512() && __builtin_cpu_supports("avx512bf16") ? &kernels : NULL;
}

#else
const ck_kernels *ck_kernels_avx512_bf16(void) { return NULL; }
#endif
