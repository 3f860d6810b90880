#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>

// The innermost loops of the engine. Matrices are row-major, strides count
// floats, and no pointer needs to be aligned.

/// How a tile of outputs ends: what happens to the values before they are stored.
/// A null pointer leaves its step out; steps run in the order of the fields.
typedef struct {
  const float *bias;   // one value a channel, added
  bool relu;           // negative values become zero
  const float *addend; // laid out as the output, added
  const float *mask;   // laid out as the output: where it is not positive, the output is zero
} ck_epilogue;

/// The loops, compiled for one instruction set.
typedef struct {
  const char *name;

  /// Columns of one panel of a packed right-hand matrix. Such a matrix of
  /// [depth x columns] is stored as [columns / panel_columns, rounded up]
  /// [depth][panel_columns]; columns past the end hold zeros.
  long panel_columns;

  /// Channels have to be a multiple of this in `gram` and in the transforms.
  long channel_multiple;

  /// c = a * b, or c += a * b; a is [rows x depth], b packed, c [rows x columns].
  void (*multiply)(long rows, long columns, long depth, const float *a, long a_stride, const float *b,
                   float *c, long c_stride, bool accumulate);

  /// sum[i][j] += sum over p of f[p][i] * f[p][j] for every j >= i, and for some
  /// j < i as well; f is [positions x channels], sum [channels x channels].
  void (*gram)(long positions, long channels, const float *f, float *sum);

  /// Input transform of Winograd's F(4x4, 3x3) (Lavin and Gray 2015): one 6x6
  /// patch of all channels to 36 points. Rows top..<bottom and columns
  /// left..<right of the patch are inside of the map; the rest reads as zero.
  void (*winograd_input)(long channels, const float *patch, long row_stride, long top, long bottom, long left,
                         long right, float *points, long point_stride);

  /// Output transform: 36 points of all channels to a tile of at most 4x4.
  void (*winograd_output)(long channels, const float *points, long point_stride, float *tile, long row_stride,
                          long rows, long columns, ck_epilogue epilogue);
} ck_kernels;

// Each is null where this build or this processor cannot run it.
const ck_kernels *ck_kernels_plain(void);
const ck_kernels *ck_kernels_avx2(void);
const ck_kernels *ck_kernels_avx512(void);
const ck_kernels *ck_kernels_neon(void);

#endif
