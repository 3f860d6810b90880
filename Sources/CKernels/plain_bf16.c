// The baseline with an emulation of products of bfloat16, for tests on any processor.
#define LANES 4
#define TILE_ROWS 6
#define TILE_VECS 2
#define BFLOAT16_EMULATION
#include "kernels_template.h"

static const ck_kernels kernels = KERNELS("plain-bf16");
const ck_kernels *ck_kernels_plain_bf16(void) { return &kernels; }
