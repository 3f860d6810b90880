// The baseline for every processor: vectors of four, without requiring fused multiply-add.
#define LANES 4
#define TILE_ROWS 6
#define TILE_VECS 2
#include "kernels_template.h"

static const ck_kernels kernels = KERNELS("plain");
const ck_kernels *ck_kernels_plain(void) { return &kernels; }
